import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { clearLine, cursorTo, type Direction, moveCursor } from 'node:readline';
import { PassThrough, Writable } from 'node:stream';
import { onTestFinished } from 'vitest';
import type { RunOutcome } from '../../src/commands/shared/run-outcome.ts';
import type { Host } from '../../src/host.ts';
import { main } from '../../src/main.ts';
import {
  type Sandbox,
  type SandboxOptions,
  startSandbox,
  type Write,
  writes,
} from '../../src/sandbox/index.ts';
import { pooledKeyPair, sharedKeys } from './keys.ts';

/** What a run of the command line left behind. */
export interface Run {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** The error that the run ended with. */
  readonly error: unknown;
  /** The document on stdout; throws where stdout is no single JSON document. */
  readonly json: () => Document;
}

/** The parts of the `--json` document that tests look at. */
export interface Document {
  readonly schemaVersion: number;
  readonly command: string;
  readonly ok: boolean;
  readonly exitCode: number;
  readonly tenant?: Record<string, string>;
  readonly account?: { readonly kind: string; readonly name: string; readonly roles: readonly string[] };
  readonly application?: Record<string, string>;
  readonly credential?: Record<string, string>;
  readonly config?: Record<string, string>;
  readonly checks: readonly {
    readonly id: string;
    readonly status: string;
    readonly evidence: string;
    readonly code?: string;
    readonly remedy?: string;
  }[];
  readonly handOff?: { readonly path: string; readonly url: string; readonly commands: readonly string[] };
  readonly changes: readonly {
    readonly action: string;
    readonly kind: string;
    readonly name: string;
    readonly id?: string;
  }[];
  readonly error?: { readonly code: string; readonly message: string; readonly remedy: string };
}

/** Keys for a prompt; `meanwhile` is what happens elsewhere before they are typed. */
export type Typed = readonly [prompt: string, keys: string, meanwhile?: () => void];

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** A terminal, and what is typed into it: each entry once its prompt (a piece of text) has shown. */
  readonly keys?: readonly Typed[];
  readonly columns?: number;
  /** Standard output is a terminal too. */
  readonly stdoutIsTerminal?: boolean;
  /** In place of Linux; the files stay those of this machine. */
  readonly platform?: string;
  /** What is piped in; with it there is no terminal. */
  readonly stdin?: string;
  /** Called with the way to stop the run, as Ctrl-C outside a prompt does. */
  readonly onStop?: (stop: () => void) => void;
  /** Gets what is called with an error that reached nobody. */
  readonly onLost?: (lost: (error: unknown) => void) => void;
  /** Called as each wait begins. */
  readonly onSleep?: (milliseconds: number) => void;
  /** In place of the world's folder. */
  readonly stateFolder?: () => Promise<string>;
  /** Nobody reads what the run prints on stdout: each write fails with that code. */
  readonly lostStdout?: string;
  /** In place of real time. */
  readonly timeoutSignal?: (milliseconds: number) => AbortSignal;
}

/** A sandbox tenant, an empty folder, and a clock that only sleeping moves faster than real time. */
export interface World {
  readonly sandbox: Sandbox;
  readonly folder: string;
  /** Runs the real command line against the sandbox, without a terminal unless keys are given. */
  readonly run: (argv: readonly string[], options?: RunOptions) => Promise<Run>;
  readonly read: (name?: string) => Promise<string>;
  readonly config: (name?: string) => Promise<Record<string, unknown> & { readonly clientSecret: string }>;
  /** The writes that reached Graph since the last call. */
  readonly newWrites: () => readonly Write[];
  /** Moves the clock forward, in milliseconds. */
  readonly pass: (milliseconds: number) => void;
  /** Milliseconds by which the clock of the machine is ahead of the tenant's from now on. */
  readonly setClock: (milliseconds: number) => void;
  /** Milliseconds that the runs slept in all. */
  readonly slept: () => number;
}

class TypedInput extends PassThrough {
  readonly isTTY = true;
  isRaw = false;
  setRawMode(raw: boolean): this {
    this.isRaw = raw;
    return this;
  }
}

function collect(
  isTTY: boolean,
  columns: number,
): { stream: PassThrough & { isTTY: boolean; columns: number }; text: () => string } {
  const chunks: Buffer[] = [];
  const plain = new PassThrough();
  const stream = Object.assign(plain, {
    isTTY,
    columns,
    rows: 24,
    // A prompt pipes into it, and the end of a pipe ends every stream but the process's own.
    end: () => plain,
    clearLine: (direction: Direction) => clearLine(plain, direction),
    cursorTo: (x: number, y?: number) => cursorTo(plain, x, y),
    moveCursor: (dx: number, dy: number) => moveCursor(plain, dx, dy),
  });
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  return { stream, text: () => Buffer.concat(chunks).toString() };
}

const lostStream = (code: string): Writable =>
  new Writable({ write: (_chunk, _encoding, done) => done(Object.assign(new Error(code), { code })) });

/** Types each entry when its prompt is on the screen and nothing before it is left to answer. */
function typeInto(input: TypedInput, output: PassThrough, keys: readonly Typed[]): void {
  let seen = '';
  let next = 0;
  output.on('data', (chunk: Buffer) => {
    seen += chunk.toString();
    const entry = keys[next];
    if (entry === undefined || !seen.includes(entry[0])) return;
    seen = '';
    next += 1;
    entry[2]?.();
    setImmediate(() => input.write(entry[1]));
  });
}

interface WorldOptions extends Partial<SandboxOptions> {
  /** Milliseconds by which the clock of the machine is ahead of the tenant's. */
  readonly clockAhead?: number;
}

/** Starts a world that ends with the test. */
export async function createWorld({ clockAhead = 0, ...options }: WorldOptions = {}): Promise<World> {
  let ahead = clockAhead;
  let offset = 0;
  let slept = 0;
  const now = (): number => Date.now() + offset;
  const shared = {
    scenarios: ['default'],
    autoApprove: true,
    now: () => now() - ahead,
    keys: await sharedKeys(),
  };
  const sandbox = await startSandbox({ ...shared, ...options });
  const folder = await mkdtemp(join(tmpdir(), 'reporting-setup-test-'));
  onTestFinished(async () => {
    await sandbox.stop();
    await rm(folder, { recursive: true, force: true });
    if (sandbox.crashes.length > 0)
      throw new Error(`The sandbox crashed: ${JSON.stringify(sandbox.crashes)}`);
  });
  let counted = 0;
  const run = async (argv: readonly string[], given: RunOptions = {}): Promise<Run> => {
    const { env = {}, keys, columns = 80 } = given;
    const stdout = collect(given.stdoutIsTerminal ?? false, columns);
    const stderr = collect(keys !== undefined, columns);
    const input = keys === undefined ? Object.assign(new PassThrough(), { isTTY: false }) : new TypedInput();
    if (given.stdin !== undefined) input.end(given.stdin);
    if (keys !== undefined && input instanceof TypedInput) typeInto(input, stderr.stream, keys);
    const host: Host = {
      env: { PATH: process.env['PATH'], TERM: 'xterm', LANG: 'C.UTF-8', HOME: folder, ...env },
      cwd: folder,
      platform: given.platform ?? 'linux',
      stdin: input,
      stdout: given.lostStdout === undefined ? stdout.stream : lostStream(given.lostStdout),
      stderr: stderr.stream,
      now: () => new Date(now()),
      sleep: async (milliseconds, signal) => {
        given.onSleep?.(milliseconds);
        signal.throwIfAborted();
        offset += milliseconds;
        slept += milliseconds;
      },
      timeoutSignal: given.timeoutSignal ?? ((milliseconds) => AbortSignal.timeout(milliseconds)),
      random: () => 0.5,
      randomUUID: () => crypto.randomUUID(),
      makeKeyPair: pooledKeyPair,
      onStop: (stop) => {
        given.onStop?.(stop);
        return () => undefined;
      },
      onLost: (lost) => {
        given.onLost?.(lost);
        return () => undefined;
      },
      // What a shell says of a process that Ctrl-Z stopped.
      suspend: async () => void stderr.stream.write('[1]+  Stopped\n'),
      makeTemporaryFolder: () => mkdtemp(join(folder, 'temporary-')),
      stateFolder: given.stateFolder ?? (async () => folder),
      startSandbox: async () => ({ ...sandbox, users: sandbox.users, stop: async () => undefined }),
    };
    const outcome: RunOutcome = {};
    const code = await main([...argv], host, outcome);
    return {
      code,
      error: outcome.error,
      stdout: stdout.text(),
      stderr: stderr.text(),
      json: () => JSON.parse(stdout.text()) as Document,
    };
  };
  return {
    sandbox,
    folder,
    run,
    read: (name = 'reporting-setup.json') => readFile(join(folder, name), 'utf8'),
    config: async (name = 'reporting-setup.json') => JSON.parse(await readFile(join(folder, name), 'utf8')),
    newWrites: () => {
      const all = writes(sandbox.requests);
      const fresh = all.slice(counted);
      counted = all.length;
      return fresh;
    },
    pass: (milliseconds) => {
      offset += milliseconds;
    },
    setClock: (milliseconds) => {
      ahead = milliseconds;
    },
    slept: () => slept,
  };
}
