import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import type * as promises from 'node:fs/promises';
import { join } from 'node:path';
import { fileCode } from '../core/errors.ts';
import { systemProgram } from '../core/windows-shell.ts';
import {
  accessOf,
  type FileAccess,
  ownSid,
  removeWords,
  restrictWords,
  savedList,
  saveWords,
  whoamiWords,
} from './access-list.ts';
import { windowsNameFault } from './windows-names.ts';

/** What of Node's file system is wrapped. */
export interface NodeFiles
  extends Pick<
    typeof promises,
    'link' | 'lstat' | 'open' | 'readdir' | 'readFile' | 'rename' | 'rm' | 'stat' | 'unlink'
  > {
  mkdtemp(prefix: string): Promise<string>;
}

/** What files on Windows need of the world; tests hand in their own. */
export interface WindowsHost {
  readonly files: NodeFiles;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Runs a program without a shell; gives what it printed, undefined where it did not end with 0. Never rejects. */
  readonly run: (program: string, words: readonly string[]) => Promise<string | undefined>;
  /** Milliseconds. */
  readonly sleep: (delay: number) => Promise<unknown>;
  /** Where a list may be written down for a moment. */
  readonly temporaryFolder: string;
}

/** Milliseconds between tries: about six seconds in all. */
const delays = [50, 100, 200, 400, 750, 1_000, 1_500, 2_000];

/** What Windows says of a file that a virus scanner, an indexer or an editor holds open. */
const heldCodes: ReadonlySet<string | undefined> = new Set(['EPERM', 'EBUSY', 'EACCES']);

/** Of open: others are told at once that they may not. */
const busyAlone: ReadonlySet<string | undefined> = new Set(['EBUSY']);

/** Nobody else may have the file open meanwhile (UV_FS_O_EXLOCK of libuv, which Node has no name for). */
const exclusive = 0x1000_0000;

/** Milliseconds that a program of Windows may take. */
const patience = 15_000;

/** Runs a program of Windows, with nothing of this process's environment but what it needs to start. */
export function runWindowsProgram(
  program: string,
  words: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Promise<string | undefined> {
  const kept = { SystemRoot: env['SystemRoot'], TEMP: env['TEMP'], TMP: env['TMP'] };
  return new Promise((done) => {
    const options = { env: kept, timeout: patience, windowsHide: true, encoding: 'utf8' } as const;
    try {
      execFile(program, [...words], options, (error, stdout) => done(error === null ? stdout : undefined));
    } catch {
      // A path with a NUL in it, say.
      done(undefined);
    }
  });
}

function createRetry({ sleep }: WindowsHost) {
  return async <T>(operation: () => Promise<T>, codes: ReadonlySet<string | undefined>): Promise<T> => {
    for (const delay of delays) {
      try {
        return await operation();
      } catch (error) {
        if (!codes.has(fileCode(error))) throw error;
        await sleep(delay);
      }
    }
    try {
      return await operation();
    } catch (error) {
      if (!codes.has(fileCode(error))) throw error;
      const told = new Error('another program holds the file open, or it is write-protected', {
        cause: error,
      });
      throw Object.assign(told, { code: 'EBUSY' });
    }
  };
}

/** Access lists by icacls.exe, which every Windows has. */
function createAccessLists({ files, env, run, temporaryFolder }: WindowsHost) {
  const icacls = (words: readonly string[]): Promise<string | undefined> =>
    run(systemProgram('icacls.exe', env), words);
  let me: Promise<string | undefined> | undefined;
  const whoAmI = (): Promise<string | undefined> => {
    me ??= run(systemProgram('whoami.exe', env), whoamiWords).then((printed) => ownSid(printed ?? ''));
    return me;
  };
  const readList = async (path: string): Promise<string | undefined> => {
    const folder = await files.mkdtemp(join(temporaryFolder, 'reporting-setup-'));
    try {
      const copy = join(folder, 'list');
      if ((await icacls(saveWords(path, copy))) === undefined) return undefined;
      return savedList(await files.readFile(copy));
    } finally {
      await files.rm(folder, { recursive: true, force: true });
    }
  };
  const whoMayRead = async (path: string): Promise<FileAccess> => {
    try {
      const [list, sid] = [await readList(path), await whoAmI()];
      if (list === undefined) return { untold: 'Windows does not tell its access list' };
      return sid === undefined ? { untold: 'Windows does not tell who runs this' } : accessOf(list, sid);
    } catch (error) {
      fileCode(error);
      return { untold: 'Windows does not tell its access list' };
    }
  };
  const restrict = async (path: string): Promise<void> => {
    const sid = await whoAmI();
    if (sid === undefined) return;
    await icacls(restrictWords(path, sid));
    const access = await whoMayRead(path);
    // Some folders give their files a list that is not inherited.
    if ('others' in access && access.others.some((other) => other.sid !== undefined)) {
      await icacls(removeWords(path, access.others));
    }
  };
  return { whoMayRead, restrict };
}

const linkError = (): Error => Object.assign(new Error('it is a symbolic link'), { code: 'ELOOP' });

/**
 * Files as Windows has them: what is held open for a moment is tried again for some seconds, names that stand for
 * something else are refused, links are not followed, and access is given by lists. No method of `files` is changed
 * otherwise; `sleep` is called between tries.
 */
export function createWindowsFiles(host: WindowsHost) {
  const { files } = host;
  const retry = createRetry(host);
  const { whoMayRead, restrict } = createAccessLists(host);
  const open = async (path: string, flags: number, mode?: number): Promise<promises.FileHandle> => {
    // There is no O_NOFOLLOW here.
    if ((flags & constants.O_CREAT) !== 0) return retry(() => files.open(path, flags, mode), busyAlone);
    const seen = await files.lstat(path);
    if (seen.isSymbolicLink()) throw linkError();
    const file = await retry(() => files.open(path, flags, mode), busyAlone);
    const opened = await file.stat();
    if (opened.dev === seen.dev && opened.ino === seen.ino) return file;
    await file.close();
    throw linkError();
  };
  return {
    lstat: (path: string) => files.lstat(path),
    readdir: (path: string) => files.readdir(path),
    stat: (path: string) => files.stat(path),
    link: (existing: string, path: string) => files.link(existing, path),
    open,
    rename: (from: string, to: string) => retry(() => files.rename(from, to), heldCodes),
    unlink: (path: string) => retry(() => files.unlink(path), heldCodes),
    nameFault: windowsNameFault,
    whoMayRead,
    /**
     * A new, empty file that others may not read, open for writing. Whoever opened it before its list was in force would
     * read on: it is opened anew, which fails while anybody has it open.
     */
    async createPrivate(path: string): Promise<promises.FileHandle> {
      const made = await files.open(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600);
      await made.close();
      try {
        await restrict(path);
        return await retry(() => files.open(path, constants.O_WRONLY | exclusive), heldCodes);
      } catch (error) {
        await files.unlink(path).catch(() => undefined);
        throw error;
      }
    },
  };
}
