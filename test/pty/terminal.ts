import { execFile, spawnSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Built } from './built.ts';

/** Whether there is a terminal to test in. */
export const hasTmux = spawnSync('tmux', ['-V']).status === 0;

const run = promisify(execFile);
const patience = 30_000;

export interface TerminalOptions {
  readonly columns?: number;
  readonly rows?: number;
  readonly env?: Readonly<Record<string, string>>;
}

/** A shell in a real terminal, in an empty folder that is its home too. `reporting-setup` is on its PATH. */
export interface Terminal {
  readonly folder: string;
  /** Types a command without waiting for its end. */
  readonly start: (command: string) => Promise<void>;
  /** Presses keys as tmux names them: `Enter`, `C-c`, `Down`. */
  readonly press: (...keys: string[]) => Promise<void>;
  /** Waits until the output of the last command has the text. Throws with the screen where it does not come. */
  readonly see: (text: string | RegExp) => Promise<void>;
  /** Waits for the end of the last command and gives its exit code. */
  readonly exitCode: () => Promise<number>;
  /** Types a command, waits for its end and gives what it left on the screen, above it and below. */
  readonly output: (command: string) => Promise<string>;
  /** Everything the last command left, scrolled away or not; lines that the terminal broke are whole again. */
  readonly text: () => Promise<string>;
  /** As `text`, each line as the terminal broke it and with the looks that it has (SGR). */
  readonly coloured: () => Promise<string>;
  /** What is in the window now. */
  readonly screen: () => Promise<string>;
  /** Gives the window another width. */
  readonly resize: (columns: number) => Promise<void>;
  readonly cursorIsVisible: () => Promise<boolean>;
  /** Every byte that reached the terminal since the last command was typed. */
  readonly bytes: () => Promise<string>;
}

async function installProgram(folder: string, { program }: Built): Promise<string> {
  const bin = join(folder, '.bin');
  await mkdir(bin);
  await symlink(process.execPath, join(bin, 'node'));
  await chmod(program, 0o755);
  await symlink(program, join(bin, 'reporting-setup'));
  return bin;
}

const ended = /^\[exit (\d+)\]$/m;

/** Registers what is to happen when the test is over; tests that run side by side have one each. */
export type AtEnd = (clean: () => Promise<void>) => void;

/** Opens a terminal that closes with the test. */
export async function openTerminal(
  built: Built,
  atEnd: AtEnd,
  options: TerminalOptions = {},
): Promise<Terminal> {
  const { columns = 80, rows = 24, env = {} } = options;
  const folder = await mkdtemp(join(tmpdir(), 'reporting-setup-terminal-'));
  const bin = await installProgram(folder, built);
  const log = join(folder, '.log');
  const environment = {
    PATH: `${bin}:${process.env['PATH']}`,
    HOME: folder,
    LANG: 'C.UTF-8',
    TERM: 'tmux-256color',
    PS1: '$ ',
    BASH_SILENCE_DEPRECATION_WARNING: '1',
    ...env,
  };
  const tmux = async (...args: string[]): Promise<string> =>
    (await run('tmux', ['-S', join(folder, '.tmux'), '-f', '/dev/null', ...args])).stdout;
  const pairs = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
  const size = ['-x', String(columns), '-y', String(rows)];
  await tmux(
    'new-session',
    '-d',
    ...size,
    '-c',
    folder,
    'env',
    '-i',
    ...pairs,
    'bash',
    '--norc',
    '--noprofile',
  );
  atEnd(async () => {
    await tmux('kill-server').catch(() => undefined);
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  });
  await tmux('pipe-pane', `cat >> '${log}'`);
  const text = (): Promise<string> => tmux('capture-pane', '-p', '-J', '-S', '-');
  const until = async (what: string, test: (shown: string) => boolean): Promise<string> => {
    const deadline = Date.now() + patience;
    for (;;) {
      const shown = await text();
      if (test(shown)) return shown;
      if (Date.now() > deadline) throw new Error(`Waited in vain for ${what}. The terminal shows:\n${shown}`);
      await delay(40);
    }
  };
  await until('the shell', (shown) => shown.includes('$'));
  const start = async (command: string): Promise<void> => {
    // The history goes in the same breath as the screen, or the last command's end would be taken for this one's.
    await tmux('send-keys', '-R', ';', 'clear-history');
    await writeFile(log, '');
    await tmux('send-keys', '-l', `${command}; echo "[exit $?]"`);
    await tmux('send-keys', 'Enter');
  };
  const exitCode = async (): Promise<number> => {
    const shown = await until('the end of the command', (now) => ended.test(now));
    return Number(ended.exec(shown)?.[1]);
  };
  return {
    folder,
    start,
    press: async (...keys) => void (await tmux('send-keys', ...keys)),
    see: async (wanted) =>
      void (await until(String(wanted), (shown) =>
        typeof wanted === 'string' ? shown.includes(wanted) : wanted.test(shown),
      )),
    exitCode,
    output: async (command) => {
      await start(command);
      await exitCode();
      return text();
    },
    text,
    coloured: () => tmux('capture-pane', '-p', '-e', '-S', '-'),
    screen: () => tmux('capture-pane', '-p'),
    resize: async (wanted) => void (await tmux('resize-window', '-x', String(wanted), '-y', String(rows))),
    cursorIsVisible: async () => (await tmux('display-message', '-p', '#{cursor_flag}')).trim() === '1',
    bytes: () => readFile(log, 'utf8'),
  };
}
