import { parse } from 'dotenv';

/** Written as it is: no shell expands it, tildes included, and readers that know no quotes take it too. */
const needsNoQuotes = /^(?:[\w.:/@%+,-]+|[\w./@%+,-][\w./@%+,~-]*)$/;

/**
 * A tilde at the beginning is the home folder of whoever is called like the rest, and stays where nobody is: no user's
 * name is as long as a client secret. Between quotes, `docker --env-file` would take the quotes for a part of it.
 */
const namesNoUser = /^~(?![+-]?\d*$)[\w.@%+,~-]{16,}$/;

/** Between double quotes a shell and dotenv agree on everything but these. */
const differsInDoubleQuotes = /["$`]|\\(?:[\\nr]|$)/;

function candidates(value: string): string[] {
  return [
    ...(needsNoQuotes.test(value) || namesNoUser.test(value) ? [value] : []),
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
 * How lines of ours end: on Windows as most of the others do, or as all where there are no others, since LF alone would be
 * the odd ones for whoever edits them there. Elsewhere always in LF: a POSIX shell takes a CR for a part of the value.
 */
function lineEnd(segments: readonly Segment[], own: ReadonlySet<string>, platform: string): string {
  if (platform !== 'win32') return '\n';
  const others = segments.filter(({ key, ending }) => ending !== '' && !(key !== undefined && own.has(key)));
  const counted = others.length > 0 ? others : segments.filter(({ ending }) => ending !== '');
  return counted.filter(({ ending }) => ending === '\r\n').length * 2 > counted.length ? '\r\n' : '\n';
}

/**
 * Sets the keys of `values` (already quoted) in a .env text, each where it stands or else at the end, and
 * removes those of `own` that have no value. Every other line stays byte for byte.
 */
export function updateEnvText(
  text: string,
  own: ReadonlySet<string>,
  values: ReadonlyMap<string, string>,
  platform: string,
): string {
  const left = new Map(values);
  const segments = segmentsOf(text);
  const end = lineEnd(segments, own, platform);
  const kept = segments.map(({ raw, key, prefix, ending }) => {
    if (key === undefined || !own.has(key)) return raw;
    const value = left.get(key);
    left.delete(key);
    return value === undefined ? '' : `${prefix}${key}=${value}${ending === '' ? '' : end}`;
  });
  const head = kept.join('');
  const added = [...left].map(([key, value]) => `${key}=${value}${end}`);
  const joint = added.length === 0 || head === '' || /[\r\n]$/.test(head) ? '' : end;
  return head + joint + added.join('');
}
