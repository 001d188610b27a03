import { addDuration, type Duration, earlier, formatDuration } from '../../core/duration.ts';
import { type Fields, fieldsOf, valuesOf } from '../../core/fields.ts';
import type { Finding } from '../../core/findings.ts';
import { failedWith, isForbidden, isNotFound } from '../../graph/directory-error.ts';
import { findApplication } from '../application/application.ts';
import { certificateEnd, exceedsCap, isCertificateKept } from '../credential/certificate-credential.ts';
import { isUsable } from '../credential/saved-credential.ts';
import type { CredentialPolicy } from '../directory-objects.ts';
import { fine, type Verdict } from '../drift/drift.ts';
import { secretsNowBlocked } from '../drift/policy-drift.ts';
import { ownUniqueName } from '../graph.ts';
import type { Have, ObserveInput, ObserveIo, Step, Wanted } from '../model.ts';
import { savedConfig } from '../saved-config.ts';
import { readPolicy } from './read-policy.ts';

/** Reads a policy that not everybody may read: undefined then. */
async function readIfAllowed(io: ObserveIo, path: string, purpose: string): Promise<Fields | undefined> {
  try {
    return fieldsOf(await io.directory.send({ method: 'GET', path, purpose }));
  } catch (error) {
    if (failedWith(error, (failure) => isForbidden(failure) || isNotFound(failure))) return undefined;
    throw error;
  }
}

async function observe(io: ObserveIo, seed: ObserveInput): Promise<Partial<Have>> {
  const key = seed.clientId === undefined ? `uniqueName='${ownUniqueName}'` : `appId='${seed.clientId}'`;
  const [tenantWide, own, authorization, application] = await Promise.all([
    readIfAllowed(io, '/policies/defaultAppManagementPolicy', 'read the policy for application credentials'),
    readIfAllowed(io, `/applications(${key})/appManagementPolicies`, "read the application's own policy"),
    readIfAllowed(
      io,
      '/policies/authorizationPolicy?$select=defaultUserRolePermissions',
      'read whether users may register applications',
    ),
    findApplication(io, seed),
  ]);
  const created =
    application?.createdDateTime === undefined ? io.now() : new Date(application.createdDateTime);
  return { policy: readPolicy({ tenantWide, ofApplication: valuesOf(own), authorization, created }) };
}

/** When a secret made now ends, and whether the tenant's cap shortened it. Pure. */
export function secretEnd(
  want: Pick<Wanted, 'secretLifetime'>,
  have: Pick<Have, 'policy'>,
  now: Date,
): { end: Date; capped: Duration | undefined } {
  const wanted = addDuration(now, want.secretLifetime);
  const cap = have.policy?.secretLifetimeCap;
  if (!cap) return { end: wanted, capped: undefined };
  const latest = addDuration(now, cap);
  return latest <= wanted
    ? { end: earlier(latest, wanted), capped: cap }
    : { end: wanted, capped: undefined };
}

const shortened = (cap: Duration | undefined): string =>
  cap
    ? `the tenant caps the lifetime at ${formatDuration(cap)}: it is shortened to that`
    : 'no restriction applies';

/** One's own certificate cannot be shortened. */
function checkCertificate(want: Wanted, have: Have, now: Date): Finding {
  const base = { id: 'policy.credential', title: 'Policy allows the certificate' };
  const cap = have.policy?.certificateLifetimeCap;
  if (!cap || !exceedsCap(have)) {
    const capped = have.certificates.given ? undefined : certificateEnd(want, have, now).capped;
    return { ...base, status: 'pass', evidence: shortened(capped) };
  }
  return {
    ...base,
    status: 'fail',
    evidence: `the tenant allows ${formatDuration(cap)} at most, and this certificate is valid for longer`,
    remedy: `Make one that is valid for ${formatDuration(cap)} at most, or leave --certificate-file out: setup makes one.`,
    code: 'policy-caps-lifetime',
  };
}

function checkSecret(want: Wanted, have: Have, now: Date): Finding {
  const base = { id: 'policy.credential', title: 'Policy allows a client secret' };
  if (!have.policy?.secretsBlocked) {
    return { ...base, status: 'pass', evidence: shortened(secretEnd(want, have, now).capped) };
  }
  return {
    ...base,
    status: 'fail',
    evidence: "the tenant's app management policy blocks client secrets",
    remedy:
      'Use a certificate instead: --credential certificate (or federated). Or ask whoever manages app management policies for an exemption for this application.',
    code: 'policy-blocks-secrets',
  };
}

/** A policy holds for what is added from now on: whether nothing is going to be. */
function isUntouched(want: Wanted, have: Have): boolean {
  const { kind } = want.credential;
  if (want.freshSecret || savedConfig(have)?.credential.kind !== kind) return false;
  return kind === 'secret' ? isUsable(have) : isCertificateKept(have);
}

function judgeUntouched(kind: 'secret' | 'certificate', policy: CredentialPolicy): Verdict {
  if (kind === 'secret' && policy.secretsBlocked) return secretsNowBlocked;
  const cap = kind === 'secret' ? policy.secretLifetimeCap : policy.certificateLifetimeCap;
  const next = cap && `the one in the file stays; the next may be valid for ${formatDuration(cap)} at most`;
  return fine(next ?? shortened(undefined));
}

function check(want: Wanted, have: Have, now: Date): Finding {
  const { kind } = want.credential;
  const base = { id: 'policy.credential', title: 'Policy allows the credential' };
  if (kind === 'federated') return { ...base, status: 'pass', evidence: 'there is no secret to restrict' };
  if (!have.policy?.isReadable) {
    return { ...base, status: 'skip', evidence: 'this account may not read the policy: will try' };
  }
  if (isUntouched(want, have)) {
    return { ...base, title: 'Policy allows the next credential', ...judgeUntouched(kind, have.policy) };
  }
  return kind === 'certificate' ? checkCertificate(want, have, now) : checkSecret(want, have, now);
}

/** App management and authorization policies: what they allow, read before anything is written. */
export const policy: Step = {
  id: 'policy',
  observe,
  check: (want, have, now) => [check(want, have, now)],
};
