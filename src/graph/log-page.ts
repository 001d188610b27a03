import { isUtf8 } from 'node:buffer';
import {
  bytesOf,
  closeBrace,
  closeBracket,
  isSpace,
  isString,
  NoJson,
  nextItem,
  openBrace,
  openBracket,
  pastColon,
  pastString,
  pastToken,
  pastValue,
  quote,
  textAt,
} from './json-bytes.ts';

/** The bytes of a name, in its quotes. */
type Name = readonly number[];

/** One row of a log as Graph wrote it. */
export interface LogRow {
  /** Opaque; audit rows have ids that are no GUIDs. */
  readonly id: string;
  /** As it stands in the row: ISO 8601. */
  readonly time: string;
  /** Epoch milliseconds. */
  readonly at: number;
  /** The row's JSON text, UTF-8: a view on its page, for as long as that is kept. */
  readonly json: Uint8Array;
}

/** The row's JSON as text: no copy of its bytes is made for that. */
export const rowJson = ({ json: { buffer, byteOffset, byteLength } }: LogRow): string =>
  Buffer.from(buffer, byteOffset, byteLength).toString('utf8');

/** A row where it stands: a view on it is made for whoever wants one. */
class PlacedRow implements LogRow {
  readonly id: string;
  readonly time: string;
  readonly at: number;
  readonly page: Buffer;
  readonly start: number;
  readonly end: number;

  constructor(id: string, time: string, at: number, page: Buffer, start: number, end: number) {
    this.id = id;
    this.time = time;
    this.at = at;
    this.page = page;
    this.start = start;
    this.end = end;
  }

  get json(): Uint8Array {
    return this.page.subarray(this.start, this.end);
  }
}

/**
 * Rows of one page that stand side by side, each with a line break behind; undefined where they do not. What stood between
 * them is gone then, and the page is none any more; the rows stay.
 */
export function asLines(rows: readonly LogRow[]): Uint8Array | undefined {
  const [first] = rows;
  if (!(first instanceof PlacedRow)) return undefined;
  const { page } = first;
  let end = first.start - 1;
  for (const row of rows) {
    if (!(row instanceof PlacedRow) || row.start !== end + 1 || row.page !== page) return undefined;
    end = row.end;
  }
  for (const row of rows) if (row instanceof PlacedRow) page[row.end] = 0x0a;
  return page.subarray(first.start, end + 1);
}

/** One page of a log. */
export interface LogPage {
  readonly rows: readonly LogRow[];
  /** `@odata.nextLink`; undefined where the list ends. */
  readonly next: string | undefined;
}

/** The names that are looked for, as they stand in a page. */
const [idName, valueName, nextName] = ['"id"', '"value"', '"@odata.nextLink"'].map(bytesOf) as [
  Name,
  Name,
  Name,
];

/** A page that is read. */
class PageReader {
  readonly bytes: Buffer;
  readonly json: DataView;
  readonly timeName: Name;

  constructor({ buffer, byteOffset, byteLength }: Uint8Array, timeName: Name) {
    this.bytes = Buffer.from(buffer, byteOffset, byteLength);
    this.json = new DataView(buffer, byteOffset, byteLength);
    this.timeName = timeName;
  }

  page(): LogPage | undefined {
    const { json } = this;
    let rows: LogRow[] | undefined;
    let next: string | undefined;
    let at = pastToken(json, 0, openBrace);
    while (json.getUint8(at) !== closeBrace) {
      const keyEnd = pastString(json, at);
      const value = pastColon(json, keyEnd);
      let end: number;
      if (isString(json, at, keyEnd, valueName)) ({ rows, end } = this.rows(value));
      else if (isString(json, at, keyEnd, nextName)) ({ next, end } = this.link(value));
      else end = pastValue(json, value);
      at = nextItem(json, end, closeBrace);
    }
    if (rows === undefined || !this.bytes.subarray(at + 1).every(isSpace)) return undefined;
    this.joinLines();
    return { rows, next };
  }

  private rows(start: number): { rows: LogRow[]; end: number } {
    const { json } = this;
    const rows: LogRow[] = [];
    let at = pastToken(json, start, openBracket);
    while (json.getUint8(at) !== closeBracket) {
      const row = this.row(at);
      rows.push(row);
      at = nextItem(json, row.end, closeBracket);
    }
    return { rows, end: at + 1 };
  }

  private row(start: number): PlacedRow {
    const { json, bytes, timeName } = this;
    let id = '';
    let time = '';
    let at = pastToken(json, start, openBrace);
    while (json.getUint8(at) !== closeBrace) {
      const keyEnd = pastString(json, at);
      const value = pastColon(json, keyEnd);
      const end = pastValue(json, value);
      if (json.getUint8(value) === quote) {
        if (isString(json, at, keyEnd, idName)) id = textAt(bytes, value, end);
        else if (isString(json, at, keyEnd, timeName)) time = textAt(bytes, value, end);
      }
      at = nextItem(json, end, closeBrace);
    }
    const moment = Date.parse(time);
    if (id === '' || Number.isNaN(moment)) throw new NoJson();
    return new PlacedRow(id, time, moment, bytes, start, at + 1);
  }

  private link(start: number): { next: string; end: number } {
    const end = pastString(this.json, start);
    const next = textAt(this.bytes, start, end);
    if (!URL.canParse(next)) throw new NoJson();
    return { next, end };
  }

  /** JSON has line breaks between tokens alone, where a space says the same: a row is one line. */
  private joinLines(): void {
    const { bytes } = this;
    for (const lineBreak of [0x0a, 0x0d]) {
      for (let at = bytes.indexOf(lineBreak); at >= 0; at = bytes.indexOf(lineBreak, at)) bytes[at] = 0x20;
    }
  }
}

/**
 * Reads a page of a log from the bytes of its JSON, each row as Graph wrote it; `timeProperty` is the property that dates
 * rows. Undefined for what is no JSON, no page, or has a row without id or time. Pure.
 */
export function parseLogPage(bytes: Uint8Array, timeProperty: string): LogPage | undefined {
  if (!isUtf8(bytes)) return undefined;
  // A mark of the byte order, as Response.text() leaves it out.
  const body = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.subarray(3) : bytes;
  try {
    return new PageReader(body, bytesOf(JSON.stringify(timeProperty))).page();
  } catch (error) {
    if (error instanceof NoJson || error instanceof RangeError) return undefined;
    throw error;
  }
}
