import { createHash, createPrivateKey, type KeyObject, webcrypto, X509Certificate } from 'node:crypto';
import { isoSeconds } from '../core/moment.ts';
import type { Redactor } from '../core/redact.ts';
import { Secret } from '../core/secret.ts';
import { safeText } from '../core/text.ts';

/** A certificate with its private key in a file on this machine. */
export interface LocalCertificate {
  /** Full path. */
  readonly path: string;
  /** SHA-1 of the certificate, upper-case hexadecimal: by this Entra shows it. */
  readonly thumbprint: string;
  /** A GUID made from the certificate alone: adding it a second time is recognised. */
  readonly keyId: string;
  /** The certificate, DER in base64: all that is ever sent. */
  readonly key: string;
  /** Common name of its subject. */
  readonly name: string;
  /** ISO 8601, to the second. */
  readonly notBefore: string;
  readonly notAfter: string;
  /** Made by this program. */
  readonly isOwn: boolean;
  /** The private key in the file opens only with a pass phrase. */
  readonly isEncrypted: boolean;
  /** Certificate and private key, PEM, no pass phrase. */
  readonly pem: Secret;
}

/** The certificates of this installation. */
export interface LocalCertificates {
  /** The one that `--certificate-file` names. */
  readonly given: LocalCertificate | undefined;
  /** The one that the config file names; a text says why it is of no use. */
  readonly saved: LocalCertificate | string | undefined;
  /** Where a new one goes, and what an earlier run left there. */
  readonly slot: { readonly path: string; readonly left: LocalCertificate | string | undefined };
}

/** Organizational unit by which a certificate made by this program is recognised. */
const ownUnit = 'reporting-setup';

/** The least that is taken, in bits. */
const leastBits = 2_048;

/** As @azure/identity looks for certificates: it uses the first one. */
const certificateBlock = /-+BEGIN CERTIFICATE-+\s+[A-Za-z0-9+/=\s]+-+END CERTIFICATE-+/;
const keyBlock = /-----BEGIN ((?:[A-Z0-9]+ )*)PRIVATE KEY-----[\s\S]+?-----END \1PRIVATE KEY-----/;

/** The certificate cannot be used, and why: completes "<file> …". */
export class CertificateProblem extends Error {
  /** The file is as it should be; only the pass phrase is missing, or another one. */
  readonly needsPassPhrase: boolean;

  constructor(message: string, needsPassPhrase = false, cause?: unknown) {
    super(message, { cause });
    this.name = 'CertificateProblem';
    this.needsPassPhrase = needsPassPhrase;
  }
}

const isEncrypted = (block: string): boolean =>
  block.startsWith('-----BEGIN ENCRYPTED ') || /^Proc-Type: 4,ENCRYPTED/m.test(block);

function readKey(text: string, passPhrase: string | undefined): KeyObject {
  const block = keyBlock.exec(text)?.[0];
  if (block === undefined) throw new CertificateProblem('holds no private key');
  const encrypted = isEncrypted(block);
  if (encrypted && passPhrase === undefined) {
    throw new CertificateProblem('holds a private key that needs its pass phrase', true);
  }
  try {
    return createPrivateKey(encrypted ? { key: block, passphrase: passPhrase ?? '' } : block);
  } catch (error) {
    const reason = encrypted
      ? 'holds a private key that this pass phrase does not open'
      : 'holds a private key that cannot be read';
    throw new CertificateProblem(reason, encrypted, error);
  }
}

function readX509(text: string): X509Certificate {
  const block = certificateBlock.exec(text)?.[0];
  if (block === undefined) {
    throw new CertificateProblem('holds no certificate in PEM form (-----BEGIN CERTIFICATE-----)');
  }
  try {
    return new X509Certificate(block);
  } catch (error) {
    throw new CertificateProblem('holds a certificate that cannot be read', false, error);
  }
}

/** Entra verifies client assertions by RS256 or PS256 (entra-docs certificate-credentials). */
function requireRsa(key: KeyObject): void {
  const type = key.asymmetricKeyType ?? 'unknown';
  if (type !== 'rsa') {
    throw new CertificateProblem(`holds a private key of type ${safeText(type)}: Entra takes RSA keys only`);
  }
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
  if (bits < leastBits) {
    throw new CertificateProblem(`holds an RSA key of ${bits} bits: it takes ${leastBits} or more`);
  }
}

/** `CN=a\nOU=b` as node:crypto writes a subject, a backslash before what has a meaning there. */
function subjectPart(certificate: X509Certificate, name: string): string | undefined {
  const line = certificate.subject?.split('\n').find((part) => part.startsWith(`${name}=`));
  return line?.slice(name.length + 1).replace(/\\(.)/gu, '$1');
}

/** A GUID in the form of RFC 9562 version 8 (free contents), out of the certificate's SHA-256. */
function keyIdOf(der: Buffer): string {
  const hex = createHash('sha256').update(der).digest('hex');
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-');
}

/** The pieces of a PEM private key that must never be printed: the whole and each of its lines. */
function secretParts(pem: string): string[] {
  const block = keyBlock.exec(pem)?.[0];
  if (block === undefined) return [];
  const lines = block.split(/\r?\n/).filter((line) => line.length >= 16 && !/^-----|:/.test(line));
  return [block, ...lines];
}

/** What is read, and how it is opened. */
interface CertificateSource {
  readonly path: string;
  readonly text: string;
  readonly passPhrase?: string;
  /** Told everything secret before anything else happens to it. */
  readonly redactor: Redactor;
}

/**
 * Reads a PEM text with a certificate and its RSA private key. Throws CertificateProblem where one of the two is
 * missing or of no use, or where they do not belong together; its dates are for the caller to judge.
 */
export function readCertificate({ path, text, passPhrase, redactor }: CertificateSource): LocalCertificate {
  if (passPhrase !== undefined) redactor.add(passPhrase);
  for (const part of secretParts(text)) redactor.add(part);
  const certificate = readX509(text);
  const key = readKey(text, passPhrase);
  requireRsa(key);
  if (!certificate.checkPrivateKey(key)) {
    throw new CertificateProblem('holds a private key that does not belong to its (first) certificate');
  }
  const der = certificate.raw;
  const pem = `${key.export({ type: 'pkcs8', format: 'pem' })}${certificate.toString()}`;
  for (const part of secretParts(pem)) redactor.add(part);
  return {
    path,
    thumbprint: createHash('sha1').update(der).digest('hex').toUpperCase(),
    keyId: keyIdOf(der),
    key: der.toString('base64'),
    name: subjectPart(certificate, 'CN') ?? 'certificate',
    notBefore: isoSeconds(certificate.validFrom),
    notAfter: isoSeconds(certificate.validTo),
    isOwn: subjectPart(certificate, 'OU') === ownUnit,
    isEncrypted: passPhrase !== undefined,
    pem: Secret.of(pem),
  };
}

const algorithm = {
  name: 'RSASSA-PKCS1-v1_5',
  hash: 'SHA-256',
  modulusLength: 3_072,
  publicExponent: new Uint8Array([1, 0, 1]),
};

/** X.520 ub-common-name. */
const longestName = 64;

/** Makes the key pair of a certificate: RSA for RS256, to be exported. */
export type MakeKeyPair = () => Promise<webcrypto.CryptoKeyPair>;

const makeKeyPair: MakeKeyPair = () => webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);

/**
 * A self-signed certificate for a new key pair, by default RSA with 3,072 bits, as one PEM text: the private key first, since
 * some readers look only for the certificate behind it. Dates count to the second.
 */
export async function makeCertificate(
  name: string,
  notBefore: Date,
  notAfter: Date,
  makeKeys: MakeKeyPair = makeKeyPair,
): Promise<string> {
  // A third of a megabyte, loaded by runs that make a certificate alone. The second does not load without the first.
  await import('reflect-metadata');
  const x509 = await import('@peculiar/x509');
  const keys = await makeKeys();
  // As objects: in a plain text quotes and a hash sign have a meaning of their own.
  const subject = new x509.Name([
    { CN: [{ utf8String: [...name].slice(0, longestName).join('') }] },
    { OU: [{ utf8String: ownUnit }] },
  ]);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: subject,
    keys,
    notBefore,
    notAfter,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  const pkcs8 = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
  return `${x509.PemConverter.encode(pkcs8, 'PRIVATE KEY')}\n${certificate.toString('pem')}\n`;
}
