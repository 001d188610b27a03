import { spawn } from 'node:child_process';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { parse as parseYaml } from 'yaml';
import { target as keyVault, readChallenge } from '../../../src/commands/connect/stores/azure-key-vault.ts';
import { loadTarget } from '../../../src/commands/connect/targets.ts';
import { fieldsIn, fieldsOf, listOf } from '../../../src/core/fields.ts';
import type { World } from '../../helpers/world.ts';
import { change, file, prepared } from './prepared-world.ts';
import { has, hasPython, python, run, titled } from './programs.ts';
import { gitHub, gitLab, keyValueVault, secretsManager } from './store-stand-ins.ts';
import { hostileSecret } from './target-inputs.ts';

/** The CA of every stand-in, in a file. */
async function trust(world: World): Promise<string> {
  const path = join(world.folder, 'stand-in-ca.pem');
  await writeFile(path, world.sandbox.caCertificate);
  return path;
}

/** Whoever may write into the vaults of a sandbox. */
const asAutomation = ({ sandbox }: World) => ({
  AZURE_TENANT_ID: sandbox.tenantId,
  AZURE_CLIENT_ID: sandbox.automation.clientId,
  AZURE_CLIENT_SECRET: sandbox.automation.clientSecret,
});

const one = (text: string): string => text.replace(/\s+/g, ' ');

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
  it('takes the secret with its end, and connects again as a new version; a restarted vault is proven anew', async () => {
    const world = await prepared();
    const { clientSecret, ...config } = await world.config();
    const argv = ['connect', 'azure-key-vault', '--sandbox', '--auth', 'environment', '--vault', 'reports'];
    const done = await world.run([...argv, '--json'], { env: asAutomation(world) });
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
    expect((await world.run(argv, { env: asAutomation(world) })).code).toBe(0);
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
    expect(one(stderr)).toContain('Key Vault Secrets Officer');
    expect(one(stderr)).toContain('az keyvault show --name reports');
    expect(await world.read()).toBe(before);
  });

  it('says what is missing, and what a name may be', async () => {
    const world = await prepared();
    const refused = async (...argv: string[]) => {
      const { code, error, stderr } = await world.run(['connect', 'azure-key-vault', ...argv]);
      return [code, fieldsOf(error)['code'], one(stderr)];
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

  it('knows a vault in each cloud, and needs an address in any other', () => {
    expect(keyVault.clouds).toContain('custom');
  });
});

describe('--remove-file', () => {
  it('takes the secret out once it was read back; every command then takes it from the store', async () => {
    const world = await prepared();
    const { clientSecret, tenantId, clientId } = await world.config();
    const where = 'sandbox:/vaults/reports/secrets/AZURE-CLIENT-SECRET';
    const stored = await world.run(
      [
        'connect',
        'azure-key-vault',
        '--sandbox',
        '--auth',
        'environment',
        '--vault',
        'reports',
        '--remove-file',
        '--json',
      ],
      { env: asAutomation(world) },
    );
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
      expect(one(without.stderr)).toContain(`is in azure-key-vault (${where}), not in the file`);
      expect(one(without.stderr)).toContain(said);
    }
    const again = await world.run(['connect', 'steampipe', '--output', 'a.spc'], { env });
    expect(again.code, again.stderr).toBe(0);
    expect(await world.read('a.spc')).toContain(clientSecret);
    expect((await world.run(['connect', 'steampipe', '--output', 'b.spc'])).error).toMatchObject({
      code: 'secret-elsewhere',
    });
    const writesBefore = world.newWrites().length;
    const set = await world.run(['--sandbox', '--yes', '--no-input'], { env });
    expect(set.code, set.stderr).toBe(0);
    expect([writesBefore >= 0, world.newWrites()]).toEqual([true, []]);
    expect(await world.config()).toMatchObject({ credential: { secretIn: { where } } });
  });

  it('works for an env file as well, and other lines stay', async () => {
    const world = await prepared('--output', 'prod.env');
    await writeFile(join(world.folder, 'prod.env'), `# mine\n${await world.read('prod.env')}PORT=1\n`);
    const secret = /^AZURE_CLIENT_SECRET=(.*)$/m.exec(await world.read('prod.env'))?.[1] ?? '';
    const stored = await world.run(
      [
        'connect',
        'azure-key-vault',
        '--sandbox',
        '--auth',
        'environment',
        '--vault',
        'reports',
        '--remove-file',
        '--config',
        'prod.env',
      ],
      { env: asAutomation(world) },
    );
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

describe('github', () => {
  const there = has('gh', '--version') && hasPython('nacl');
  const keys = `import base64, json, nacl.public as p; k = p.PrivateKey.generate(); print(json.dumps([base64.b64encode(bytes(x)).decode() for x in (k, k.public_key)]))`;
  const opens = `import base64, json, sys, nacl.public as p
k, boxes = json.load(sys.stdin)
print(json.dumps([p.SealedBox(p.PrivateKey(base64.b64decode(k))).decrypt(base64.b64decode(b)).decode() for b in boxes]))`;

  it.skipIf(!there)(
    titled(
      'gets sealed values by gh that libsodium opens to the very bytes, in each kind of place',
      there,
      'gh or python3-nacl',
    ),
    async () => {
      const world = await prepared();
      await change(world, { clientSecret: hostileSecret });
      const { tenantId, clientId } = await world.config();
      const made = await run(python, ['-c', keys], { cwd: world.folder });
      const [privateKey, publicKey] = JSON.parse(made.stdout) as [string, string];
      const hub = await gitHub(publicKey);
      const env = {
        GH_HOST: hub.host,
        GH_ENTERPRISE_TOKEN: 'plainly-a-token',
        SSL_CERT_FILE: await trust(world),
      };
      for (const [words, path] of [
        [['--repo', 'o/r'], '/api/v3/repos/o/r/actions/secrets'],
        [
          ['--repo', `${hub.host}/o/r`, '--environment', 'my env'],
          '/api/v3/repositories/7/environments/my%20env/secrets',
        ],
        [['--org', 'o', '--visibility', 'all'], '/api/v3/orgs/o/actions/secrets'],
      ] as const) {
        hub.got.splice(0);
        const done = await world.run(['connect', 'github', ...words, '--json'], { env });
        expect(done.code, done.stderr).toBe(0);
        expect(done.stdout + done.stderr).not.toContain(hostileSecret);
        const puts = hub.got.filter(({ method }) => method === 'PUT');
        const names = ['AZURE_TENANT_ID', 'AZURE_CLIENT_ID', 'AZURE_CLIENT_SECRET'];
        expect(puts.map(({ url }) => url)).toEqual(
          names.map((name) =>
            expect.stringMatching(
              `^${path.replace('repositories/7', '(?:repositories/7|repos/o/r)')}/${name}$`,
            ),
          ),
        );
        const boxes = puts.map(({ body }) => fieldsIn(body)['encrypted_value']);
        const opened = await run(python, ['-c', opens], {
          cwd: world.folder,
          input: JSON.stringify([privateKey, boxes]),
        });
        expect(JSON.parse(opened.stdout), opened.stderr).toEqual([tenantId, clientId, hostileSecret]);
        expect(done.json()).toMatchObject({ stored: { confirmed: 'updated 2026-11-28T10:00:00Z' } });
      }
    },
  );

  it.skipIf(!there)(
    titled('that is refused leaves the file as it was, with the secret nowhere', there, 'gh'),
    async () => {
      const world = await prepared();
      const before = await world.read();
      const hub = await gitHub('', true);
      const env = {
        GH_HOST: hub.host,
        GH_ENTERPRISE_TOKEN: 'plainly-a-token',
        SSL_CERT_FILE: await trust(world),
      };
      const { code, error, stderr } = await world.run(
        ['connect', 'github', '--repo', 'o/r', '--remove-file'],
        { env },
      );
      expect([code, error]).toEqual([3, expect.objectContaining({ code: 'store-refused' })]);
      expect(one(stderr)).toContain('Check the name');
      expect(await world.read()).toBe(before);
    },
  );

  it('that is not installed is named, and nothing is written', async () => {
    const world = await prepared();
    const { code, error, stderr } = await world.run(['connect', 'github', '--repo', 'o/r'], {
      env: { PATH: world.folder },
    });
    expect([code, error]).toEqual([3, expect.objectContaining({ code: 'store-program-missing' })]);
    expect(stderr).toContain('There is no gh here.');
    expect(await world.config()).not.toHaveProperty('connected');
  });
});

describe('kubernetes', () => {
  const there = has('kubectl', 'version', '--client');
  it.skipIf(!there)(
    titled('gets a manifest that kubectl takes, with the very values in it', there, 'kubectl'),
    async () => {
      const world = await prepared();
      await change(world, { clientSecret: hostileSecret });
      const { code, stderr } = await world.run([
        'connect',
        'kubernetes',
        '--output',
        'secret.yaml',
        '--namespace',
        'logs',
      ]);
      expect(code, stderr).toBe(0);
      const text = await world.read('secret.yaml');
      expect(text.split('\n')[0]).toContain('SANDBOX');
      const words = ['create', '--dry-run=client', '--validate=false', '-o', 'json', '-f', 'secret.yaml'];
      const taken = await run('kubectl', words, { cwd: world.folder });
      // Newer ones ask the cluster for its types first.
      const read = taken.code === 0 ? fieldsIn(taken.stdout) : fieldsOf(parseYaml(text));
      const secret = String(fieldsOf(read['data'])['AZURE_CLIENT_SECRET']);
      expect(Buffer.from(secret, 'base64').toString()).toBe(hostileSecret);
      expect(fieldsOf(read['metadata'])['namespace']).toBe('logs');
    },
  );
});

describe('systemd-creds', () => {
  const there = has('systemd-creds', '--version') && process.getuid?.() === 0;
  it.skipIf(!there)(
    titled('keeps the very value, under its name alone', there, 'systemd-creds, or root,'),
    async () => {
      const world = await prepared();
      await change(world, { clientSecret: hostileSecret });
      const argv = ['connect', 'systemd-creds', '--output', 'entra.cred'];
      const done = await world.run([...argv, '--remove-file']);
      expect(done.code, done.stderr).toBe(0);
      const path = join(world.folder, 'entra.cred');
      expect((await stat(path)).mode & 0o777).toBe(0o600);
      expect(await readFile(path, 'utf8')).not.toContain(hostileSecret);
      const words = ['decrypt', '--name=reporting-client-secret', path, '-'];
      expect((await run('systemd-creds', words, { cwd: world.folder })).stdout).toBe(hostileSecret);
      expect(await world.read()).not.toContain(hostileSecret.slice(0, 8));
      await writeFile(path, 'mine');
      await change(world, { clientSecret: hostileSecret });
      expect((await world.run(argv)).error).toMatchObject({ code: 'output-not-ours' });
      expect(await readFile(path, 'utf8')).toBe('mine');
    },
  );
});

/** A session of its own with an unlocked keyring, without a screen: the address of its bus. It ends with the test. */
async function openSession(folder: string): Promise<string> {
  const script =
    'printf x | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1; echo "$DBUS_SESSION_BUS_ADDRESS"; exec cat';
  const { PATH = '' } = process.env;
  const env = { PATH, HOME: folder, XDG_RUNTIME_DIR: folder };
  const session = spawn('dbus-run-session', ['--', 'sh', '-c', script], { env, stdio: 'pipe' });
  onTestFinished(
    () =>
      new Promise((done) => {
        session.on('close', () => done());
        session.stdin.end();
      }),
  );
  for await (const line of createInterface(session.stdout)) return line;
  throw new Error('The session did not begin.');
}

describe('secret-service', () => {
  const there = has(
    'sh',
    '-c',
    'command -v secret-tool && command -v gnome-keyring-daemon && command -v dbus-run-session',
  );
  it.skipIf(!there)(
    titled(
      'has the very value in a session without a screen',
      there,
      'libsecret-tools, gnome-keyring or dbus',
    ),
    async () => {
      const world = await prepared();
      await change(world, { clientSecret: hostileSecret });
      const { clientId } = await world.config();
      const env = { DBUS_SESSION_BUS_ADDRESS: await openSession(world.folder) };
      const done = await world.run(['connect', 'secret-service', '--remove-file'], { env });
      expect(done.code, done.stderr).toBe(0);
      const words = ['lookup', 'service', 'reporting-setup', 'client_id', String(clientId)];
      const found = await run('secret-tool', words, { cwd: world.folder, env });
      expect(found.stdout).toBe(hostileSecret);
      expect(await world.config()).toMatchObject({ credential: { secretIn: { target: 'secret-service' } } });
    },
  );

  it.skipIf(!there)(
    titled('without a session leaves the file as it was', there, 'libsecret-tools'),
    async () => {
      const world = await prepared();
      const before = await world.read();
      const env = { DBUS_SESSION_BUS_ADDRESS: 'unix:path=/nowhere' };
      const { code, error } = await world.run(['connect', 'secret-service', '--remove-file'], { env });
      expect([code, error]).toEqual([3, expect.objectContaining({ code: 'store-refused' })]);
      expect(await world.read()).toBe(before);
    },
  );
});

describe('macos-keychain', () => {
  it('gets its command on standard input, with the value in hex', async () => {
    const world = await prepared();
    await change(world, { clientSecret: hostileSecret });
    const { clientId } = await world.config();
    const hex = Buffer.from(hostileSecret).toString('hex');
    const script = `#!/bin/sh\necho "$@" >> argv\nif [ "$1" = -i ]; then cat > stdin; else sed 's/.* //' stdin; fi\n`;
    await writeFile(join(world.folder, 'security'), script, { mode: 0o755 });
    const env = { PATH: `${world.folder}:${process.env['PATH'] ?? ''}` };
    const done = await world.run(['connect', 'macos-keychain', '--remove-file'], { env });
    expect(done.code, done.stderr).toBe(0);
    expect(await world.read('stdin')).toBe(
      `add-generic-password -U -a ${clientId} -s reporting-setup -X ${hex}\n`,
    );
    expect(await world.read('argv')).toBe(`-i\nfind-generic-password -a ${clientId} -s reporting-setup -w\n`);
    expect(await world.config()).toMatchObject({ credential: { secretIn: { target: 'macos-keychain' } } });
  });
});

describe('aws-secrets-manager', () => {
  const program = ['/usr/bin/aws', 'aws'].find((name) => has(name, '--version'));
  it.skipIf(!program)(
    titled('gets one JSON secret by AWS CLI, byte for byte', program !== undefined, 'awscli'),
    async () => {
      const world = await prepared();
      await change(world, { clientSecret: hostileSecret });
      const { tenantId, clientId } = await world.config();
      const aws = await secretsManager();
      const env = {
        PATH: `/usr/bin:${process.env['PATH'] ?? ''}`,
        AWS_ENDPOINT_URL: aws.origin,
        AWS_CA_BUNDLE: await trust(world),
        AWS_ACCESS_KEY_ID: 'plainly-an-id',
        AWS_SECRET_ACCESS_KEY: 'plainly-a-key',
        AWS_DEFAULT_REGION: 'eu-west-1',
      };
      // AWS CLI of Debian 12 does not know the variable of newer ones.
      const script = `#!/bin/sh\nexec ${program} --endpoint-url "$AWS_ENDPOINT_URL" "$@"\n`;
      await writeFile(join(world.folder, 'aws'), script, { mode: 0o755 });
      const PATH = `${world.folder}:${env.PATH}`;
      const done = await world.run(['connect', 'aws-secrets-manager', '--remove-file', '--json'], {
        env: { ...env, PATH },
      });
      expect(done.code, done.stderr).toBe(0);
      const created = aws.got.find(({ headers }) => String(headers['x-amz-target']).endsWith('CreateSecret'));
      expect(fieldsIn(String(fieldsIn(created?.body ?? '')['SecretString']))).toEqual({
        tenant_id: tenantId,
        client_id: clientId,
        client_secret: hostileSecret,
      });
      expect(done.json()).toMatchObject({
        secretIn: { where: expect.stringContaining('arn:aws:secretsmanager:eu-west-1:') },
      });
    },
  );
});

describe('vault', () => {
  const there = hasPython('hvac');
  it.skipIf(!there)(
    titled('has the very values for hvac, and keeps what is not ours', there, 'python3-hvac'),
    async () => {
      const world = await prepared();
      await change(world, { clientSecret: hostileSecret });
      const { tenantId, clientId } = await world.config();
      const vault = await keyValueVault();
      const env = { VAULT_ADDR: vault.origin, VAULT_TOKEN: 'plainly-a-token' };
      const argv = ['connect', 'vault', '--name', 'reporting/entra'];
      for (const version of [1, 2]) {
        const done = await world.run([...argv, '--json'], { env });
        expect(done.code, done.stderr).toBe(0);
        expect(done.json()).toMatchObject({ stored: { confirmed: `version ${version}` } });
      }
      const program = `import hvac, json, sys; c = hvac.Client(url=sys.argv[1], token="plainly-a-token"); print(json.dumps(c.secrets.kv.v2.read_secret_version(path="reporting/entra")["data"]["data"]))`;
      const read = await run(python, ['-c', program, vault.origin], { cwd: world.folder });
      expect(JSON.parse(read.stdout), read.stderr).toEqual({
        AZURE_TENANT_ID: tenantId,
        AZURE_CLIENT_ID: clientId,
        AZURE_CLIENT_SECRET: hostileSecret,
      });
      await change(world, { clientId: '00000000-1111-4222-8333-444444444444' });
      const other = await world.run(argv, { env });
      expect([other.code, one(other.stderr)]).toEqual([
        3,
        expect.stringContaining('holds something else already'),
      ]);
      const old = await world.run(['connect', 'vault', '--mount', 'old'], { env });
      expect([old.code, one(old.stderr)]).toEqual([3, expect.stringContaining('not KV version 2')]);
    },
  );

  it('takes no secret over a connection that others can read', async () => {
    const world = await prepared();
    const env = { VAULT_ADDR: 'http://vault.example', VAULT_TOKEN: 'plainly-a-token' };
    const { code, error } = await world.run(['connect', 'vault'], { env });
    expect([code, error]).toEqual([2, expect.objectContaining({ code: 'invalid-options' })]);
    expect((await world.run(['connect', 'vault'], { env: { VAULT_ADDR: 'https://127.0.0.1:1' } })).code).toBe(
      3,
    );
  });
});

describe('gitlab', () => {
  const there = hasPython('gitlab');
  it.skipIf(!there)(titled('has raw, masked values for python-gitlab', there, 'python3-gitlab'), async () => {
    const world = await prepared();
    await change(world, { clientSecret: hostileSecret });
    const lab = await gitLab();
    const env = { GITLAB_HOST: lab.origin, GITLAB_TOKEN: 'plainly-a-token' };
    const argv = ['connect', 'gitlab', '--project', 'group/reporting', '--environment', 'prod'];
    for (let round = 0; round < 2; round += 1) {
      const done = await world.run([...argv, '--json'], { env });
      expect(done.code, done.stderr).toBe(0);
    }
    const program = `import gitlab, json, sys
p = gitlab.Gitlab(sys.argv[1], private_token="plainly-a-token").projects.get("group/reporting", lazy=True)
v = p.variables.get("AZURE_CLIENT_SECRET", filter={"environment_scope": "prod"})
print(json.dumps([v.value, v.masked, v.raw, v.protected]))`;
    const read = await run(python, ['-c', program, lab.origin], { cwd: world.folder });
    expect(JSON.parse(read.stdout), read.stderr).toEqual([hostileSecret, true, true, true]);
    await change(world, { clientSecret: 'with a space in it' });
    expect((await world.run(argv, { env })).error).toMatchObject({ code: 'target-value' });
  });
});

it('a file that names another store than the environment leads to gets nothing', async () => {
  const world = await prepared();
  const { stdout, code } = await world.run(['connect', 'vault', '--dry-run', '--json'], {
    env: { VAULT_ADDR: 'https://vault.example', VAULT_TOKEN: 'plainly-a-token' },
  });
  expect([code, fieldsIn(stdout)['stored']]).toEqual([0, null]);
  expect(await world.config(file)).not.toHaveProperty('connected');
});
