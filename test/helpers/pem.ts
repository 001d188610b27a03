import 'reflect-metadata';
import { createPrivateKey, webcrypto } from 'node:crypto';
import { X509CertificateGenerator } from '@peculiar/x509';

/** A certificate and its private key, PEM each. */
export interface TestCertificate {
  readonly certificate: string;
  readonly key: string;
}

const algorithms = {
  rsa: {
    name: 'RSASSA-PKCS1-v1_5',
    hash: 'SHA-256',
    modulusLength: 2048,
    publicExponent: new Uint8Array([1, 0, 1]),
  },
  weak: {
    name: 'RSASSA-PKCS1-v1_5',
    hash: 'SHA-256',
    modulusLength: 1024,
    publicExponent: new Uint8Array([1, 0, 1]),
  },
  ec: { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' },
} as const;

/** Makes a self-signed certificate; valid for a year from yesterday on unless told otherwise. */
export async function testCertificate(
  kind: keyof typeof algorithms = 'rsa',
  { notBefore = new Date(Date.now() - 86_400_000), days = 365 } = {},
): Promise<TestCertificate> {
  const signingAlgorithm = algorithms[kind];
  const keys = await webcrypto.subtle.generateKey(signingAlgorithm, true, ['sign', 'verify']);
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: 'CN=own certificate',
    keys,
    signingAlgorithm,
    notBefore,
    notAfter: new Date(notBefore.getTime() + days * 86_400_000),
  });
  const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey));
  const key = createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' });
  return {
    certificate: `${certificate.toString('pem')}\n`,
    key: String(key.export({ type: 'pkcs8', format: 'pem' })),
  };
}

/** The same key, opened by a pass phrase only. */
export const encrypted = (key: string, passphrase: string): string =>
  String(createPrivateKey(key).export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase }));
