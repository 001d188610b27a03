import { invalidFilter } from '../refusal.ts';

export type Comparison = 'eq' | 'ne' | 'gt' | 'ge' | 'lt' | 'le';
type TextTest = 'startswith' | 'endswith' | 'contains';

/** A parsed $filter. Paths are those of the row, or begin with the variable of the lambda around them. */
export type Filter =
  | { readonly kind: 'and' | 'or'; readonly left: Filter; readonly right: Filter }
  | { readonly kind: 'not'; readonly operand: Filter }
  | {
      readonly kind: 'compare';
      readonly operator: Comparison;
      readonly path: string;
      readonly value: Literal;
    }
  | { readonly kind: 'in'; readonly path: string; readonly values: readonly Literal[] }
  | { readonly kind: 'text'; readonly test: TextTest; readonly path: string; readonly value: Literal }
  | { readonly kind: 'any'; readonly path: string; readonly variable?: string; readonly body?: Filter };

/** A filter is refused beyond this depth, before the parser's own recursion would be in danger. */
const deepest = 50;

function comparisonOf(text: string): Comparison | undefined {
  const known: readonly Comparison[] = ['eq', 'ne', 'gt', 'ge', 'lt', 'le'];
  return known.find((operator) => operator === text);
}

function textTestOf(text: string): TextTest | undefined {
  const known: readonly TextTest[] = ['startswith', 'endswith', 'contains'];
  return known.find((name) => name === text.toLowerCase());
}

class Parser {
  readonly #source: string;
  readonly #tokens: readonly Token[];
  #next = 0;
  #depth = 0;

  constructor(source: string) {
    this.#source = source;
    this.#tokens = tokenize(source);
  }

  parse(): Filter {
    const filter = this.#or();
    if (this.#peek() !== undefined) throw this.#error();
    return filter;
  }

  #peek(): Token | undefined {
    return this.#tokens[this.#next];
  }

  #error(): Error {
    const at = this.#peek()?.at ?? this.#source.length;
    return invalidFilter(`Syntax error at position ${at} in '${this.#source}'.`);
  }

  #isWord(text: string): boolean {
    const token = this.#peek();
    return token?.kind === 'word' && token.text === text;
  }

  #mark(text: string): void {
    const token = this.#peek();
    if (token?.kind !== 'mark' || token.text !== text) throw this.#error();
    this.#next += 1;
  }

  #tryMark(text: string): boolean {
    const token = this.#peek();
    const matches = token?.kind === 'mark' && token.text === text;
    if (matches) this.#next += 1;
    return matches;
  }

  #word(): string {
    const token = this.#peek();
    if (token?.kind !== 'word') throw this.#error();
    this.#next += 1;
    return token.text;
  }

  #literal(): Literal {
    const token = this.#peek();
    if (token?.kind !== 'literal') throw this.#error();
    this.#next += 1;
    return { kind: 'literal', edm: token.edm, value: token.value };
  }

  #or(): Filter {
    let left = this.#and();
    while (this.#isWord('or')) {
      this.#next += 1;
      left = { kind: 'or', left, right: this.#and() };
    }
    return left;
  }

  #and(): Filter {
    let left = this.#unary();
    while (this.#isWord('and')) {
      this.#next += 1;
      left = { kind: 'and', left, right: this.#unary() };
    }
    return left;
  }

  #unary(): Filter {
    this.#depth += 1;
    if (this.#depth > deepest) throw invalidFilter('The recursion limit has been exceeded.');
    const filter = this.#operand();
    this.#depth -= 1;
    return filter;
  }

  #operand(): Filter {
    if (this.#isWord('not')) {
      this.#next += 1;
      return { kind: 'not', operand: this.#unary() };
    }
    if (this.#tryMark('(')) {
      const inner = this.#or();
      this.#mark(')');
      return inner;
    }
    return this.#test();
  }

  #test(): Filter {
    const word = this.#word();
    const test = textTestOf(word);
    if (test !== undefined) return this.#textTest(test);
    if (word.endsWith('/any')) return this.#lambda(word.slice(0, -'/any'.length));
    const operator = this.#word();
    if (operator === 'in') return { kind: 'in', path: word, values: this.#list() };
    const comparison = comparisonOf(operator);
    if (comparison !== undefined) {
      return { kind: 'compare', operator: comparison, path: word, value: this.#literal() };
    }
    this.#next -= 1;
    throw this.#error();
  }

  #textTest(test: TextTest): Filter {
    this.#mark('(');
    const path = this.#word();
    this.#mark(',');
    const value = this.#literal();
    this.#mark(')');
    return { kind: 'text', test, path, value };
  }

  #list(): Literal[] {
    this.#mark('(');
    const values = [this.#literal()];
    while (this.#tryMark(',')) values.push(this.#literal());
    this.#mark(')');
    return values;
  }

  #lambda(path: string): Filter {
    this.#mark('(');
    if (this.#tryMark(')')) return { kind: 'any', path };
    const variable = this.#word();
    this.#mark(':');
    const body = this.#or();
    this.#mark(')');
    return { kind: 'any', path, variable, body };
  }
}

/** Parses a $filter. Throws 400 BadRequest "Invalid filter clause: …" for anything that is none. */
export function parseFilter(source: string): Filter {
  return new Parser(source).parse();
}

/** A literal of a filter expression, with the EDM type that its spelling gives it. */
export interface Literal {
  readonly kind: 'literal';
  readonly edm: 'String' | 'Guid' | 'DateTimeOffset' | 'Int32' | 'Double' | 'Boolean' | 'Null';
  readonly value: string | number | boolean | null;
}

interface Word {
  readonly kind: 'word';
  /** A property path, an operator or a function name. */
  readonly text: string;
}

interface Mark {
  readonly kind: 'mark';
  readonly text: '(' | ')' | ',' | ':';
}

export type Token = (Literal | Word | Mark) & { readonly at: number };

type Read = (text: string) => Literal | Word | Mark;

const patterns: readonly (readonly [RegExp, Read])[] = [
  [/'(?:[^']|'')*'/y, (text) => literal('String', text.slice(1, -1).replaceAll("''", "'"))],
  [
    /\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,12})?)?(?:Z|[+-]\d\d:\d\d))?(?![\w.:-])/iy,
    (text) => literal('DateTimeOffset', text),
  ],
  [/[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}(?![\w-])/iy, (text) => literal('Guid', text)],
  [/-?\d+(?![\w.])/y, (text) => literal('Int32', Number(text))],
  [/-?\d+\.\d+(?![\w.])/y, (text) => literal('Double', Number(text))],
  [/(?:true|false)(?![\w/.])/y, (text) => literal('Boolean', text === 'true')],
  [/null(?![\w/.])/y, () => literal('Null', null)],
  [/[A-Za-z_][\w.]*(?:\/[A-Za-z_$][\w.]*)*/y, (text) => ({ kind: 'word', text })],
  [/[(),:]/y, (text) => ({ kind: 'mark', text: mark(text) })],
];

function literal(edm: Literal['edm'], value: Literal['value']): Literal {
  return { kind: 'literal', edm, value };
}

function mark(text: string): Mark['text'] {
  if (text === '(' || text === ')' || text === ',') return text;
  return ':';
}

function readAt(source: string, at: number): { token: Token; end: number } | undefined {
  for (const [pattern, read] of patterns) {
    pattern.lastIndex = at;
    const [text] = pattern.exec(source) ?? [];
    if (text !== undefined) return { token: { ...read(text), at }, end: at + text.length };
  }
  return undefined;
}

/** Splits a $filter into its tokens. Throws a refusal at a character that begins none. */
function tokenize(source: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < source.length) {
    if (/\s/.test(source.charAt(at))) {
      at += 1;
      continue;
    }
    const found = readAt(source, at);
    if (found === undefined) throw invalidFilter(`Syntax error at position ${at} in '${source}'.`);
    tokens.push(found.token);
    at = found.end;
  }
  return tokens;
}
