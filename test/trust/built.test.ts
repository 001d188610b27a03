import { execFile, spawn } from 'node:child_process';
import { closeSync, existsSync, openSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type Sandbox, startSandbox } from '../../src/sandbox/index.ts';
import { requireNoWarning } from '../helpers/node-warnings.ts';

const program = join(import.meta.dirname, '../../bin/reporting-setup.js');
const built = existsSync(join(import.meta.dirname, '../../dist/main.js'));

interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** What the system shows of the process to others. */
  readonly shown: string;
}

/** The built program as a process of its own, which trusts the sandbox as anybody's does: by NODE_EXTRA_CA_CERTS. */
async function setUp(extra: (ca: string) => Record<string, string>) {
  const sandbox = await startSandbox({ scenarios: ['default'] });
  const folder = await mkdtemp(join(tmpdir(), 'reporting-setup-built-'));
  onTestFinished(async () => {
    await sandbox.stop();
    await rm(folder, { recursive: true, force: true });
  });
  const ca = join(folder, 'ca.pem');
  await writeFile(ca, sandbox.caCertificate);
  const env = {
    PATH: process.env['PATH'] ?? '',
    HOME: folder,
    AZURE_TENANT_ID: sandbox.tenantId,
    AZURE_CLIENT_ID: sandbox.automation.clientId,
    AZURE_CLIENT_SECRET: sandbox.automation.clientSecret,
    ...extra(ca),
  };
  return { sandbox, folder, env };
}

function run(
  sandbox: Sandbox,
  cwd: string,
  env: Record<string, string>,
  ...more: string[]
): Promise<Outcome> {
  const argv = ['--yes', '--json', '--debug', '--auth', 'environment'];
  const places = ['--authority-host', sandbox.authorityHost, '--graph-url', sandbox.graphUrl];
  const running = new Promise<Outcome>((done) => {
    let shown = '';
    const child = execFile(
      process.execPath,
      [program, 'setup', ...argv, ...places, ...more],
      { cwd, env },
      (error, stdout, stderr) =>
        done({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr, shown }),
    );
    child.stderr?.on('data', async () => {
      shown += await readFile(`/proc/${child.pid}/cmdline`, 'utf8').catch(() => '');
    });
  });
  return running.then((outcome) => {
    requireNoWarning(outcome.stderr);
    return outcome;
  });
}

describe.skipIf(!built)('the built program', () => {
  it('trusts what NODE_EXTRA_CA_CERTS names, for Entra and for Graph, and shows no secret to other users', async () => {
    const { sandbox, folder, env } = await setUp((ca) => ({ NODE_EXTRA_CA_CERTS: ca }));
    const { code, stdout, stderr, shown } = await run(sandbox, folder, env);
    expect([code, JSON.parse(stdout).error]).toEqual([0, undefined]);
    const said = stdout + stderr + shown;
    expect([...sandbox.issued].filter((secret) => said.includes(secret))).toEqual([]);
    expect((await readdir(folder)).filter((name) => /lock|pending|tmp/.test(name))).toEqual([]);
  });

  it.each(['stdout', 'stderr'] as const)('ends its work when nobody reads %s any more', async (deaf) => {
    const { sandbox, folder, env } = await setUp((ca) => ({ NODE_EXTRA_CA_CERTS: ca }));
    const places = ['--authority-host', sandbox.authorityHost, '--graph-url', sandbox.graphUrl];
    const argv = [program, '--yes', '--json', '--auth', 'environment', ...places];
    const child = spawn(process.execPath, argv, { cwd: folder, env, stdio: 'pipe' });
    child[deaf].destroy();
    child[deaf === 'stdout' ? 'stderr' : 'stdout'].resume();
    const code = await new Promise((done) => child.once('close', done));
    // A document that nobody got is no success, though all of its work is done.
    expect(code).toBe(deaf === 'stdout' ? 1 : 0);
    const left = (await readdir(folder)).filter((name) => name !== '.cache');
    expect(left.sort()).toEqual(['.local', 'ca.pem', 'reporting-setup.json']);
  });

  it.skipIf(!existsSync('/dev/full'))('does not call a result that was lost a success', async () => {
    const { sandbox, folder, env } = await setUp((ca) => ({ NODE_EXTRA_CA_CERTS: ca }));
    const places = ['--authority-host', sandbox.authorityHost, '--graph-url', sandbox.graphUrl];
    const argv = [program, '--yes', '--json', '--auth', 'environment', ...places];
    const full = openSync('/dev/full', 'w');
    const child = spawn(process.execPath, argv, { cwd: folder, env, stdio: ['ignore', full, 'pipe'] });
    closeSync(full);
    let said = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      said += chunk;
    });
    const code = await new Promise((done) => child.once('close', done));
    expect([code, said.trimEnd().split('\n').at(-1)]).toEqual([
      1,
      expect.stringContaining('The result could not be written to stdout (ENOSPC).'),
    ]);
  });

  it.skipIf(!existsSync('/dev/full'))('serves no tenant whose address nobody got', async () => {
    const { folder, env } = await setUp(() => ({}));
    const full = openSync('/dev/full', 'w');
    const argv = [program, 'sandbox', '--json'];
    const child = spawn(process.execPath, argv, { cwd: folder, env, stdio: ['ignore', full, 'ignore'] });
    closeSync(full);
    expect(await new Promise((done) => child.once('close', done))).toBe(1);
  });

  it.skipIf(process.platform === 'win32')('says so where its folder is not there any more', async () => {
    const { folder, env } = await setUp(() => ({}));
    const script = 'mkdir gone && cd gone && rmdir ../gone && exec "$0" "$@"';
    const argv = ['-c', script, process.execPath, program, 'verify', '--json'];
    const child = spawn('sh', argv, { cwd: folder, env, stdio: ['ignore', 'pipe', 'ignore'] });
    let printed = '';
    child.stdout.on('data', (chunk: Buffer) => {
      printed += chunk;
    });
    const code = await new Promise((done) => child.once('close', done));
    expect([code, JSON.parse(printed).error.code]).toEqual([2, 'output-unusable']);
  });

  it('refuses a certificate that nobody vouches for, and writes nothing', async () => {
    const { sandbox, folder, env } = await setUp(() => ({}));
    const { code, stdout } = await run(sandbox, folder, env);
    expect([code, JSON.parse(stdout).error.code]).toEqual([7, 'tls-untrusted']);
    expect(existsSync(join(folder, 'reporting-setup.json'))).toBe(false);
  });

  it.each(['HTTPS_PROXY', 'https_proxy'])('goes through %s for Entra and for Graph', async (name) => {
    const hosts: string[] = [];
    const server = createServer();
    server.on('connect', ({ url = '' }: IncomingMessage, client, head) => {
      hosts.push(url);
      const upstream = connect(Number(url.split(':')[1]), '127.0.0.1', () => {
        client.write('HTTP/1.1 200 Connection Established\r\n\r\n');
        upstream.write(head);
        upstream.pipe(client).pipe(upstream);
      });
      for (const socket of [upstream, client]) socket.on('error', () => upstream.destroy());
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    const { sandbox, folder, env } = await setUp((ca) => ({
      NODE_EXTRA_CA_CERTS: ca,
      [name]: `http://127.0.0.1:${port}`,
    }));
    const { code } = await run(sandbox, folder, env);
    expect(code).toBe(0);
    const before = sandbox.requests.length;
    expect(before).toBeGreaterThan(5);
    expect(new Set(hosts)).toEqual(new Set([new URL(sandbox.origin).host]));
    // Both ways were used: the reply to each kind of request came, and nothing else connects the two.
    expect(new Set(sandbox.requests.map(({ kind }) => kind))).toEqual(new Set(['entra', 'graph']));
    hosts.length = 0;
    const without = { ...env, [name === 'HTTPS_PROXY' ? 'NO_PROXY' : 'no_proxy']: '127.0.0.1' };
    expect((await run(sandbox, folder, without, '--output', 'other.json')).code).toBe(0);
    expect(hosts).toEqual([]);
  });
});
