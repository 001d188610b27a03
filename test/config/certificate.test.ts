import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeCertificate, readCertificate } from '../../src/config/certificate.ts';
import { createKeyFiles, keyPaths, readKeyFile } from '../../src/config/private-key-file.ts';
import { createRedactor } from '../../src/core/redact.ts';
import { encrypted, testCertificate } from '../helpers/pem.ts';
import { temporaryFolder } from '../sandbox/start.ts';

const notBefore = new Date('2026-01-01T00:00:00Z');
const notAfter = new Date('2026-12-31T23:59:59Z');
const nobody = async (): Promise<undefined> => undefined;

describe('a certificate made here', () => {
  it.each(['Reporting API', 'a "b", c=d + #e <f>; ü 💡 \\', '#0403666f6f', `${'long '.repeat(30)}`])(
    'is called %s, whatever that is',
    async (name) => {
      const text = await makeCertificate(name, notBefore, notAfter);
      const read = readCertificate({ path: '/x.pem', text, redactor: createRedactor() });
      const certificate = new X509Certificate(text);
      expect(certificate.subject).toContain('OU=reporting-setup');
      expect(certificate.publicKey.asymmetricKeyDetails?.modulusLength).toBe(3_072);
      expect(read).toMatchObject({
        isOwn: true,
        notBefore: '2026-01-01T00:00:00Z',
        notAfter: '2026-12-31T23:59:59Z',
      });
      expect(read.name).toBe([...name].slice(0, 64).join(''));
    },
  );

  it('lies in its file whole, private, and alone', async () => {
    const folder = await temporaryFolder();
    const path = join(folder, 'key.pem');
    const redactor = createRedactor();
    const made = await createKeyFiles(redactor).make({ path, name: 'x', notBefore, notAfter });
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readdir(folder)).toEqual(['key.pem']);
    expect(await readKeyFile(path, createRedactor(), nobody)).toMatchObject({ keyId: made.keyId });
    const text = await readFile(path, 'utf8');
    expect(redactor.redact(text)).not.toMatch(/PRIVATE KEY-----\n[A-Za-z0-9+/]{20}/);
    await createKeyFiles(redactor).remove(path);
    await createKeyFiles(redactor).remove(path);
    expect(await readdir(folder)).toEqual([]);
  });

  it('keeps the old file where the new one cannot be written', async () => {
    const folder = await temporaryFolder();
    const path = join(folder, 'missing', 'key.pem');
    await expect(
      createKeyFiles(createRedactor()).make({ path, name: 'x', notBefore, notAfter }),
    ).rejects.toMatchObject({ code: 'output-not-saved' });
  });
});

describe('the file names of keys', () => {
  it.each([
    ['/a/reporting-setup.json', '/a/reporting-setup.pem', '/a/reporting-setup.next.pem'],
    ['/a/.env', '/a/.env.pem', '/a/.env.next.pem'],
    ['/a/prod.env', '/a/prod.pem', '/a/prod.next.pem'],
    ['/a.b/config', '/a.b/config.pem', '/a.b/config.next.pem'],
    ['/a/x.pem', '/a/x.pem.pem', '/a/x.pem.next.pem'],
  ])('%s has %s and %s', (output, ...paths) => {
    expect(keyPaths(output).slice(0, 2)).toEqual(paths);
  });
});

describe('reading a certificate', () => {
  it('gives the same key id for the same certificate, whatever stands around it', async () => {
    const { certificate, key } = await testCertificate();
    const read = (text: string) => readCertificate({ path: '/x', text, redactor: createRedactor() });
    const plain = read(certificate + key);
    expect(plain.keyId).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(plain.isOwn).toBe(false);
    for (const text of [
      key + certificate,
      `Bag Attributes\n${key}subject=x\n${certificate}`,
      (key + certificate).replaceAll('\n', '\r\n'),
    ]) {
      expect(read(text)).toMatchObject({ keyId: plain.keyId, thumbprint: plain.thumbprint, key: plain.key });
    }
  });

  it('opens old and new forms of encrypted keys', async () => {
    const { certificate, key } = await testCertificate();
    const passphrase = 'plainly-fake-phrase';
    const old = String(
      createPrivateKey(key).export({ type: 'pkcs1', format: 'pem', cipher: 'aes-256-cbc', passphrase }),
    );
    for (const sealed of [encrypted(key, passphrase), old]) {
      const redactor = createRedactor();
      const read = readCertificate({
        path: '/x',
        text: certificate + sealed,
        passPhrase: passphrase,
        redactor,
      });
      expect(read.isEncrypted).toBe(true);
      expect(read.pem.reveal()).toContain('-----BEGIN PRIVATE KEY-----');
      expect(redactor.redact(passphrase)).toBe('[redacted]');
      expect(redactor.redact(read.pem.reveal())).not.toMatch(/PRIVATE KEY-----\n[A-Za-z0-9+/]{20}/);
    }
  });

  it('takes the first certificate of a chain, as Azure SDKs do, and refuses a chain in another order', async () => {
    const [own, other] = await Promise.all([testCertificate(), testCertificate()]);
    const read = (text: string) => readCertificate({ path: '/x', text, redactor: createRedactor() });
    expect(read(own.key + own.certificate + other.certificate).keyId).toBe(
      read(own.key + own.certificate).keyId,
    );
    expect(() => read(own.key + other.certificate + own.certificate)).toThrow('does not belong');
  });

  it('never says anything but what is wrong, and never quotes the file', async () => {
    const path = join(await temporaryFolder(), 'x.pem');
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 60 }), async (text) => {
        await writeFile(path, `-----BEGIN PRIVATE KEY-----\nplainly-fake ${text}`);
        await expect(readKeyFile(path, createRedactor(), nobody)).rejects.toMatchObject({
          name: 'CertificateProblem',
          message: expect.not.stringContaining('plainly-fake'),
        });
      }),
      { numRuns: 30 },
    );
  });
});
