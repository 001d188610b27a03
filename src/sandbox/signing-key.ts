import './reflect.ts';
import { createHash, webcrypto } from 'node:crypto';
import { X509CertificateGenerator } from '@peculiar/x509';
import { exportJWK } from 'jose';
import type { SigningKey } from './world.ts';

const validity = { notBefore: new Date('2020-01-01T00:00:00Z'), notAfter: new Date('2049-12-31T00:00:00Z') };

/** A new RSA key pair for tokens; the JWK shows its certificate and thumbprint as Entra's keys endpoint does. */
export async function createSigningKey(): Promise<SigningKey> {
  const algorithm = {
    name: 'RSASSA-PKCS1-v1_5',
    hash: 'SHA-256',
    modulusLength: 2048,
    publicExponent: new Uint8Array([1, 0, 1]),
  };
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const certificate = await X509CertificateGenerator.createSelfSigned({
    ...validity,
    name: 'CN=accounts.accesscontrol.windows.net',
    keys,
    signingAlgorithm: algorithm,
  });
  const der = Buffer.from(certificate.rawData);
  const kid = createHash('sha1').update(der).digest('base64url');
  const { kty, n, e } = await exportJWK(keys.publicKey);
  return {
    kid,
    privateKey: keys.privateKey,
    publicKey: keys.publicKey,
    jwk: {
      ...(kty === undefined ? {} : { kty }),
      use: 'sig',
      kid,
      x5t: kid,
      ...(n === undefined ? {} : { n }),
      ...(e === undefined ? {} : { e }),
      x5c: [der.toString('base64')],
    },
  };
}
