import { failedWith, isForbidden, isNotFound } from '../core/directory-error.ts';
import { addDuration, type Duration, earlier, formatDuration, parseIsoDuration } from '../core/duration.ts';
import { type Fields, fieldsOf, listOf, textOf } from '../core/fields.ts';
import type { CredentialPolicy, Finding, Have, ObserveIo, Wanted } from '../core/model.ts';
import type { Step } from '../core/reconcile.ts';

/** Reads a policy that not everybody may read: undefined then. */
async function readIfAllowed(io: ObserveIo, path: string, purpose: string): Promise<Fields | undefined> {
  try {
    return fieldsOf(await io.directory.send({ method: 'GET', path, purpose }));
  } catch (error) {
    if (failedWith(error, (failure) => isForbidden(failure) || isNotFound(failure))) return undefined;
    throw error;
  }
}

function lifetimeOf(restriction: Fields): Duration | undefined {
  try {
    return parseIsoDuration(textOf(restriction['maxLifetime']));
  } catch {
    return undefined;
  }
}

/** Restrictions of the tenant's default policy that hold for an application made now (CSDL, appManagementPolicy). */
function restrictionsOf(policy: Fields | undefined): Fields[] {
  if (policy?.['isEnabled'] !== true) return [];
  const all = listOf(fieldsOf(policy['applicationRestrictions'])['passwordCredentials']);
  return all.filter((restriction) => restriction['state'] === 'enabled');
}

/** What the two policies say together; undefined where neither is readable. Pure. */
export function readPolicy(
  appManagement: Fields | undefined,
  authorization: Fields | undefined,
): CredentialPolicy | undefined {
  if (!appManagement && !authorization) return undefined;
  const restrictions = restrictionsOf(appManagement);
  const cap = restrictions.find((restriction) => restriction['restrictionType'] === 'passwordLifetime');
  const allowed = fieldsOf(authorization?.['defaultUserRolePermissions'])['allowedToCreateApps'];
  return {
    secretsBlocked: restrictions.some((restriction) => restriction['restrictionType'] === 'passwordAddition'),
    secretLifetimeCap: cap ? lifetimeOf(cap) : undefined,
    usersMayRegister: typeof allowed === 'boolean' ? allowed : undefined,
  };
}

async function observe(io: ObserveIo): Promise<Partial<Have>> {
  const [appManagement, authorization] = await Promise.all([
    readIfAllowed(io, '/policies/defaultAppManagementPolicy', 'read the policy for application credentials'),
    readIfAllowed(
      io,
      '/policies/authorizationPolicy?$select=defaultUserRolePermissions',
      'read whether users may register applications',
    ),
  ]);
  return { policy: readPolicy(appManagement, authorization) };
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
  return latest < wanted ? { end: earlier(latest, wanted), capped: cap } : { end: wanted, capped: undefined };
}

function check(want: Wanted, have: Have, now: Date): Finding {
  const base = { id: 'policy.credential', title: 'Policy allows a client secret' };
  const { policy } = have;
  if (!policy) return { ...base, status: 'pass', evidence: 'the policy is not readable: will try' };
  if (policy.secretsBlocked) {
    return {
      ...base,
      status: 'fail',
      evidence: "the tenant's app management policy blocks client secrets",
      remedy: 'Ask whoever manages app management policies for an exemption for this application.',
      code: 'policy-blocks-secrets',
    };
  }
  const { capped } = secretEnd(want, have, now);
  const evidence = capped
    ? `the tenant caps the lifetime at ${formatDuration(capped)}: it is shortened to that`
    : 'no restriction applies';
  return { ...base, status: 'pass', evidence };
}

/** App management and authorization policies: what they allow, read before anything is written. */
export const policy: Step = {
  id: 'policy',
  observe,
  check: (want, have, now) => [check(want, have, now)],
};
