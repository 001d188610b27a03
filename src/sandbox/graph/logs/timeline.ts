import { firstIndex } from './row-source.ts';

const hour = 3_600_000;
const day = 24 * hour;

/** How busy the hours of a day are (UTC): nights are quiet, mornings and afternoons are not. */
export const officeHours: readonly number[] = [
  2, 1, 1, 1, 2, 4, 9, 20, 34, 38, 36, 33, 28, 34, 36, 33, 28, 20, 12, 8, 6, 5, 4, 3,
];

/** Every hour alike. */
export const roundTheClock: readonly number[] = Array.from({ length: 24 }, () => 1);

/**
 * Events since 1970, so many a day, numbered in order of time: an event of the same number has the same time in every
 * process, and none is kept anywhere.
 */
export interface Timeline {
  /** Epoch milliseconds of an event; never falls with its number. */
  readonly timeOf: (number: number) => number;
  /** The first event at or after a time. */
  readonly numberAt: (time: number) => number;
}

/** A number from 0 to 2 ** 32 - 1 that looks random and is the same for the same number below 2 ** 53 and salt. */
export function mix(number: number, salt: number): number {
  let hash = (number % 4_294_967_296) ^ Math.imul(Math.floor(number / 4_294_967_296) + 1, 0x27d4eb2f);
  hash = Math.imul(hash ^ Math.imul(salt + 1, 0x9e3779b1), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  hash = Math.imul(hash ^ (hash >>> 16), 0x27d4eb2f);
  return (hash ^ (hash >>> 15)) >>> 0;
}

/** `perDay` events a day, spread over its hours by their weights. */
export function createTimeline(perDay: number, weights: readonly number[]): Timeline {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let sum = 0;
  // The share of a day's events that come before each hour.
  const before = weights.map((weight) => {
    const share = sum / total;
    sum += weight;
    return share;
  });
  const withinDay = (share: number): number => {
    let index = 0;
    while ((before[index + 1] ?? 1) <= share) index += 1;
    const [start, end] = [before[index] ?? 0, before[index + 1] ?? 1];
    return (index + (share - start) / (end - start)) * hour;
  };
  const timeOf = (number: number): number => {
    const date = Math.floor(number / perDay);
    const share = (number - date * perDay + mix(number, 0) / 4_294_967_296) / perDay;
    return date * day + Math.min(day - 1, Math.floor(withinDay(share)));
  };
  const numberAt = (time: number): number => {
    const first = Math.floor(time / day) * perDay;
    return first + firstIndex(perDay, (offset) => timeOf(first + offset) >= time);
  };
  return { timeOf, numberAt };
}
