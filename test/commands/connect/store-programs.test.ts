import { spawn } from 'node:child_process';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, it, onTestFinished } from 'vitest';
import { parse as parseYaml } from 'yaml';
import { fieldsIn, fieldsOf } from '../../../src/core/fields.ts';
import { change, prepared } from './prepared-world.ts';
import { has, hasPython, python, run, titled } from './programs.ts';
import { gitHub, oneLine, secretsManager, trust } from './store-stand-ins.ts';
import { hostileSecret } from './target-inputs.ts';

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
      expect(oneLine(stderr)).toContain('Check the name');
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

describe('kubernetes, with a stand-in of kubectl', () => {
  it('is asked to apply on the server what it gets on standard input, and gives it back', async () => {
    const world = await prepared();
    await change(world, { clientSecret: hostileSecret });
    const { tenantId, clientId } = await world.config();
    const base64 = (text: unknown): string => Buffer.from(String(text)).toString('base64');
    const data = {
      AZURE_TENANT_ID: base64(tenantId),
      AZURE_CLIENT_ID: base64(clientId),
      AZURE_CLIENT_SECRET: base64(hostileSecret),
    };
    const script = `#!/bin/sh
echo "$@" >> argv
case "$*" in
  *current-context) echo work ;;
  *jsonpath*) printf logs ;;
  *apply*) cat > applied.yaml ;;
  *get*) cat held.json ;;
esac
`;
    await writeFile(join(world.folder, 'kubectl'), script, { mode: 0o755 });
    await writeFile(
      join(world.folder, 'held.json'),
      JSON.stringify({ data, metadata: { resourceVersion: '7' } }),
    );
    const env = { PATH: `${world.folder}:${process.env['PATH'] ?? ''}` };
    const done = await world.run(['connect', 'kubernetes', '--json'], { env });
    expect(done.code, done.stderr).toBe(0);
    expect(done.json()).toMatchObject({
      stored: { where: 'kubernetes:work/logs/reporting-setup', confirmed: 'resource version 7' },
    });
    expect(fieldsOf(parseYaml(await world.read('applied.yaml')))).toMatchObject({ kind: 'Secret', data });
    expect(await world.read('argv')).toContain(
      '--context work --namespace logs apply --server-side --field-manager reporting-setup -f -\n',
    );
    await writeFile(
      join(world.folder, 'held.json'),
      JSON.stringify({ data: { ...data, AZURE_CLIENT_SECRET: '' } }),
    );
    const other = await world.run(['connect', 'kubernetes', '--remove-file'], { env });
    expect([other.code, other.error]).toEqual([3, expect.objectContaining({ code: 'store-refused' })]);
    expect(await world.config()).toMatchObject({ clientSecret: hostileSecret });
  });
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
