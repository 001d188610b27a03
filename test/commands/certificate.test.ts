import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { chmod, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'dotenv';
import { describe, expect, it } from 'vitest';
import type { KeyCredential } from '../../src/sandbox/index.ts';
import { encrypted, testCertificate } from '../helpers/pem.ts';
import { createWorld, type World } from '../helpers/world.ts';

const certificateRun = ['--sandbox', '--yes', '--json', '--credential', 'certificate'];
const secretRun = ['--sandbox', '--yes', '--json', '--credential', 'secret'];
const day = 86_400_000;

async function applicationIn(world: World) {
  const config = await world.config();
  const found = world.sandbox.tenant.applications.find(({ appId }) => appId === config['clientId']);
  if (!found) throw new Error('no application');
  return found;
}

async function pemLines(path: string): Promise<string[]> {
  const pem = await readFile(path, 'utf8');
  const key = pem.slice(pem.indexOf('-----BEGIN PRIVATE'), pem.indexOf('-----END PRIVATE'));
  return key.split('\n').filter((line) => line.length === 64);
}

const pemIn = (world: World, name = 'reporting-setup.pem'): string => join(world.folder, name);

const checkOf = (run: Awaited<ReturnType<World['run']>>, id: string) =>
  run.json().checks.find((check) => check.id === id);

/** Every request body that reaches the sandbox from now on. */
function bodiesOf(world: World): string[] {
  const bodies: string[] = [];
  world.sandbox.faults.add({
    matches: ({ request }) => {
      bodies.push(JSON.stringify(request));
      return false;
    },
    fault: { kind: 'reset' },
    when: 'before',
  });
  return bodies;
}

const somebodyElses = async (): Promise<KeyCredential> => {
  const { certificate } = await testCertificate();
  const x509 = new X509Certificate(certificate);
  return {
    customKeyIdentifier: x509.fingerprint.replaceAll(':', ''),
    displayName: "another machine's",
    startDateTime: new Date(x509.validFrom).toISOString(),
    endDateTime: new Date(x509.validTo).toISOString(),
    key: x509.raw.toString('base64'),
    keyId: '11111111-2222-4333-8444-555555555555',
    type: 'AsymmetricX509Cert',
    usage: 'Verify',
    usableFrom: 0,
  };
};

describe('setup with a certificate made here', () => {
  it('keeps the private key in one private file, adds the certificate and proves it', async () => {
    const world = await createWorld();
    const bodies = bodiesOf(world);
    const run = await world.run(certificateRun);
    expect(run.stderr).toContain('The credential is proven');
    expect([run.code, run.json().error]).toEqual([0, undefined]);
    const config = await world.config();
    expect(config).toMatchObject({ certificatePath: pemIn(world), credential: { kind: 'certificate' } });
    expect(config).not.toHaveProperty('clientSecret');
    expect((await stat(pemIn(world))).mode & 0o777).toBe(0o600);
    const certificate = new X509Certificate(await readFile(pemIn(world)));
    expect(certificate.publicKey.asymmetricKeyDetails?.modulusLength).toBe(3072);
    const application = await applicationIn(world);
    expect(application.passwordCredentials).toEqual([]);
    expect(application.keyCredentials).toHaveLength(1);
    expect(application.keyCredentials[0]).toMatchObject({
      displayName: 'Reporting API',
      key: certificate.raw.toString('base64'),
      keyId: run.json().credential?.['keyId'],
    });
    const left = Date.parse(run.json().credential?.['expires'] ?? '') - Date.now();
    expect(Math.abs(left - 365 * day)).toBeLessThan(2 * day);
    // The modulus is in the certificate too.
    const known = certificate.raw.toString('base64');
    const secret = (await pemLines(pemIn(world))).filter((line) => !known.includes(line));
    expect(secret.length).toBeGreaterThan(20);
    const seen = run.stdout + run.stderr + bodies.join('');
    expect(bodies.length).toBeGreaterThan(5);
    expect(secret.filter((line) => seen.includes(line))).toEqual([]);
    expect(checkOf(run, 'config.key')?.status).toBe('pass');
  });

  it('changes nothing the second time, asked for it or not', async () => {
    const world = await createWorld();
    await world.run(certificateRun);
    const before = [await world.read(), await readFile(pemIn(world), 'utf8')];
    world.newWrites();
    world.pass(60_000);
    for (const argv of [certificateRun, ['--sandbox', '--yes', '--json']]) {
      const again = await world.run(argv);
      expect(again.code).toBe(0);
      expect(new Set(again.json().changes.map(({ action }) => action))).toEqual(new Set(['keep']));
      expect(world.newWrites()).toEqual([]);
      expect([await world.read(), await readFile(pemIn(world), 'utf8')]).toEqual(before);
    }
  });

  it('is verified, and found out when its file is open to others, out of date or gone', async () => {
    const world = await createWorld();
    await world.run(certificateRun);
    const fine = await world.run(['verify', '--sandbox', '--json']);
    expect(fine.json().checks.filter(({ status }) => status !== 'pass')).toEqual([]);
    expect(fine.code).toBe(0);
    await chmod(pemIn(world), 0o640);
    const open = await world.run(['verify', '--sandbox', '--json']);
    expect([open.code, checkOf(open, 'config.key')?.code]).toEqual([3, 'config-mode']);
    const soon = await world.run(['verify', '--sandbox', '--json', '--expires-within', '2y']);
    expect(checkOf(soon, 'credential.expiry')?.status).toBe('warn');
    world.pass(400 * day);
    const late = await world.run(['verify', '--sandbox', '--json']);
    expect([
      late.code,
      checkOf(late, 'credential.expiry')?.code,
      checkOf(late, 'credential.token')?.status,
    ]).toEqual([3, 'credential-expired', 'fail']);
    await rm(pemIn(world));
    const gone = await world.run(['verify', '--sandbox', '--json']);
    expect([gone.code, checkOf(gone, 'config.key')?.code]).toEqual([3, 'certificate-unusable']);
    expect(checkOf(gone, 'credential.token')?.status).toBe('skip');
  });

  it('writes the variables that Azure SDKs read', async () => {
    const world = await createWorld();
    const run = await world.run([...certificateRun, '--output', 'reports/../prod.env']);
    expect(run.code).toBe(0);
    const env = parse(await world.read('prod.env'));
    expect(env['AZURE_CLIENT_CERTIFICATE_PATH']).toBe(pemIn(world, 'prod.pem'));
    expect(env).not.toHaveProperty('AZURE_CLIENT_SECRET');
    expect((await world.run(['verify', '--sandbox', '--json', '--config', 'prod.env'])).code).toBe(0);
  });

  it('leaves the certificates of other machines alone, whatever it does', async () => {
    const other = await somebodyElses();
    const world = await createWorld({
      adjust: (tenant) => {
        for (const application of tenant.applications) application.keyCredentials.push(other);
      },
    });
    const existing = world.sandbox.tenant.applications.find(
      ({ displayName }) => displayName === 'Reporting API application',
    );
    const argv = [...certificateRun, '--client-id', existing?.appId ?? ''];
    expect((await world.run(argv)).code).toBe(0);
    expect(existing?.keyCredentials).toHaveLength(2);
    world.pass(60_000);
    const back = await world.run([...secretRun, '--client-id', existing?.appId ?? '']);
    expect(back.code).toBe(0);
    expect(existing?.keyCredentials).toEqual([other]);
  });

  it('keeps the key out of git as well: refuses a tracked file, and offers a line in .gitignore', async () => {
    const world = await createWorld();
    const git = (...args: string[]): Buffer => execFileSync('git', args, { cwd: world.folder });
    git('init', '--quiet');
    const argv = ['--sandbox', '--credential', 'certificate', '--domain', 'contoso.com'];
    const decided = [
      '--api',
      'microsoft-graph',
      '--output',
      'reporting-setup.json',
      '--secret-lifetime',
      '1y',
    ];
    const run = await world.run([...argv, ...decided], {
      keys: [
        ['reporting-setup.json lies', '\r'],
        ['reporting-setup.pem lies', '\r'],
        ['Go ahead', '\r'],
      ],
    });
    expect(run.code).toBe(0);
    expect(await world.read('.gitignore')).toBe('/reporting-setup.json\n/reporting-setup.pem\n');
    git('add', '--force', 'reporting-setup.pem');
    const verified = await world.run(['verify', '--sandbox', '--json']);
    expect([verified.code, checkOf(verified, 'config.key')?.code]).toEqual([3, 'config-tracked']);
  });

  it.each(['lag', 'throttled', 'flaky'])('gets there in the scenario %s', async (scenario) => {
    const world = await createWorld({ scenarios: [scenario] });
    const run = await world.run(certificateRun);
    expect([run.code, run.json().error]).toEqual([0, undefined]);
    expect((await applicationIn(world)).keyCredentials).toHaveLength(1);
  });
});

describe('from one credential to another', () => {
  it('takes the client secret away once the certificate is proven, and the certificate once a secret is', async () => {
    const world = await createWorld();
    await world.run(secretRun);
    const application = await applicationIn(world);
    world.pass(60_000);
    const forth = await world.run(certificateRun);
    expect(
      forth
        .json()
        .changes.map(({ action, kind }) => `${action} ${kind}`)
        .slice(-2),
    ).toEqual(['create keyCredential', 'remove passwordCredential']);
    expect([application.passwordCredentials.length, application.keyCredentials.length]).toEqual([0, 1]);
    expect(await world.config()).not.toHaveProperty('clientSecret');
    world.pass(60_000);
    const back = await world.run(secretRun);
    expect(back.code).toBe(0);
    expect([application.passwordCredentials.length, application.keyCredentials.length]).toEqual([1, 0]);
    await expect(stat(pemIn(world))).rejects.toThrow('ENOENT');
  });

  it('makes another certificate before it takes the old one away, when somebody asks', async () => {
    const world = await createWorld();
    await world.run(certificateRun);
    const application = await applicationIn(world);
    const first = application.keyCredentials[0]?.keyId;
    world.pass(60_000);
    const run = await world.run(
      ['--sandbox', '--credential', 'certificate', '--domain', 'contoso.com', '--api', 'microsoft-graph'],
      {
        keys: [
          ['still works', '\u001b[B\r'],
          ['How long', '\r'],
          ['Go ahead', '\r'],
        ],
      },
    );
    expect(run.stderr).toContain('Remove the replaced certificate');
    expect(run.code).toBe(0);
    expect(application.keyCredentials).toHaveLength(1);
    expect(application.keyCredentials[0]?.keyId).not.toBe(first);
    const files = (await readdir(world.folder)).filter((name) => name.endsWith('.pem'));
    expect(files).toEqual(['reporting-setup.next.pem']);
    expect(await world.config()).toMatchObject({ certificatePath: pemIn(world, 'reporting-setup.next.pem') });
    expect((await world.run(['verify', '--sandbox', '--json'])).code).toBe(0);
  });

  it('goes on with the key of a run that was cut', async () => {
    const world = await createWorld();
    world.sandbox.faults.add({
      matches: ({ request }) =>
        request.method === 'PATCH' && String(request.body).includes('AsymmetricX509Cert'),
      fault: { kind: 'status', status: 503 },
      when: 'after',
    });
    const cut = await world.run(certificateRun);
    expect(cut.code).toBe(0);
    const [credential] = (await applicationIn(world)).keyCredentials;
    expect((await applicationIn(world)).keyCredentials).toHaveLength(1);
    await rm(join(world.folder, 'reporting-setup.json'));
    world.sandbox.faults.clear();
    world.pass(60_000);
    const pem = await readFile(pemIn(world), 'utf8');
    const run = await world.run(certificateRun);
    expect(run.code).toBe(0);
    expect((await applicationIn(world)).keyCredentials).toEqual([credential]);
    expect(await readFile(pemIn(world), 'utf8')).toBe(pem);
  });

  it('does not write over a file that is not its own', async () => {
    const world = await createWorld();
    await writeFile(pemIn(world), 'precious');
    const run = await world.run(certificateRun);
    expect([run.code, run.json().error?.code]).toEqual([2, 'output-unusable']);
    expect(run.json().error?.remedy).toContain('--certificate-file');
    expect(world.newWrites()).toEqual([]);
    expect(await readFile(pemIn(world), 'utf8')).toBe('precious');
  });
});

describe("setup with one's own certificate", () => {
  const withFile = [...certificateRun, '--certificate-file', 'own.pem'];

  async function prepare(text: string): Promise<World> {
    const world = await createWorld();
    await writeFile(pemIn(world, 'own.pem'), text, { mode: 0o600 });
    return world;
  }

  it('uses the file where it lies, and makes none', async () => {
    const own = await testCertificate();
    const world = await prepare(own.certificate + own.key);
    const run = await world.run(withFile);
    expect([run.code, run.json().error]).toEqual([0, undefined]);
    expect(await world.config()).toMatchObject({ certificatePath: pemIn(world, 'own.pem') });
    expect((await readdir(world.folder)).filter((name) => name.endsWith('.pem'))).toEqual(['own.pem']);
    expect((await applicationIn(world)).keyCredentials[0]?.endDateTime).toBe(
      run.json().credential?.['expires'],
    );
    world.pass(60_000);
    world.newWrites();
    expect((await world.run(withFile)).code).toBe(0);
    expect(world.newWrites()).toEqual([]);
    const back = await world.run(secretRun);
    expect(back.code).toBe(0);
    expect((await applicationIn(world)).keyCredentials).toEqual([]);
    expect((await stat(pemIn(world, 'own.pem'))).isFile()).toBe(true);
  });

  it('takes a pass phrase from standard input, stores it nowhere and needs it again', async () => {
    const own = await testCertificate();
    const phrase = 'correct horse battery staple';
    const world = await prepare(own.certificate + encrypted(own.key, phrase));
    const piped = [...withFile, '--certificate-password-stdin'];
    const run = await world.run(piped, { stdin: `${phrase}\n` });
    expect([run.code, run.json().error]).toEqual([0, undefined]);
    const kept = (
      await Promise.all(
        (await readdir(world.folder)).map((name) => readFile(join(world.folder, name), 'utf8')),
      )
    ).join('');
    expect(kept + run.stdout + run.stderr).not.toContain(phrase);
    const verify = ['verify', '--sandbox', '--json'];
    const without = await world.run(verify);
    expect([without.code, without.json().error?.code]).toEqual([2, 'missing-options']);
    expect(without.stderr).toContain('--certificate-password-stdin');
    const verified = await world.run([...verify, '--certificate-password-stdin'], { stdin: phrase });
    expect(verified.json().checks.filter(({ status }) => status !== 'pass')).toEqual([]);
  });

  it('asks a person for the pass phrase, and shows none of it', async () => {
    const own = await testCertificate();
    const world = await prepare(own.certificate + encrypted(own.key, 'sesame-opens'));
    const argv = ['--sandbox', '--yes', '--credential', 'certificate', '--certificate-file', 'own.pem'];
    const run = await world.run(argv, { keys: [['Pass phrase', 'sesame-opens\r']] });
    expect(run.code).toBe(0);
    expect(run.stderr).not.toContain('sesame');
  });

  const rsa = testCertificate();
  const other = testCertificate();
  it.each<[string, () => Promise<string>, string, string?]>([
    ['without a certificate', async () => (await rsa).key, 'holds no certificate'],
    ['without a private key', async () => (await rsa).certificate, 'holds no private key'],
    [
      'with the key of another certificate',
      async () => (await rsa).certificate + (await other).key,
      'does not belong',
    ],
    [
      'that has ended',
      async () => {
        const old = await testCertificate('rsa', { notBefore: new Date('2020-01-01T00:00:00Z') });
        return old.certificate + old.key;
      },
      'ended on 2020-12-31',
    ],
    [
      'of an elliptic curve',
      async () => {
        const curve = await testCertificate('ec');
        return curve.certificate + curve.key;
      },
      'RSA keys only',
    ],
    [
      'with a short key',
      async () => {
        const weak = await testCertificate('weak');
        return weak.certificate + weak.key;
      },
      '1024 bits',
    ],
    [
      'with the wrong pass phrase',
      async () => (await rsa).certificate + encrypted((await rsa).key, 'right-phrase'),
      'does not open',
      'wrong-phrase',
    ],
    ['in the form of a .pfx', async () => '\u0000', 'holds no certificate'],
  ])('refuses a file %s before it signs in', async (_name, make, words, stdin) => {
    const world = await prepare(await make());
    const argv = stdin === undefined ? withFile : [...withFile, '--certificate-password-stdin'];
    const run = await world.run(argv, stdin === undefined ? {} : { stdin });
    expect([run.code, run.json().error?.code]).toEqual([2, 'certificate-invalid']);
    expect(run.json().error?.message).toContain(words);
    expect(world.sandbox.requests).toEqual([]);
  });

  it('tells how to turn a .pfx file into PEM', async () => {
    const world = await createWorld();
    await writeFile(pemIn(world, 'own.pem'), Buffer.from('3082ff0201033082fe', 'hex'));
    const run = await world.run(withFile);
    expect([run.code, run.json().error?.code]).toEqual([2, 'certificate-invalid']);
    expect(run.json().error?.message).toContain('openssl pkcs12');
  });

  it('names options that do not go together', async () => {
    const world = await createWorld();
    const run = await world.run([
      '--sandbox',
      '--yes',
      '--certificate-file',
      'own.pem',
      '--issuer',
      'https://id.example',
    ]);
    expect(run.code).toBe(2);
    expect(run.stderr).toContain('--certificate-file needs --credential certificate');
    expect(run.stderr).toContain('--issuer needs --credential federated');
  });
});

describe('where policy has a say', () => {
  const capKeys = (days: number) => ({
    adjust: (tenant: World['sandbox']['tenant']) => {
      tenant.defaultAppManagementPolicy.isEnabled = true;
      tenant.defaultAppManagementPolicy.applicationRestrictions.keyCredentials = [
        {
          restrictionType: 'asymmetricKeyLifetime',
          state: 'enabled' as const,
          maxLifetime: `P${days}D`,
          restrictForAppsCreatedAfterDateTime: '2021-01-01T00:00:00Z',
        },
      ];
    },
  });

  it("shortens a new certificate to the tenant's cap, and says so", async () => {
    const world = await createWorld(capKeys(90));
    const run = await world.run(certificateRun);
    expect(run.code).toBe(0);
    expect(run.stderr).toContain('90 days');
    const left = Date.parse(run.json().credential?.['expires'] ?? '') - Date.now();
    expect(Math.abs(left - 90 * day)).toBeLessThan(2 * day);
  });

  it("does all the rest where one's own certificate is valid for too long", async () => {
    const world = await createWorld(capKeys(90));
    const own = await testCertificate();
    await writeFile(pemIn(world, 'own.pem'), own.certificate + own.key, { mode: 0o600 });
    const run = await world.run([...certificateRun, '--certificate-file', 'own.pem']);
    expect([run.code, checkOf(run, 'policy.credential')?.code]).toEqual([3, 'policy-caps-lifetime']);
    expect(run.json().changes.map(({ kind }) => kind)).toContain('appRoleAssignment');
  });

  it('names the way out where secrets are blocked, and takes it when told', async () => {
    const world = await createWorld({ scenarios: ['secrets-blocked'] });
    const blocked = await world.run(['--sandbox', '--yes', '--json']);
    expect([blocked.code, checkOf(blocked, 'policy.credential')?.code]).toEqual([3, 'policy-blocks-secrets']);
    expect(checkOf(blocked, 'policy.credential')?.remedy).toContain('--credential certificate');
    world.pass(60_000);
    const run = await world.run(certificateRun);
    expect([run.code, run.json().error]).toEqual([0, undefined]);
  });

  it('offers a person the certificate before anything is written', async () => {
    const world = await createWorld({ scenarios: ['secrets-blocked'] });
    const argv = [
      '--sandbox',
      '--domain',
      'contoso.com',
      '--api',
      'microsoft-graph',
      '--output',
      'reporting-setup.json',
    ];
    const stopped = await world.run(argv, { keys: [['blocks client secrets', '\u001b[B\r']] });
    expect(stopped.code).toBe(3);
    expect(world.newWrites()).toEqual([]);
    const run = await world.run(argv, {
      keys: [
        ['blocks client secrets', '\r'],
        ['How long', '\r'],
        ['Go ahead', '\r'],
      ],
    });
    expect(run.code).toBe(0);
    expect(await world.config()).toMatchObject({ credential: { kind: 'certificate' } });
  });

  /** The policy comes into force between the look at it and the first write. */
  function blockSecretsLater(world: World): void {
    const { defaultAppManagementPolicy: policy } = world.sandbox.tenant;
    world.sandbox.faults.add({
      matches: ({ request }) => {
        if (request.method !== 'POST' || !request.url.pathname.endsWith('/applications')) return false;
        policy.isEnabled = true;
        policy.applicationRestrictions.passwordCredentials = [
          {
            restrictionType: 'passwordAddition',
            state: 'enabled',
            maxLifetime: null,
            restrictForAppsCreatedAfterDateTime: null,
          },
        ];
        return false;
      },
      fault: { kind: 'reset' },
      when: 'before',
    });
  }

  it('tells the way out where only the refusal shows the policy', async () => {
    const world = await createWorld();
    blockSecretsLater(world);
    const run = await world.run(secretRun);
    expect([run.code, run.json().error?.code]).toEqual([3, 'policy-blocks-secrets']);
    expect(run.json().error?.remedy).toContain('--credential certificate');
  });

  it('offers a person the certificate then, and keeps what was made until then', async () => {
    const world = await createWorld();
    blockSecretsLater(world);
    const argv = [
      ...['--sandbox', '--credential', 'secret', '--domain', 'contoso.com', '--api', 'microsoft-graph'],
      ...['--output', 'reporting-setup.json', '--secret-lifetime', '1y'],
    ];
    const run = await world.run(argv, {
      keys: [
        ['Go ahead', '\r'],
        ['blocks client secrets', '\r'],
      ],
    });
    expect(run.code).toBe(0);
    expect(await world.config()).toMatchObject({ credential: { kind: 'certificate' } });
    const application = await applicationIn(world);
    expect([application.passwordCredentials.length, application.keyCredentials.length]).toEqual([0, 1]);
    expect((await readdir(world.folder)).sort()).toEqual(['reporting-setup.json', 'reporting-setup.pem']);
  });
});
