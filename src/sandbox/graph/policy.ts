import type { CredentialRestriction } from '../model.ts';
import type { Call } from './context.ts';
import { addDuration } from './duration.ts';
import { badRequest } from './refusal.ts';

interface Subject {
  readonly createdDateTime: string;
}

/** A restriction binds the applications made on or after its date, while it and its policy are on. */
function binding(
  call: Call,
  subject: Subject,
  list: 'passwordCredentials' | 'keyCredentials',
  type: string,
): CredentialRestriction | undefined {
  const policy = call.tenant.defaultAppManagementPolicy;
  if (!policy.isEnabled) return undefined;
  return policy.applicationRestrictions[list].find(
    ({ restrictionType, state, restrictForAppsCreatedAfterDateTime: from }) =>
      restrictionType === type &&
      state === 'enabled' &&
      (from === null || Date.parse(subject.createdDateTime) >= Date.parse(from)),
  );
}

function requireLifetime(
  call: Call,
  restriction: CredentialRestriction | undefined,
  start: number,
  end: number,
): void {
  const most = restriction?.maxLifetime;
  if (most === undefined || most === null) return;
  const last = addDuration(start, most);
  if (last === undefined) throw new RangeError(`No ISO 8601 duration: ${most}`);
  if (end <= last) return;
  throw badRequest(
    'Credential lifetime exceeds the max value allowed as per assigned policy ' +
      `'${call.tenant.defaultAppManagementPolicy.id}'.`,
    'CredentialInvalidLifetimeAsPerAppPolicy',
  );
}

/**
 * Throws 400 where the tenant's app management policy forbids a client secret on this application, or one that lives
 * from `start` to `end` (epoch milliseconds) (entra-docs configure-app-management-policies.md).
 */
export function requireAllowedPassword(call: Call, subject: Subject, start: number, end: number): void {
  if (binding(call, subject, 'passwordCredentials', 'passwordAddition') !== undefined) {
    throw badRequest(
      `Credential type not allowed as per assigned policy '${call.tenant.defaultAppManagementPolicy.id}'.`,
      'CredentialTypeNotAllowedAsPerAppPolicy',
    );
  }
  requireLifetime(call, binding(call, subject, 'passwordCredentials', 'passwordLifetime'), start, end);
}

/** As requireAllowedPassword, for a certificate. */
export function requireAllowedKey(call: Call, subject: Subject, start: number, end: number): void {
  requireLifetime(call, binding(call, subject, 'keyCredentials', 'asymmetricKeyLifetime'), start, end);
}
