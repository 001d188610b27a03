import { randomUUID } from 'node:crypto';
import { link, mkdir, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { Tenant } from './model.ts';
import { SandboxError, systemCode } from './world.ts';

const version = 1;

/** A tenant's home on disk, owned by this process until closed. */
export interface StateFile {
  /** The tenant as last saved, completed from `fresh`; undefined where none is kept yet. */
  readonly load: (fresh: Tenant) => Promise<Tenant | undefined>;
  /** Resolves when the tenant as it is now is on disk. Does nothing where it is there already. */
  readonly save: (tenant: Tenant) => Promise<void>;
  /** Waits for what is being saved and gives the file up. */
  readonly close: () => Promise<void>;
}

/** What a tenant that an earlier version kept may lack. */
const optional: readonly string[] = ['activity'];

/** Past rows of the logs are not kept: each start makes those of the days before it. */
function kept({ signIns: _signIns, directoryAudits: _directoryAudits, ...rest }: Tenant): Partial<Tenant> {
  return rest;
}

function damaged(path: string, what: string, cause?: unknown): SandboxError {
  return new SandboxError(
    `The sandbox state ${path} cannot be used: ${what}`,
    `Delete ${path} to start with a new tenant, or choose another state file.`,
    cause,
  );
}

function unsaved(path: string, cause: unknown): SandboxError {
  const code = systemCode(cause) ?? String(cause);
  const folder = dirname(path);
  const why = ['ENOENT', 'EACCES', 'EPERM', 'EROFS'].includes(code)
    ? `nothing can be made in the folder ${folder} (${code})`
    : code;
  return new SandboxError(
    `The sandbox state ${path} cannot be written: ${why}`,
    'Make room for it, or choose a state file in a folder that you may write to.',
    cause,
  );
}

interface Saved {
  readonly version: unknown;
  readonly scenarios: unknown;
  readonly tenant: Record<string, unknown>;
}

function parse(path: string, text: string): Saved {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw damaged(path, 'it is not valid JSON', error);
  }
  if (typeof value !== 'object' || value === null || !('version' in value)) {
    throw damaged(path, 'it is not a sandbox state');
  }
  if (value.version !== version)
    throw damaged(path, `it has version ${String(value.version)}, not ${version}`);
  const { tenant, scenarios } = value as Partial<Saved>;
  if (typeof tenant !== 'object' || tenant === null) throw damaged(path, 'it holds no tenant');
  return { version, scenarios, tenant };
}

function complete(path: string, saved: Record<string, unknown>, fresh: Tenant): Tenant {
  for (const [key, expected] of Object.entries(kept(fresh))) {
    const found = saved[key];
    if (found === undefined && optional.includes(key)) continue;
    const alike = typeof found === typeof expected && Array.isArray(found) === Array.isArray(expected);
    if (!alike || found === null) throw damaged(path, `its ${key} is missing or damaged`);
  }
  return { ...fresh, ...(saved as Partial<Tenant>) };
}

function requireSameTenant(path: string, saved: unknown, scenarios: readonly string[]): void {
  const before = Array.isArray(saved) ? saved.map(String) : [];
  if (before.join() === scenarios.join()) return;
  const name = (names: readonly string[]): string => (names.length === 0 ? 'default' : names.join(','));
  throw new SandboxError(
    `The sandbox state ${path} holds the tenant of scenario ${name(before)}, not ${name(scenarios)}`,
    `Name that scenario, choose another state file, or delete ${path}.`,
  );
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw damaged(path, `it cannot be read (${systemCode(error)})`, error);
  }
}

/** Replaces the file in one step, so that whoever reads it finds the old text or the new one, whatever happens. */
async function replaceFile(path: string, text: string): Promise<void> {
  const temporary = `${path}.${randomUUID()}`;
  try {
    const file = await open(temporary, 'wx', 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw unsaved(path, error);
  }
}

/** Node's own recursive way never ends where a file system has no place for new folders, such as /proc. */
async function makeFolder(path: string): Promise<void> {
  const isThere = await stat(path).then(
    () => true,
    () => false,
  );
  if (isThere) return;
  if (path !== dirname(path)) await makeFolder(dirname(path));
  try {
    await mkdir(path, { mode: 0o700 });
  } catch (error) {
    // Another run was quicker.
    if (systemCode(error) !== 'EEXIST') throw error;
  }
}

/** Makes the folder where it is missing, and locks the file. */
async function takePossession(path: string): Promise<() => Promise<void>> {
  try {
    await makeFolder(dirname(path));
    return await lockFile(path);
  } catch (error) {
    if (error instanceof SandboxError) throw error;
    throw unsaved(path, error);
  }
}

/**
 * Takes possession of a state file, which need not exist yet. `scenarios` are those that shape the tenant's data,
 * sorted; `load` refuses a tenant of others. Throws SandboxError where another sandbox uses the file, and `load` and
 * `save` do where it is damaged or cannot be written.
 */
export async function openState(file: string, scenarios: readonly string[]): Promise<StateFile> {
  const path = resolve(file);
  const release = await takePossession(path);
  let written: string | undefined;
  let queue: Promise<void> = Promise.resolve();
  let closed = false;
  return {
    load: async (fresh) => {
      const text = await readIfThere(path);
      if (text === undefined) return undefined;
      const saved = parse(path, text);
      requireSameTenant(path, saved.scenarios, scenarios);
      return complete(path, saved.tenant, fresh);
    },
    save: (tenant) => {
      const text = `${JSON.stringify({ version, scenarios, tenant: kept(tenant) })}\n`;
      const write = async (): Promise<void> => {
        if (closed || text === written) return;
        await replaceFile(path, text);
        written = text;
      };
      const saved = queue.then(write);
      queue = saved.catch(() => undefined);
      return saved;
    },
    close: async () => {
      await queue;
      closed = true;
      await release();
    },
  };
}

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
async function lockFile(file: string): Promise<() => Promise<void>> {
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
