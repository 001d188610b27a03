import { createHash, randomUUID } from 'node:crypto';
import { constants, type Stats } from 'node:fs';
import * as promises from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type ErrorCode, fileCode, fileReason, WizardError } from '../core/errors.ts';
import { safeText } from '../core/text.ts';
import { thisMachine } from '../core/this-machine.ts';
import type { FileAccess } from './access-list.ts';
import { createWindowsFiles, runWindowsProgram } from './windows-files.ts';

/** What the config file needs of the file system; tests hand in one that fails where they want it to. */
export interface Files {
  link(existing: string, path: string): Promise<void>;
  lstat(path: string): Promise<Stats>;
  open(path: string, flags: number, mode?: number): Promise<promises.FileHandle>;
  readdir(path: string): Promise<string[]>;
  rename(from: string, to: string): Promise<void>;
  stat(path: string): Promise<Stats>;
  unlink(path: string): Promise<void>;
  /** A new file that nobody else may read, where it takes more than a mode. */
  createPrivate?(path: string): Promise<promises.FileHandle>;
  /** Who may read a file, where it is not its mode that says so. Never rejects. */
  whoMayRead?(path: string): Promise<FileAccess>;
  /** Why a full path names no file here; undefined where it may. */
  nameFault?(path: string): string | undefined;
}

/** The files of this machine. */
export const realFiles: Files =
  thisMachine.platform === 'win32'
    ? createWindowsFiles({
        files: promises,
        env: thisMachine.env,
        run: (program, words) => runWindowsProgram(program, words, thisMachine.env),
        sleep: delay,
        temporaryFolder: tmpdir(),
      })
    : promises;

/** Refuses a symbolic link as the last part of the path; a FIFO does not block. Windows has neither flag. */
const readFlags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

/** Creates a file that was not there. */
export const createFlags =
  constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | (constants.O_NOFOLLOW ?? 0);

/** Only the owner may read and write. */
export const privateMode = 0o600;

/** Bytes that are read of a text at most; a configuration has about a thousand. */
const mostBytes = 1_048_576;

/** The result, or undefined where the file or its folder is not there. */
export async function ifThere<T>(operation: Promise<T>): Promise<T | undefined> {
  try {
    return await operation;
  } catch (error) {
    if (fileCode(error) === 'ENOENT' || fileCode(error) === 'ENOTDIR') return undefined;
    throw error;
  }
}

/**
 * What a path leads to, links followed; undefined where the file or its folder is not there. On Windows the path itself where
 * the system cannot tell, as on some memory disks, mapped drives and very long paths.
 */
export async function realPathIfThere(path: string): Promise<string | undefined> {
  try {
    return await ifThere(promises.realpath(path));
  } catch (error) {
    if (thisMachine.platform !== 'win32') throw error;
    return (await ifThere(promises.stat(path))) === undefined ? undefined : path;
  }
}

/** Whether a file belongs to whoever runs this. */
export function isMine(stats: Pick<Stats, 'uid'>): boolean {
  const me = process.getuid?.();
  return me === undefined || stats.uid === me;
}

/**
 * Makes a folder and those around it that are not there, for their owner alone; gives the first that was made. Node's own
 * recursive way never ends where a file system has no place for new folders, such as /proc.
 */
export async function makeFolders(path: string, files: Files = realFiles): Promise<string | undefined> {
  if ((await ifThere(files.lstat(path))) !== undefined) return undefined;
  const around = path === dirname(path) ? undefined : await makeFolders(dirname(path), files);
  try {
    await promises.mkdir(path, { mode: 0o700 });
  } catch (error) {
    // Another run was quicker.
    if (fileCode(error) !== 'EEXIST') throw error;
  }
  return around ?? path;
}

/** Codes of failures that lie in the folder around a file: it cannot be written to at all. */
export const ofFolder: ReadonlySet<string | undefined> = new Set(['EACCES', 'EPERM', 'EROFS']);

/** Why a file could not be put into its folder, which is named where the reason lies there. */
async function reasonOf(error: unknown, path: string): Promise<string> {
  const [reason, folder] = [fileReason(error), safeText(dirname(path))];
  if (ofFolder.has(fileCode(error))) return `${reason}, in the folder ${folder}`;
  if (fileCode(error) !== 'ENOENT') return reason;
  const isThere = await promises.stat(dirname(path)).then(
    (stats) => stats.isDirectory(),
    () => false,
  );
  return `the folder ${folder} ${isThere ? 'takes no new files' : 'is not there: create it first'}`;
}

/** Runs a file operation; a failure of the file system becomes a WizardError of that code. */
export async function withWizardErrors<T>(
  code: ErrorCode,
  path: string,
  operation: () => Promise<T>,
): Promise<T> {
  try {
    return await operation();
  } catch (error) {
    if (error instanceof WizardError) throw error;
    const what = code === 'output-not-saved' ? 'was not saved' : 'cannot be written';
    const reason = await reasonOf(error, path);
    throw new WizardError(code, `${safeText(path)} ${what}: ${reason}.`, { cause: error });
  }
}

function refuse(path: string, reason: string, cause?: unknown): never {
  throw new WizardError('config-invalid', `${safeText(path)} cannot be read: ${reason}.`, { cause });
}

async function readBytes(path: string, files: Files): Promise<Buffer | undefined> {
  const nameFault = files.nameFault?.(path);
  if (nameFault !== undefined) refuse(path, nameFault);
  const file = await ifThere(files.open(path, readFlags));
  if (!file) return undefined;
  try {
    const stats = await file.stat();
    if (stats.isDirectory()) refuse(path, 'it is a folder');
    if (!stats.isFile()) refuse(path, 'it is no regular file');
    if (stats.size > mostBytes) refuse(path, 'it is larger than 1 MB');
    return await file.readFile();
  } finally {
    await file.close();
  }
}

/** Why a text could not be read, for a sentence of one's own. Rethrows what readTextFile does not throw. */
export function unreadableReason(error: unknown): string {
  if (!(error instanceof WizardError)) throw error;
  return error.message.replace(/^.*cannot be read: |\.$/gs, '');
}

/** Why a file could not be read or written, for a sentence of one's own. Rethrows what is no such failure. */
export const failureReason = (error: unknown): string =>
  error instanceof WizardError ? unreadableReason(error) : fileReason(error);

/**
 * The file's text; undefined when there is none. Throws WizardError `config-invalid` for a folder, a symbolic link, a
 * device, a file that is not UTF-8, over 1 MB, or not readable.
 */
export async function readTextFile(path: string, files: Files = realFiles): Promise<string | undefined> {
  let bytes: Buffer | undefined;
  try {
    bytes = await readBytes(path, files);
  } catch (error) {
    if (error instanceof WizardError) throw error;
    refuse(path, fileReason(error), error);
  }
  try {
    return bytes && new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    refuse(path, 'it is not UTF-8 text');
  }
}

/** Names of temporary files tell which file they belong to, whatever that is called. */
function temporaryPrefix(path: string): string {
  const digest = createHash('sha256').update(basename(path)).digest('hex').slice(0, 12);
  return `.reporting-setup-${digest}-`;
}

/** A name in the folder of `path` that nothing has yet; what a killed run leaves there, `removeLeftovers` finds. */
export const temporaryName = (path: string): string =>
  join(dirname(path), `${temporaryPrefix(path)}${randomUUID()}.tmp`);

/** A new, empty file, open for writing, that others may not read from the first byte; on Windows nobody else opens it meanwhile. */
export const createPrivateFile = (path: string, files: Files): Promise<promises.FileHandle> =>
  files.createPrivate?.(path) ?? files.open(path, createFlags, privateMode);

/** A new file in the folder of `path`, whole on disk; from the first byte nobody else can read it, unless `mode` says so. */
export async function writeTemporary(
  path: string,
  content: string,
  files: Files,
  mode = privateMode,
): Promise<string> {
  const temporary = temporaryName(path);
  const file =
    mode === privateMode
      ? await createPrivateFile(temporary, files)
      : await files.open(temporary, createFlags, privateMode);
  try {
    try {
      await file.chmod(mode);
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
  } catch (error) {
    await ifThere(files.unlink(temporary));
    throw error;
  }
  return temporary;
}

/** What may be left undone is tried: a failure of the file system, or a file that cannot be read, is passed over. */
export async function tryTo(work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof WizardError)) fileReason(error);
  }
}

/**
 * Removes temporary files of a run that was killed: they may hold a secret. What cannot be removed, or is no leftover as
 * `isLeft` sees it, stays.
 */
export function removeLeftovers(
  path: string,
  files: Files,
  isLeft: (temporary: string) => Promise<boolean> = async () => true,
): Promise<void> {
  return tryTo(async () => {
    const prefix = temporaryPrefix(path);
    const names = await files.readdir(dirname(path));
    for (const name of names.filter((one) => one.startsWith(prefix))) {
      const temporary = join(dirname(path), name);
      await tryTo(async () => {
        if (await isLeft(temporary)) await files.unlink(temporary);
      });
    }
  });
}

/** Makes a rename or removal last. A system that cannot do this does not stop it: what was written is whole. */
export async function syncFolder(path: string, files: Files): Promise<void> {
  try {
    const folder = await files.open(dirname(path), constants.O_RDONLY);
    await folder.sync().finally(() => folder.close());
  } catch (error) {
    fileReason(error);
  }
}

/**
 * Writes a private file in one step: whatever goes wrong before, the old one stays as it was. `check` has the last word
 * before the old one goes. Rejects as `check` or the file system does.
 */
export async function replaceFile(
  path: string,
  content: string,
  files: Files,
  check = async (): Promise<void> => undefined,
): Promise<void> {
  const temporary = await writeTemporary(path, content, files);
  try {
    await check();
    await files.rename(temporary, path);
  } catch (error) {
    await ifThere(files.unlink(temporary));
    throw error;
  }
  await syncFolder(path, files);
}
