import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { readChallenge } from '../../../src/commands/connect/stores/azure-key-vault.ts';
import { loadTarget } from '../../../src/commands/connect/targets.ts';
import { fieldsOf, listOf } from '../../../src/core/fields.ts';
import type { Run, World } from '../../helpers/world.ts';
import { prepared } from './prepared-world.ts';
import { oneLine } from './store-stand-ins.ts';

/** Whoever may write into the vaults of a sandbox. */
const asAutomation = ({ sandbox }: World) => ({
  AZURE_TENANT_ID: sandbox.tenantId,
  AZURE_CLIENT_ID: sandbox.automation.clientId,
  AZURE_CLIENT_SECRET: sandbox.automation.clientSecret,
});

/** Runs it signed in as that: the Azure SDK looks into the environment of the process itself. */
async function runAsAutomation(world: World, argv: readonly string[]): Promise<Run> {
  const env = asAutomation(world);
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
  try {
    return await world.run([...argv, '--auth', 'environment'], { env });
  } finally {
    vi.unstubAllEnvs();
  }
}

describe('what stores have in common', () => {
  const guid = '772026b7-4322-445c-b965-4c965c7a3422';
  it.each([
    ['github', 'https://github.com/a-b/c.d', { repo: ['github.com/a-b/c.d'] }],
    [
      'github',
      'https://ghe.example:8443/a/c/environments/my%20env',
      { repo: ['ghe.example:8443/a/c'], environment: 'my env' },
    ],
    [
      'github',
      'https://github.com/orgs/a?visibility=selected&repos=b,c',
      { org: 'a', visibility: 'selected', repo: ['github.com/a/b', 'github.com/a/c'] },
    ],
    ['azure-key-vault', 'https://v1.vault.azure.net/secrets/N', { vault: 'v1', storeName: 'N' }],
    [
      'azure-key-vault',
      'https://v1.vault.azure.net.evil.example/secrets/N',
      { vaultUrl: 'https://v1.vault.azure.net.evil.example', storeName: 'N' },
    ],
    ['azure-key-vault', 'sandbox:/vaults/v1/secrets/N', { vault: 'v1', storeName: 'N' }],
    ['kubernetes', 'kubernetes:a%2Fb/ns/name', { context: 'a/b', namespace: 'ns', storeName: 'name' }],
    ['systemd-creds', '/etc/x y/n (n)', { outputFile: '/etc/x y/n', storeName: 'n' }],
    ['secret-service', `Secret Service: service=reporting-setup client_id=${guid}`, {}],
    ['macos-keychain', `login keychain: service reporting-setup, account ${guid}`, {}],
    [
      'aws-secrets-manager',
      'arn:aws:secretsmanager:eu-west-1:123456789012:secret:a/b-AbCdEf',
      { storeName: 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:a/b-AbCdEf', region: 'eu-west-1' },
    ],
    [
      'vault',
      'https://v.example/v1/secret/data/a/b?namespace=n%2Fm',
      { mount: 'secret', storeName: 'a/b', namespace: 'n/m' },
    ],
    [
      'gitlab',
      'https://gitlab.com/api/v4/projects/a%2Fb/variables/AZURE_CLIENT_SECRET?environment_scope=*',
      { project: 'a/b', environment: '*' },
    ],
  ])('%s is found again by %s', async (name, where, options) => {
    expect((await loadTarget(name)).store?.optionsOf(where)).toEqual(options);
  });

  it('none finds a place that is not its own, whatever a file says', async () => {
    const stores = await Promise.all(
      ['github', 'kubernetes', 'vault', 'gitlab', 'systemd-creds'].map(loadTarget),
    );
    fc.assert(
      fc.property(fc.string(), (text) => {
        for (const { store } of stores) expect(store?.optionsOf(`x${text}`)).toBeUndefined();
      }),
    );
  });
});

describe('azure-key-vault', () => {
  it('takes the secret with its end, and connects again as a new version', async () => {
    const world = await prepared();
    const { clientSecret, ...config } = await world.config();
    const argv = ['connect', 'azure-key-vault', '--sandbox', '--vault', 'reports'];
    const done = await runAsAutomation(world, [...argv, '--json']);
    expect(done.code, done.stderr).toBe(0);
    expect(done.json()).toMatchObject({
      target: 'azure-key-vault',
      group: 'store',
      files: [],
      secretIn: null,
    });
    expect(done.stdout + done.stderr).not.toContain(clientSecret);
    const puts = world.sandbox.requests.filter(
      ({ method, url }) => method === 'PUT' && url.startsWith('/vaults/reports/'),
    );
    expect(puts.length).toBe(1);
    const credential = fieldsOf(config['credential']);
    expect(listOf((await world.config())['connected'])).toMatchObject([
      {
        target: 'azure-key-vault',
        where: 'sandbox:/vaults/reports/secrets/AZURE-CLIENT-SECRET',
        keyId: credential['keyId'],
      },
    ]);
    expect((await runAsAutomation(world, argv)).code).toBe(0);
    expect(listOf((await world.config())['connected']).length).toBe(1);
  });

  it('tells the role that is missing, and leaves the file as it was', async () => {
    const world = await prepared();
    const before = await world.read();
    const { code, error, stderr } = await world.run([
      'connect',
      'azure-key-vault',
      '--sandbox',
      '--vault',
      'reports',
      '--remove-file',
    ]);
    expect([code, error]).toEqual([3, expect.objectContaining({ code: 'store-refused' })]);
    expect(oneLine(stderr)).toContain('Key Vault Secrets Officer');
    expect(oneLine(stderr)).toContain('az keyvault show --name reports');
    expect(await world.read()).toBe(before);
  });

  it('says what is missing, and what a name may be', async () => {
    const world = await prepared();
    const refused = async (...argv: string[]) => {
      const { code, error, stderr } = await world.run(['connect', 'azure-key-vault', ...argv]);
      return [code, fieldsOf(error)['code'], oneLine(stderr)];
    };
    expect(await refused('--sandbox')).toEqual([
      2,
      'missing-options',
      expect.stringContaining('--vault or --vault-url'),
    ]);
    expect(await refused('--sandbox', '--vault', 'a_b')).toEqual([2, 'invalid-options', expect.anything()]);
    expect(await refused('--sandbox', '--vault', 'reports', '--name', 'A_B')).toEqual([
      2,
      'invalid-options',
      expect.stringContaining('1 to 127 letters'),
    ]);
    expect(await refused('--vault', 'reports')).toEqual([
      2,
      'config-other-cloud',
      expect.stringContaining('--sandbox'),
    ]);
    expect(await refused('--sandbox', '--vault', 'reports', '--output', 'x')).toEqual([
      2,
      'invalid-options',
      expect.anything(),
    ]);
  });

  it.each([
    ['https://x.vault.azure.net', 'https://vault.azure.net', 'https://login.microsoftonline.com/t', true],
    ['https://x.vault.azure.net', 'https://vault.azure.net', 'https://login.windows.net/t', true],
    ['https://vault.corp.example', 'https://corp.example', 'https://login.microsoftonline.com/t', true],
    [
      'https://x.vault.azure.net.evil.example',
      'https://vault.azure.net',
      'https://login.microsoftonline.com/t',
      false,
    ],
    ['https://xvault.azure.net', 'https://vault.azure.net', 'https://login.microsoftonline.com/t', false],
    ['https://evil.example', 'https://graph.microsoft.com', 'https://login.microsoftonline.com/t', false],
    ['https://x.vault.azure.net', 'https://vault.azure.net', 'https://login.evil.example/t', false],
    ['https://x.vault.azure.net', 'http://vault.azure.net', 'https://login.microsoftonline.com/t', false],
    ['https://x.vault.azure.net', '', '', false],
  ])('%s with a challenge for %s by %s: %s', (vault, resource, authority, fits) => {
    const header = `Bearer authorization="${authority}", resource="${resource}"`;
    const read = (): unknown =>
      readChallenge(header, vault, { authorityHost: 'https://login.microsoftonline.com' });
    if (fits) expect(read()).toEqual({ resource, tenant: 't' });
    else expect(read).toThrow(expect.objectContaining({ code: 'store-mismatch' }));
  });
});

describe('--remove-file', () => {
  it('takes the secret out once it was read back; every command then takes it from the store', async () => {
    const world = await prepared();
    const { clientSecret, tenantId, clientId } = await world.config();
    const where = 'sandbox:/vaults/reports/secrets/AZURE-CLIENT-SECRET';
    const stored = await runAsAutomation(world, [
      'connect',
      'azure-key-vault',
      '--sandbox',

      '--vault',
      'reports',
      '--remove-file',
      '--json',
    ]);
    expect(stored.code, stored.stderr).toBe(0);
    expect(stored.json()).toMatchObject({
      stored: { where },
      secretIn: { target: 'azure-key-vault', where },
    });
    expect(await world.read()).not.toContain(clientSecret);
    expect(await world.config()).toMatchObject({
      credential: { secretIn: { target: 'azure-key-vault', where } },
    });
    const env = {
      AZURE_TENANT_ID: String(tenantId).toUpperCase(),
      AZURE_CLIENT_ID: String(clientId),
      AZURE_CLIENT_SECRET: clientSecret,
    };
    const verified = await world.run(['verify', '--sandbox', '--json'], { env });
    expect(verified.code, verified.stderr).toBe(0);
    expect(verified.json().checks.find(({ id }) => id === 'config.connected')?.evidence).toContain(
      "which has the secret in the file's place",
    );
    for (const [given, said] of [
      [{}, 'it is not in AZURE_CLIENT_SECRET here'],
      [asAutomation(world), "AZURE_CLIENT_ID here is another application's"],
      [{ ...env, AZURE_CLIENT_SECRET: '' }, 'it is not in AZURE_CLIENT_SECRET here'],
    ] as const) {
      const without = await world.run(['verify', '--sandbox'], { env: given });
      expect([without.code, without.error]).toEqual([
        3,
        expect.objectContaining({ code: 'secret-elsewhere' }),
      ]);
      expect(oneLine(without.stderr)).toContain(`is in azure-key-vault (${where}), not in the file`);
      expect(oneLine(without.stderr)).toContain(said);
    }
    const asked = world.sandbox.requests.length;
    const rotated = await world.run(['rotate', '--sandbox', '--yes', '--json']);
    expect([rotated.code, rotated.error]).toEqual([3, expect.objectContaining({ code: 'secret-elsewhere' })]);
    expect(rotated.json().error).toMatchObject({ remedy: expect.not.stringContaining('<') });
    expect(world.sandbox.requests.length).toBe(asked);
    for (const name of ['filebeat', 'cribl', 'grafana-infinity', 'splunk-azure', 'splunk-o365']) {
      const { stderr } = await world.run(['connect', name]);
      expect(oneLine(stderr)).toContain(`the client secret out of azure-key-vault (${where})`);
    }
    const again = await world.run(['connect', 'steampipe', '--output', 'a.spc'], { env });
    expect(again.code, again.stderr).toBe(0);
    expect(await world.read('a.spc')).toContain(clientSecret);
    expect((await world.run(['connect', 'steampipe', '--output', 'b.spc'])).error).toMatchObject({
      code: 'secret-elsewhere',
    });
    world.newWrites();
    const set = await world.run(['--sandbox', '--yes', '--no-input'], { env });
    expect(set.code, set.stderr).toBe(0);
    expect(world.newWrites()).toEqual([]);
    expect(await world.config()).toMatchObject({ credential: { secretIn: { where } } });
  });

  it('works for an env file as well, and other lines stay', async () => {
    const world = await prepared('--output', 'prod.env');
    await writeFile(join(world.folder, 'prod.env'), `# mine\n${await world.read('prod.env')}PORT=1\n`);
    const secret = /^AZURE_CLIENT_SECRET=(.*)$/m.exec(await world.read('prod.env'))?.[1] ?? '';
    const stored = await runAsAutomation(world, [
      'connect',
      'azure-key-vault',
      '--sandbox',

      '--vault',
      'reports',
      '--remove-file',
      '--config',
      'prod.env',
    ]);
    expect(stored.code, stored.stderr).toBe(0);
    const text = await world.read('prod.env');
    expect(text).not.toContain('AZURE_CLIENT_SECRET');
    expect(text).toMatch(/^# mine\n[\s\S]*PORT=1\n[\s\S]*REPORTING_SECRET_IN=/);
    const ids = {
      AZURE_TENANT_ID: world.sandbox.tenantId,
      AZURE_CLIENT_ID: /^AZURE_CLIENT_ID=(.*)$/m.exec(text)?.[1] ?? '',
    };
    const verified = await world.run(['verify', '--sandbox', '--config', 'prod.env'], {
      env: { ...ids, AZURE_CLIENT_SECRET: secret.replace(/^['"]|['"]$/g, '') },
    });
    expect(verified.code, verified.stderr).toBe(0);
  });

  it('goes with stores alone', async () => {
    const world = await prepared();
    const { code, error } = await world.run(['connect', 'filebeat', '--remove-file']);
    expect([code, error]).toEqual([2, expect.objectContaining({ code: 'invalid-options' })]);
    const manifest = await world.run(['connect', 'kubernetes', '--output', 'a.yaml', '--remove-file']);
    expect(manifest.code).toBe(2);
  });
});
