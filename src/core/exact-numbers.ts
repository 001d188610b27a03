/** A number that JavaScript has no way to hold as it was written: its text in the JSON. */
export class ExactNumber {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** What looks like a number between tokens. Inside a text it may look so too. */
const maybeNumber = /[:[,]\s*(-?\d[\d.eE+-]*)(?=\s*[,}\]])/g;

/**
 * Where one of these may change: a minus before nothing, more than 15 digits, an exponent, a zero at the end behind a point, or
 * many before the first other digit. What has none of these is told by one look, as most rows are.
 */
const maybeChanged = /[:[,]\s*(?:-0(?![.\d])|-?(?:[\d.]{16}|[\d.]+[eE]|\d+\.\d*0(?![\d.])|0\.00000))/;

const token = /"(?:[^"\\]|\\.)*"|[[\]{},:]|[^\s[\]{},:"]+/g;

const isKept = (text: string): boolean => String(Number(text)) === text;

/** Builds the value of tokens of JSON. */
class Builder {
  private at = 0;
  private readonly tokens: readonly string[];

  constructor(tokens: readonly string[]) {
    this.tokens = tokens;
  }

  private next(): string {
    const found = this.tokens[this.at];
    if (found === undefined) throw new SyntaxError('The JSON ends too early.');
    this.at += 1;
    return found;
  }

  value(): unknown {
    const first = this.next();
    if (first === '{') return this.object();
    if (first === '[') return this.array();
    return /^[-\d]/.test(first) && !isKept(first) ? new ExactNumber(first) : JSON.parse(first);
  }

  private object(): unknown {
    const members: [string, unknown][] = [];
    for (let word = this.next(); word !== '}'; word = this.next()) {
      if (word === ',') continue;
      this.next();
      members.push([String(JSON.parse(word)), this.value()]);
    }
    // As JSON.parse makes them: `__proto__` is a name like any other.
    return Object.fromEntries(members);
  }

  private array(): unknown {
    const items: unknown[] = [];
    for (; this.tokens[this.at] !== ']'; ) {
      if (this.tokens[this.at] === ',') this.at += 1;
      else items.push(this.value());
    }
    this.at += 1;
    return items;
  }
}

/**
 * What a JSON text holds, where numbers that would change are an ExactNumber each: those of many digits, `1.10`, `1e23`.
 * Throws SyntaxError where it is no JSON. Pure.
 */
export function parseExact(json: string): unknown {
  const plain: unknown = JSON.parse(json);
  if (!maybeChanged.test(json)) return plain;
  for (const [, number = ''] of json.matchAll(maybeNumber)) {
    if (!isKept(number)) return new Builder(json.match(token) ?? []).value();
  }
  return plain;
}

/** A value that JSON has a text for: members without one are left out, as JSON.stringify does. */
const hasText = (value: unknown): boolean => value !== undefined && typeof value !== 'function';

/** Dates, secrets and the like say themselves what they are in JSON. */
const hasOwnText = (value: unknown): value is { toJSON(): unknown } =>
  typeof value === 'object' && value !== null && 'toJSON' in value && typeof value.toJSON === 'function';

/**
 * JSON of what parseExact gave, its numbers as they were; else as JSON.stringify writes it, with `indent` spaces a level.
 * `clean` is given each text, names aside. Pure.
 */
export function exactJson(value: unknown, clean = (text: string): string => text, indent = 0): string {
  const [colon, gap] = indent > 0 ? [': ', '\n'] : [':', ''];
  const list = (open: string, items: readonly string[], close: string, margin: string): string => {
    if (items.length === 0) return open + close;
    const inner = gap + (gap === '' ? '' : margin + ' '.repeat(indent));
    return `${open}${inner}${items.join(`,${inner}`)}${gap}${gap === '' ? '' : margin}${close}`;
  };
  const write = (one: unknown, margin: string): string => {
    const below = margin + ' '.repeat(indent);
    if (one instanceof ExactNumber) return one.text;
    if (typeof one === 'string') return JSON.stringify(clean(one));
    if (hasOwnText(one)) return write(one.toJSON(), margin);
    if (Array.isArray(one)) {
      const items = one.map((item) => write(item, below));
      return list('[', items, ']', margin);
    }
    if (typeof one !== 'object' || one === null) return JSON.stringify(one) ?? 'null';
    const members = Object.entries(one).flatMap(([name, member]) =>
      hasText(member) ? [`${JSON.stringify(name)}${colon}${write(member, below)}`] : [],
    );
    return list('{', members, '}', margin);
  };
  return write(value, '');
}
