import { parse } from 'dotenv';

/** Written as it is: no shell expands it, tildes included, and readers that know no quotes take it too. */
const plain = /^(?:[\w.:/@%+,-]+|[\w./@%+,-][\w./@%+,~-]*)$/;

/** Between double quotes a shell and dotenv agree on everything but these. */
const differsInDoubleQuotes = /["$`]|\\(?:[\\nr]|$)/;

function candidates(value: string): string[] {
  return [
    ...(plain.test(value) ? [value] : []),
    ...(/'|\\$/.test(value) ? [] : [`'${value}'`]),
    ...(differsInDoubleQuotes.test(value) ? [] : [`"${value}"`]),
  ];
}

/**
 * A value as it stands in a .env file, so that dotenv and a POSIX shell both read back the same. Undefined
 * when no form does that: for more than one line, or a single quote together with what double quotes change.
 */
export function quoteEnvValue(value: string): string | undefined {
  if (/(?!\t)[\p{Cc}\p{Cs}]/u.test(value)) return undefined;
  return candidates(value).find((form) => parse(`KEY=${form}`)['KEY'] === value);
}

/** A stretch of a .env file; `key` where it assigns one. */
interface Segment {
  readonly raw: string;
  readonly key?: string;
  /** Indentation and `export`. */
  readonly prefix: string;
  readonly ending: string;
}

const ending = String.raw`(?<ending>\r\n|\n|\r|$)`;
const quotedValue = String.raw`(?:'(?:\\'|[^'])*'|"(?:\\"|[^"])*"|\`(?:\\\`|[^\`])*\`)[ \t]*(?:#[^\r\n]*)?(?=[\r\n]|$)`;

/** An assignment as dotenv reads it: a quoted value may go over several lines, if its quote is closed. */
const assignment = new RegExp(
  String.raw`(?<prefix>[ \t]*(?:export[ \t]+)?)(?<key>[\w.-]+)(?:[ \t]*=|:(?=\s))[ \t]*(?:${quotedValue}|[^\r\n]*)${ending}`,
  'y',
);
const line = new RegExp(String.raw`[^\r\n]*${ending}`, 'y');

function segmentsOf(text: string): Segment[] {
  const segments: Segment[] = [];
  for (let at = 0; at < text.length; ) {
    assignment.lastIndex = at;
    line.lastIndex = at;
    const match = assignment.exec(text) ?? line.exec(text);
    if (!match) break;
    const { key, prefix = '', ending = '' } = match.groups ?? {};
    segments.push({ raw: match[0], prefix, ending, ...(key === undefined ? {} : { key }) });
    at += match[0].length;
  }
  return segments;
}

/**
 * Sets the keys of `values` (already quoted) in a .env text, each where it stands or else at the end, and
 * removes those of `own` that have no value. Every other line stays byte for byte.
 */
export function updateEnvText(
  text: string,
  own: ReadonlySet<string>,
  values: ReadonlyMap<string, string>,
): string {
  const left = new Map(values);
  const newline = text.includes('\r\n') ? '\r\n' : '\n';
  const kept = segmentsOf(text).map(({ raw, key, prefix, ending }) => {
    if (key === undefined || !own.has(key)) return raw;
    const value = left.get(key);
    left.delete(key);
    return value === undefined ? '' : `${prefix}${key}=${value}${ending}`;
  });
  const head = kept.join('');
  const added = [...left].map(([key, value]) => `${key}=${value}${newline}`);
  const joint = added.length === 0 || head === '' || /[\r\n]$/.test(head) ? '' : newline;
  return head + joint + added.join('');
}
