import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { ReportingConfig } from '../../src/config/config.ts';
import { formatEnvConfig } from '../../src/config/config-env.ts';
import { formatJsonConfig } from '../../src/config/config-json.ts';
import { startSandbox } from '../../src/sandbox/index.ts';
import { reveal, sampleConfig } from '../config/config-data.ts';
import { testCertificate } from '../helpers/pem.ts';
import { environmentOf, runProcess, setupArguments } from '../helpers/tenants.ts';
import { createWorld, type Run, type World } from '../helpers/world.ts';
import { type Built, build } from '../pty/built.ts';

/** A host that the file names: it counts who knocks, whatever they say. */
async function startStranger(): Promise<{ readonly url: string; readonly knocks: () => number }> {
  let knocks = 0;
  const server = createServer((socket) => {
    knocks += 1;
    socket.on('error', () => undefined).destroy();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return { url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`, knocks: () => knocks };
}

type Stranger = Awaited<ReturnType<typeof startStranger>>;

/** The sample, pointed at the stranger, as somebody who may edit the file would have it. */
function edited({ url }: Stranger, part: Partial<ReportingConfig>): ReportingConfig {
  const { clientSecret, ...rest } = sampleConfig;
  const kind = part.credential?.kind ?? 'secret';
  return {
    ...rest,
    ...(kind === 'secret' && clientSecret ? { clientSecret } : {}),
    cloud: 'custom',
    endpoints: { authorityHost: url, graphUrl: url },
    ...part,
  };
}

const credential = { ...sampleConfig.credential };
const federated = {
  credential: { kind: 'federated', issuer: 'https://token.actions.githubusercontent.com' },
} as const;
const workload = 'a token that is none of the file';

const ambient: Readonly<Record<string, string>> = {
  AZURE_TENANT_ID: sampleConfig.tenantId,
  AZURE_CLIENT_ID: sampleConfig.clientId,
  AZURE_CLIENT_SECRET: 'plainly-fake-and-not-of-the-file',
};

async function run(
  world: World,
  config: ReportingConfig,
  argv: readonly string[],
  env = ambient,
): Promise<Run> {
  await writeFile(join(world.folder, 'reporting-setup.json'), formatJsonConfig(config, reveal), {
    mode: 0o600,
  });
  // The SDK reads the environment of the process itself.
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
  onTestFinished(() => void vi.unstubAllEnvs());
  return world.run(['verify', '--json', ...argv], { env });
}

describe('endpoints that only the file names', () => {
  it.each([
    ['environment', ambient],
    [
      'workload-identity',
      { ...ambient, AZURE_CLIENT_SECRET: '', AZURE_FEDERATED_TOKEN_FILE: '/etc/hostname' },
    ],
    ['managed-identity', {}],
    ['azure-cli', {}],
    ['device-code', {}],
    ['browser', { DISPLAY: ':0' }],
  ])('get nothing of an administrator who signs in by %s', async (auth, env) => {
    const [world, stranger] = [await createWorld(), await startStranger()];
    const result = await run(world, edited(stranger, {}), ['--admin', '--auth', auth], env);
    expect([result.code, result.json().error?.code]).toEqual([2, 'endpoints-from-file']);
    expect(result.json().error?.message).toContain(stranger.url);
    expect(result.json().error?.remedy).toContain(
      `--authority-host ${stranger.url} --graph-url ${stranger.url}`,
    );
    expect(stranger.knocks()).toBe(0);
  });

  it('get no token of a workload, from a file or from GitHub, which is not even asked', async () => {
    const [world, stranger, gitHub] = [await createWorld(), await startStranger(), await startStranger()];
    await writeFile(join(world.folder, 'token'), workload);
    for (const env of [
      { AZURE_FEDERATED_TOKEN_FILE: join(world.folder, 'token') },
      { ACTIONS_ID_TOKEN_REQUEST_URL: `${gitHub.url}/token`, ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'plainly-fake' },
    ]) {
      const result = await run(world, edited(stranger, federated), [], env);
      expect([result.code, result.json().error?.code]).toEqual([2, 'endpoints-from-file']);
    }
    expect([stranger.knocks(), gitHub.knocks()]).toEqual([0, 0]);
  });

  it('are none that this run asked for where an option names only one of them', async () => {
    const [world, stranger, other] = [await createWorld(), await startStranger(), await startStranger()];
    for (const env of [
      { AZURE_FEDERATED_TOKEN_FILE: '/etc/hostname', AZURE_AUTHORITY_HOST: other.url },
      {
        AZURE_FEDERATED_TOKEN_FILE: '/etc/hostname',
        AZURE_AUTHORITY_HOST: 'https://login.microsoftonline.com',
      },
      { AZURE_FEDERATED_TOKEN_FILE: '/etc/hostname', REPORTING_SETUP_GRAPH_URL: other.url },
    ]) {
      const result = await run(world, edited(stranger, federated), [], env);
      expect([result.code, result.json().error?.code]).toEqual([2, 'endpoints-from-file']);
    }
    expect([stranger.knocks(), other.knocks()]).toEqual([0, 0]);
  });

  it('get nothing that a key elsewhere signs, by path or by link, in either format', async () => {
    const [world, stranger] = [await createWorld(), await startStranger()];
    const elsewhere = await mkdtemp(join(tmpdir(), 'reporting-setup-elsewhere-'));
    onTestFinished(() => rm(elsewhere, { recursive: true, force: true }));
    const { certificate, key } = await testCertificate();
    await writeFile(join(elsewhere, 'key.pem'), `${key}${certificate}`, { mode: 0o600 });
    await symlink(join(elsewhere, 'key.pem'), join(world.folder, 'linked.pem'));
    await mkdir(join(world.folder, 'below'));
    await writeFile(join(world.folder, 'below', 'key.pem'), `${key}${certificate}`, { mode: 0o600 });
    for (const certificatePath of [join(elsewhere, 'key.pem'), 'linked.pem', 'below/key.pem']) {
      const config = edited(stranger, {
        certificatePath,
        credential: { ...credential, kind: 'certificate' },
      });
      const result = await run(world, config, []);
      expect([certificatePath, result.code, result.json().error?.code]).toEqual([
        certificatePath,
        2,
        'endpoints-from-file',
      ]);
      await writeFile(join(world.folder, 'x.env'), formatEnvConfig('', config, reveal), { mode: 0o600 });
      const inEnv = await world.run(['verify', '--json', '--config', 'x.env']);
      expect([inEnv.code, inEnv.json().error?.code]).toEqual([2, 'endpoints-from-file']);
    }
    expect(stranger.knocks()).toBe(0);
  });

  it('are refused in each of several files, and the others are checked all the same', async () => {
    const [world, stranger] = [await createWorld(), await startStranger()];
    await run(world, edited(stranger, federated), ['--config', 'reporting-setup.json']);
    await writeFile(join(world.folder, 'broken.json'), '{}');
    const result = await world.run(['verify', '--json', '--config', '*.json']);
    const { results } = JSON.parse(result.stdout) as {
      results: { exitCode: number; error?: { code: string } }[];
    };
    expect(results.map(({ exitCode, error }) => error?.code ?? exitCode)).toEqual([2, 'endpoints-from-file']);
    expect(stranger.knocks()).toBe(0);
  });

  it('get the secret of the file after they are named, in several files too', async () => {
    const [world, stranger] = [await createWorld(), await startStranger()];
    const named = `The file names endpoints of its own: ${stranger.url}.`;
    for (const argv of [['--debug'], ['--debug', '--config', '*.json']]) {
      await writeFile(join(world.folder, 'second.json'), formatJsonConfig(edited(stranger, {}), reveal));
      const result = await run(world, edited(stranger, {}), argv);
      expect(result.code).not.toBe(0);
      const text = result.stderr.replaceAll(/\s+/g, ' ');
      expect(text.split(named)).toHaveLength(2);
      expect(text.indexOf(named)).toBeLessThan(text.search(/(GET|POST) https:/));
    }
    expect(stranger.knocks()).toBeGreaterThan(0);
  });

  it('are as good as any where this run names both', async () => {
    const [world, stranger] = [await createWorld(), await startStranger()];
    const places = ['--authority-host', stranger.url, '--graph-url', stranger.url];
    const result = await run(world, edited(stranger, {}), ['--admin', '--auth', 'environment', ...places]);
    expect([result.code, result.json().error?.code]).not.toContain('endpoints-from-file');
    expect(stranger.knocks()).toBeGreaterThan(0);
    expect(result.stderr).not.toContain('endpoints of its own');
  });
});

describe('a run that says where it goes', () => {
  it.each<[string, Partial<ReportingConfig>, string]>([
    ['endpoints of its own', {}, 'config-other-cloud'],
    ['endpoints of its own and no secret', federated, 'config-other-cloud'],
    ['another known cloud', { cloud: 'china' }, 'config-other-cloud'],
  ])('with --cloud takes no file with %s', async (_name, part, code) => {
    const [world, stranger] = [await createWorld(), await startStranger()];
    const result = await run(world, edited(stranger, part), ['--cloud', 'global'], {
      AZURE_FEDERATED_TOKEN_FILE: '/etc/hostname',
    });
    expect([result.code, result.json().error?.code]).toEqual([2, code]);
    expect(stranger.knocks()).toBe(0);
  });

  it('with --tenant takes no file of another, whatever the host in the file would say', async () => {
    const [world, stranger] = [await createWorld(), await startStranger()];
    const tenant = '11111111-2222-4333-8444-555555555555';
    const result = await run(world, edited(stranger, {}), ['--tenant', tenant]);
    expect([result.code, result.json().error?.code]).toEqual([2, 'config-other-tenant']);
    expect(stranger.knocks()).toBe(0);
  });
});

describe('the program as it is published', () => {
  let built: Built;
  beforeAll(async () => {
    built = await build();
  }, 60_000);
  afterAll(() => built?.remove());

  it('verifies by the secret of the file at the endpoints of the file', async () => {
    const sandbox = await startSandbox({ scenarios: ['default'] });
    const folder = await mkdtemp(join(tmpdir(), 'reporting-setup-own-'));
    onTestFinished(async () => {
      await sandbox.stop();
      await rm(folder, { recursive: true, force: true });
    });
    const env = await environmentOf(sandbox, folder);
    const node = (argv: readonly string[], more: Readonly<Record<string, string>> = {}) =>
      runProcess(process.execPath, [built.program, ...argv], { cwd: folder, env: { ...env, ...more } });
    expect((await node(setupArguments(sandbox))).code).toBe(0);
    const before = sandbox.requests.length;
    const verified = await node(['verify']);
    expect([verified.code, verified.stderr]).toEqual([0, expect.stringContaining('Everything is in order.')]);
    const asked = sandbox.requests.length;
    expect(asked).toBeGreaterThan(before);
    const admin = await node(['verify', '--admin', '--auth', 'environment']);
    expect([admin.code, admin.stderr]).toEqual([2, expect.stringContaining('endpoints-from-file')]);
    expect(sandbox.requests.length).toBe(asked);
    const places = {
      AZURE_AUTHORITY_HOST: sandbox.authorityHost,
      REPORTING_SETUP_GRAPH_URL: sandbox.graphUrl,
    };
    const named = await node(['verify', '--admin', '--auth', 'environment'], places);
    expect([named.code, await readFile(join(folder, 'reporting-setup.json'), 'utf8')]).toEqual([
      0,
      expect.stringContaining('"custom"'),
    ]);
  });
});
