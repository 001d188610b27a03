import { execFile } from 'node:child_process';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  createSandboxKeys,
  type Sandbox,
  type SandboxKeys,
  startSandbox,
  type Tenant,
} from '../../src/sandbox/index.ts';
import { requireNoWarning } from './node-warnings.ts';

/** How a process ended. */
export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Milliseconds from start to end. */
  readonly wall: number;
  /** Resident memory every 100 ms where the system tells it, in bytes. */
  readonly memory: readonly number[];
}

async function residentBytes(pid: number | undefined): Promise<number | undefined> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  const kilobytes = /^VmRSS:\s+(\d+) kB/m.exec(status)?.[1];
  return kilobytes === undefined ? undefined : Number(kilobytes) * 1_024;
}

/** Runs a program of its own to its end, whatever its exit code. Rejects where it printed a warning of Node. */
export function runProcess(
  file: string,
  argv: readonly string[],
  options: { readonly cwd: string; readonly env: Readonly<Record<string, string>> },
): Promise<Ended> {
  const running = new Promise<Ended>((done) => {
    const began = performance.now();
    const memory: number[] = [];
    const child = execFile(file, [...argv], { ...options, maxBuffer: 2 ** 28 }, (error, stdout, stderr) => {
      clearInterval(sampling);
      const code = typeof error?.code === 'number' ? error.code : error ? -1 : 0;
      done({ code, stdout, stderr, wall: performance.now() - began, memory });
    });
    const sampling = setInterval(async () => {
      const bytes = await residentBytes(child.pid);
      if (bytes !== undefined) memory.push(bytes);
    }, 100);
    child.stdin?.end();
  });
  return running.then((ended) => {
    requireNoWarning(ended.stderr);
    return ended;
  });
}

/** What a job without a person needs to set the sandbox up: everything else of the environment is left out. */
export async function environmentOf(
  sandbox: Sandbox,
  folder: string,
): Promise<Readonly<Record<string, string>>> {
  const ca = join(folder, 'ca.pem');
  await writeFile(ca, sandbox.caCertificate);
  return {
    PATH: process.env['PATH'] ?? '',
    HOME: folder,
    NO_PROXY: '127.0.0.1',
    NODE_EXTRA_CA_CERTS: ca,
    AZURE_TENANT_ID: sandbox.tenantId,
    AZURE_CLIENT_ID: sandbox.automation.clientId,
    AZURE_CLIENT_SECRET: sandbox.automation.clientSecret,
  };
}

/** The arguments of an unattended setup in the sandbox. */
export const setupArguments = ({ authorityHost, graphUrl }: Sandbox): readonly string[] => [
  ...['setup', '--yes', '--json', '--auth', 'environment'],
  ...['--authority-host', authorityHost, '--graph-url', graphUrl],
];

/** Many tenants, each on a port of its own, each with the file of its credential. */
export interface Tenants {
  readonly sandboxes: readonly Sandbox[];
  /** Of each tenant in the same order. */
  readonly files: readonly string[];
  /** What the program needs to trust them. */
  readonly env: Readonly<Record<string, string>>;
  readonly stop: () => Promise<void>;
}

const numbered = (id: string, index: number): string => `${String(index).padStart(8, '0')}${id.slice(8)}`;

/** The same tenant under an id of its own. */
async function startAlike(
  first: Sandbox,
  index: number,
  keys: SandboxKeys,
  latency: number,
): Promise<Sandbox> {
  const alike = (tenant: Tenant): void => {
    Object.assign(tenant, structuredClone(first.tenant), { id: numbered(first.tenantId, index) });
  };
  return startSandbox({ scenarios: ['default'], keys, latency, adjust: alike });
}

/** One tenant is set up by the program; the others are copies of it, with an id, an address and a file of their own. */
export async function startTenants(
  count: number,
  {
    program,
    folder,
    latency = 0,
  }: { readonly program: string; readonly folder: string; readonly latency?: number },
): Promise<Tenants> {
  const keys = await createSandboxKeys();
  const first = await startSandbox({ scenarios: ['default'], keys });
  const env = await environmentOf(first, folder);
  const path = join(folder, 'first.json');
  const argv = [program, ...setupArguments(first), '--output', path];
  const { code, stderr } = await runProcess(process.execPath, argv, { cwd: folder, env });
  if (code !== 0) throw new Error(`The first tenant was not set up: ${stderr}`);
  const text = await readFile(path, 'utf8');
  await rm(path);
  const sandboxes: Sandbox[] = [];
  const files: string[] = [];
  for (let index = 1; index <= count; index += 1) {
    const sandbox = await startAlike(first, index, keys, latency);
    const file = join(folder, `tenant-${String(index).padStart(4, '0')}.json`);
    const own = text.replaceAll(first.origin, sandbox.origin).replaceAll(first.tenantId, sandbox.tenantId);
    await writeFile(file, own, { mode: 0o600 });
    sandboxes.push(sandbox);
    files.push(file);
  }
  await first.stop();
  return {
    sandboxes,
    files,
    env,
    stop: async () => {
      await Promise.all(sandboxes.map((sandbox) => sandbox.stop()));
    },
  };
}
