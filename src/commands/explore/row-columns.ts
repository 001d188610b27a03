import { ExactNumber } from '../../core/exact-numbers.ts';
import { type Fields, fieldsOf } from '../../core/fields.ts';
import type { LogStream } from '../../tenant/logs/log-streams.ts';

const split = (names: string): string[] => names.split(/[\s,]+/).filter(Boolean);

const under = (property: string, names: string): string[] =>
  split(names).map((name) => `${property}.${name}`);

/** Properties of sign-ins in v1.0 (graph-docs resources/signin.md). */
const signInColumns: readonly string[] = [
  ...split(`id createdDateTime userDisplayName userPrincipalName userId appDisplayName appId resourceDisplayName resourceId
    clientAppUsed ipAddress isInteractive`),
  ...under('status', 'errorCode failureReason additionalDetails'),
  ...split('conditionalAccessStatus correlationId'),
  ...under('location', 'city state countryOrRegion'),
  ...under('location.geoCoordinates', 'latitude longitude altitude'),
  ...under('deviceDetail', 'deviceId displayName operatingSystem browser isCompliant isManaged trustType'),
  ...split('riskState riskLevelDuringSignIn riskLevelAggregated riskDetail riskEventTypes riskEventTypes_v2'),
  ...split('userAgent servicePrincipalId servicePrincipalName homeTenantId resourceTenantId'),
  'appliedConditionalAccessPolicies',
];

/** What beta has besides (graph-docs beta resources/signin.md). */
const betaColumns: readonly string[] =
  split(`signInEventTypes authenticationRequirement authenticationProtocol
  originalTransferMethod incomingTokenType clientCredentialType servicePrincipalCredentialKeyId
  servicePrincipalCredentialThumbprint federatedCredentialId resourceServicePrincipalId uniqueTokenIdentifier
  originalRequestId sessionId autonomousSystemNumber crossTenantAccessType userType tokenIssuerName tokenIssuerType
  conditionalAccessAudiences homeTenantName processingTimeInMilliseconds flaggedForReview isTenantRestricted
  agent.agentType agent.parentAppId`);

/** Properties of directory audits (graph-docs resources/directoryaudit.md). */
const auditColumns: readonly string[] = [
  ...split(
    'id activityDateTime activityDisplayName category operationType result resultReason loggedByService',
  ),
  ...split('correlationId'),
  ...under(
    'initiatedBy.user',
    'id displayName userPrincipalName ipAddress userType homeTenantId homeTenantName',
  ),
  ...under('initiatedBy.app', 'appId displayName servicePrincipalId servicePrincipalName'),
  ...split('targetResources additionalDetails'),
];

/** Properties of provisioning entries (graph-docs resources/provisioningobjectsummary.md). */
const provisioningColumns: readonly string[] = [
  ...split('id activityDateTime provisioningAction'),
  ...under('provisioningStatusInfo', 'status errorInformation'),
  ...under('sourceIdentity', 'id displayName identityType'),
  ...under('targetIdentity', 'id displayName identityType'),
  ...under('servicePrincipal', 'id displayName'),
  ...under('sourceSystem', 'id displayName'),
  ...under('targetSystem', 'id displayName'),
  ...under('initiatedBy', 'id displayName initiatorType'),
  ...split('durationInMilliseconds jobId cycleId changeId tenantId modifiedProperties provisioningSteps'),
];

/** The kind of sign-in, which v1.0 does not say: the first column of sign-ins, made here. */
export const typeColumn = 'type';

/** The columns of a file, which depend on log and kinds alone; `other` comes behind them. Pure. */
export function fileColumns(streams: readonly LogStream[]): readonly string[] {
  const [first] = streams;
  if (first?.log === 'audits') return auditColumns;
  if (first?.log === 'provisioning') return provisioningColumns;
  const isBeta = streams.some(({ version }) => version === 'beta');
  return [typeColumn, ...signInColumns, ...(isBeta ? betaColumns : [])];
}

/** What stands at a flattened name such as `status.errorCode`; undefined where nothing does. Pure. */
export function valueAt(row: Fields, column: string): unknown {
  let value: unknown = row;
  for (const name of column.split('.')) {
    const fields = fieldsOf(value);
    value = Object.hasOwn(fields, name) ? fields[name] : undefined;
  }
  return value;
}

/** Names that are known, level by level; a name without levels below is a column. */
type KnownNames = Map<string, KnownNames>;

function namesOf(columns: readonly string[]): KnownNames {
  const names: KnownNames = new Map();
  for (const column of columns) {
    let level = names;
    for (const name of column.split('.')) {
      const below: KnownNames = level.get(name) ?? new Map();
      level.set(name, below);
      level = below;
    }
  }
  return names;
}

const isObject = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof ExactNumber);

function unknownIn(row: Fields, names: KnownNames): Fields | undefined {
  let left: Record<string, unknown> | undefined;
  const keep = (name: string, value: unknown): void => {
    left ??= Object.create(null) as Record<string, unknown>;
    left[name] = value;
  };
  for (const name of Object.keys(row)) {
    const value = row[name];
    const known = names.get(name);
    if (known === undefined) keep(name, value);
    else if (known.size === 0 || value === null) continue;
    else if (!isObject(value)) keep(name, value);
    else {
      const below = unknownIn(fieldsOf(value), known);
      if (below !== undefined) keep(name, below);
    }
  }
  return left;
}

/** Makes the function that gives what no column of these knows, as the row has it; undefined where all is known. */
export function otherThan(columns: readonly string[]): (row: Fields) => Fields | undefined {
  const names = namesOf(columns.filter((column) => column !== typeColumn));
  return (row) => unknownIn(row, names);
}
