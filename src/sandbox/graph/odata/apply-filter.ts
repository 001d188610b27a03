import { isObject, type Json } from '../../json.ts';

import { invalidFilter, missingProperty, unsupportedQuery } from '../refusal.ts';
import { type EntityType, type Kind, kindOf, type Scalar, type Spec, specOf } from '../types/spec.ts';
import type { Comparison, Filter, Literal } from './filter.ts';

type Variables = ReadonlyMap<string, Kind>;

const scalarItself: Kind = { many: false, of: 'String' };

function step(kind: Kind, part: string, typeName: string): Kind {
  if (kind.many || typeof kind.of === 'string') throw invalidFilter(missingProperty(part, typeName));
  const spec: Spec | undefined = specOf(kind.of, part);
  if (spec === undefined) throw invalidFilter(missingProperty(part, kind.of.name));
  return kindOf(spec);
}

function kindAt(type: EntityType, variables: Variables, path: string): Kind {
  const [first = '', ...rest] = path.split('/');
  const root: Kind = { many: false, of: type };
  const variable = variables.get(first);
  if (variable === undefined && type.open && rest.length === 0 && specOf(type, first) === undefined) {
    return scalarItself;
  }
  let kind = variable ?? step(root, first, type.name);
  for (const part of rest) kind = step(kind, part, type.name);
  return kind;
}

const families: Readonly<Record<Scalar, readonly Literal['edm'][]>> = {
  String: ['String'],
  Binary: ['String'],
  Guid: ['Guid'],
  Boolean: ['Boolean'],
  Int32: ['Int32'],
  Double: ['Int32', 'Double'],
  DateTimeOffset: ['DateTimeOffset'],
  Duration: [],
};

const operatorNames = {
  eq: 'Equal',
  ne: 'NotEqual',
  gt: 'GreaterThan',
  ge: 'GreaterThanOrEqual',
  lt: 'LessThan',
  le: 'LessThanOrEqual',
} as const;

function requireComparable(kind: Kind, literal: Literal, operator: keyof typeof operatorNames): void {
  if (literal.edm === 'Null' && !kind.many) return;
  const name = typeof kind.of === 'string' ? kind.of : kind.of.name;
  const known = !kind.many && typeof kind.of === 'string' && families[kind.of].includes(literal.edm);
  if (known) return;
  throw invalidFilter(
    'A binary operator with incompatible types was detected. Found operand types ' +
      `'${kind.many ? `Collection(Edm.${name})` : `Edm.${name}`}' and 'Edm.${literal.edm}' for operator kind ` +
      `'${operatorNames[operator]}'.`,
  );
}

function requireText(kind: Kind, literal: Literal, test: string): void {
  if (!kind.many && kind.of === 'String' && literal.edm === 'String') return;
  throw invalidFilter(
    `No function signature for the function with name '${test}' matches the specified arguments.`,
  );
}

function check(type: EntityType, filter: Filter, variables: Variables): void {
  switch (filter.kind) {
    case 'and':
    case 'or':
      check(type, filter.left, variables);
      check(type, filter.right, variables);
      return;
    case 'not':
      check(type, filter.operand, variables);
      return;
    case 'compare':
      requireComparable(kindAt(type, variables, filter.path), filter.value, filter.operator);
      return;
    case 'in':
      for (const value of filter.values) requireComparable(kindAt(type, variables, filter.path), value, 'eq');
      return;
    case 'text':
      requireText(kindAt(type, variables, filter.path), filter.value, filter.test);
      return;
    case 'any':
      checkAny(type, filter, variables);
  }
}

function checkAny(type: EntityType, filter: Extract<Filter, { kind: 'any' }>, variables: Variables): void {
  const kind = kindAt(type, variables, filter.path);
  if (!kind.many) throw invalidFilter('Any/All may only be used following a collection.');
  if (filter.variable === undefined || filter.body === undefined) return;
  check(type, filter.body, new Map([...variables, [filter.variable, { many: false, of: kind.of }]]));
}

function isServed({ filterable }: EntityType, path: string, operator: string): boolean {
  if (filterable === undefined) return true;
  return Object.hasOwn(filterable, path) && filterable[path]?.includes(operator) === true;
}

/** Throws 400 where a filter names what the type lacks, or compares what does not compare. */
export function checkFilter(type: EntityType, filter: Filter): void {
  check(type, filter, new Map());
  for (const { path, operator } of tests(filter)) {
    const [property = ''] = path.split('/');
    if (type.unfilterable?.includes(property) || !isServed(type, path, operator)) {
      throw unsupportedQuery(
        `Unsupported or invalid query filter clause specified for property '${property}' of resource '${type.label}'.`,
      );
    }
  }
}

/** One elementary test of a filter, its path written from the row: `targetResources/any/id`. */
export interface Test {
  readonly path: string;
  readonly operator: string;
}

/** Every elementary test in a filter. */
export function tests(filter: Filter, variables: ReadonlyMap<string, string> = new Map()): Test[] {
  const absolute = (path: string): string => {
    const [first = '', ...rest] = path.split('/');
    return [variables.get(first) ?? first, ...rest].join('/');
  };
  switch (filter.kind) {
    case 'and':
    case 'or':
      return [...tests(filter.left, variables), ...tests(filter.right, variables)];
    case 'not':
      return [...tests(filter.operand, variables), { path: '', operator: 'not' }];
    case 'compare':
      return [{ path: absolute(filter.path), operator: filter.operator }];
    case 'in':
      return [{ path: absolute(filter.path), operator: 'in' }];
    case 'text':
      return [{ path: absolute(filter.path), operator: filter.test }];
    case 'any': {
      const path = `${absolute(filter.path)}/any`;
      if (filter.variable === undefined || filter.body === undefined) return [{ path, operator: 'any' }];
      return tests(filter.body, new Map([...variables, [filter.variable, path]]));
    }
  }
}

/** What names mean while a filter runs: the row, and the items that lambdas walk over. */
interface Scope {
  readonly row: Json;
  readonly items: ReadonlyMap<string, unknown>;
  readonly caseSensitive: boolean;
}

function resolve(scope: Scope, path: string): unknown {
  const parts = path.split('/');
  const [first = ''] = parts;
  let value: unknown = scope.items.has(first) ? scope.items.get(first) : scope.row[first];
  for (const part of parts.slice(1)) value = isObject(value) ? value[part] : null;
  return value ?? null;
}

/** Both sides as values that JavaScript orders as Graph does: text without case as a rule, dates as instants. */
function comparable(
  value: unknown,
  edm: Literal['edm'],
  caseSensitive: boolean,
): string | number | boolean | null {
  if (typeof value === 'number' || typeof value === 'boolean') return value;
  if (typeof value !== 'string') return null;
  if (edm === 'DateTimeOffset') return Date.parse(value);
  return caseSensitive ? value : value.toLowerCase();
}

function compare(value: unknown, operator: Comparison, literal: Literal, { caseSensitive }: Scope): boolean {
  const left = comparable(value, literal.edm, caseSensitive);
  const right = comparable(literal.value, literal.edm, caseSensitive);
  if (operator === 'eq') return left === right;
  if (operator === 'ne') return left !== right;
  if (left === null || right === null) return false;
  if (operator === 'gt') return left > right;
  if (operator === 'ge') return left >= right;
  return operator === 'lt' ? left < right : left <= right;
}

function testText(
  value: unknown,
  filter: Extract<Filter, { kind: 'text' }>,
  { caseSensitive }: Scope,
): boolean {
  if (typeof value !== 'string') return false;
  const fold = (whole: string): string => (caseSensitive ? whole : whole.toLowerCase());
  const text = fold(value);
  const part = fold(String(filter.value.value));
  if (filter.test === 'startswith') return text.startsWith(part);
  return filter.test === 'endswith' ? text.endsWith(part) : text.includes(part);
}

function testAny(scope: Scope, { path, variable, body }: Extract<Filter, { kind: 'any' }>): boolean {
  const value = resolve(scope, path);
  const items: readonly unknown[] = Array.isArray(value) ? value : [];
  if (variable === undefined || body === undefined) return items.length > 0;
  return items.some((item) => test({ ...scope, items: new Map([...scope.items, [variable, item]]) }, body));
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
      return compare(resolve(scope, filter.path), filter.operator, filter.value, scope);
    case 'in':
      return filter.values.some((value) => compare(resolve(scope, filter.path), 'eq', value, scope));
    case 'text':
      return testText(resolve(scope, filter.path), filter, scope);
    case 'any':
      return testAny(scope, filter);
  }
}

const noItems: ReadonlyMap<string, unknown> = new Map();

/** Whether a row passes a filter. */
export function matches(row: Json, filter: Filter, caseSensitive = false): boolean {
  return test({ row, items: noItems, caseSensitive }, filter);
}
