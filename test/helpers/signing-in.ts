import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished, vi } from 'vitest';
import { type Connection, connect } from '../../src/commands/shared/connection.ts';
import type { Io } from '../../src/commands/shared/io.ts';
import { WizardError } from '../../src/core/errors.ts';
import { createRedactor } from '../../src/core/redact.ts';
import { spellPlainly } from '../../src/core/remedy.ts';
import type { Cloud } from '../../src/entra/clouds.ts';
import { createServerClock } from '../../src/http/server-clock.ts';
import { defaultAnswers } from '../../src/terminal/prompt.ts';
import { createReport } from '../../src/terminal/report.ts';
import { styleFor } from '../../src/terminal/style.ts';

/** A connection to a cloud with a certificate of its own, and what people would see. */
export interface ConnectedClient {
  readonly io: Io;
  readonly connection: Connection;
  readonly shown: () => string;
}

type Server = Pick<Cloud, 'authorityHost' | 'graphUrl'> & { readonly caCertificate: string };

/** Connects with a clock that does not wait. */
export function connectTo(
  server: Server,
  env: Readonly<Record<string, string>> = {},
  signal = new AbortController().signal,
): ConnectedClient {
  let text = '';
  let slept = 0;
  const stream = {
    write: (chunk: string) => {
      text += chunk;
    },
    columns: 200,
  };
  const style = styleFor(stream, { NO_COLOR: '1' }, 'linux');
  const redactor = createRedactor();
  const clock = createServerClock(() => new Date(Date.now() + slept));
  const io: Io = {
    prompt: defaultAnswers,
    report: createReport(stream, style, redactor),
    redactor,
    trace: () => undefined,
    env,
    cwd: tmpdir(),
    platform: 'linux',
    interactive: true,
    asks: false,
    signal,
    alone: () => Promise.reject(new Error('Nothing runs alone here')),
    afterwards: () => io,
    stateFolder: async () => tmpdir(),
    spellerFor: () => spellPlainly,
    now: clock.now,
    clock,
    sleep: async (milliseconds) => {
      slept += milliseconds;
    },
    timeoutSignal: (delay) => AbortSignal.timeout(delay),
    random: () => 0.5,
    randomUUID: () => crypto.randomUUID(),
    reveal: (secret) => secret.reveal(),
    passPhrase: async () => '',
  };
  const { authorityHost, graphUrl, caCertificate } = server;
  const cloud: Cloud = {
    name: 'custom',
    authorityHost,
    graphUrl,
    entraPortal: authorityHost,
    instanceDiscovery: false,
    ca: caCertificate,
  };
  const connection = connect(cloud, io);
  onTestFinished(() => connection.close());
  return { io, connection, shown: () => text };
}

/** The error that a promise rejects with; throws where it does not, or with another. */
export async function failureOf(work: Promise<unknown>): Promise<WizardError> {
  try {
    await work;
  } catch (error) {
    if (error instanceof WizardError) return error;
    throw error;
  }
  throw new Error('it succeeded');
}

/**
 * What opens instead of a browser: a program that gets the address as `process.argv[1]`, trusts the given authority,
 * and notes each visit. By default it follows the address.
 */
export async function fakeBrowser(
  caCertificate: string,
  program = 'fetch(process.argv[1])',
): Promise<{ readonly visits: () => Promise<string[]> }> {
  const folder = await mkdtemp(join(tmpdir(), 'reporting-setup-browser-'));
  onTestFinished(async () => {
    vi.unstubAllEnvs();
    await rm(folder, { recursive: true, force: true });
  });
  const [ca, log, script, code] = ['ca.pem', 'log', 'browser', 'browser.cjs'].map((name) =>
    join(folder, name),
  );
  await writeFile(ca ?? '', caCertificate);
  const noted = `require('node:fs').appendFileSync(${JSON.stringify(log)}, process.argv[2] + '\\n');`;
  await writeFile(code ?? '', `${noted}\nprocess.argv.splice(1, 1);\n${program};\n`);
  const run = `NODE_EXTRA_CA_CERTS='${ca}' exec '${process.execPath}' '${code}' "$1"`;
  await writeFile(script ?? '', `#!/bin/sh\n${run}\n`, { mode: 0o700 });
  vi.stubEnv('BROWSER', script);
  vi.stubEnv('DISPLAY', '');
  return {
    visits: async () => (await readFile(log ?? '', 'utf8').catch(() => '')).split('\n').filter(Boolean),
  };
}
