import { execFile, spawnSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { World } from '../../helpers/world.ts';

/** Whether a program can be started here. */
export const has = (program: string, ...argv: readonly string[]): boolean =>
  spawnSync(program, argv, { stdio: 'ignore' }).status === 0;

/** Debian's own Python: the one that its packages belong to. */
export const python = '/usr/bin/python3';

export const hasPython = (...modules: readonly string[]): boolean =>
  has(python, '-c', ['pass', ...modules.map((name) => `import ${name}`)].join('\n'));

/** A title that says why a test is skipped where it is. */
export const titled = (title: string, there: boolean, missing: string): string =>
  there ? title : `${title} (skipped: ${missing} is not installed)`;

export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end without holding this process up, in which the sandbox answers. */
export function run(
  program: string,
  argv: readonly string[],
  options: { readonly cwd: string; readonly env?: Readonly<Record<string, string>>; readonly input?: string },
): Promise<Ended> {
  const { PATH = '' } = process.env;
  const env = { PATH, HOME: options.cwd, LC_ALL: 'C.UTF-8', ...options.env };
  return new Promise((done) => {
    const started = execFile(
      program,
      [...argv],
      { cwd: options.cwd, env, maxBuffer: 1 << 28 },
      (error, stdout, stderr) =>
        done({ code: error ? Number(error.code ?? 1) : 0, stdout: String(stdout), stderr: String(stderr) }),
    );
    // A program may end before it has read everything.
    started.stdin?.on('error', () => undefined).end(options.input ?? '');
  });
}

/** Where the sandbox of a world is, for programs that know nothing of sandboxes. */
export async function reach({ sandbox, folder }: World): Promise<Record<string, string>> {
  const ca = join(folder, 'ca.pem');
  await writeFile(ca, sandbox.caCertificate);
  return {
    AZURE_AUTHORITY_HOST: sandbox.authorityHost,
    REPORTING_GRAPH_URL: sandbox.graphUrl,
    NODE_EXTRA_CA_CERTS: ca,
    REQUESTS_CA_BUNDLE: ca,
    SSL_CERT_FILE: ca,
    CURL_CA_BUNDLE: ca,
  };
}
