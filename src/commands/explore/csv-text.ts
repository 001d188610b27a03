import { ExactNumber, exactJson } from '../../core/exact-numbers.ts';
import type { Fields } from '../../core/fields.ts';
import type { LogStream } from '../../tenant/logs/log-streams.ts';
import { fileColumns, otherThan, typeColumn } from './row-columns.ts';

/** What a spreadsheet would take for a formula, and the mark itself: one mark before it, which is taken off to undo it. */
const formula = /^[=+\-@'\t\r\n]/;

const needsQuotes = /[",\r\n]/;

const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;

/**
 * One field (RFC 4180): numbers and booleans as they are, nothing for null, a text in quotes where it needs them or is
 * empty, lists and objects as JSON. Pure.
 */
export function csvField(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (value instanceof ExactNumber) return value.text;
  if (typeof value !== 'string') return quoted(exactJson(value));
  if (value === '') return '""';
  const text = formula.test(value) ? `'${value}` : value;
  return needsQuotes.test(text) ? quoted(text) : text;
}

/** A column's value, found by names that were split once. */
function valueUnder(row: Fields, names: readonly string[]): unknown {
  let value: unknown = row;
  for (const name of names) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Fields)[name];
  }
  return value;
}

/** Rows of these lists as lines of CSV: the head, and what makes a line of a row. */
interface CsvFormat {
  readonly head: string;
  readonly line: (row: Fields, stream: LogStream) => string;
}

/** The format for these lists. Pure. */
export function csvFormat(streams: readonly LogStream[]): CsvFormat {
  const columns = fileColumns(streams);
  const paths = columns.map((column) => (column === typeColumn ? undefined : column.split('.')));
  const other = otherThan(columns);
  return {
    head: `${[...columns, 'other'].join(',')}\r\n`,
    line: (row, { type }) => {
      const fields = paths.map((names) => csvField(names === undefined ? type : valueUnder(row, names)));
      return `${fields.join(',')},${csvField(other(row))}\r\n`;
    },
  };
}
