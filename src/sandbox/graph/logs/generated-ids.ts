import { mix } from './timeline.ts';

const bytes = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** The last two bytes of a number in hexadecimal digits. */
function hex4(value: number): string {
  return `${bytes[(value >>> 8) & 255]}${bytes[value & 255]}`;
}

/** The last four bytes of a number in hexadecimal digits. */
function hex8(value: number): string {
  return hex4(value >>> 16) + hex4(value);
}

/** The middle of a GUID of version 4: its second to fourth part. */
function middleOf(random: number, more: number): string {
  return `${hex4(random >>> 16)}-4${hex4(random).slice(1)}-${'89ab'.charAt(more & 3)}${hex4(more >>> 2).slice(1)}`;
}

/** A GUID that is the same for the same number and salt. */
export function mixedGuid(number: number, salt: number): string {
  const [a, b, c] = [mix(number, salt), mix(number, salt + 1), mix(number, salt + 2)];
  return `${hex8(a)}-${middleOf(b, c)}-${hex4(c >>> 16)}${hex8(a ^ b ^ c)}`;
}

/** A GUID out of which `numberIn` reads the number, below 2 ** 48, although it does not show. */
export function numberedGuid(number: number, salt: number): string {
  const mask = mix(number, salt);
  const low = ((number % 4_294_967_296) ^ mask) >>> 0;
  const high = (Math.floor(number / 4_294_967_296) ^ mask) & 0xffff;
  const middle = mix(mask, salt);
  return `${hex8(mask)}-${middleOf(middle, mask ^ middle)}-${hex4(high)}${hex8(low)}`;
}

/** The number behind a GUID in lower case, or undefined where `numberedGuid` never made it. */
export function numberIn(guid: string, salt: number): number | undefined {
  const [, first = '', high = '', low = ''] =
    /^([\da-f]{8})-.{14}-([\da-f]{4})([\da-f]{8})$/.exec(guid) ?? [];
  const mask = Number.parseInt(first, 16);
  const upper = (Number.parseInt(high, 16) ^ mask) & 0xffff;
  const lower = (Number.parseInt(low, 16) ^ mask) >>> 0;
  const number = upper * 4_294_967_296 + lower;
  return numberedGuid(number, salt) === guid ? number : undefined;
}
