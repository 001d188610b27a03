import { randomUUID } from 'node:crypto';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { SandboxError, systemCode } from './sandbox-error.ts';

/** The locks of this process: their files name its pid, as would one that a dead process with the same pid left. */
const held = new Set<string>();

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return systemCode(error) === 'EPERM';
  }
}

/** The other process whose lock it is, or undefined where nobody's any more. */
async function ownerOf(path: string): Promise<number | undefined> {
  const text = await readFile(path, 'utf8').catch(() => '');
  const pid = /^\d+$/.test(text.trim()) ? Number(text) : 0;
  return pid > 0 && pid !== process.pid && isRunning(pid) ? pid : undefined;
}

/** True when the lock is ours now. `link` either makes the whole file or fails, whoever else tries. */
async function claim(path: string): Promise<boolean> {
  const mine = `${path}.${randomUUID()}`;
  await writeFile(mine, `${process.pid}\n`, { mode: 0o600, flag: 'wx' });
  try {
    await link(mine, path);
    return true;
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw error;
    return false;
  } finally {
    await rm(mine, { force: true });
  }
}

/** Moves a stale lock aside. Should another process have been quicker and the lock be its, it goes back. */
async function removeStale(path: string): Promise<void> {
  const aside = `${path}.${randomUUID()}`;
  await rename(path, aside).catch(() => undefined);
  const text = await readFile(aside, 'utf8').catch(() => '');
  const pid = Number(text);
  if (pid > 0 && pid !== process.pid && isRunning(pid)) await link(aside, path).catch(() => undefined);
  await rm(aside, { force: true });
}

async function take(file: string, path: string): Promise<void> {
  for (let attempt = 0; attempt < 3; attempt += 1) {
    const owner = await ownerOf(path);
    if (owner !== undefined) throw inUse(file, path, owner);
    if (attempt > 0) await removeStale(path);
    if (await claim(path)) return;
  }
  throw inUse(file, path, await ownerOf(path));
}

/**
 * Makes this process the only one that may use `file`, through `<file>.lock` with its pid; a lock whose process is
 * gone is taken over. Resolves to the release. Throws SandboxError while another sandbox uses the file.
 */
export async function lockFile(file: string): Promise<() => Promise<void>> {
  const path = `${file}.lock`;
  // Noted before the first wait, so that of several in this process only one goes on to the file.
  if (held.has(path)) throw inUse(file, path, process.pid);
  held.add(path);
  try {
    await take(file, path);
  } catch (error) {
    held.delete(path);
    throw error;
  }
  return async () => {
    held.delete(path);
    await rm(path, { force: true });
  };
}

function inUse(file: string, path: string, owner: number | undefined): SandboxError {
  const who = owner === undefined ? 'another process' : `process ${owner}`;
  return new SandboxError(
    `The sandbox state ${file} is in use by ${who}`,
    `Stop that sandbox or choose another state file. If no sandbox is running, delete ${path}.`,
  );
}
