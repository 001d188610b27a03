import { parseExact } from '../../core/exact-numbers.ts';
import { fieldsOf, parseJson } from '../../core/fields.ts';
import { asLines, type LogRow, rowJson } from '../../graph/log-page.ts';
import type { LogStream } from '../../tenant/logs/log-streams.ts';
import { csvFormat } from './csv-text.ts';

/** The formats in which rows are written one after the other. */
const rowFormats = ['json', 'ndjson', 'csv'] as const;
export type RowFormatName = (typeof rowFormats)[number];

/** How rows are written. */
export interface RowFormat {
  /** Before the first row, and behind the last. */
  readonly head: string;
  readonly foot: string;
  /** Some rows of a list; `isFirst` where none were written before. */
  readonly write: (rows: readonly LogRow[], stream: LogStream, isFirst: boolean) => Uint8Array;
}

/** Rows as Graph wrote them, each with a text before and behind. */
function joined(rows: readonly LogRow[], before: string, between: string, behind: string): Uint8Array {
  const size = rows.reduce((sum, { json }) => sum + json.length + between.length, 0);
  const target = Buffer.allocUnsafe(size + before.length + behind.length);
  let at = target.write(before, 0, 'latin1');
  for (const [index, { json }] of rows.entries()) {
    if (index > 0) at += target.write(between, at, 'latin1');
    target.set(json, at);
    at += json.length;
  }
  at += target.write(behind, at, 'latin1');
  return target.subarray(0, at);
}

/** The row's own object. */
export const rowFields = (row: LogRow) => fieldsOf(parseJson(rowJson(row)));

/** The same, its numbers as they stand there. */
export const exactFields = (row: LogRow) => fieldsOf(parseExact(rowJson(row)));

/** The format of that name for these lists. Pure. */
export function rowFormat(name: RowFormatName, streams: readonly LogStream[]): RowFormat {
  if (name === 'ndjson') {
    return { head: '', foot: '', write: (rows) => asLines(rows) ?? joined(rows, '', '\n', '\n') };
  }
  if (name === 'json') {
    const write: RowFormat['write'] = (rows, _stream, isFirst) =>
      joined(rows, isFirst ? '\n' : ',\n', ',\n', '');
    return { head: '[', foot: '\n]\n', write };
  }
  const { head, line } = csvFormat(streams);
  const write: RowFormat['write'] = (rows, stream) =>
    Buffer.from(rows.map((row) => line(exactFields(row), stream)).join(''));
  return { head, foot: '', write };
}

/** What a terminal would act on or hide, line breaks aside. */
const unsafe = /(?!\r|\n|\ufe0e|\ufe0f)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

const inHex = (code: number): string => code.toString(16).padStart(4, '0');

const asCodePoint = (character: string): string => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;

/** Fields of CSV in quotes: a line break in one of them is the network's, and ends no row. */
const quotedField = /"(?:[^"]|"")*"/g;

/** The same for a terminal: what it would act on is escaped, in JSON as JSON escapes it, so that the value stays. Pure. */
export function forTerminal(text: string, isJson: boolean): string {
  if (!isJson) {
    return text
      .replace(quotedField, (field) => field.replace(/[\r\n]/g, asCodePoint))
      .replace(unsafe, asCodePoint);
  }
  return text.replace(unsafe, (character) =>
    [...Array(character.length).keys()].map((at) => `\\u${inHex(character.charCodeAt(at))}`).join(''),
  );
}
