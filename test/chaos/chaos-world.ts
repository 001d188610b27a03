import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { PassThrough } from 'node:stream';
import type { Host } from '../../src/host.ts';
import { requestTimeout } from '../../src/http/transport.ts';
import { main } from '../../src/main.ts';
import { type LoggedRequest, type Sandbox, startSandbox, type Tenant } from '../../src/sandbox/index.ts';
import { pooledKeyPair, sharedKeys } from '../helpers/keys.ts';

export const configName = 'reporting-setup.json';

/** How one run ended and what it printed. */
export interface Outcome {
  /** Exit code; undefined where the run did not end. */
  readonly code: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
  /** Requests that reached the sandbox. */
  readonly requests: readonly LoggedRequest[];
}

/** The tenant and the files of a moment, to start again from. The logs are left out: no run changes them. */
export interface Snapshot {
  readonly tenant: Partial<Tenant>;
  readonly files: Readonly<Record<string, string>>;
  /** What runs keep in the user's own folder, by path from there. */
  readonly state?: Readonly<Record<string, string>>;
}

/** One sandbox that many runs share, and a folder and a clock that each of them sees. */
export interface ChaosWorld {
  readonly sandbox: Sandbox;
  readonly tenant: Tenant;
  readonly folder: string;
  /** The user's own folder. */
  readonly home: string;
  /** The time of the tenant, in epoch milliseconds. */
  now(): number;
  /** Puts something in the place of the output that no file can replace; or takes it away. */
  blockOutput(): void;
  freeOutput(): void;
  run(argv: readonly string[], onStop?: (stop: () => void) => void): Promise<Outcome>;
  /** Ends every request that is waiting for a reply, as its time limit would. */
  expire(): void;
  /** Moves the clock, in milliseconds. */
  pass(milliseconds: number): void;
  take(): Snapshot;
  restore(snapshot: Snapshot): Promise<void>;
  /** Contents of the folder, by name. */
  files(): Record<string, string>;
  /** Contents of the user's own folder, by path from there. */
  state(): Record<string, string>;
  close(): Promise<void>;
}

function collect(): { stream: PassThrough & { isTTY: boolean; columns: number }; text: () => string } {
  const chunks: Buffer[] = [];
  const stream = Object.assign(new PassThrough(), { isTTY: false, columns: 80 });
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  return { stream, text: () => Buffer.concat(chunks).toString() };
}

/** Milliseconds of real time after which a run counts as never ending. */
const patience = 20_000;

function withoutLogs({ signIns: _signIns, directoryAudits: _audits, ...rest }: Tenant): Partial<Tenant> {
  return rest;
}

/** A clock that waiting moves, and time limits that end when they are told to. */
function createClock() {
  let offset = 0;
  const limits = new Set<AbortController>();
  const pass = (milliseconds: number): void => {
    offset += milliseconds;
  };
  return {
    now: () => Date.now() + offset,
    pass,
    timeoutSignal: (milliseconds: number) => {
      const limit = new AbortController();
      // The time limit of the whole run is not what strikes here.
      if (milliseconds <= requestTimeout) limits.add(limit);
      return limit.signal;
    },
    expire: () => {
      pass(requestTimeout);
      for (const limit of limits) limit.abort(new DOMException('No reply in time', 'TimeoutError'));
      limits.clear();
    },
    sleep: async (milliseconds: number, signal: AbortSignal) => {
      signal.throwIfAborted();
      pass(milliseconds);
    },
  };
}

type Clock = ReturnType<typeof createClock>;

/** How the automation application signs in. */
function environmentOf({ tenantId, automation }: Sandbox): Record<string, string> {
  return {
    AZURE_TENANT_ID: tenantId,
    AZURE_CLIENT_ID: automation.clientId,
    AZURE_CLIENT_SECRET: automation.clientSecret,
  };
}

function hostFor(sandbox: Sandbox, folder: string, home: string, clock: Clock) {
  return (
    stdout: Host['stdout'],
    stderr: Host['stderr'],
    onStop: ((stop: () => void) => void) | undefined,
  ): Host => ({
    env: { PATH: process.env['PATH'], HOME: home, ...environmentOf(sandbox) },
    cwd: folder,
    platform: 'linux',
    stdin: Object.assign(new PassThrough(), { isTTY: false }),
    stdout,
    stderr,
    now: () => new Date(clock.now()),
    sleep: clock.sleep,
    timeoutSignal: clock.timeoutSignal,
    random: () => 0.5,
    randomUUID: () => crypto.randomUUID(),
    makeKeyPair: pooledKeyPair,
    onStop: (stop) => {
      onStop?.(stop);
      return () => undefined;
    },
    makeTemporaryFolder: () => mkdtemp(join(folder, 'temporary-')),
    stateFolder: async () => join(home, '.local', 'state', 'reporting-setup'),
    startSandbox: async () => ({ ...sandbox, users: sandbox.users, stop: async () => undefined }),
  });
}

/** The name of an application that is nobody's concern, and on which everything that is asked for goes through. */
export const bystander = 'Bystander';

function plantBystander({ applications }: Tenant): void {
  const [model] = applications;
  if (model === undefined) throw new Error('There is no application to imitate.');
  applications.push({
    ...structuredClone(model),
    id: 'bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbb1',
    appId: 'bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbb2',
    displayName: bystander,
    uniqueName: null,
    passwordCredentials: [],
    keyCredentials: [],
    federatedIdentityCredentials: [],
  });
}

/** Every file below a folder, by its path from there. */
function filesBelow(folder: string): Record<string, string> {
  const entries = readdirSync(folder, { withFileTypes: true, recursive: true });
  const found = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return Object.fromEntries(found.map((path) => [path.slice(folder.length + 1), readFileSync(path, 'utf8')]));
}

/** Empties a folder and fills it. */
async function refill(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const name of readdirSync(folder)) await rm(join(folder, name), { recursive: true });
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true, mode: 0o700 });
    await writeFile(join(folder, name), text, { mode: 0o600 });
  }
}

/**
 * Opens a world; `scenarios` as for the sandbox. The clock of the machine is so many milliseconds ahead of the tenant's.
 */
export async function openWorld(scenarios: readonly string[], ahead = 0): Promise<ChaosWorld> {
  const clock = createClock();
  const now = (): number => clock.now() - ahead;
  const sandbox = await startSandbox({
    scenarios,
    autoApprove: true,
    now,
    adjust: plantBystander,
    keys: await sharedKeys(),
  });
  // The SDK looks there by itself.
  Object.assign(process.env, environmentOf(sandbox));
  const folder = await mkdtemp(join(tmpdir(), 'reporting-setup-chaos-'));
  const home = await mkdtemp(join(tmpdir(), 'reporting-setup-home-'));
  const makeHost = hostFor(sandbox, folder, home, clock);
  const files = (): Record<string, string> =>
    Object.fromEntries(
      readdirSync(folder, { withFileTypes: true }).map((entry) => [
        entry.name,
        entry.isFile() ? readFileSync(join(folder, entry.name), 'utf8') : '',
      ]),
    );
  return {
    sandbox,
    get tenant() {
      return sandbox.tenant;
    },
    folder,
    home,
    now,
    files,
    state: () => filesBelow(home),
    blockOutput: () => {
      rmSync(join(folder, configName), { force: true, recursive: true });
      mkdirSync(join(folder, configName, 'in the way'), { recursive: true });
    },
    freeOutput: () => rmSync(join(folder, configName), { force: true, recursive: true }),
    pass: clock.pass,
    expire: clock.expire,
    async run(argv, onStop) {
      const [stdout, stderr] = [collect(), collect()];
      const before = sandbox.requests.length;
      let timer: NodeJS.Timeout | undefined;
      const code = await Promise.race([
        main([...argv], makeHost(stdout.stream, stderr.stream, onStop)),
        new Promise<undefined>((resolve) => {
          timer = setTimeout(() => resolve(undefined), patience);
        }),
      ]);
      clearTimeout(timer);
      return { code, stdout: stdout.text(), stderr: stderr.text(), requests: sandbox.requests.slice(before) };
    },
    take: () => ({
      tenant: structuredClone(withoutLogs(sandbox.tenant)),
      files: files(),
      state: filesBelow(home),
    }),
    async restore(snapshot) {
      Object.assign(sandbox.tenant, structuredClone(snapshot.tenant));
      await refill(folder, snapshot.files);
      await refill(home, snapshot.state ?? {});
    },
    close: async () => {
      await sandbox.stop();
      for (const used of [folder, home]) if (existsSync(used)) await rm(used, { recursive: true });
    },
  };
}
