import type { CredentialKind } from '../core/choices.ts';
import { addDuration, type Duration, formatDuration, parseIsoDuration } from '../core/duration.ts';
import { type Fields, fieldsOf, listOf, textOf, valuesOf } from '../core/fields.ts';
import type { Answer, Finding } from '../core/findings.ts';
import type { Directory } from '../graph/directory.ts';
import { isPage, isResource } from '../graph/resource-schemas.ts';
import { findApplication, likelyKey } from './application/read-application.ts';
import { certificateEnd, exceedsCap, isCertificateKept } from './credential/certificate-credential.ts';
import { secretEnd } from './credential/client-secret.ts';
import type { Application, CredentialPolicy, ListedCredential } from './directory-objects.ts';
import type { Have, ObserveInput, ObserveIo, Step, Wanted } from './model.ts';
import { readIfPossible, type Sight, seenIn } from './optional-read.ts';
import { isUsable, savedConfig } from './saved-config.ts';
import { cannotTell, fail, hiddenFrom, pass, type Seen, type Verdict, warn } from './verdict.ts';

/** What was read of a tenant's policies, or why it was not. */
export interface PolicyReading {
  /** `tenantAppManagementPolicy`: holds for every application that has none of its own. */
  readonly tenantWide: Seen<Fields>;
  /** `appManagementPolicy` objects that are assigned to the application. */
  readonly ofApplication: Seen<readonly Fields[]>;
  readonly authorization: Seen<Fields>;
  /** When the application was made, or is going to be; undefined where Graph does not say. */
  readonly created: Date | undefined;
}

type List = 'passwordCredentials' | 'keyCredentials';

/** On, and not made for later applications only (entra-docs configure-app-management-policies). */
function applies(restriction: Fields, created: Date | undefined): Answer {
  if (restriction['state'] !== 'enabled') return restriction['state'] === 'disabled' ? 'no' : 'unknown';
  const from = Date.parse(textOf(restriction['restrictForAppsCreatedAfterDateTime']));
  if (Number.isNaN(from)) return 'yes';
  if (created === undefined) return 'unknown';
  return created.getTime() >= from ? 'yes' : 'no';
}

/** A restriction that is in force, or none; why that cannot be told where it cannot. */
type Restriction = { readonly inForce: Fields | undefined } | { readonly untold: string };

/** Those of one kind: one that certainly applies settles it. */
function settle(restrictions: readonly Fields[], created: Date | undefined): Restriction {
  const inForce = restrictions.find((one) => applies(one, created) === 'yes');
  if (inForce || restrictions.every((one) => applies(one, created) === 'no')) return { inForce };
  return { untold: 'whether a restriction of the tenant applies to this application' };
}

function restrictionOf(reading: PolicyReading, list: List, type: string): Restriction {
  const { tenantWide, ofApplication, created } = reading;
  const isOfType = (restriction: Fields): boolean => restriction['restrictionType'] === type;
  // A policy of its own may say more than the tenant's, or less.
  if ('hidden' in ofApplication) return { untold: ofApplication.hidden };
  const own = ofApplication.value
    .filter(({ isEnabled }) => isEnabled === true)
    .flatMap((policy) => listOf(fieldsOf(policy['restrictions'])[list]))
    .filter(isOfType);
  if (own.length > 0) return settle(own, created);
  if ('hidden' in tenantWide) return { untold: tenantWide.hidden };
  const { isEnabled, applicationRestrictions } = tenantWide.value;
  if (isEnabled !== true) return { inForce: undefined };
  return settle(listOf(fieldsOf(applicationRestrictions)[list]).filter(isOfType), created);
}

/** Whether a value of `excludeActors` names anybody: it is also there without (recorded of real tenants). */
function namesSomebody(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0;
  return Object.entries(fieldsOf(value)).some(([name, part]) => !name.startsWith('@') && namesSomebody(part));
}

/** Whether one that is in force binds this caller too. */
function blockOf(restriction: Restriction): { readonly isBlocked: boolean; readonly untold?: string } {
  if ('untold' in restriction) return { isBlocked: false, untold: restriction.untold };
  const { inForce } = restriction;
  if (!inForce || !namesSomebody(inForce['excludeActors'])) return { isBlocked: inForce !== undefined };
  return {
    isBlocked: false,
    untold: 'client secrets are blocked with exclusions, and whether one covers this run does not show',
  };
}

function capOf(restriction: Restriction): { readonly cap?: Duration; readonly untold?: string } {
  if ('untold' in restriction) return restriction;
  if (!restriction.inForce) return {};
  try {
    return { cap: parseIsoDuration(textOf(restriction.inForce['maxLifetime'])) };
  } catch {
    return { untold: 'the tenant caps the lifetime at something that is not readable' };
  }
}

/** What all policies say together, and what they do not tell. Pure. */
export function readPolicy(reading: PolicyReading): CredentialPolicy {
  const block = blockOf(restrictionOf(reading, 'passwordCredentials', 'passwordAddition'));
  const secret = capOf(restrictionOf(reading, 'passwordCredentials', 'passwordLifetime'));
  const certificate = capOf(restrictionOf(reading, 'keyCredentials', 'asymmetricKeyLifetime'));
  const { defaultUserRolePermissions } = seenIn(reading.authorization) ?? {};
  const allowed = fieldsOf(defaultUserRolePermissions)['allowedToCreateApps'];
  return {
    secretsBlocked: block.isBlocked,
    secretLifetimeCap: secret.cap,
    certificateLifetimeCap: certificate.cap,
    untold: { secret: block.untold ?? secret.untold, certificate: certificate.untold },
    usersMayRegister: typeof allowed === 'boolean' ? allowed : undefined,
  };
}

/** Reads a policy that not everybody may read, and that Graph may not show in this way. */
const look = (
  directory: Directory,
  path: string,
  what: string,
  accepts: (body: unknown) => boolean,
): Promise<Sight<Fields>> =>
  readIfPossible(
    directory,
    (optional) => optional.send({ method: 'GET', path, purpose: `read ${what}`, accepts }).then(fieldsOf),
    what,
  );

function madeAt(application: Application | undefined, now: () => Date): Date | undefined {
  if (!application) return now();
  return application.createdDateTime ? new Date(application.createdDateTime) : undefined;
}

async function observe({ directory, now }: ObserveIo, input: ObserveInput): Promise<Partial<Have>> {
  const [tenantWide, own, authorization, application] = await Promise.all([
    look(
      directory,
      '/policies/defaultAppManagementPolicy',
      'the policy for application credentials',
      isResource('tenantPolicy'),
    ),
    look(
      directory,
      `/applications(${likelyKey(input)})/appManagementPolicies`,
      "the application's own policy",
      (body) => isPage(body, isResource('applicationPolicy')),
    ),
    look(
      directory,
      '/policies/authorizationPolicy?$select=defaultUserRolePermissions',
      'whether users may register applications',
      isResource('authorizationPolicy'),
    ),
    findApplication(directory, input),
  ]);
  // One that is not there yet has no policy of its own.
  const ofApplication = application ? ('value' in own ? { value: valuesOf(own.value) } : own) : { value: [] };
  return {
    policy: readPolicy({ tenantWide, ofApplication, authorization, created: madeAt(application, now) }),
  };
}

const capFor = (kind: 'secret' | 'certificate', policy: CredentialPolicy): Duration | undefined =>
  kind === 'secret' ? policy.secretLifetimeCap : policy.certificateLifetimeCap;

const unrestricted = 'no restriction applies';

/** Nothing was found to apply; or it cannot be told, and why. */
function judgeUnrestricted(kind: 'secret' | 'certificate', policy: CredentialPolicy, then: string): Verdict {
  const untold = policy.untold?.[kind];
  return untold === undefined ? pass(unrestricted) : cannotTell(`${untold}${then}`);
}

const willTry = ': will try';

const shortened = (cap: Duration | undefined): string =>
  cap ? `the tenant caps the lifetime at ${formatDuration(cap)}: it is shortened to that` : unrestricted;

/** One's own certificate cannot be shortened. */
function judgeCertificate(want: Wanted, have: Have, now: Date): Verdict {
  const cap = have.policy?.certificateLifetimeCap;
  if (have.policy?.untold?.certificate) return judgeUnrestricted('certificate', have.policy, willTry);
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
  if (!have.policy?.secretsBlocked) {
    if (have.policy?.untold?.secret) return judgeUnrestricted('secret', have.policy, willTry);
    return pass(shortened(secretEnd(want, have, now).capped));
  }
  return fail(
    'policy-blocks-secrets',
    "the tenant's app management policy blocks client secrets",
    'Use a certificate instead: `reporting-setup --credential certificate` (or federated). Or ask whoever manages app management policies for an exemption for this application.',
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
  'Before it ends, make a certificate: `reporting-setup --credential certificate` (or federated), or ask for an exemption for this application.',
);

function judgeUntouched(kind: 'secret' | 'certificate', policy: CredentialPolicy): Verdict {
  if (kind === 'secret' && policy.secretsBlocked) return secretsNowBlocked;
  const cap = capFor(kind, policy);
  if (!cap) return judgeUnrestricted(kind, policy, '');
  return pass(`the one in the file stays; the next may be valid for ${formatDuration(cap)} at most`);
}

const ofNext = { id: 'policy.credential', title: 'Policy for the next credential' };

function check(want: Wanted, have: Have, now: Date): Finding {
  const { kind } = want.credential;
  const named = (title: string, verdict: Verdict): Finding => ({ id: ofNext.id, title, ...verdict });
  if (kind === 'federated') return named('Policy for the credential', pass('there is no secret to restrict'));
  if (!have.policy) return named('Policy for the credential', cannotTell('no policy was read: will try'));
  if (isUntouched(want, have)) return { ...ofNext, ...judgeUntouched(kind, have.policy) };
  return kind === 'certificate'
    ? named('Policy for the certificate', judgeCertificate(want, have, now))
    : named('Policy for client secrets', judgeSecret(want, have, now));
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
  if (!policy) return { ...ofNext, ...hiddenFrom('no policy was read') };
  if (kind === 'secret' && policy.secretsBlocked) return { ...ofNext, ...secretsNowBlocked };
  const cap = capFor(kind, policy);
  return { ...ofNext, ...(cap ? judgeCap(cap, kind, entry) : judgeUnrestricted(kind, policy, '')) };
}

/** App management and authorization policies: what they allow, read before anything is written. */
export const policy: Step = {
  id: 'policy',
  observe,
  check: (want, have, now) => [check(want, have, now)],
};
