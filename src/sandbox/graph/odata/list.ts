import type { Json } from '../../json.ts';
import { type Call, contextOf, type Outcome, type Pages } from '../context.ts';
import { badRequest, invalidSelect, missingProperty, unsupportedQuery } from '../refusal.ts';
import { directoryObjectType, userType } from '../types/directory.ts';
import { type EntityType, kindOf, specOf } from '../types/spec.ts';
import { checkFilter, matches, tests } from './apply-filter.ts';
import type { Expansion, Ordering, Query } from './query.ts';

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
function narrow(query: Query, type: EntityType, rows: readonly Json[]): readonly Json[] {
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
export function keepPage<T>({ world }: Call, pages: Pages<T>, token: string, cursor: T): void {
  const now = world.now();
  // Every token lives equally long, so that the oldest come first.
  for (const [key, { expiresAt }] of pages) {
    if (expiresAt > now) break;
    pages.delete(key);
  }
  pages.set(token, { cursor, expiresAt: now + tokenLifetime });
}

/** The page that a token stands for, or undefined when it is unknown or too old. */
export function findPage<T>({ world }: Call, pages: Pages<T>, token: string): T | undefined {
  const page = pages.get(token);
  return page !== undefined && page.expiresAt > world.now() ? page.cursor : undefined;
}

function resume(call: Call, listing: Listing): { rows: readonly Json[]; offset: number } {
  const { skipToken } = call.query;
  if (skipToken === undefined) return { rows: narrow(call.query, listing.type, listing.rows), offset: 0 };
  const cursor = findPage(call, call.graph.cursors, skipToken);
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
  if (end < rows.length) keepPage(call, call.graph.cursors, token, { rows, offset: end });
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

/** What $expand reaches from a row: by name, the rows (or the one row) behind it. */
export type Navigation = Readonly<Record<string, (row: Json) => Json | Json[] | null>>;

/** What a row shows unasked: in mixed collections, that of its own type. */
function defaultsOf(type: EntityType, row: Json): readonly string[] | undefined {
  return row['@odata.type'] === `#${userType.name}` ? userType.defaults : type.defaults;
}

/** What a property without a value shows to who asks for it by name. */
function emptyOf(type: EntityType, property: string): null | [] {
  const spec = specOf(type, property);
  return spec !== undefined && kindOf(spec).many ? [] : null;
}

/** The part of a row that a reply shows; annotations always stay. */
export function project(type: EntityType, row: Json, select: readonly string[] | undefined): Json {
  const shown = select ?? defaultsOf(type, row);
  if (shown === undefined) return row;
  const wanted = new Set(shown);
  const held = Object.entries(row).filter(([name]) => name.startsWith('@') || wanted.has(name));
  const lacking = select === undefined || type.open ? [] : select.filter((name) => !Object.hasOwn(row, name));
  return Object.fromEntries([...held, ...lacking.map((name) => [name, emptyOf(type, name)])]);
}

/** Throws 400 for a property that the type lacks. */
export function checkSelect(type: EntityType, select: readonly string[] | undefined): void {
  if (type.open) return;
  for (const name of select ?? []) {
    if (specOf(type, name) === undefined) throw invalidSelect(name, type.name);
  }
}

function expandOne(row: Json, expansion: Expansion, navigation: Navigation): Json | Json[] | null {
  const reach = Object.hasOwn(navigation, expansion.property) ? navigation[expansion.property] : undefined;
  const target = reach?.(row) ?? null;
  if (target === null) return null;
  const narrow = (item: Json): Json => project(directoryObjectType, item, expansion.select);
  return Array.isArray(target) ? target.map(narrow) : narrow(target);
}

/** The row as a reply shows it, with what $expand asks for. */
export function shape(call: Call, type: EntityType, row: Json, navigation: Navigation): Json {
  const { select, expand } = call.query;
  const expanded = expand.map(
    (expansion) => [expansion.property, expandOne(row, expansion, navigation)] as const,
  );
  return { ...project(type, row, select), ...Object.fromEntries(expanded) };
}

/** Throws 400 for an $expand of something that the type does not lead to. */
export function checkExpand(call: Call, type: EntityType, navigation: Navigation): void {
  for (const { property } of call.query.expand) {
    if (!Object.hasOwn(navigation, property)) throw invalidSelect(property, type.name);
  }
}

/** `(id,displayName)` behind a context, where the reply shows only a part. */
export function selection(call: Call): string {
  const { select, expand } = call.query;
  const parts = [...(select ?? []), ...expand.map(({ property }) => `${property}()`)];
  return parts.length === 0 ? '' : `(${parts.join(',')})`;
}

/** 200 with a single entity; `set` is its set's name in the context. */
export function entity(
  call: Call,
  type: EntityType,
  set: string,
  row: Json,
  navigation: Navigation = {},
): Outcome {
  const { query } = call;
  if (query.filter !== undefined || query.search !== undefined || query.orderBy !== undefined) {
    throw unsupportedQuery();
  }
  checkSelect(type, query.select);
  checkExpand(call, type, navigation);
  const context = contextOf(call, `${set}${selection(call)}/$entity`);
  return { status: 200, body: { '@odata.context': context, ...shape(call, type, row, navigation) } };
}
