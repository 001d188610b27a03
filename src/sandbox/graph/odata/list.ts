import { type Call, type Cursor, contextOf, type Json, type Outcome } from '../context.ts';
import { badRequest, unsupportedQuery } from '../refusal.ts';
import { type EntityType, specOf } from '../types/spec.ts';
import { checkFilter, tests } from './check.ts';
import { matches } from './evaluate.ts';
import type { Ordering, Query } from './query.ts';
import { missingProperty } from './refusals.ts';
import { checkExpand, checkSelect, type Navigation, selection, shape } from './select.ts';

/** A collection as a handler hands it over: all its rows, complete. */
export interface Listing {
  readonly type: EntityType;
  /** The set's name in `@odata.context`. */
  readonly set: string;
  readonly rows: readonly Json[];
  readonly navigation?: Navigation;
  /** Whether the path ends in a type cast, which needs the advanced query parameters. */
  readonly cast?: boolean;
}

/** Page sizes of directory objects (graph-docs paging.md). */
const pageSize = { default: 100, most: 999 } as const;

/** Milliseconds that a page token lives. */
const tokenLifetime = 300_000;

/** Tests that the directory serves from its index only (graph-docs aad-advanced-queries.md). */
const advancedOperators = new Set(['ne', 'not', 'endswith', 'contains']);

function isAdvanced({ filter, orderBy }: Query, cast: boolean): boolean {
  if (cast || (filter !== undefined && orderBy !== undefined)) return true;
  if (orderBy !== undefined && orderBy.property !== 'displayName') return true;
  return filter !== undefined && tests(filter).some(({ operator }) => advancedOperators.has(operator));
}

function requireAdvanced(query: Query, cast: boolean): void {
  if (query.search !== undefined && !query.eventual) {
    throw unsupportedQuery(
      'Request with $search query parameter only works through MSGraph with a special request header: ' +
        "'ConsistencyLevel: eventual'",
    );
  }
  if (isAdvanced(query, cast) && !(query.eventual && query.count)) throw unsupportedQuery();
}

/** `"property:text"` terms; every one must be a prefix of a word of that property. */
function search(rows: readonly Json[], text: string): readonly Json[] {
  const terms = [...text.matchAll(/"(\w+):([^"]*)"/g)];
  if (terms.length === 0) throw badRequest('Invalid $search clause.', 'Request_BadRequest');
  return rows.filter((row) =>
    terms.every(([, property = '', value = '']) => {
      const held = row[property];
      return typeof held === 'string' && held.toLowerCase().includes(value.toLowerCase());
    }),
  );
}

function order(rows: readonly Json[], { property, descending }: Ordering, type: EntityType): readonly Json[] {
  if (specOf(type, property) === undefined)
    throw badRequest(missingProperty(property, type.name), 'BadRequest');
  const key = (row: Json): string => String(row[property] ?? '');
  const sorted = [...rows].sort((left, right) => key(left).localeCompare(key(right)));
  return descending ? sorted.reverse() : sorted;
}

/** Applies $filter, $search and $orderby. */
export function narrow(query: Query, type: EntityType, rows: readonly Json[]): readonly Json[] {
  const { filter } = query;
  if (filter !== undefined) checkFilter(type, filter);
  let result = filter === undefined ? rows : rows.filter((row) => matches(row, filter));
  if (query.search !== undefined) result = search(result, query.search);
  return query.orderBy === undefined ? result : order(result, query.orderBy, type);
}

function requirePageSize({ top, skip }: Query): number {
  if (skip !== undefined) throw badRequest("'$skip' is not supported by the service.", 'Request_BadRequest');
  if (top === undefined) return pageSize.default;
  if (top >= 1 && top <= pageSize.most) return top;
  throw unsupportedQuery(
    `Invalid page size specified: '${top}'. Must be between 1 and ${pageSize.most} inclusive.`,
  );
}

/** The address of the same request's next page. */
export function nextLink(call: Call, token: string): string {
  const { url } = call.request;
  const kept = [...url.searchParams].filter(([name]) => !/^\$?skiptoken$/i.test(name));
  const pairs = kept.map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
  return `${call.world.origin}${url.pathname}?${[...pairs, `$skiptoken=${token}`].join('&')}`;
}

/** Forgets page tokens that nobody may use any more, and keeps one more. */
export function keepCursor(call: Call, token: string, cursor: Omit<Cursor, 'expiresAt'>): void {
  const { cursors } = call.graph;
  const now = call.world.now();
  for (const [key, { expiresAt }] of cursors) if (expiresAt <= now) cursors.delete(key);
  cursors.set(token, { ...cursor, expiresAt: now + tokenLifetime });
}

/** The page that a token stands for, or undefined when it is unknown or too old. */
export function findCursor(call: Call, token: string): Cursor | undefined {
  const cursor = call.graph.cursors.get(token);
  return cursor !== undefined && cursor.expiresAt > call.world.now() ? cursor : undefined;
}

function resume(call: Call, listing: Listing): { rows: readonly Json[]; offset: number } {
  const { skipToken } = call.query;
  if (skipToken === undefined) return { rows: narrow(call.query, listing.type, listing.rows), offset: 0 };
  const cursor = findCursor(call, skipToken);
  if (cursor !== undefined) return cursor;
  throw badRequest(
    'The specified page token value has expired and can no longer be included in your request.',
    'Directory_ExpiredPageToken',
  );
}

/** 200 with a page of a collection of directory objects. */
export function list(call: Call, listing: Listing): Outcome {
  const { query } = call;
  const { type, navigation = {}, cast = false } = listing;
  checkSelect(type, query.select);
  checkExpand(call, type, navigation);
  requireAdvanced(query, cast);
  const size = requirePageSize(query);
  const { rows, offset } = resume(call, listing);
  const end = offset + size;
  const token = `RFNwdAIAAQ${call.world.randomBytes(24).toString('hex')}`;
  if (end < rows.length) keepCursor(call, token, { rows, offset: end });
  return {
    status: 200,
    body: {
      '@odata.context': contextOf(call, `${listing.set}${selection(call)}`),
      ...(query.count && query.eventual && offset === 0 ? { '@odata.count': rows.length } : {}),
      ...(end < rows.length ? { '@odata.nextLink': nextLink(call, token) } : {}),
      value: rows.slice(offset, end).map((row) => shape(call, type, row, navigation)),
    },
  };
}

/** 200 with the number of rows, as text. */
export function count(call: Call, listing: Listing): Outcome {
  if (!call.query.eventual) throw badRequest('$count is not currently supported.');
  return { status: 200, body: String(narrow(call.query, listing.type, listing.rows).length) };
}
