import { type Call, contextOf, type Outcome, versionOf } from '../context.ts';
import {
  betaSignIns,
  checkFilters,
  directoryAudits,
  type Log,
  provisioning,
  signIns,
} from '../logs/log-tables.ts';
import { findRow, type LogCursor, readPage, type Selection, selectFrom, spanOf } from '../logs/row-source.ts';
import { matches } from '../odata/apply-filter.ts';
import {
  checkExpand,
  checkSelect,
  entity,
  findPage,
  keepPage,
  nextLink,
  project,
  selection as selectedNames,
} from '../odata/list.ts';
import { badRequest, forbidden, GraphRefusal, notFound } from '../refusal.ts';
import { holdsRole, isLicensed, isPermitted, rules } from '../rights.ts';
import type { Handler, Key, Routes } from '../router.ts';

/** Default and largest page (graph-docs signin-list.md). */
const mostRows = 1000;

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

/** Throws 403 unless the caller may read what the reports of this kind say. */
export function requireReader(
  call: Call,
  { permission, readers }: Pick<Log, 'permission' | 'readers'>,
): void {
  if (!isPermitted(call, rules[permission])) {
    throw forbidden(
      'Authentication_MSGraphPermissionMissing',
      'The principal does not have required Microsoft Graph permission(s): AuditLog.Read.All to call this API.',
    );
  }
  if (call.caller.kind === 'user' && !holdsRole(call, readers)) {
    throw forbidden('Authentication_RequestFromUnsupportedUserRole', 'User is not in the allowed roles');
  }
}

function requireLog(call: Call, log: Log): void {
  countReportRequest(call);
  requireReader(call, log);
  if (log.name === 'signIns') requirePremium(call);
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

/**
 * Of `size` rows, how many a page shows: a page may hold fewer than asked for, and even none, and yet not be the last
 * one (microsoft-graph-docs paging.md). Pages count from 1, and the first is always full.
 */
function shownOn(page: number, size: number, { world }: Call): number {
  const { lateRows, manyRows } = world.behaviour;
  if (!lateRows && manyRows === 0) return size;
  const turn = page % (lateRows ? 4 : 32);
  if (turn === 2) return 0;
  return turn === 3 ? Math.ceil(size / 2) : size;
}

/** Days that the logs keep their rows (entra-docs reference-reports-data-retention.md). */
function retention({ tenant }: Call): number {
  return isLicensed(tenant, 'p1', 'p2') ? 30 : 7;
}

/** Epoch milliseconds of the oldest row that is still there. */
function oldestKept(call: Call): number {
  return call.world.now() - retention(call) * 86_400_000;
}

/** Newest first, unless asked for the other way round. */
function select(call: Call, log: Log): Selection {
  const { orderBy, search, filter } = call.query;
  if (search !== undefined) throw badRequest("'$search' is not supported by the service.", 'BadRequest');
  if (orderBy !== undefined && orderBy.property !== log.date) {
    throw badRequest(
      `The property '${orderBy.property}' cannot be used in the $orderby query option.`,
      'BadRequest',
    );
  }
  checkFilters(call, log);
  const { from, to } = spanOf(filter, log.date);
  return selectFrom(log.sources(call, false), {
    span: { from: Math.max(from, oldestKept(call)), to },
    descending: orderBy === undefined || orderBy.descending,
    accepts: (row) => filter === undefined || matches(row, filter, log.caseSensitive),
  });
}

function resume(call: Call, log: Log): LogCursor {
  const { skipToken } = call.query;
  if (skipToken === undefined) return { log: log.name, selection: select(call, log), position: [], page: 1 };
  const cursor = findPage(call, call.graph.logCursors, skipToken);
  if (cursor?.log === log.name) return cursor;
  throw new GraphRefusal({
    status: 400,
    code: '',
    message: 'Token not found: token is either invalid or expired',
  });
}

function listLog(call: Call, log: Log): Outcome {
  requireLog(call, log);
  checkSelect(log.type, call.query.select);
  checkExpand(call, log.type, {});
  const size = pageSize(call);
  const cursor = resume(call, log);
  const { rows, next } = readPage(cursor.selection, cursor.position, shownOn(cursor.page, size, call));
  const token = `${call.world.randomBytes(16).toString('hex')}_${cursor.page}`;
  if (next !== undefined) {
    keepPage(call, call.graph.logCursors, token, { ...cursor, position: next, page: cursor.page + 1 });
  }
  return {
    status: 200,
    body: {
      '@odata.context': contextOf(call, `auditLogs/${log.name}${selectedNames(call)}`),
      ...(next === undefined ? {} : { '@odata.nextLink': nextLink(call, token) }),
      value: rows.map((row) => project(log.type, row, call.query.select)),
    },
  };
}

function readLog(call: Call, log: Log, { value }: Key): Outcome {
  requireLog(call, log);
  const found = findRow(log.sources(call, true), value);
  if (found === undefined || found.at < oldestKept(call)) throw notFound(value);
  return entity(call, log.type, `auditLogs/${log.name}`, found.row);
}

function byVersion(log: Log, beta: Log, handle: (call: Call, log: Log, key: Key) => Outcome): Handler {
  return (call, key) => handle(call, versionOf(call.request) === 'beta' ? beta : log, key);
}

function routesOf(log: Log, beta = log): Routes {
  return {
    [`auditLogs/${log.name}`]: { GET: byVersion(log, beta, listLog) },
    [`auditLogs/${log.name}/{}`]: { GET: byVersion(log, beta, readLog) },
  };
}

/** The logs, in v1.0 and beta. What this server did itself appears in them some seconds later, as real logs are late. */
export const auditLogRoutes: Routes = {
  ...routesOf(signIns, betaSignIns),
  ...routesOf(directoryAudits),
  'auditLogs/provisioning': { GET: (call) => listLog(call, provisioning) },
};

/** The reporting API's limit per application and tenant (graph-docs throttling-limits.md). */
const limit = { requests: 5, window: 10_000 } as const;

/** Counts one request to /auditLogs. Throws 429 with Retry-After when the application has had its share. */
function countReportRequest({ graph, world, caller, ids }: Call): void {
  if (world.behaviour.unthrottled) return;
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
