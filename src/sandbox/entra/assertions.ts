import { createHash, type KeyObject, X509Certificate } from 'node:crypto';
import { compactVerify, createLocalJWKSet, decodeJwt, decodeProtectedHeader } from 'jose';
import * as z from 'zod';
import type { UsedCredential } from '../activity.ts';
import type { FederatedIdentityCredential, KeyCredential, ServicePrincipal } from '../model.ts';
import { isUsable, pickReplica } from '../replication.ts';
import { badRequest, type Call, invalidClient, type OAuthRefusal, timestamp } from './call.ts';
import { findApplication } from './directory.ts';

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
  const replica = pickReplica(world);
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
): Promise<UsedCredential> {
  const unverified = decode(assertion);
  const { iss, sub } = unverified.payload;
  if (iss?.toLowerCase() !== client.appId.toLowerCase()) {
    return verifyFederated(call, client, assertion, unverified.payload);
  }
  if (sub?.toLowerCase() !== iss.toLowerCase()) {
    throw invalidClient(50048, 'Subject mismatches Issuer claim in the client assertion.');
  }
  const credential = findKey(call, client, unverified);
  await checkSignature(assertion, credential);
  checkDates(call, credential);
  checkTimes(call, unverified.payload);
  checkAudience(call, unverified.payload);
  const { keyId } = credential;
  return { type: 'certificate', keyId, thumbprint: print(thumbprint(credential, 'sha1')) };
}

const text = z.string().optional();
/** Seconds that a Date can hold. */
const seconds = z.number().min(0).max(8.64e12).optional();
const claims = z.object({
  iss: text,
  sub: text,
  aud: z.union([z.string(), z.array(z.string())]).optional(),
  exp: seconds,
  nbf: seconds,
});

/** The claims of an assertion that are looked at. Times are in seconds since 1970. */
type Claims = z.infer<typeof claims>;

/** Throws where a claim is not of its type. */
function parseClaims(payload: unknown): Claims {
  return claims.parse(payload);
}

/** Seconds that a clock may be off. */
const skew = 300;

/** Throws 700024 for an assertion that is expired, not valid yet, or says nothing about it. */
function checkTimes(call: Call, { exp, nbf }: Claims): void {
  const now = call.entra.world.now() / 1000;
  const from = nbf ?? now;
  if (exp !== undefined && now <= exp + skew && now >= from - skew) return;
  const until = exp === undefined ? 'none' : timestamp(exp * 1000);
  throw invalidClient(
    700024,
    `Client assertion is not within its valid time range. Current time: ${timestamp(now * 1000)}, assertion valid ` +
      `from ${timestamp(from * 1000)}, expiry time of assertion ${until}.`,
  );
}

type Part = 'issuer' | 'subject' | 'audience';

const codes = { issuer: 700211, audience: 700212, subject: 700213 } as const;
const advice =
  'Check your federated identity credential Subject, Audience and Issuer against the presented assertion. ' +
  'https://learn.microsoft.com/entra/workload-id/workload-identity-federation';

function mismatch(part: Part, presented: string): OAuthRefusal {
  const text = `No matching federated identity record found for presented assertion ${part} '${presented}'. ${advice}`;
  return invalidClient(codes[part], text);
}

function subjectMismatch(candidates: readonly FederatedIdentityCredential[], subject: string): OAuthRefusal {
  const lower = subject.toLowerCase();
  if (!candidates.some((candidate) => candidate.subject.toLowerCase() === lower)) {
    return mismatch('subject', subject);
  }
  return invalidClient(
    7002138,
    `No matching federated identity record found for presented assertion subject '${subject}'. The subject matches ` +
      `with case-insensitive comparison, but not with case-sensitive comparison. ${advice}`,
  );
}

/** The credential whose issuer, subject and audience are exactly the assertion's. */
function requireMatch(call: Call, client: ServicePrincipal, payload: Claims): FederatedIdentityCredential {
  const { world } = call.entra;
  const replica = pickReplica(world);
  const { iss: issuer = '', sub: subject = '', aud = [] } = payload;
  const audiences = typeof aud === 'string' ? [aud] : aud;
  const known = (findApplication(world, client.appId)?.federatedIdentityCredentials ?? []).filter(
    ({ id, usableFrom }) => isUsable(world, id, usableFrom, replica),
  );
  const ofIssuer = known.filter((candidate) => candidate.issuer === issuer);
  if (ofIssuer.length === 0) throw mismatch('issuer', issuer);
  const ofSubject = ofIssuer.filter((candidate) => candidate.subject === subject);
  if (ofSubject.length === 0) throw subjectMismatch(ofIssuer, subject);
  const match = ofSubject.find((candidate) => candidate.audiences.some((name) => audiences.includes(name)));
  if (match === undefined) throw mismatch('audience', audiences.join(', '));
  return match;
}

async function checkIssuerSignature(call: Call, assertion: string, issuer: string): Promise<void> {
  const keys = call.entra.sessions.issuers.get(issuer);
  if (keys === undefined) {
    throw badRequest('invalid_request', 90061, 'Request to External OIDC endpoint failed.');
  }
  try {
    await compactVerify(assertion, createLocalJWKSet(keys), { algorithms: ['RS256'] });
  } catch {
    throw invalidClient(50013, 'Assertion failed signature validation.');
  }
}

/**
 * Checks the token of an external identity provider against the client's federated credentials (issuer, subject and
 * audience, all exact), its time range, and its signature by the provider's published keys.
 */
async function verifyFederated(
  call: Call,
  client: ServicePrincipal,
  assertion: string,
  payload: Claims,
): Promise<UsedCredential> {
  const { id } = requireMatch(call, client, payload);
  await checkIssuerSignature(call, assertion, payload.iss ?? '');
  checkTimes(call, payload);
  return { type: 'federatedIdentityCredential', federatedCredentialId: id };
}
