import { compactVerify, createLocalJWKSet } from 'jose';
import type { FederatedIdentityCredential, ServicePrincipal } from '../model.ts';
import { isUsable, meetReplica } from '../replicas.ts';
import { type Claims, checkTimes } from './assertion-claims.ts';
import type { Call } from './context.ts';
import { findApplication } from './directory.ts';
import { badRequest, invalidClient, type OAuthRefusal } from './errors.ts';

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
function requireMatch(call: Call, client: ServicePrincipal, payload: Claims): void {
  const { world } = call.entra;
  const replica = meetReplica(world);
  const { iss: issuer = '', sub: subject = '', aud = [] } = payload;
  const audiences = typeof aud === 'string' ? [aud] : aud;
  const known = (findApplication(world, client.appId)?.federatedIdentityCredentials ?? []).filter(
    ({ id, usableFrom }) => isUsable(world, id, usableFrom, replica),
  );
  const ofIssuer = known.filter((candidate) => candidate.issuer === issuer);
  if (ofIssuer.length === 0) throw mismatch('issuer', issuer);
  const ofSubject = ofIssuer.filter((candidate) => candidate.subject === subject);
  if (ofSubject.length === 0) throw subjectMismatch(ofIssuer, subject);
  const matches = ofSubject.some((candidate) => candidate.audiences.some((name) => audiences.includes(name)));
  if (!matches) throw mismatch('audience', audiences.join(', '));
}

async function checkSignature(call: Call, assertion: string, issuer: string): Promise<void> {
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
export async function verifyFederated(
  call: Call,
  client: ServicePrincipal,
  assertion: string,
  payload: Claims,
): Promise<void> {
  requireMatch(call, client, payload);
  await checkSignature(call, assertion, payload.iss ?? '');
  checkTimes(call, payload);
}
