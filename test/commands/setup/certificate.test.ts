import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { chmod, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'dotenv';
import { describe, expect, it } from 'vitest';
import type { KeyCredential } from '../../../src/sandbox/index.ts';
import { testCertificate } from '../../helpers/pem.ts';
import { makeDue, retire } from '../../helpers/replaced.ts';
import { createWorld, type World } from '../../helpers/world.ts';
import { applicationIn, certificateRun, checkOf, day, pemIn, secretRun } from './certificate-helpers.ts';

async function pemLines(path: string): Promise<string[]> {
  const pem = await readFile(path, 'utf8');
  const key = pem.slice(pem.indexOf('-----BEGIN PRIVATE'), pem.indexOf('-----END PRIVATE'));
  return key.split('\n').filter((line) => line.length === 64);
}

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
    expect(secret.length).toBeGreaterThan(15);
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
    // It still works, so that it stays beside the secret until rotate retires it.
    expect(existing?.keyCredentials).toHaveLength(2);
    const { code } = await world.run([...retire, '--overlap', '0']);
    expect(code).toBe(0);
    expect(existing?.keyCredentials).toHaveLength(2);
    await makeDue(world);
    expect((await world.run(retire)).code).toBe(0);
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
      keys: [['Go ahead', '\r']],
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
  it('keeps the client secret beside the certificate, and the certificate beside a secret', async () => {
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
    ).toEqual(['keep passwordCredential', 'create keyCredential']);
    expect([application.passwordCredentials.length, application.keyCredentials.length]).toEqual([1, 1]);
    expect(await world.config()).not.toHaveProperty('clientSecret');
    world.pass(60_000);
    const back = await world.run(secretRun);
    expect(back.code).toBe(0);
    expect([application.passwordCredentials.length, application.keyCredentials.length]).toEqual([2, 1]);
    const { previous } = (await world.config())['credential'] as { previous: { kind: string }[] };
    expect(previous.map(({ kind }) => kind)).toEqual(['secret', 'certificate']);
    await makeDue(world);
    expect((await world.run(retire)).code).toBe(0);
    expect([application.passwordCredentials.length, application.keyCredentials.length]).toEqual([1, 0]);
    await expect(stat(pemIn(world))).rejects.toThrow('ENOENT');
  });

  it('makes another certificate before it takes the old one away, when somebody asks', async () => {
    const world = await createWorld();
    // Where the end is far away nobody is asked: rotating is a command of its own.
    await world.run([...certificateRun, '--secret-lifetime', '20d']);
    const application = await applicationIn(world);
    const first = application.keyCredentials[0]?.keyId;
    world.pass(60_000);
    const run = await world.run(['--sandbox', '--credential', 'certificate'], {
      keys: [
        ['still works', '\u001b[B\r'],
        ['Go ahead', '\r'],
      ],
    });
    expect(run.stderr).toContain('stays valid beside it for 7 days at least');
    expect(run.code).toBe(0);
    expect(application.keyCredentials.map(({ keyId }) => keyId)).toContain(first);
    await makeDue(world);
    expect((await world.run(retire)).code).toBe(0);
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
