import { type Duration, parseIsoDuration } from '../../core/duration.ts';
import { type Fields, fieldsOf, listOf, textOf } from '../../core/fields.ts';
import type { CredentialPolicy } from '../directory-objects.ts';

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
