import { parseJson, textOf } from '../core/fields.ts';

/*
 * JSON (RFC 8259) in bytes, of which nothing is made that is not asked for. Each function takes where something begins and
 * gives where it ends; every byte on the way is looked at, so that what passes is what JSON.parse passes, at a fifth of the
 * cost. They throw NoJson for what is none, and RangeError, as a DataView does, where it ends too early.
 *
 * Of a page of a log fifty thousand values are read so. What makes that quick: plain functions over numbers, no object and
 * no closure for a value, and a DataView in place of a Uint8Array, which gives undefined behind its end and so has every
 * comparison with a byte look for that as well.
 */

export const openBrace = 0x7b;
export const closeBrace = 0x7d;
export const openBracket = 0x5b;
export const closeBracket = 0x5d;
export const quote = 0x22;
const colon = 0x3a;
const comma = 0x2c;
const backslash = 0x5c;

/** Levels of a value: no row has ten. */
const deepest = 200;

/** Ends the reading of what is no JSON. */
export class NoJson extends Error {}

/** The codes of a text in ASCII. */
export const bytesOf = (text: string): readonly number[] => [...text].map((one) => one.charCodeAt(0));

/** What may stand between tokens (RFC 8259, 2). */
export const isSpace = (byte: number): boolean =>
  byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;

/** Bytes that stand behind a backslash, `u` aside. */
const escapes = new Set(bytesOf('"\\/bfnrt'));

const words = [bytesOf('true'), bytesOf('false'), bytesOf('null')] as const;

const isDigit = (byte: number): boolean => byte >= 0x30 && byte <= 0x39;

const isHex = (byte: number): boolean =>
  isDigit(byte) || (byte >= 0x41 && byte <= 0x46) || (byte >= 0x61 && byte <= 0x66);

/** Where the next token begins. */
export function pastSpace(json: DataView, from: number): number {
  let at = from;
  // As a rule there is none, which one comparison tells.
  while (json.getUint8(at) <= 0x20 && isSpace(json.getUint8(at))) at += 1;
  return at;
}

/** Where what follows a token begins, which has to be the next one. */
export function pastToken(json: DataView, from: number, token: number): number {
  const at = pastSpace(json, from);
  if (json.getUint8(at) !== token) throw new NoJson();
  return pastSpace(json, at + 1);
}

/** `from` is behind the backslash. */
function pastEscape(json: DataView, from: number): number {
  const byte = json.getUint8(from);
  if (byte === 0x75) {
    for (let at = from + 1; at <= from + 4; at += 1) if (!isHex(json.getUint8(at))) throw new NoJson();
    return from + 5;
  }
  if (!escapes.has(byte)) throw new NoJson();
  return from + 1;
}

/** Behind a string; `from` is where its first quote has to be. */
export function pastString(json: DataView, from: number): number {
  if (json.getUint8(from) !== quote) throw new NoJson();
  let at = from + 1;
  for (;;) {
    const byte = json.getUint8(at);
    at += 1;
    if (byte === quote) return at;
    if (byte === backslash) at = pastEscape(json, at);
    else if (byte < 0x20) throw new NoJson();
  }
}

function pastDigits(json: DataView, from: number): number {
  let at = from;
  while (isDigit(json.getUint8(at))) at += 1;
  if (at === from) throw new NoJson();
  return at;
}

function pastNumber(json: DataView, from: number): number {
  let at = json.getUint8(from) === 0x2d ? from + 1 : from;
  at = json.getUint8(at) === 0x30 ? at + 1 : pastDigits(json, at);
  if (json.getUint8(at) === 0x2e) at = pastDigits(json, at + 1);
  const exponent = json.getUint8(at);
  if (exponent !== 0x65 && exponent !== 0x45) return at;
  const sign = json.getUint8(at + 1);
  return pastDigits(json, sign === 0x2b || sign === 0x2d ? at + 2 : at + 1);
}

function standsAt(json: DataView, from: number, expected: readonly number[]): boolean {
  for (let index = 0; index < expected.length; index += 1) {
    if (json.getUint8(from + index) !== expected[index]) return false;
  }
  return true;
}

function pastWord(json: DataView, from: number): number {
  for (const word of words) if (standsAt(json, from, word)) return from + word.length;
  throw new NoJson();
}

/** Where the value behind a key begins; `from` is behind the key. */
export const pastColon = (json: DataView, from: number): number => pastToken(json, from, colon);

/** Where the next item of an object or array begins, or where that ends: at its closing byte. `from` is behind an item. */
export function nextItem(json: DataView, from: number, closing: number): number {
  const at = pastSpace(json, from);
  const byte = json.getUint8(at);
  if (byte === closing) return at;
  if (byte !== comma) throw new NoJson();
  const next = pastSpace(json, at + 1);
  if (json.getUint8(next) === closing) throw new NoJson();
  return next;
}

function pastObject(json: DataView, from: number, depth: number): number {
  let at = pastSpace(json, from + 1);
  while (json.getUint8(at) !== closeBrace) {
    const value = pastColon(json, pastString(json, at));
    at = nextItem(json, pastValue(json, value, depth + 1), closeBrace);
  }
  return at + 1;
}

function pastArray(json: DataView, from: number, depth: number): number {
  let at = pastSpace(json, from + 1);
  while (json.getUint8(at) !== closeBracket) {
    at = nextItem(json, pastValue(json, at, depth + 1), closeBracket);
  }
  return at + 1;
}

/** Behind a value of any kind; `from` is where it begins. */
export function pastValue(json: DataView, from: number, depth = 0): number {
  if (depth > deepest) throw new NoJson();
  const byte = json.getUint8(from);
  if (byte === quote) return pastString(json, from);
  if (byte === openBrace) return pastObject(json, from, depth);
  if (byte === openBracket) return pastArray(json, from, depth);
  return byte >= 0x61 ? pastWord(json, from) : pastNumber(json, from);
}

/** Whether the string from here to there is that one, which is given with its quotes. */
export const isString = (json: DataView, from: number, to: number, expected: readonly number[]): boolean =>
  to - from === expected.length && standsAt(json, from, expected);

/** The text of the string from here to there. */
export function textAt(bytes: Buffer, from: number, to: number): string {
  const plain = bytes.toString('utf8', from + 1, to - 1);
  return plain.includes('\\') ? textOf(parseJson(`"${plain}"`)) : plain;
}
