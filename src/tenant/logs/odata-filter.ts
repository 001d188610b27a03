import { type Fields, fieldsOf } from '../../core/fields.ts';
import { quoted } from '../../core/text.ts';

/** Whether a row passes. */
export type RowTest = (row: Fields) => boolean;

/** What names stand for: the row's properties, and the variable of an `any` around. */
type Scope = Readonly<Record<string, unknown>>;
type Expression = (scope: Scope) => unknown;

interface Token {
  readonly kind: 'text' | 'time' | 'number' | 'name' | 'sign';
  readonly text: string;
}

const token =
  /\s*(?:'((?:[^']|'')*)'|(\d{4}-\d{2}-\d{2}(?:T[\d:.]+(?:Z|[+-]\d{2}:\d{2})?)?)|(-?\d+(?:\.\d+)?)(?![\w-])|([A-Za-z_@][\w.@]*(?:\/[A-Za-z_@][\w.@]*)*)|([(),:]))/y;

function tokensOf(filter: string): Token[] {
  const tokens: Token[] = [];
  token.lastIndex = 0;
  for (const end = filter.trimEnd().length; token.lastIndex < end; ) {
    const at = token.lastIndex;
    const [, text, time, number, name, sign] = token.exec(filter) ?? [];
    if (text !== undefined) tokens.push({ kind: 'text', text: text.replaceAll("''", "'") });
    else if (time !== undefined) tokens.push({ kind: 'time', text: time });
    else if (number !== undefined) tokens.push({ kind: 'number', text: number });
    else if (name !== undefined) tokens.push({ kind: 'name', text: name });
    else if (sign !== undefined) tokens.push({ kind: 'sign', text: sign });
    else throw new RangeError(`nothing here reads ${quoted(filter.slice(at), 60)}`);
  }
  return tokens;
}

function valueAt(path: string, scope: Scope): unknown {
  let value: unknown = scope;
  for (const name of path.split('/')) value = fieldsOf(value)[name];
  return value;
}

const order = <T>(a: T, b: T): number => (a === b ? 0 : a < b ? -1 : 1);

/** How texts are compared, and whether values of no common type are a fault. */
interface Comparing {
  readonly isCaseSensitive: boolean;
  readonly isTyped: boolean;
}

const isValue = (value: unknown): boolean => ['string', 'number', 'boolean'].includes(typeof value);

/** Throws RangeError for two values that are there and of different types. */
function requireOneType(left: unknown, right: unknown): void {
  if (!isValue(left) || !isValue(right) || typeof left === typeof right) return;
  throw new RangeError(`a ${typeof left} is compared with a ${typeof right}`);
}

/** -1, 0 or 1; undefined where the two cannot be compared. Throws RangeError as requireOneType where types count. */
function compare(left: unknown, right: unknown, { isCaseSensitive, isTyped }: Comparing): number | undefined {
  if (isTyped) requireOneType(left, right);
  if (right instanceof Date) {
    const at = typeof left === 'string' ? Date.parse(left) : Number.NaN;
    return Number.isNaN(at) ? undefined : order(at, right.getTime());
  }
  if (typeof left === 'number' && typeof right === 'number') return order(left, right);
  if (typeof left !== 'string' || typeof right !== 'string') return (left ?? null) === right ? 0 : undefined;
  return isCaseSensitive ? order(left, right) : order(left.toLowerCase(), right.toLowerCase());
}

const comparisons: Readonly<Record<string, (order: number | undefined) => boolean>> = {
  eq: (order) => order === 0,
  ne: (order) => order !== 0,
  gt: (order) => order === 1,
  ge: (order) => order === 0 || order === 1,
  lt: (order) => order === -1,
  le: (order) => order === 0 || order === -1,
};

const textTests: Readonly<Record<string, (text: string, part: string) => boolean>> = {
  startswith: (text, part) => text.startsWith(part),
  endswith: (text, part) => text.endsWith(part),
  contains: (text, part) => text.includes(part),
};

/** Levels of brackets: no filter that a person writes has ten. */
const deepest = 50;

/** Reads the part of OData that public clients send to the logs: comparisons, text functions, any, and, or, not, brackets. */
class FilterParser {
  private at = 0;
  private depth = 0;
  private readonly tokens: readonly Token[];
  private readonly comparing: Comparing;

  constructor(filter: string, comparing: Comparing) {
    this.tokens = tokensOf(filter);
    this.comparing = comparing;
  }

  whole(): Expression {
    const test = this.either();
    if (this.at < this.tokens.length) this.fail();
    return test;
  }

  private fail(): never {
    const { text = 'its end' } = this.tokens[this.at] ?? {};
    throw new RangeError(`nothing here reads it from ${quoted(text, 60)} on`);
  }

  private takes(text: string): boolean {
    const next = this.tokens[this.at];
    if (next === undefined || next.kind === 'text' || next.text.toLowerCase() !== text) return false;
    this.at += 1;
    return true;
  }

  private need(text: string): void {
    if (!this.takes(text)) this.fail();
  }

  private either(): Expression {
    const parts = [this.both()];
    while (this.takes('or')) parts.push(this.both());
    return parts.length === 1 && parts[0] ? parts[0] : (scope) => parts.some((part) => part(scope) === true);
  }

  private both(): Expression {
    const parts = [this.single()];
    while (this.takes('and')) parts.push(this.single());
    return parts.length === 1 && parts[0] ? parts[0] : (scope) => parts.every((part) => part(scope) === true);
  }

  private single(): Expression {
    this.depth += 1;
    if (this.depth > deepest) this.fail();
    const test = this.unguarded();
    this.depth -= 1;
    return test;
  }

  private unguarded(): Expression {
    if (this.takes('not')) {
      const test = this.single();
      return (scope) => test(scope) !== true;
    }
    if (this.takes('(')) {
      const test = this.either();
      this.need(')');
      return test;
    }
    return this.comparison();
  }

  private comparison(): Expression {
    const left = this.operand();
    const operator = this.tokens[this.at];
    const holds = operator?.kind === 'name' ? comparisons[operator.text.toLowerCase()] : undefined;
    if (!holds) return left;
    this.at += 1;
    const right = this.operand();
    return (scope) => holds(compare(left(scope), right(scope), this.comparing));
  }

  private operand(): Expression {
    const next = this.tokens[this.at];
    if (next === undefined || next.kind === 'sign') this.fail();
    this.at += 1;
    switch (next.kind) {
      case 'text':
        return () => next.text;
      case 'number':
        return () => Number(next.text);
      case 'time': {
        const time = new Date(next.text);
        if (Number.isNaN(time.getTime())) this.fail();
        return () => time;
      }
      default:
        return this.named(next.text);
    }
  }

  private named(name: string): Expression {
    const word = name.toLowerCase();
    if (word === 'true' || word === 'false') return () => word === 'true';
    if (word === 'null') return () => null;
    if (!this.takes('(')) return (scope) => valueAt(name, scope);
    if (word.endsWith('/any')) return this.any(name.slice(0, -4));
    const test = textTests[word];
    if (!test) {
      this.at -= 2;
      this.fail();
    }
    const text = this.operand();
    this.need(',');
    const part = this.operand();
    this.need(')');
    const asText = (value: unknown): string => {
      const given = typeof value === 'string' ? value : '';
      return this.comparing.isCaseSensitive ? given : given.toLowerCase();
    };
    const { isTyped } = this.comparing;
    return (scope) => {
      const [given, sought] = [text(scope), part(scope)];
      if (isTyped) requireOneType(given, '');
      return typeof given === 'string' && test(asText(given), asText(sought));
    };
  }

  private any(path: string): Expression {
    const variable = this.tokens[this.at];
    if (variable?.kind !== 'name') this.fail();
    this.at += 1;
    this.need(':');
    const test = this.either();
    this.need(')');
    return (scope) => {
      const items = valueAt(path, scope);
      return Array.isArray(items) && items.some((item) => test({ ...scope, [variable.text]: item }) === true);
    };
  }
}

/**
 * Reads an OData filter as a test of rows, for what Graph refuses to filter itself. Texts are compared without regard to
 * case, as the logs do, unless told otherwise. Throws RangeError, which completes "it cannot be read here: …"; where types
 * count the test throws one too, for a row in which they differ. Pure.
 */
export function parseFilter(filter: string, isCaseSensitive = false, isTyped = false): RowTest {
  const test = new FilterParser(filter, { isCaseSensitive, isTyped }).whole();
  return (row) => test(row) === true;
}
