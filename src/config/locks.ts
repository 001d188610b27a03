import { createHash, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import * as z from 'zod/mini';
import { fileCode, WizardError } from '../core/errors.ts';
import { parseJson } from '../core/fields.ts';
import { safeText } from '../core/text.ts';
import {
  createFlags,
  type Files,
  failureReason,
  ifThere,
  readTextFile,
  realFiles,
  removeLeftovers,
  temporaryName,
  tryTo,
  unreadableReason,
  withWizardErrors,
  writeTemporary,
} from './file-system.ts';
import { ownFolder } from './own-folder.ts';
import { isSameBirth, type Processes, realProcesses } from './running-processes.ts';

const ownerShape = z.object({
  pid: z.int().check(z.positive()),
  host: z.string(),
  id: z.string(),
  birth: z.optional(z.string()),
});

/** Which run on which machine holds a lock. */
type Owner = z.output<typeof ownerShape>;

/** Locks of this process: a lock file with its number that is not among them was left by an earlier one. */
const held = new Set<string>();

const ownerOf = (text: string): Owner | undefined => ownerShape.safeParse(parseJson(text)).data;

function isStale(owner: Owner | undefined, processes: Processes): boolean {
  if (owner?.host !== processes.host) return false;
  if (owner.pid === processes.pid) return !held.has(owner.id);
  if (!processes.isRunning(owner.pid)) return true;
  const birth = owner.birth === undefined ? undefined : processes.birthOf(owner.pid);
  return birth !== undefined && owner.birth !== undefined && !isSameBirth(birth, owner.birth);
}

/** What locking needs of the world outside; tests hand in one that fails where they want it to. */
export interface LockIo {
  readonly processes?: Processes;
  readonly files?: Files;
  /** Milliseconds. */
  readonly sleep?: (delay: number) => Promise<unknown>;
  /** Tells what was got over, or could not be taken away. */
  readonly report?: { warn(text: string): void };
}

interface Lock extends Required<LockIo> {
  readonly path: string;
  /** What is named where the lock cannot be made: nobody knows of the lock file. */
  readonly subject: string;
  readonly code: 'output-locked' | 'application-locked';
  /** What other runs are kept from, in the words of the error. */
  readonly doing: string;
}

const realIo: Required<LockIo> = {
  processes: realProcesses,
  files: realFiles,
  sleep: delay,
  report: { warn: () => undefined },
};

/** Anybody who may write to the folder may tell whose lock it is: there is no secret in it. */
const lockMode = 0o644;

/** What link(2) says where a file system has no second names for a file, such as FAT or a shared folder; on Windows EISDIR. */
const withoutLinks: ReadonlySet<string | undefined> = new Set([
  'EPERM',
  'ENOTSUP',
  'EOPNOTSUPP',
  'ENOSYS',
  'EISDIR',
]);

function lockedError({ path, code, doing }: Lock, owner: Owner | undefined, reason?: string): WizardError {
  const lock = safeText(path, 500);
  if (!owner) {
    const why = reason === undefined ? 'does not say which run it is' : `cannot be read: ${reason}`;
    return new WizardError(code, `Something keeps other runs from ${doing}, and ${why}.`, {
      remedy: `If no other run is under way, delete ${lock} and run the command again.`,
    });
  }
  const where = `process ${owner.pid} on ${safeText(owner.host)}`;
  return new WizardError(code, `Another run is ${doing} (${where}).`, {
    remedy: `Wait until it has ended. If it is not running any more, delete ${lock} and run the command again.`,
  });
}

/** Not complete at once, which is what a file system without links can do. */
async function createInPlace(path: string, text: string, files: Files): Promise<void> {
  const file = await files.open(path, createFlags, lockMode);
  try {
    await file.writeFile(text).finally(() => file.close());
  } catch (error) {
    await ifThere(files.unlink(path));
    throw error;
  }
}

/** Makes the lock file, whole the moment it is there; false where there is one already. */
async function create(path: string, text: string, files: Files): Promise<boolean> {
  const temporary = await writeTemporary(path, text, files, lockMode);
  try {
    await files.link(temporary, path).catch((error: unknown) => {
      if (!withoutLinks.has(fileCode(error))) throw error;
      return createInPlace(path, text, files);
    });
    return true;
  } catch (error) {
    if (fileCode(error) === 'EEXIST') return false;
    throw error;
  } finally {
    await tryTo(() => files.unlink(temporary));
  }
}

/** Moves a lock that nobody holds away; puts it back if it turns out to be another one by now. */
async function removeStale({ path, files }: Lock, seen: string): Promise<void> {
  const aside = temporaryName(path);
  await ifThere(files.rename(path, aside));
  const moved = await readTextFile(aside, files);
  // Written anew: not everybody may link what somebody else has written.
  if (moved !== undefined && moved !== seen) await create(path, moved, files);
  await ifThere(files.unlink(aside));
}

const isDenied = (error: unknown): boolean => ['EACCES', 'EPERM'].includes(fileCode(error) ?? '');

/** The lock's text; undefined where it is gone by now. */
async function readLock(lock: Lock): Promise<string | undefined> {
  try {
    return await readTextFile(lock.path, lock.files);
  } catch (error) {
    if (!(error instanceof WizardError)) throw error;
    // Written by a version that let nobody else read it; else what stands there is no lock of this program's.
    throw lockedError(lock, undefined, isDenied(error.cause) ? undefined : unreadableReason(error));
  }
}

/** What a run leaves that was killed, or whose machine lost power, between making the file and writing into it. */
const isIncomplete = (text: string): boolean => {
  const content = text.replaceAll('\0', '').trim();
  return content === '' || (content.startsWith('{"pid":') && parseJson(content) === undefined);
};

/** Milliseconds: far more than lie between making a lock file and writing into it. */
const patience = 1_000;

async function isAbandoned(lock: Lock, seen: string): Promise<boolean> {
  const owner = ownerOf(seen);
  if (owner) return isStale(owner, lock.processes);
  if (!isIncomplete(seen)) return false;
  await lock.sleep(patience);
  if ((await readLock(lock)) !== seen) return false;
  lock.report.warn(
    `Took away ${safeText(lock.path, 500)}, the unfinished lock of a run that was cut: nobody holds it.`,
  );
  return true;
}

async function take(lock: Lock, owner: Owner): Promise<void> {
  const { path, files } = lock;
  let seen: string | undefined;
  // Several times: once more after a lock that nobody holds was taken away, or was given up meanwhile.
  for (let attempt = 1; attempt <= 3; attempt += 1) {
    if (await create(path, `${JSON.stringify(owner)}\n`, files)) return;
    seen = await readLock(lock);
    if (seen === undefined) continue;
    if (!(await isAbandoned(lock, seen))) break;
    try {
      await removeStale(lock, seen);
    } catch (error) {
      // A sticky folder, such as /tmp, and somebody else's lock in it.
      if (isDenied(error)) throw lockedError(lock, ownerOf(seen));
      throw error;
    }
  }
  throw lockedError(lock, ownerOf((await readLock(lock)) ?? seen ?? ''));
}

/** What was written to become a lock, or was one and moved away, by a run that was killed just then. */
function removeUnlinked({ path, files, processes }: Lock): Promise<void> {
  return removeLeftovers(path, files, async (temporary) => {
    const owner = ownerOf((await readTextFile(temporary, files)) ?? '');
    if (owner) return isStale(owner, processes);
    const [left, own] = [await files.stat(temporary), await files.stat(path)];
    return own.mtimeMs - left.mtimeMs > 60_000;
  });
}

/** The job is done, or has failed for a reason of its own: what goes wrong here is only told. */
async function release({ path, files, report }: Lock, owner: Owner): Promise<void> {
  held.delete(owner.id);
  try {
    const text = await readTextFile(path, files);
    if (ownerOf(text ?? '')?.id === owner.id) await ifThere(files.unlink(path));
  } catch (error) {
    const lock = safeText(path, 500);
    report.warn(`The lock ${lock} could not be taken away: ${failureReason(error)}. Delete it.`);
  }
}

async function hold(lock: Lock): Promise<() => Promise<void>> {
  const { pid, host } = lock.processes;
  const birth = lock.processes.birthOf(pid);
  const owner: Owner = { pid, host, id: randomUUID(), ...(birth !== undefined && { birth }) };
  held.add(owner.id);
  try {
    await withWizardErrors('output-unusable', lock.subject, () => take(lock, owner));
  } catch (error) {
    held.delete(owner.id);
    throw error;
  }
  await removeUnlinked(lock);
  return () => release(lock, owner);
}

/**
 * Keeps other runs away from an output, whoever's they are, by a file `<output>.lock` next to it, and returns what ends
 * that and never rejects. A lock whose process has died on this machine is taken over, and so is one that was never
 * finished. Throws WizardError `output-locked` when another run holds it, `output-unusable` when it cannot be made.
 */
export function lockOutput(path: string, io: LockIo = {}): Promise<() => Promise<void>> {
  const doing = 'writing to the same file';
  return hold({ ...realIo, ...io, path: `${path}.lock`, subject: path, code: 'output-locked', doing });
}

/**
 * As lockOutput, for an application: by a file in the user's own state folder, which all his runs on this machine share.
 * `name` is whatever tells the application from others. Throws WizardError `application-locked`, and `output-unusable`
 * where there is no such folder.
 */
export async function lockApplication(
  stateFolder: () => Promise<string>,
  name: string,
  io: LockIo = {},
): Promise<() => Promise<void>> {
  const folder = await ownFolder(stateFolder, true);
  if ('reason' in folder) throw new WizardError('output-unusable', `${folder.reason}.`);
  const digest = createHash('sha256').update(name).digest('hex').slice(0, 24);
  return hold({
    ...realIo,
    ...io,
    path: join(folder.path, `application-${digest}.lock`),
    subject: folder.path,
    code: 'application-locked',
    doing: 'setting up the same application',
  });
}
