import type { Json } from '../../json.ts';
import type { Filter } from '../odata/filter.ts';

/** Rows of a log, newest first, which may be made only when they are read. What it shows never changes. */
export interface RowSource {
  readonly length: number;
  /** Epoch milliseconds. */
  readonly timeAt: (index: number) => number;
  readonly at: (index: number) => Json;
  /** Whether time surely never rises with the index, so that a span is found without reading every row. */
  readonly sorted: boolean;
  /** The index of the row with this id; absent where every row has to be read. */
  readonly indexOf?: (id: string) => number | undefined;
}

/** Rows that are there already, newest first; `date` is the property that dates them. */
export function fromRows(rows: readonly Json[], date: string): RowSource {
  const rowAt = (index: number): Json => rows[index] ?? {};
  return {
    length: rows.length,
    timeAt: (index) => Date.parse(String(rowAt(index)[date])),
    at: rowAt,
    sorted: false,
  };
}

/** The same rows, each changed while it is read. */
export function mapped(source: RowSource, change: (row: Json) => Json): RowSource {
  return { ...source, at: (index) => change(source.at(index)) };
}

/** A stretch of time in epoch milliseconds, both ends included. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** The span outside of which no row passes the filter, as far as comparisons of `date` joined by `and` tell. */
export function spanOf(filter: Filter | undefined, date: string): Span {
  const whole = { from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY };
  if (filter === undefined) return whole;
  if (filter.kind === 'and') {
    const [left, right] = [spanOf(filter.left, date), spanOf(filter.right, date)];
    return { from: Math.max(left.from, right.from), to: Math.min(left.to, right.to) };
  }
  if (filter.kind !== 'compare' || filter.path !== date) return whole;
  const at = Date.parse(String(filter.value.value));
  if (Number.isNaN(at)) return whole;
  const { operator } = filter;
  return {
    from: operator === 'ge' || operator === 'gt' || operator === 'eq' ? at : whole.from,
    to: operator === 'le' || operator === 'lt' || operator === 'eq' ? at : whole.to,
  };
}

/** The first index for which `holds`, which holds for every later one too; `length` where there is none. */
export function firstIndex(length: number, holds: (index: number) => boolean): number {
  let [low, high] = [0, length];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** A part of a source, from `start` up to but not including `end`. */
interface Range {
  readonly source: RowSource;
  readonly start: number;
  readonly end: number;
}

/** The rows that a query asks for, in its order. */
export interface Selection {
  readonly ranges: readonly Range[];
  readonly descending: boolean;
  readonly span: Span;
  readonly accepts: (row: Json) => boolean;
}

function rangeOf(source: RowSource, { from, to }: Span): Range {
  if (!source.sorted) return { source, start: 0, end: source.length };
  return {
    source,
    start: firstIndex(source.length, (index) => source.timeAt(index) <= to),
    end: firstIndex(source.length, (index) => source.timeAt(index) < from),
  };
}

/** What of these sources lies within the span and is accepted. */
export function selectFrom(
  sources: readonly RowSource[],
  { span, descending, accepts }: Omit<Selection, 'ranges'>,
): Selection {
  return { ranges: sources.map((source) => rangeOf(source, span)), span, descending, accepts };
}

/** How many rows of each range are behind the reader. */
export type Position = readonly number[];

/** A reader in the middle of a log. */
export interface LogCursor {
  /** The log's name. */
  readonly log: string;
  readonly selection: Selection;
  readonly position: Position;
  /** Counted from 1. */
  readonly page: number;
}

/** One page of a selection. */
export interface Page {
  readonly rows: readonly Json[];
  /** Where the next page begins; undefined where nothing follows. */
  readonly next?: Position;
}

/** Rows that one request looks at before it answers with what it has found: as in reality, perhaps nothing. */
const mostScanned = 25_000;

function indexIn({ start, end }: Range, passed: number, descending: boolean): number {
  return descending ? start + passed : end - 1 - passed;
}

/** The range whose next row comes first, or -1 where all are at their end. */
function nextRange({ ranges, descending }: Selection, position: Position): number {
  let found = -1;
  let best = 0;
  for (const [number, range] of ranges.entries()) {
    const passed = position[number] ?? 0;
    if (range.start + passed >= range.end) continue;
    const time = range.source.timeAt(indexIn(range, passed, descending));
    const first = found < 0 || (descending ? time > best : time <= best);
    if (first) [found, best] = [number, time];
  }
  return found;
}

/** The row at an index, if it is one that the selection is about. */
function rowFor({ span, accepts }: Selection, { source }: Range, index: number): Json | undefined {
  const time = source.timeAt(index);
  if (time < span.from || time > span.to) return undefined;
  const row = source.at(index);
  return accepts(row) ? row : undefined;
}

/** Up to `size` rows from a position on. */
export function readPage(selection: Selection, from: Position, size: number): Page {
  const { ranges, descending } = selection;
  const position = ranges.map((_, number) => from[number] ?? 0);
  const rows: Json[] = [];
  for (let scanned = 0; scanned < mostScanned; scanned += 1) {
    const number = nextRange(selection, position);
    const range = ranges[number];
    if (range === undefined) return { rows };
    const passed = position[number] ?? 0;
    const row = rowFor(selection, range, indexIn(range, passed, descending));
    if (row !== undefined && rows.length === size) return { rows, next: position };
    if (row !== undefined) rows.push(row);
    position[number] = passed + 1;
  }
  return { rows, next: position };
}

/** The row with this id, wherever it is. */
export function findRow(sources: readonly RowSource[], id: string): { row: Json; at: number } | undefined {
  for (const { length, at, timeAt, indexOf } of sources) {
    const wanted = id.toLowerCase();
    const scan = (): number | undefined => {
      for (let index = 0; index < length; index += 1) {
        if (String(at(index)['id']).toLowerCase() === wanted) return index;
      }
      return undefined;
    };
    const index = indexOf === undefined ? scan() : indexOf(wanted);
    if (index !== undefined) return { row: at(index), at: timeAt(index) };
  }
  return undefined;
}
