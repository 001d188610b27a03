import { readFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import type { MakeKeyPair } from './config/certificate.ts';
import { programWords } from './core/called-program.ts';
import type { Sandbox, SandboxOptions } from './sandbox/index.ts';

/** A stream that may be a terminal. */
type OutputStream = Writable & { readonly isTTY?: boolean; readonly columns?: number };

/** The process and everything outside it, as the program sees them. */
export interface Host {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Node's own options for this process. */
  readonly execArgv?: readonly string[];
  /** The current folder; empty where it is not there any more. */
  readonly cwd: string;
  readonly platform: string;
  /** The words with which this program is started again. */
  readonly program?: readonly string[] | undefined;
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  readonly now: () => Date;
  /** Resolves after that many milliseconds; rejects when the signal is aborted. */
  readonly sleep: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  /** Aborts after that many milliseconds with a `TimeoutError`; keeps no process alive. */
  readonly timeoutSignal: (milliseconds: number) => AbortSignal;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  readonly randomUUID: () => string;
  /** Makes the keys of certificates; absent where the program's own way is meant. */
  readonly makeKeyPair?: MakeKeyPair;
  /** Calls back when the user or the system asks to stop, once; a second request ends the process at once. */
  readonly onStop: (callback: () => void) => () => void;
  /**
   * Calls back when an error reached nobody, and when nothing is left to wait for although the run goes on; until the
   * given function is called.
   */
  readonly onLost?: (callback: (error: unknown) => void) => () => void;
  /** Stops the process until the shell lets it go on, as Ctrl-Z does; absent where no shell can. */
  readonly suspend?: (() => Promise<void>) | undefined;
  /** What Ctrl-C does where the terminal tells it as a key. */
  readonly interrupt?: () => void;
  readonly makeTemporaryFolder: () => Promise<string>;
  /** Where state that is kept between runs lies. */
  readonly stateFolder: () => Promise<string>;
  readonly startSandbox: (options: SandboxOptions) => Promise<Sandbox>;
}

/**
 * What asks to stop. On Windows closing the window comes as SIGHUP, about ten seconds before Windows ends the process, and
 * Ctrl-Break as SIGBREAK (Node documentation, Signal events). Pure.
 */
export const stopSignalsOn = (platform: string): readonly NodeJS.Signals[] => [
  'SIGINT',
  'SIGTERM',
  'SIGHUP',
  ...(platform === 'win32' ? (['SIGBREAK'] as const) : []),
];

const stopSignals = stopSignalsOn(process.platform);

function onStop(callback: () => void): () => void {
  const off = (): void => {
    for (const signal of stopSignals) process.off(signal, stop);
  };
  const stop = (): void => {
    // Without a listener the next signal does what it does by itself: it ends the process. Not at once: a spinner that
    // listens too, to show the cursor again, would find itself alone and end the process now.
    setImmediate(off);
    callback();
  };
  for (const signal of stopSignals) process.on(signal, stop);
  return off;
}

function onLost(callback: (error: unknown) => void): () => void {
  const idle = (): void => callback(new Error('Nothing is left to wait for, and the run has not ended.'));
  process.on('uncaughtException', callback);
  process.on('unhandledRejection', callback);
  process.on('beforeExit', idle);
  return () => {
    process.off('uncaughtException', callback);
    process.off('unhandledRejection', callback);
    process.off('beforeExit', idle);
  };
}

/** Time stands still meanwhile; where nobody could let the process go on, the system does not stop it either. */
async function suspend(): Promise<void> {
  process.kill(process.pid, 'SIGTSTP');
  await delay(50);
}

/**
 * $XDG_STATE_HOME, which env-paths calls `log`, the only thing it knows to be kept there. Windows and macOS have none: it is
 * %LOCALAPPDATA% and ~/Library/Application Support, for cleaners empty the folder of logs.
 */
async function stateFolder(): Promise<string> {
  const { data, log } = (await import('env-paths')).default('reporting-setup', { suffix: '' });
  return process.platform === 'win32' || process.platform === 'darwin' ? data : log;
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

function currentFolder(): string {
  try {
    return process.cwd();
  } catch {
    return '';
  }
}

/** The real process. */
export function realHost(): Host {
  return {
    env: process.env,
    execArgv: process.execArgv,
    cwd: currentFolder(),
    platform: process.platform,
    get program() {
      const { env, platform } = process;
      return programWords(
        { script: process.argv[1] ?? '', env, cwd: currentFolder(), platform },
        readIfThere,
      );
    },
    // A stream costs time to open: help asks nobody.
    get stdin() {
      return process.stdin;
    },
    stdout: process.stdout,
    stderr: process.stderr,
    now: () => new Date(),
    sleep: (milliseconds, signal) => delay(milliseconds, undefined, { signal }),
    timeoutSignal: (milliseconds) => AbortSignal.timeout(milliseconds),
    random: Math.random,
    // The global one is loaded when it is needed.
    randomUUID: () => crypto.randomUUID(),
    onStop,
    onLost,
    suspend: process.platform === 'win32' ? undefined : suspend,
    interrupt: () => {
      // On Windows a process cannot signal itself without ending at once.
      if (process.platform === 'win32') process.emit('SIGINT');
      else process.kill(process.pid, 'SIGINT');
    },
    makeTemporaryFolder: () => mkdtemp(join(tmpdir(), 'reporting-setup-')),
    stateFolder,
    startSandbox: async (options) => (await import('./sandbox/index.ts')).startSandbox(options),
  };
}
