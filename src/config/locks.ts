import { createHash, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type FileHandle, mkdir } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod/mini';
import { fileCode, WizardError } from '../core/errors.ts';
import { parseJson } from '../core/fields.ts';
import { safeText } from '../core/text.ts';
import {
  createFlags,
  type Files,
  ifThere,
  privateMode,
  readTextFile,
  realFiles,
  withWizardErrors,
} from './file-system.ts';

const ownerShape = z.object({
  pid: z.int(),
  host: z.string(),
  id: z.string(),
  birth: z.optional(z.string()),
});

/** Which run on which machine holds a lock. */
type Owner = z.output<typeof ownerShape>;

/** What a lock asks the system about running processes. */
interface Processes {
  readonly pid: number;
  readonly host: string;
  isRunning(pid: number): boolean;
  /** What no other process of that number shares, before a restart of the machine or after it; undefined where nothing tells. */
  birthOf(pid: number): string | undefined;
}

/** On Linux: the boot, and the ticks from there to the start of the process (proc_pid_stat(5), field 22). */
function birthOf(pid: number): string | undefined {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field is a name in brackets, with whatever is in it.
    const started = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
    return started === undefined ? undefined : `${boot} ${started}`;
  } catch {
    return undefined;
  }
}

const realProcesses: Processes = {
  pid: process.pid,
  host: hostname(),
  isRunning(pid) {
    try {
      process.kill(pid, 0);
      return true;
    } catch (error) {
      // A process of somebody else may not be signalled, but it is there.
      return fileCode(error) === 'EPERM';
    }
  },
  birthOf,
};

/** Locks of this process: a lock file with its number that is not among them was left by an earlier one. */
const held = new Set<string>();

const ownerOf = (text: string): Owner | undefined => ownerShape.safeParse(parseJson(text)).data;

function isStale(owner: Owner | undefined, processes: Processes): boolean {
  if (owner?.host !== processes.host) return false;
  if (owner.pid === processes.pid) return !held.has(owner.id);
  if (!processes.isRunning(owner.pid)) return true;
  const birth = owner.birth === undefined ? undefined : processes.birthOf(owner.pid);
  return birth !== undefined && birth !== owner.birth;
}

interface Lock {
  readonly path: string;
  readonly code: 'output-locked' | 'application-locked';
  /** What other runs are kept from, in the words of the error. */
  readonly doing: string;
  readonly processes: Processes;
  readonly files: Files;
}

function lockedError({ path, code, doing }: Lock, owner: Owner | undefined): WizardError {
  const lock = safeText(path);
  if (!owner) {
    return new WizardError(code, `${lock} is there, but does not say whose lock it is.`, {
      remedy: `If no other run is under way, delete ${lock} and run the command again.`,
    });
  }
  const where = `process ${owner.pid} on ${safeText(owner.host)}`;
  return new WizardError(code, `Another run is ${doing} (${where}).`, {
    remedy: `Wait until it has ended. If it is not running any more, delete ${lock} and run the command again.`,
  });
}

async function create({ path, files }: Lock, owner: Owner): Promise<boolean> {
  let file: FileHandle;
  try {
    file = await files.open(path, createFlags, privateMode);
  } catch (error) {
    if (fileCode(error) === 'EEXIST') return false;
    throw error;
  }
  try {
    await file.writeFile(`${JSON.stringify(owner)}\n`).finally(() => file.close());
    return true;
  } catch (error) {
    await ifThere(files.unlink(path));
    throw error;
  }
}

/** Moves a stale lock away; puts it back if it turns out to be another one by now. */
async function removeStale({ path, files }: Lock, seen: string): Promise<void> {
  const aside = `${path}.${randomUUID()}`;
  await ifThere(files.rename(path, aside));
  const moved = await readTextFile(aside, files);
  if (moved !== undefined && moved !== seen) await files.link(aside, path);
  await ifThere(files.unlink(aside));
}

async function release({ path, files }: Lock, owner: Owner): Promise<void> {
  held.delete(owner.id);
  const text = await readTextFile(path, files);
  if (ownerOf(text ?? '')?.id === owner.id) await ifThere(files.unlink(path));
}

async function take(lock: Lock, owner: Owner): Promise<void> {
  // Twice: once more after a stale lock was taken away.
  for (let attempt = 1; attempt <= 2; attempt += 1) {
    if (await create(lock, owner)) return;
    const text = (await readTextFile(lock.path, lock.files)) ?? '';
    const other = ownerOf(text);
    if (!isStale(other, lock.processes) || attempt === 2) throw lockedError(lock, other);
    await removeStale(lock, text);
  }
}

async function hold(lock: Lock): Promise<() => Promise<void>> {
  const { pid, host } = lock.processes;
  const birth = lock.processes.birthOf(pid);
  const owner: Owner = { pid, host, id: randomUUID(), ...(birth !== undefined && { birth }) };
  held.add(owner.id);
  try {
    await withWizardErrors('output-unusable', lock.path, () => take(lock, owner));
  } catch (error) {
    held.delete(owner.id);
    throw error;
  }
  return () => release(lock, owner);
}

/**
 * Keeps other runs away from an output by a file `<output>.lock` next to it, and returns what ends that. A lock
 * whose process has died on this machine is taken over. Throws WizardError `output-locked` when another run
 * holds it, `output-unusable` when it cannot be made.
 */
export function lockOutput(
  path: string,
  processes: Processes = realProcesses,
  files: Files = realFiles,
): Promise<() => Promise<void>> {
  const doing = 'writing to the same file';
  return hold({ path: `${path}.lock`, code: 'output-locked', doing, processes, files });
}

/**
 * As lockOutput, for an application: by a file in `folder`, which is made where it is missing and shared by all runs of
 * this user on this machine. `name` is whatever tells the application from others. Throws WizardError
 * `application-locked`.
 */
export async function lockApplication(folder: string, name: string): Promise<() => Promise<void>> {
  const digest = createHash('sha256').update(name).digest('hex').slice(0, 24);
  await withWizardErrors('output-unusable', folder, () => mkdir(folder, { recursive: true, mode: 0o700 }));
  return hold({
    path: join(folder, `application-${digest}.lock`),
    code: 'application-locked',
    doing: 'setting up the same application',
    processes: realProcesses,
    files: realFiles,
  });
}
