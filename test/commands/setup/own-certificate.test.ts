import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { encrypted, testCertificate } from '../../helpers/pem.ts';
import { makeDue, retire } from '../../helpers/replaced.ts';
import { createWorld, type World } from '../../helpers/world.ts';
import { applicationIn, certificateRun, pemIn, secretRun } from './certificate-helpers.ts';

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
    expect((await applicationIn(world)).keyCredentials).toHaveLength(1);
    await makeDue(world);
    expect((await world.run(retire)).code).toBe(0);
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
    const run = await world.run(argv, {
      keys: [
        ['Pass phrase', 'sesame-shuts\r'],
        ['That does not open it.', 'sesame\u0014-opens\r'],
      ],
    });
    expect(run.code).toBe(0);
    expect(run.stderr).not.toContain('sesame');
    // No key shows it either.
    expect(run.stderr).not.toMatch(/visib/i);
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
