import { createHash, type KeyObject, X509Certificate } from 'node:crypto';
import { compactVerify, decodeJwt, decodeProtectedHeader } from 'jose';
import type { KeyCredential, ServicePrincipal } from '../model.ts';
import { isUsable, meetReplica } from '../replicas.ts';
import { type Claims, checkTimes, parseClaims } from './assertion-claims.ts';
import type { Call } from './context.ts';
import { findApplication } from './directory.ts';
import { invalidClient } from './errors.ts';
import { verifyFederated } from './federated.ts';

/** What an assertion says before anybody has checked its signature. */
interface Unverified {
  readonly header: ReturnType<typeof decodeProtectedHeader>;
  readonly payload: Claims;
}

function decode(assertion: string): Unverified {
  try {
    return { header: decodeProtectedHeader(assertion), payload: parseClaims(decodeJwt(assertion)) };
  } catch {
    throw invalidClient(50027, 'JWT token is invalid or malformed.');
  }
}

function thumbprint({ key }: KeyCredential, algorithm: 'sha1' | 'sha256'): Buffer {
  return createHash(algorithm).update(Buffer.from(key, 'base64')).digest();
}

function claimedThumbprint({
  header,
}: Unverified): { value: Buffer; algorithm: 'sha1' | 'sha256' } | undefined {
  const strong = header['x5t#S256'];
  if (typeof strong === 'string') return { value: Buffer.from(strong, 'base64url'), algorithm: 'sha256' };
  if (typeof header.x5t === 'string')
    return { value: Buffer.from(header.x5t, 'base64url'), algorithm: 'sha1' };
  return undefined;
}

function findKey(call: Call, client: ServicePrincipal, unverified: Unverified): KeyCredential {
  const { world } = call.entra;
  const replica = meetReplica(world);
  const claimed = claimedThumbprint(unverified);
  const application = findApplication(world, client.appId);
  const found = [...(application?.keyCredentials ?? []), ...client.keyCredentials].find(
    (credential) =>
      claimed !== undefined &&
      credential.usage === 'Verify' &&
      isUsable(world, credential.keyId, credential.usableFrom, replica) &&
      thumbprint(credential, claimed.algorithm).equals(claimed.value),
  );
  if (found !== undefined) return found;
  throw invalidClient(
    700027,
    'The certificate with identifier used to sign the client assertion is not registered on application. ' +
      `[Reason - The key was not found., Thumbprint of key used by client: '${print(claimed?.value)}']`,
  );
}

function print(value: Buffer | undefined): string {
  return value?.toString('hex').toUpperCase() ?? '';
}

function checkDates(call: Call, credential: KeyCredential): void {
  const now = call.entra.world.now();
  if (Date.parse(credential.startDateTime) <= now && now < Date.parse(credential.endDateTime)) return;
  const hex = print(thumbprint(credential, 'sha1'));
  throw invalidClient(
    700027,
    `Client assertion contains an invalid signature. [Reason - The key used is expired., Thumbprint of key used by client: '${hex}']`,
  );
}

function publicKey({ key }: KeyCredential): KeyObject {
  return new X509Certificate(Buffer.from(key, 'base64')).publicKey;
}

async function checkSignature(assertion: string, credential: KeyCredential): Promise<void> {
  try {
    await compactVerify(assertion, publicKey(credential), { algorithms: ['RS256', 'PS256'] });
  } catch {
    throw invalidClient(700027, 'Client assertion contains an invalid signature.');
  }
}

function isOwnAudience(call: Call, audience: string): boolean {
  const { origin, tenant } = call.entra.world;
  const origins = [origin, origin.replace('127.0.0.1', 'localhost')];
  const accepted = origins.flatMap((base) =>
    [tenant.id, call.tenant].flatMap((name) => [
      `${base}/${name}/oauth2/v2.0/token`,
      `${base}/${name}/oauth2/token`,
      `${base}/${name}/v2.0`,
    ]),
  );
  return accepted.some((url) => url.toLowerCase() === audience.toLowerCase());
}

function checkAudience(call: Call, { aud }: Claims): void {
  const audiences = Array.isArray(aud) ? aud : [aud ?? ''];
  if (audiences.length === 1 && audiences.every((audience) => isOwnAudience(call, audience))) return;
  throw invalidClient(700023, 'Client assertion audience claim does not match Realm issuer.');
}

/**
 * Checks a client assertion: one that the client issued itself is signed by one of its certificates, any other comes
 * from an identity provider that a federated credential names. Throws 401 invalid_client (entra-docs
 * certificate-credentials, reference-error-codes).
 */
export async function verifyAssertion(
  call: Call,
  client: ServicePrincipal,
  assertion: string,
): Promise<void> {
  const unverified = decode(assertion);
  const { iss, sub } = unverified.payload;
  if (iss?.toLowerCase() !== client.appId.toLowerCase()) {
    await verifyFederated(call, client, assertion, unverified.payload);
    return;
  }
  if (sub?.toLowerCase() !== iss.toLowerCase()) {
    throw invalidClient(50048, 'Subject mismatches Issuer claim in the client assertion.');
  }
  const credential = findKey(call, client, unverified);
  await checkSignature(assertion, credential);
  checkDates(call, credential);
  checkTimes(call, unverified.payload);
  checkAudience(call, unverified.payload);
}
