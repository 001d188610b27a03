import { createHash, webcrypto } from 'node:crypto';
import { exportJWK } from 'jose';
import type { SigningKey } from './world.ts';

/** No certificate made here needs any metadata, so that answering "none" is enough. */
const noMetadata = {
  defineMetadata: (): void => undefined,
  getMetadata: (): undefined => undefined,
  getOwnMetadata: (): undefined => undefined,
};

/**
 * The library that makes certificates. It loads tsyringe, which stops without the metadata functions of a Reflect
 * polyfill: a real one stays, else they are put there first.
 */
export function loadX509(): Promise<typeof import('@peculiar/x509')> {
  if (!('getMetadata' in Reflect)) Object.assign(Reflect, noMetadata);
  return import('@peculiar/x509');
}

/** What an HTTPS server on this machine needs, and what its clients must trust. All PEM. */
export interface ServerCertificate {
  readonly caCertificate: string;
  readonly certificate: string;
  readonly privateKey: string;
}

// The keys live only as long as the process, so the dates need not: a client's clock, or a test's, never matters.
const validity = { notBefore: new Date('2020-01-01T00:00:00Z'), notAfter: new Date('2049-12-31T00:00:00Z') };
const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const caName = 'CN=reporting-setup sandbox CA';

function generateKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
}

/**
 * A new authority and a server certificate for 127.0.0.1 and localhost. Both carry the key identifiers and usages
 * that OpenSSL's strict mode (and with it Python) asks for.
 */
export async function createServerCertificate(): Promise<ServerCertificate> {
  const x509 = await loadX509();
  const [caKeys, serverKeys] = await Promise.all([generateKeys(), generateKeys()]);
  const caKeyId = await x509.SubjectKeyIdentifierExtension.create(caKeys.publicKey);
  const ca = await x509.X509CertificateGenerator.createSelfSigned({
    ...validity,
    name: caName,
    keys: caKeys,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      caKeyId,
    ],
  });
  const server = await x509.X509CertificateGenerator.create({
    ...validity,
    subject: 'CN=reporting-setup sandbox',
    issuer: caName,
    publicKey: serverKeys.publicKey,
    signingKey: caKeys.privateKey,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension([
        { type: 'ip', value: '127.0.0.1' },
        { type: 'dns', value: 'localhost' },
      ]),
      await x509.SubjectKeyIdentifierExtension.create(serverKeys.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(caKeys.publicKey),
    ],
  });
  const pkcs8 = await webcrypto.subtle.exportKey('pkcs8', serverKeys.privateKey);
  return {
    // Whoever puts several into one file wants each to end its line.
    caCertificate: `${ca.toString('pem')}\n`,
    certificate: server.toString('pem'),
    privateKey: x509.PemConverter.encode(pkcs8, 'PRIVATE KEY'),
  };
}

/** A new RSA key pair for tokens; the JWK shows its certificate and thumbprint as Entra's keys endpoint does. */
export async function createSigningKey(): Promise<SigningKey> {
  const algorithm = {
    name: 'RSASSA-PKCS1-v1_5',
    hash: 'SHA-256',
    modulusLength: 2048,
    publicExponent: new Uint8Array([1, 0, 1]),
  };
  const { X509CertificateGenerator } = await loadX509();
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
