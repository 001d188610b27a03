import { type Call, contextOf, type Json, type Outcome } from '../context.ts';
import { unsupportedQuery } from '../refusal.ts';
import { directoryObjectType, userType } from '../types/directory.ts';
import { type EntityType, kindOf, specOf } from '../types/spec.ts';
import type { Expansion } from './query.ts';
import { invalidSelect } from './refusals.ts';

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
