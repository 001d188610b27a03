import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Browser, Page } from 'playwright-core';
import { type Sandbox, startSandbox } from '../../src/sandbox/index.ts';
import { requireNoWarning } from '../helpers/node-warnings.ts';
import type { Built } from '../pty/built.ts';

const executablePath = '/usr/bin/chromium';

function isThere(): boolean {
  try {
    accessSync(executablePath, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Whether there is a browser to test with. */
export const hasChromium = isThere();

/** Starts Chromium without a window and without a word to its maker. */
export async function launch(): Promise<Browser> {
  const { chromium } = await import('playwright-core');
  return chromium.launch({
    executablePath,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

/** The built command line under way, against a sandbox tenant where a person has to sign in. */
export interface SignIn {
  readonly sandbox: Sandbox;
  /** The page that the command line opened in the browser; for a device code, the page that it names. */
  readonly page: Page;
  /** What a person reads up to now. */
  readonly said: () => string;
  readonly interrupt: () => void;
  /** The exit code. */
  readonly ended: Promise<number | null>;
  readonly files: () => Promise<string[]>;
}

const patience = 30_000;

async function until<T>(what: string, look: () => Promise<T | undefined>, said: () => string): Promise<T> {
  const deadline = Date.now() + patience;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() > deadline)
      throw new Error(`Waited in vain for ${what}. The command line said:\n${said()}`);
    await delay(50);
  }
}

/** A stand-in for the desktop's way to open an address: it leaves the address in a file. */
async function writeOpener(folder: string): Promise<string> {
  const opener =
    '#!/bin/sh\nprintf %s "$1" >"$HOME/.opened.part" && mv "$HOME/.opened.part" "$HOME/.opened"\n';
  await writeFile(join(folder, 'xdg-open'), opener, { mode: 0o755 });
  return join(folder, 'xdg-open');
}

/** Starts a setup that signs in by `--auth`, in an empty folder, and opens the page that it asks for. */
export async function startSignIn(
  given: { readonly built: Built; readonly browser: Browser; readonly flags: readonly string[] },
  atEnd: (clean: () => Promise<void>) => void,
): Promise<SignIn> {
  const sandbox = await startSandbox({ scenarios: ['default'] });
  const home = await mkdtemp(join(tmpdir(), 'reporting-setup-browser-'));
  const tools = await mkdtemp(join(tmpdir(), 'reporting-setup-opener-'));
  const ca = join(tools, 'ca.pem');
  await writeFile(ca, sandbox.caCertificate);
  const opener = await writeOpener(tools);
  const where = ['--authority-host', sandbox.authorityHost, '--graph-url', sandbox.graphUrl];
  const child = spawn(process.execPath, [given.built.program, 'setup', '--yes', ...where, ...given.flags], {
    cwd: home,
    env: { PATH: `${tools}:${process.env['PATH']}`, HOME: home, BROWSER: opener, NODE_EXTRA_CA_CERTS: ca },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let text = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const context = await given.browser.newContext({ ignoreHTTPSErrors: true });
  atEnd(async () => {
    child.kill('SIGKILL');
    await ended;
    requireNoWarning(text);
    await context.close();
    await sandbox.stop();
    for (const folder of [home, tools]) await rm(folder, { recursive: true, force: true });
    if (sandbox.crashes.length > 0)
      throw new Error(`The sandbox crashed: ${JSON.stringify(sandbox.crashes)}`);
  });
  const said = (): string => text;
  const address = await until(
    'a page to sign in on',
    async () => {
      const named = /^ {4}(https:\S+)$/m.exec(text)?.[1];
      return named ?? (await readFile(join(home, '.opened'), 'utf8').catch(() => undefined));
    },
    said,
  );
  const page = await context.newPage();
  await page.goto(address);
  return {
    sandbox,
    page,
    said,
    interrupt: () => void child.kill('SIGINT'),
    ended,
    files: async () => (await readdir(home)).filter((name) => !name.startsWith('.')),
  };
}
