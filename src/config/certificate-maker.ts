import '../entra/reflect.ts';
import { webcrypto } from 'node:crypto';
import {
  KeyUsageFlags,
  KeyUsagesExtension,
  Name,
  PemConverter,
  SubjectKeyIdentifierExtension,
  X509CertificateGenerator,
} from '@peculiar/x509';
import { ownUnit } from './certificate.ts';

const algorithm = {
  name: 'RSASSA-PKCS1-v1_5',
  hash: 'SHA-256',
  modulusLength: 3_072,
  publicExponent: new Uint8Array([1, 0, 1]),
};

/** X.520 ub-common-name. */
const longestName = 64;

/**
 * A new RSA key pair and a self-signed certificate for it, as one PEM text: the private key first, since some readers
 * look only for the certificate behind it. Dates count to the second.
 */
export async function makeCertificate(name: string, notBefore: Date, notAfter: Date): Promise<string> {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  // As objects: in a plain text quotes and a hash sign have a meaning of their own.
  const subject = new Name([
    { CN: [{ utf8String: [...name].slice(0, longestName).join('') }] },
    { OU: [{ utf8String: ownUnit }] },
  ]);
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: subject,
    keys,
    notBefore,
    notAfter,
    signingAlgorithm: algorithm,
    extensions: [
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  const pkcs8 = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
  return `${PemConverter.encode(pkcs8, 'PRIVATE KEY')}\n${certificate.toString('pem')}\n`;
}
