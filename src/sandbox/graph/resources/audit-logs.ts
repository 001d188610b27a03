import type { Json } from '../../json.ts';
import { type Call, contextOf, type Outcome, sameId } from '../context.ts';
import { tests } from '../odata/apply-filter.ts';
import {
  checkExpand,
  checkSelect,
  entity,
  findCursor,
  keepCursor,
  narrow,
  nextLink,
  project,
  selection,
} from '../odata/list.ts';
import { badRequest, forbidden, GraphRefusal, invalidFilter } from '../refusal.ts';
import { holdsRole, isLicensed, isPermitted, rules } from '../rights.ts';
import type { Key, Routes } from '../router.ts';
import { directoryAuditType, signInType } from '../types/logs.ts';
import type { EntityType } from '../types/spec.ts';

/** Default and largest page (graph-docs signin-list.md). */
const mostRows = 1000;

interface Log {
  readonly name: 'signIns' | 'directoryAudits';
  readonly type: EntityType;
  readonly readers: 'readSignIns' | 'readDirectoryAudits';
  /** Newest first, as the caller sees them. */
  readonly rows: (call: Call) => readonly Json[];
  /** The property that rows are ordered by. */
  readonly date: string;
  /** Which tests $filter takes, by path (property table of the row's page, and what public clients send). */
  readonly filters: Readonly<Record<string, readonly string[]>>;
}

const exact = ['eq'];
const prefix = ['eq', 'startswith'];
/** Documented are eq, ge and le; public clients send gt and lt as well. */
const range = ['eq', 'ge', 'le', 'gt', 'lt'];
const different = ['eq', 'ne'];

const signIns: Log = {
  name: 'signIns',
  type: signInType,
  readers: 'readSignIns',
  rows: signInRows,
  date: 'createdDateTime',
  filters: {
    createdDateTime: range,
    appDisplayName: prefix,
    userDisplayName: [...prefix, 'ne'],
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
    'status/errorCode': different,
    riskLevelAggregated: exact,
    riskLevelDuringSignIn: exact,
    riskState: exact,
    riskDetail: exact,
  },
};

const directoryAudits: Log = {
  name: 'directoryAudits',
  type: directoryAuditType,
  readers: 'readDirectoryAudits',
  rows: ({ tenant }) => tenant.directoryAudits,
  date: 'activityDateTime',
  filters: {
    activityDateTime: range,
    activityDisplayName: prefix,
    category: exact,
    result: exact,
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
};

function nonPremium(): GraphRefusal {
  return forbidden(
    'Authentication_RequestFromNonPremiumTenantOrB2CTenant',
    "Neither tenant is B2C or tenant doesn't have premium license",
  );
}

/**
 * Sign-ins need a premium tenant. The check reads the directory: an application without Directory.Read.All meets its
 * refusal now and then in a premium tenant, too.
 */
function requirePremium({ tenant, caller, world }: Call): void {
  if (tenant.tenantType === 'AAD B2C') return;
  if (!isLicensed(tenant, 'p1', 'p2')) throw nonPremium();
  const checkFails = caller.kind === 'application' && !caller.permissions.has('Directory.Read.All');
  if (checkFails && world.randomBytes(1).readUInt8(0) % 4 === 0) throw nonPremium();
}

function requireReader(call: Call, log: Log): void {
  countReportRequest(call);
  if (!isPermitted(call, rules.readReports)) {
    throw forbidden(
      'Authentication_MSGraphPermissionMissing',
      'The principal does not have required Microsoft Graph permission(s): AuditLog.Read.All to call this API.',
    );
  }
  if (call.caller.kind === 'user' && !holdsRole(call, log.readers)) {
    throw forbidden('Authentication_RequestFromUnsupportedUserRole', 'User is not in the allowed roles');
  }
  if (log.name === 'signIns') requirePremium(call);
}

function checkFilters({ query }: Call, log: Log): void {
  for (const { path, operator } of query.filter === undefined ? [] : tests(query.filter)) {
    const taken = Object.hasOwn(log.filters, path) ? log.filters[path] : undefined;
    if (!taken?.includes(operator)) {
      throw invalidFilter(`The property '${path}' does not support the operator '${operator}'.`);
    }
  }
}

function pageSize({ query: { top, skip } }: Call): number {
  if (skip !== undefined) throw badRequest("'$skip' is not supported by the service.", 'BadRequest');
  if (top === undefined) return mostRows;
  if (top > mostRows) {
    throw badRequest(
      `The limit of '${mostRows}' for Top query has been exceeded. The value from the incoming request is '${top}'.`,
      'BadRequest',
    );
  }
  if (top === 0)
    throw badRequest(
      `Invalid page size specified: '0'. Must be between 1 and ${mostRows} inclusive.`,
      'BadRequest',
    );
  return top;
}

/** Newest first, unless asked for the other way round. */
function selectRows(call: Call, log: Log): readonly Json[] {
  const { orderBy, search, ...query } = call.query;
  if (search !== undefined) throw badRequest("'$search' is not supported by the service.", 'BadRequest');
  if (orderBy !== undefined && orderBy.property !== log.date) {
    throw badRequest(
      `The property '${orderBy.property}' cannot be used in the $orderby query option.`,
      'BadRequest',
    );
  }
  const rows = narrow(query, log.type, log.rows(call));
  checkFilters(call, log);
  return orderBy === undefined || orderBy.descending ? rows : [...rows].reverse();
}

function resume(call: Call, log: Log): { rows: readonly Json[]; offset: number } {
  const { skipToken } = call.query;
  if (skipToken === undefined) return { rows: selectRows(call, log), offset: 0 };
  const cursor = findCursor(call, skipToken);
  if (cursor !== undefined) return cursor;
  throw new GraphRefusal({
    status: 400,
    code: '',
    message: 'Token not found: token is either invalid or expired',
  });
}

function listLog(call: Call, log: Log): Outcome {
  requireReader(call, log);
  checkSelect(log.type, call.query.select);
  checkExpand(call, log.type, {});
  const size = pageSize(call);
  const { rows, offset } = resume(call, log);
  const end = offset + size;
  const token = `${call.world.randomBytes(16).toString('hex')}_${Math.ceil(end / size)}`;
  if (end < rows.length) keepCursor(call, token, { rows, offset: end });
  return {
    status: 200,
    body: {
      '@odata.context': contextOf(call, `auditLogs/${log.name}${selection(call)}`),
      ...(end < rows.length ? { '@odata.nextLink': nextLink(call, token) } : {}),
      value: rows.slice(offset, end).map((row) => project(log.type, row, call.query.select)),
    },
  };
}

function readLog(call: Call, log: Log, { value }: Key): Outcome {
  requireReader(call, log);
  const row = log.rows(call).find((candidate) => sameId(String(candidate['id']), value));
  if (row === undefined) {
    const message = `Resource '${value}' does not exist or one of its queried reference-property objects are not present.`;
    throw new GraphRefusal({ status: 404, code: 'Request_ResourceNotFound', message });
  }
  return entity(call, log.type, `auditLogs/${log.name}`, row);
}

function routesOf(log: Log): Routes {
  return {
    [`auditLogs/${log.name}`]: { GET: (call) => listLog(call, log) },
    [`auditLogs/${log.name}/{}`]: { GET: (call, key) => readLog(call, log, key) },
  };
}

/** Sign-in and audit logs. Rows are the tenant's; what this server does itself appears in none, as real logs are late. */
export const auditLogRoutes: Routes = { ...routesOf(signIns), ...routesOf(directoryAudits) };

/** What tells of risk is hidden where the tenant has no Entra ID P2 (graph-docs resources/signin.md). */
const hiddenRisk = { riskDetail: 'hidden', riskLevelAggregated: 'hidden', riskLevelDuringSignIn: 'hidden' };

/**
 * The tenant's sign-ins as this caller sees them: which Conditional Access policies applied is for who may read
 * policies, without an error for anybody else (graph-docs signin-list.md).
 */
function signInRows(call: Call): readonly Json[] {
  const { tenant } = call;
  const hidden: Json = {
    ...(isLicensed(tenant, 'p2') ? {} : hiddenRisk),
    ...(isPermitted(call, rules.readConditionalAccess) ? {} : { appliedConditionalAccessPolicies: [] }),
  };
  return tenant.signIns.map((row) => ({ ...row, ...hidden }));
}

/** The reporting API's limit per application and tenant (graph-docs throttling-limits.md). */
const limit = { requests: 5, window: 10_000 } as const;

/** Counts one request to /auditLogs. Throws 429 with Retry-After when the application has had its share. */
function countReportRequest({ graph, world, caller, ids }: Call): void {
  const now = world.now();
  const recent = (graph.reportRequests.get(caller.appId) ?? []).filter((at) => at > now - limit.window);
  if (recent.length >= limit.requests) {
    throw new GraphRefusal({
      status: 429,
      code: 'TooManyRequests',
      message:
        'This request is throttled. Please try again after the value (in seconds) specified in the Retry-After ' +
        `header. CorrelationId: ${ids.request}`,
      headers: { 'retry-after': String(limit.window / 1000) },
    });
  }
  graph.reportRequests.set(caller.appId, [...recent, now]);
}
