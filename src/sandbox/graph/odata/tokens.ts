import { invalidFilter } from './refusals.ts';

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
export function tokenize(source: string): Token[] {
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
