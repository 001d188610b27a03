import { isUtf8 } from 'node:buffer';
import { parseJson, textOf } from '../core/fields.ts';

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

const quote = 0x22;
const backslash = 0x5c;
const colon = 0x3a;
const comma = 0x2c;
const openBrace = 0x7b;
const closeBrace = 0x7d;
const openBracket = 0x5b;
const closeBracket = 0x5d;

/** What may stand between tokens (RFC 8259, 2). */
const isSpace = (byte: number): boolean => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;

const bytesOf = (text: string): readonly number[] => [...text].map((character) => character.charCodeAt(0));

const words = { 116: bytesOf('true'), 102: bytesOf('false'), 110: bytesOf('null') } as const;

/** Bytes that stand behind a backslash, `u` aside. */
const escapes = new Set(bytesOf('"\\/bfnrt'));

/** Levels of a value: no row has ten. */
const deepest = 200;

/** Ends the reading of what is no JSON. */
class NoJson extends Error {}

const isDigit = (byte: number | undefined): boolean => byte !== undefined && byte >= 0x30 && byte <= 0x39;

const isHex = (byte: number | undefined): boolean =>
  isDigit(byte) || (byte !== undefined && ((byte >= 0x41 && byte <= 0x46) || (byte >= 0x61 && byte <= 0x66)));

/**
 * Walks over JSON (RFC 8259) in bytes and looks at every one of them, so that what it passes is what JSON.parse passes, at
 * a fifth of the cost: nothing is made of what is not asked for.
 */
class Walker {
  at = 0;
  readonly bytes: Buffer;

  constructor(bytes: Uint8Array) {
    this.bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  space(): number {
    const { bytes } = this;
    let byte = bytes[this.at];
    while (byte !== undefined && isSpace(byte)) {
      this.at += 1;
      byte = bytes[this.at];
    }
    if (byte === undefined) throw new NoJson();
    return byte;
  }

  /** Past a byte that has to be there. */
  pass(byte: number): void {
    if (this.space() !== byte) throw new NoJson();
    this.at += 1;
  }

  /** Past a string; false where it holds an escape. */
  string(): boolean {
    const { bytes } = this;
    const { length } = bytes;
    if (bytes[this.at] !== quote) throw new NoJson();
    let at = this.at + 1;
    let isPlain = true;
    for (; at < length; at += 1) {
      const byte = bytes[at] as number;
      if (byte === quote) {
        this.at = at + 1;
        return isPlain;
      }
      if (byte < 0x20) throw new NoJson();
      if (byte === backslash) {
        isPlain = false;
        at += this.escape(at + 1);
      }
    }
    throw new NoJson();
  }

  /** How many bytes stand behind a backslash. */
  private escape(at: number): number {
    const { bytes } = this;
    const byte = bytes[at];
    if (byte === 0x75) {
      for (let digit = 1; digit <= 4; digit += 1) if (!isHex(bytes[at + digit])) throw new NoJson();
      return 5;
    }
    if (byte === undefined || !escapes.has(byte)) throw new NoJson();
    return 1;
  }

  private digits(): void {
    if (!isDigit(this.bytes[this.at])) throw new NoJson();
    while (isDigit(this.bytes[this.at])) this.at += 1;
  }

  private number(): void {
    const { bytes } = this;
    if (bytes[this.at] === 0x2d) this.at += 1;
    if (bytes[this.at] === 0x30) this.at += 1;
    else this.digits();
    if (bytes[this.at] === 0x2e) {
      this.at += 1;
      this.digits();
    }
    const exponent = bytes[this.at];
    if (exponent !== 0x65 && exponent !== 0x45) return;
    this.at += 1;
    const sign = bytes[this.at];
    if (sign === 0x2b || sign === 0x2d) this.at += 1;
    this.digits();
  }

  private word(expected: readonly number[]): void {
    for (const byte of expected) {
      if (this.bytes[this.at] !== byte) throw new NoJson();
      this.at += 1;
    }
  }

  /** Past a value of any kind. */
  value(depth = 0): void {
    if (depth > deepest) throw new NoJson();
    const byte = this.space();
    if (byte === quote) this.string();
    else if (byte === openBrace) this.object(() => this.value(depth + 1));
    else if (byte === openBracket) this.array(() => this.value(depth + 1));
    else if (byte === 0x74 || byte === 0x66 || byte === 0x6e) this.word(words[byte]);
    else this.number();
  }

  /** Past an object; `member` is called before each value, with where its key stands, quotes left out, and passes it. */
  object(member: (from: number, to: number, isPlain: boolean) => void): void {
    this.pass(openBrace);
    if (this.space() === closeBrace) {
      this.at += 1;
      return;
    }
    for (;;) {
      this.space();
      const from = this.at + 1;
      const isPlain = this.string();
      const to = this.at - 1;
      this.pass(colon);
      member(from, to, isPlain);
      const byte = this.space();
      this.at += 1;
      if (byte === closeBrace) return;
      if (byte !== comma) throw new NoJson();
    }
  }

  /** Past an array; `item` passes each value of it. */
  array(item: () => void): void {
    this.pass(openBracket);
    if (this.space() === closeBracket) {
      this.at += 1;
      return;
    }
    for (;;) {
      item();
      const byte = this.space();
      this.at += 1;
      if (byte === closeBracket) return;
      if (byte !== comma) throw new NoJson();
    }
  }

  /** The text of the string that is next, past it. */
  text(): string {
    this.space();
    const from = this.at;
    return this.string()
      ? this.bytes.toString('utf8', from + 1, this.at - 1)
      : textOf(parseJson(this.bytes.toString('utf8', from, this.at)));
  }

  /** Whether these bytes are those of a name. */
  is(name: readonly number[], from: number, to: number): boolean {
    if (to - from !== name.length) return false;
    for (let index = 0; index < name.length; index += 1) {
      if (this.bytes[from + index] !== name[index]) return false;
    }
    return true;
  }
}

const idName = bytesOf('id');

/** The row that is next. */
function readRow(walker: Walker, timeName: readonly number[]): LogRow {
  walker.space();
  const start = walker.at;
  let id = '';
  let time = '';
  walker.object((from, to, isPlain) => {
    const isText = isPlain && walker.space() === quote;
    if (isText && walker.is(idName, from, to)) id = walker.text();
    else if (isText && walker.is(timeName, from, to)) time = walker.text();
    else walker.value();
  });
  const at = Date.parse(time);
  if (id === '' || Number.isNaN(at)) throw new NoJson();
  return new PlacedRow(id, time, at, walker.bytes, start, walker.at);
}

const valueName = bytesOf('value');
const nextName = bytesOf('@odata.nextLink');

function readPage(walker: Walker, timeName: readonly number[]): LogPage | undefined {
  let rows: LogRow[] | undefined;
  let next: string | undefined;
  walker.object((from, to) => {
    if (walker.is(valueName, from, to)) {
      const found: LogRow[] = [];
      walker.array(() => found.push(readRow(walker, timeName)));
      rows = found;
    } else if (walker.is(nextName, from, to)) {
      next = walker.text();
      if (!URL.canParse(next)) throw new NoJson();
    } else walker.value();
  });
  const rest = walker.bytes.subarray(walker.at);
  // JSON has line breaks between tokens alone, where a space says the same: a row is one line.
  for (let at = walker.bytes.indexOf(0x0a); at >= 0; at = walker.bytes.indexOf(0x0a, at))
    walker.bytes[at] = 0x20;
  for (let at = walker.bytes.indexOf(0x0d); at >= 0; at = walker.bytes.indexOf(0x0d, at))
    walker.bytes[at] = 0x20;
  return rows !== undefined && rest.every(isSpace) ? { rows, next } : undefined;
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
    return readPage(new Walker(body), bytesOf(timeProperty));
  } catch (error) {
    if (error instanceof NoJson) return undefined;
    throw error;
  }
}
