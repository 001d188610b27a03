import { newestShown } from '../../activity.ts';
import type { Call } from '../context.ts';
import { checkFilter, tests } from '../odata/apply-filter.ts';
import { invalidFilter } from '../refusal.ts';
import { directoryAuditType, provisioningType, signInType } from '../types/logs.ts';
import type { EntityType } from '../types/spec.ts';
import { generatedAudits } from './generated-audits.ts';
import { eraBefore } from './generated-sign-ins.ts';
import { provisioningRows } from './provisioning-rows.ts';
import { fromRows, type RowSource } from './row-source.ts';
import { kindsAsked, signInSources } from './sign-in-sources.ts';
import { betaSignInType, eventTypes } from './sign-in-type.ts';

/** Which tests $filter takes, by path. */
type Tests = Readonly<Record<string, readonly string[]>>;

/** One log: where its rows come from, who reads them, and what may be asked of it. */
export interface Log {
  readonly name: 'signIns' | 'directoryAudits' | 'provisioning';
  readonly type: EntityType;
  readonly permission: 'readReports' | 'readProvisioning';
  readonly readers: 'readSignIns' | 'readDirectoryAudits' | 'readProvisioning';
  /** Where its rows come from: all of them, or those that the request's filter can be about. */
  readonly sources: (call: Call, all: boolean) => readonly RowSource[];
  /** The property that rows are ordered by. */
  readonly date: string;
  /** The tests that the property table of the row's page lists. */
  readonly documented: Tests;
  /** The tests that public clients send although no page lists them. */
  readonly alsoTaken: Tests;
  /** Operators that are taken for every property. */
  readonly everywhere?: readonly string[];
  readonly caseSensitive?: boolean;
}

const exact = ['eq'];
const prefix = ['eq', 'startswith'];
const range = ['eq', 'ge', 'le'];

/** Interactive sign-ins of people, as v1.0 shows them (graph-docs resources/signin.md). */
export const signIns: Log = {
  name: 'signIns',
  type: signInType,
  permission: 'readReports',
  readers: 'readSignIns',
  sources: (call) => signInSources(call, false, ['interactiveUser']),
  date: 'createdDateTime',
  documented: {
    createdDateTime: range,
    appDisplayName: prefix,
    userDisplayName: prefix,
    userPrincipalName: prefix,
    ipAddress: prefix,
    'location/city': prefix,
    'location/state': prefix,
    'location/countryOrRegion': prefix,
    'deviceDetail/browser': prefix,
    'deviceDetail/operatingSystem': prefix,
    'riskEventTypes_v2/any': prefix,
    id: exact,
    appId: exact,
    userId: exact,
    resourceId: exact,
    resourceDisplayName: exact,
    correlationId: exact,
    clientAppUsed: exact,
    conditionalAccessStatus: exact,
    'status/errorCode': exact,
    riskLevelAggregated: exact,
    riskLevelDuringSignIn: exact,
    riskState: exact,
    riskDetail: exact,
  },
  alsoTaken: { createdDateTime: ['gt', 'lt'], userDisplayName: ['ne'], 'status/errorCode': ['ne'] },
};

/** Sign-ins of every kind (graph-docs beta resources/signin.md). */
export const betaSignIns: Log = {
  ...signIns,
  type: betaSignInType,
  sources: (call, all) => signInSources(call, true, all ? eventTypes : kindsAsked(call.query.filter)),
  documented: {
    ...signIns.documented,
    'signInEventTypes/any': ['eq', 'ne'],
    servicePrincipalId: prefix,
    servicePrincipalName: prefix,
    userAgent: prefix,
    authenticationRequirement: prefix,
    tokenIssuerName: exact,
    originalRequestId: exact,
    'conditionalAccessAudiences/any': exact,
  },
};

/** Changes to the directory (graph-docs resources/directoryaudit.md). */
export const directoryAudits: Log = {
  name: 'directoryAudits',
  type: directoryAuditType,
  permission: 'readReports',
  readers: 'readDirectoryAudits',
  sources: auditSources,
  date: 'activityDateTime',
  documented: {
    activityDateTime: range,
    activityDisplayName: prefix,
    correlationId: exact,
    loggedByService: exact,
    'initiatedBy/user/id': exact,
    'initiatedBy/user/displayName': exact,
    'initiatedBy/user/userPrincipalName': prefix,
    'initiatedBy/app/appId': exact,
    'initiatedBy/app/displayName': exact,
    'targetResources/any/id': exact,
    'targetResources/any/displayName': prefix,
  },
  alsoTaken: { activityDateTime: ['gt', 'lt'], category: exact, result: exact },
};

/** Accounts brought to other systems (graph-docs provisioningobjectsummary-list.md). */
export const provisioning: Log = {
  name: 'provisioning',
  type: provisioningType,
  permission: 'readProvisioning',
  readers: 'readProvisioning',
  sources: ({ tenant, graph, world }) =>
    world.behaviour.noLogs ? [] : [fromRows(provisioningRows(tenant, graph.startedAt), 'activityDateTime')],
  date: 'activityDateTime',
  documented: {},
  alsoTaken: {},
  everywhere: ['eq', 'contains', 'gt', 'lt'],
  caseSensitive: true,
};

/** The changes that the tenant has noted of itself, and those before. */
function auditSources({ tenant, graph, world }: Call): readonly RowSource[] {
  const { noLogs, manyRows } = world.behaviour;
  if (noLogs) return [];
  const newest = newestShown(world);
  const shown = tenant.activity.changes.filter(
    (row) => Date.parse(String(row['activityDateTime'])) <= newest,
  );
  const past =
    manyRows > 0
      ? generatedAudits(eraBefore(graph.startedAt, manyRows))
      : fromRows(tenant.directoryAudits, 'activityDateTime');
  return [fromRows(shown.reverse(), 'activityDateTime'), past];
}

/** Throws 400 for a $filter that the log does not take. */
export function checkFilters({ query, world }: Call, log: Log): void {
  if (query.filter === undefined) return;
  checkFilter(log.type, query.filter);
  const tables = world.behaviour.strictFilters ? [log.documented] : [log.documented, log.alsoTaken];
  for (const { path, operator } of tests(query.filter)) {
    const taken = tables.flatMap((table) => (Object.hasOwn(table, path) ? (table[path] ?? []) : []));
    if (!taken.includes(operator) && !log.everywhere?.includes(operator)) {
      throw invalidFilter(`The property '${path}' does not support the operator '${operator}'.`);
    }
  }
}
