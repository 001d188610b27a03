import type { CredentialKind } from '../core/choices.ts';
import { addDuration, type Duration, formatDuration, parseIsoDuration } from '../core/duration.ts';
import { type Fields, fieldsOf, listOf, textOf, valuesOf } from '../core/fields.ts';
import type { Answer, Finding } from '../core/findings.ts';
import type { Directory } from '../graph/directory.ts';
import { isPage, isResource } from '../graph/resource-schemas.ts';
import { findApplication, likelyKey } from './application/read-application.ts';
import { certificateEnd, exceededCap, isCertificateKept } from './credential/certificate-credential.ts';
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

interface RestrictionKind {
  readonly list: 'passwordCredentials' | 'keyCredentials';
  readonly type: 'passwordAddition' | 'passwordLifetime' | 'asymmetricKeyLifetime';
}

/** On, and not made for later applications only (entra-docs configure-app-management-policies). */
function applies(restriction: Fields, created: Date | undefined): Answer {
  if (restriction['state'] !== 'enabled') return restriction['state'] === 'disabled' ? 'no' : 'unknown';
  const after = restriction['restrictForAppsCreatedAfterDateTime'] ?? '';
  if (after === '') return 'yes';
  const from = Date.parse(textOf(after));
  if (Number.isNaN(from) || created === undefined) return 'unknown';
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

/** The restrictions of one kind in those policies that are on. */
const restrictionsIn = (
  policies: readonly Fields[],
  property: 'restrictions' | 'applicationRestrictions',
  { list, type }: RestrictionKind,
): Fields[] =>
  policies
    .filter(({ isEnabled }) => isEnabled === true)
    .flatMap((policy) => listOf(fieldsOf(policy[property])[list]))
    .filter(({ restrictionType }) => restrictionType === type);

function restrictionOf(reading: PolicyReading, kind: RestrictionKind): Restriction {
  const { tenantWide, ofApplication, created } = reading;
  // A policy of its own may say more than the tenant's, or less.
  if ('hidden' in ofApplication) return { untold: ofApplication.hidden };
  const own = restrictionsIn(ofApplication.value, 'restrictions', kind);
  if (own.length > 0) return settle(own, created);
  if ('hidden' in tenantWide) return { untold: tenantWide.hidden };
  return settle(restrictionsIn([tenantWide.value], 'applicationRestrictions', kind), created);
}

/** Whether a value of `excludeActors` names anybody: it is also there without (recorded of real tenants). */
const namesSomebody = (value: unknown): boolean =>
  Array.isArray(value) ? value.length > 0 : Object.values(fieldsOf(value)).some(namesSomebody);

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
  const of = (list: RestrictionKind['list'], type: RestrictionKind['type']): Restriction =>
    restrictionOf(reading, { list, type });
  const block = blockOf(of('passwordCredentials', 'passwordAddition'));
  const secret = capOf(of('passwordCredentials', 'passwordLifetime'));
  const certificate = capOf(of('keyCredentials', 'asymmetricKeyLifetime'));
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
  const made = new Date(application.createdDateTime ?? Number.NaN);
  return Number.isNaN(made.getTime()) ? undefined : made;
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

/** The kinds of credential that a policy restricts. */
type Restricted = Exclude<CredentialKind, 'federated'>;

const capFor = (kind: Restricted, policy: CredentialPolicy): Duration | undefined =>
  kind === 'secret' ? policy.secretLifetimeCap : policy.certificateLifetimeCap;

const withinCap = (cap: Duration | undefined): Verdict =>
  pass(cap ? `within the cap of ${formatDuration(cap)}` : 'no restriction applies');

const shortened = (cap: Duration): Verdict =>
  pass(`the tenant caps the lifetime at ${formatDuration(cap)}: it is shortened to that`);

const willTry = (untold: string): Verdict => cannotTell(`${untold}: will try`);

/** One's own certificate cannot be shortened. */
function judgeCertificate(want: Wanted, have: Have, policy: CredentialPolicy, now: Date): Verdict {
  if (policy.untold.certificate !== undefined) return willTry(policy.untold.certificate);
  const exceeded = exceededCap(have);
  if (exceeded) {
    const allowed = formatDuration(exceeded);
    return fail(
      'policy-caps-lifetime',
      `the tenant allows ${allowed} at most, and this certificate is valid for longer`,
      `Make one that is valid for ${allowed} at most, or leave --certificate-file out: setup makes one.`,
    );
  }
  const { capped } = certificateEnd(want, have, now);
  return capped && !have.certificates.given ? shortened(capped) : withinCap(policy.certificateLifetimeCap);
}

function judgeSecret(want: Wanted, have: Have, policy: CredentialPolicy, now: Date): Verdict {
  if (policy.secretsBlocked) {
    return fail(
      'policy-blocks-secrets',
      "the tenant's app management policy blocks client secrets",
      'Use a certificate instead: `reporting-setup --credential certificate` (or federated). Or ask whoever manages app management policies for an exemption for this application.',
    );
  }
  if (policy.untold.secret !== undefined) return willTry(policy.untold.secret);
  const { capped } = secretEnd(want, have, now);
  return capped ? shortened(capped) : withinCap(policy.secretLifetimeCap);
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

/**
 * What the policies say of the next credential where the one in use stays; `capped` of the cap on its lifetime. What
 * nobody could tell of them leaves no pass.
 */
function judgeNext(kind: Restricted, policy: CredentialPolicy, capped: (cap: Duration) => Verdict): Verdict {
  if (kind === 'secret' && policy.secretsBlocked) return secretsNowBlocked;
  const cap = capFor(kind, policy);
  const verdict = cap ? capped(cap) : withinCap(cap);
  const untold = policy.untold[kind];
  return verdict.status === 'pass' && untold !== undefined ? cannotTell(untold) : verdict;
}

const judgeUntouched = (cap: Duration): Verdict =>
  pass(`the one in the file stays; the next may be valid for ${formatDuration(cap)} at most`);

const ofNext = { id: 'policy.credential', title: 'Policy for the next credential' };

function check(want: Wanted, have: Have, now: Date): Finding {
  const { kind } = want.credential;
  const named = (title: string, verdict: Verdict): Finding => ({ id: ofNext.id, title, ...verdict });
  if (kind === 'federated') return named('Policy for the credential', pass('there is no secret to restrict'));
  if (!have.policy) return named('Policy for the credential', cannotTell('no policy was read: will try'));
  if (isUntouched(want, have)) return { ...ofNext, ...judgeNext(kind, have.policy, judgeUntouched) };
  return kind === 'certificate'
    ? named('Policy for the certificate', judgeCertificate(want, have, have.policy, now))
    : named('Policy for client secrets', judgeSecret(want, have, have.policy, now));
}

const day = 86_400_000;

/** What is in use stays in use: a policy holds for what is added from now on. */
function judgeCap(cap: Duration, kind: Restricted, entry: ListedCredential | undefined): Verdict {
  const allowed = formatDuration(cap);
  const next = pass(`the next one may be valid for ${allowed} at most`);
  if (!entry) return next;
  const [start, end] = [Date.parse(entry.startDateTime), Date.parse(entry.endDateTime)];
  if (Number.isNaN(start) || Number.isNaN(end)) return next;
  if (end <= addDuration(new Date(start), cap).getTime()) return withinCap(cap);
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
  return { ...ofNext, ...judgeNext(kind, policy, (cap) => judgeCap(cap, kind, entry)) };
}

/** App management and authorization policies: what they allow, read before anything is written. */
export const policy: Step = {
  id: 'policy',
  observe,
  check: (want, have, now) => [check(want, have, now)],
};
