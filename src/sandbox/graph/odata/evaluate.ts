import type { Json } from '../context.ts';
import type { Comparison, Filter } from './filter.ts';
import type { Literal } from './tokens.ts';

/** What names mean while a filter runs: the row, and the items that lambdas walk over. */
interface Scope {
  readonly row: Json;
  readonly items: ReadonlyMap<string, unknown>;
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function resolve(scope: Scope, path: string): unknown {
  const parts = path.split('/');
  const [first = ''] = parts;
  let value: unknown = scope.items.has(first) ? scope.items.get(first) : scope.row[first];
  for (const part of parts.slice(1)) value = isObject(value) ? value[part] : null;
  return value ?? null;
}

/** Both sides as values that JavaScript orders as Graph does: text without case, dates as instants. */
function comparable(value: unknown, edm: Literal['edm']): string | number | boolean | null {
  if (typeof value === 'number' || typeof value === 'boolean') return value;
  if (typeof value !== 'string') return null;
  return edm === 'DateTimeOffset' ? Date.parse(value) : value.toLowerCase();
}

function compare(value: unknown, operator: Comparison, literal: Literal): boolean {
  const left = comparable(value, literal.edm);
  const right = comparable(literal.value, literal.edm);
  if (operator === 'eq') return left === right;
  if (operator === 'ne') return left !== right;
  if (left === null || right === null) return false;
  if (operator === 'gt') return left > right;
  if (operator === 'ge') return left >= right;
  return operator === 'lt' ? left < right : left <= right;
}

function testText(value: unknown, filter: Extract<Filter, { kind: 'text' }>): boolean {
  if (typeof value !== 'string') return false;
  const text = value.toLowerCase();
  const part = String(filter.value.value).toLowerCase();
  if (filter.test === 'startswith') return text.startsWith(part);
  return filter.test === 'endswith' ? text.endsWith(part) : text.includes(part);
}

function testAny(scope: Scope, { path, variable, body }: Extract<Filter, { kind: 'any' }>): boolean {
  const value = resolve(scope, path);
  const items: readonly unknown[] = Array.isArray(value) ? value : [];
  if (variable === undefined || body === undefined) return items.length > 0;
  return items.some((item) =>
    test({ row: scope.row, items: new Map([...scope.items, [variable, item]]) }, body),
  );
}

function test(scope: Scope, filter: Filter): boolean {
  switch (filter.kind) {
    case 'and':
      return test(scope, filter.left) && test(scope, filter.right);
    case 'or':
      return test(scope, filter.left) || test(scope, filter.right);
    case 'not':
      return !test(scope, filter.operand);
    case 'compare':
      return compare(resolve(scope, filter.path), filter.operator, filter.value);
    case 'in':
      return filter.values.some((value) => compare(resolve(scope, filter.path), 'eq', value));
    case 'text':
      return testText(resolve(scope, filter.path), filter);
    case 'any':
      return testAny(scope, filter);
  }
}

/** Whether a row passes a filter. */
export function matches(row: Json, filter: Filter): boolean {
  return test({ row, items: new Map() }, filter);
}
