import type { CredentialKind } from '../core/choices.ts';
import { addDuration, type Duration, formatDuration, parseIsoDuration } from '../core/duration.ts';
import { type Fields, fieldsOf, listOf, textOf, valuesOf } from '../core/fields.ts';
import type { Finding } from '../core/findings.ts';
import type { Directory } from '../graph/directory.ts';
import { isForbidden, isNotFound, withFallback } from '../graph/directory-error.ts';
import { findApplication, likelyKey } from './application/read-application.ts';
import { certificateEnd, exceedsCap, isCertificateKept } from './credential/certificate-credential.ts';
import { secretEnd } from './credential/client-secret.ts';
import type { CredentialPolicy, ListedCredential } from './directory-objects.ts';
import type { Have, ObserveInput, ObserveIo, Step, Wanted } from './model.ts';
import { isUsable, savedConfig } from './saved-config.ts';
import { fail, notChecked, pass, skip, type Verdict, warn } from './verdict.ts';

/** What was read of a tenant's policies; undefined where the account may not read it. */
export interface PolicyReading {
  /** `tenantAppManagementPolicy`: holds for every application that has none of its own. */
  readonly tenantWide: Fields | undefined;
  /** `appManagementPolicy` objects that are assigned to the application. */
  readonly ofApplication: readonly Fields[];
  readonly authorization: Fields | undefined;
  /** When the application was made, or is going to be. */
  readonly created: Date;
}

type List = 'passwordCredentials' | 'keyCredentials';

/** On, and not made for later applications only (entra-docs configure-app-management-policies). */
function applies(restriction: Fields, created: Date): boolean {
  if (restriction['state'] !== 'enabled') return false;
  const from = Date.parse(textOf(restriction['restrictForAppsCreatedAfterDateTime']));
  return Number.isNaN(from) || created.getTime() >= from;
}

function restrictionOf(reading: PolicyReading, list: List, type: string): Fields | undefined {
  const isOfType = (restriction: Fields): boolean => restriction['restrictionType'] === type;
  const own = reading.ofApplication
    .filter(({ isEnabled }) => isEnabled === true)
    .flatMap((policy) => listOf(fieldsOf(policy['restrictions'])[list]))
    .filter(isOfType);
  if (own.length > 0) return own.find((restriction) => applies(restriction, reading.created));
  const { tenantWide } = reading;
  if (tenantWide?.['isEnabled'] !== true) return undefined;
  return listOf(fieldsOf(tenantWide['applicationRestrictions'])[list])
    .filter(isOfType)
    .find((restriction) => applies(restriction, reading.created));
}

function capOf(restriction: Fields | undefined): Duration | undefined {
  try {
    return restriction && parseIsoDuration(textOf(restriction['maxLifetime']));
  } catch {
    return undefined;
  }
}

/** What all policies say together; undefined where none is readable. Pure. */
export function readPolicy(reading: PolicyReading): CredentialPolicy | undefined {
  const { tenantWide, ofApplication, authorization } = reading;
  if (!tenantWide && !authorization && ofApplication.length === 0) return undefined;
  const addition = restrictionOf(reading, 'passwordCredentials', 'passwordAddition');
  const allowed = fieldsOf(authorization?.['defaultUserRolePermissions'])['allowedToCreateApps'];
  return {
    isReadable: tenantWide !== undefined,
    // Whether an exclusion covers this caller cannot be told: trying will.
    secretsBlocked: addition !== undefined && !addition['excludeActors'],
    secretLifetimeCap: capOf(restrictionOf(reading, 'passwordCredentials', 'passwordLifetime')),
    certificateLifetimeCap: capOf(restrictionOf(reading, 'keyCredentials', 'asymmetricKeyLifetime')),
    usersMayRegister: typeof allowed === 'boolean' ? allowed : undefined,
  };
}

/** Reads a policy that not everybody may read: undefined then. */
function readIfAllowed(directory: Directory, path: string, purpose: string): Promise<Fields | undefined> {
  const body = directory.send({ method: 'GET', path, purpose });
  return withFallback(
    body.then(fieldsOf),
    (failure) => isForbidden(failure) || isNotFound(failure),
    undefined,
  );
}

async function observe({ directory, now }: ObserveIo, input: ObserveInput): Promise<Partial<Have>> {
  const [tenantWide, own, authorization, application] = await Promise.all([
    readIfAllowed(
      directory,
      '/policies/defaultAppManagementPolicy',
      'read the policy for application credentials',
    ),
    readIfAllowed(
      directory,
      `/applications(${likelyKey(input)})/appManagementPolicies`,
      "read the application's own policy",
    ),
    readIfAllowed(
      directory,
      '/policies/authorizationPolicy?$select=defaultUserRolePermissions',
      'read whether users may register applications',
    ),
    findApplication(directory, input),
  ]);
  const created = application?.createdDateTime ? new Date(application.createdDateTime) : now();
  return { policy: readPolicy({ tenantWide, ofApplication: valuesOf(own), authorization, created }) };
}

const capFor = (kind: 'secret' | 'certificate', policy: CredentialPolicy): Duration | undefined =>
  kind === 'secret' ? policy.secretLifetimeCap : policy.certificateLifetimeCap;

const unrestricted = 'no restriction applies';

const shortened = (cap: Duration | undefined): string =>
  cap ? `the tenant caps the lifetime at ${formatDuration(cap)}: it is shortened to that` : unrestricted;

/** One's own certificate cannot be shortened. */
function judgeCertificate(want: Wanted, have: Have, now: Date): Verdict {
  const cap = have.policy?.certificateLifetimeCap;
  if (!cap || !exceedsCap(have)) {
    return pass(shortened(have.certificates.given ? undefined : certificateEnd(want, have, now).capped));
  }
  const allowed = formatDuration(cap);
  return fail(
    'policy-caps-lifetime',
    `the tenant allows ${allowed} at most, and this certificate is valid for longer`,
    `Make one that is valid for ${allowed} at most, or leave --certificate-file out: setup makes one.`,
  );
}

function judgeSecret(want: Wanted, have: Have, now: Date): Verdict {
  if (!have.policy?.secretsBlocked) return pass(shortened(secretEnd(want, have, now).capped));
  return fail(
    'policy-blocks-secrets',
    "the tenant's app management policy blocks client secrets",
    'Use a certificate instead: --credential certificate (or federated). Or ask whoever manages app management policies for an exemption for this application.',
  );
}

/** A policy holds for what is added from now on: whether nothing is going to be. */
function isUntouched(want: Wanted, have: Have): boolean {
  const { kind } = want.credential;
  if (want.freshSecret || savedConfig(have)?.credential.kind !== kind) return false;
  return kind === 'secret' ? isUsable(have) : isCertificateKept(have);
}

/** A secret in use outlives the policy that blocks the next one. */
const secretsNowBlocked = warn(
  'policy-blocks-secrets',
  "the tenant's app management policy now blocks client secrets: the one in use works until it ends, and no new one can be made",
  'Before it ends, run reporting-setup --credential certificate (or federated), or ask for an exemption for this application.',
);

function judgeUntouched(kind: 'secret' | 'certificate', policy: CredentialPolicy): Verdict {
  if (kind === 'secret' && policy.secretsBlocked) return secretsNowBlocked;
  const cap = capFor(kind, policy);
  if (!cap) return pass(unrestricted);
  return pass(`the one in the file stays; the next may be valid for ${formatDuration(cap)} at most`);
}

const ofNext = { id: 'policy.credential', title: 'Policy allows the next credential' };

function check(want: Wanted, have: Have, now: Date): Finding {
  const { kind } = want.credential;
  const named = (title: string, verdict: Verdict): Finding => ({ id: ofNext.id, title, ...verdict });
  if (kind === 'federated')
    return named('Policy allows the credential', pass('there is no secret to restrict'));
  if (!have.policy?.isReadable) {
    return named('Policy allows the credential', skip('this account may not read the policy: will try'));
  }
  if (isUntouched(want, have)) return { ...ofNext, ...judgeUntouched(kind, have.policy) };
  return kind === 'certificate'
    ? named('Policy allows the certificate', judgeCertificate(want, have, now))
    : named('Policy allows a client secret', judgeSecret(want, have, now));
}

const day = 86_400_000;

/** What is in use stays in use: a policy holds for what is added from now on. */
function judgeCap(cap: Duration, kind: CredentialKind, entry: ListedCredential | undefined): Verdict {
  const start = Date.parse(entry?.startDateTime ?? '');
  const end = Date.parse(entry?.endDateTime ?? '');
  const allowed = formatDuration(cap);
  if (Number.isNaN(start) || Number.isNaN(end)) {
    return pass(`the next one may be valid for ${allowed} at most`);
  }
  if (end <= addDuration(new Date(start), cap).getTime()) return pass(`within the cap of ${allowed}`);
  const days = Math.round((end - start) / day);
  return warn(
    'policy-caps-lifetime',
    `the ${kind} in use is valid for ${days} ${days === 1 ? 'day' : 'days'}, and the tenant now allows ${allowed}`,
    `It goes on working; the next one is valid for ${allowed} at most: plan to renew it that often.`,
  );
}

/** What the tenant's policies will say when the credential in use, `entry`, is renewed. Pure. */
export function checkRenewal(
  policy: CredentialPolicy | undefined,
  kind: CredentialKind,
  entry: ListedCredential | undefined,
): Finding {
  if (kind === 'federated') return { ...ofNext, ...pass('there is nothing that has to be renewed') };
  if (!policy?.isReadable) return { ...ofNext, ...notChecked('this account may not read the policy') };
  if (kind === 'secret' && policy.secretsBlocked) return { ...ofNext, ...secretsNowBlocked };
  const cap = capFor(kind, policy);
  return { ...ofNext, ...(cap ? judgeCap(cap, kind, entry) : pass(unrestricted)) };
}

/** App management and authorization policies: what they allow, read before anything is written. */
export const policy: Step = {
  id: 'policy',
  observe,
  check: (want, have, now) => [check(want, have, now)],
};
