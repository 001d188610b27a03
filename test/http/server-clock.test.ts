import { describe, expect, it } from 'vitest';
import { createServerClock, type DatedReply } from '../../src/http/server-clock.ts';

const minute = 60_000;
const noon = Date.parse('2026-11-24T12:00:00Z');

/** A reply that was written `off` milliseconds after the noon at which it was asked for and came. */
const writtenAt = (off: number, part: Partial<DatedReply> = {}): DatedReply => ({
  host: 'graph.example',
  date: new Date(noon + off).toUTCString(),
  age: null,
  sent: noon,
  received: noon + 200,
  ...part,
});

const entraAt = (off: number): DatedReply => writtenAt(off, { host: 'login.example' });

function clockAfter(...replies: readonly DatedReply[]) {
  const clock = createServerClock(() => new Date(noon));
  for (const reply of replies) clock.observe(reply);
  return clock;
}

describe("the servers' clock", () => {
  it.each<[string, readonly DatedReply[], number | undefined, number]>([
    ['no reply', [], undefined, 0],
    ['a reply of now', [writtenAt(0)], 0, 0],
    ['a reply without a date', [writtenAt(0, { date: null })], undefined, 0],
    ['a reply with a date that is none', [writtenAt(0, { date: 'yesterday' })], undefined, 0],
    ...['0', '2001', '2026-11-24T11:50:00Z', 'Tuesday, 24-Nov-26 11:50:00 GMT', ''].map(
      (date): [string, readonly DatedReply[], undefined, number] => [
        `no date such as HTTP has: "${date}"`,
        [writtenAt(0, { date })],
        undefined,
        0,
      ],
    ),
    [
      'a date of a clock that was never set',
      [writtenAt(0, { date: new Date(0).toUTCString() })],
      undefined,
      0,
    ],
    [
      'a date of the next century',
      [writtenAt(0, { date: 'Fri, 01 Jan 2100 00:00:00 GMT' }), writtenAt(-10 * minute)],
      10 * minute - 1_000,
      1_000 - 10 * minute,
    ],
    [
      'a host that is wrong, and one that is not',
      [0, 0, 0].map((off) => writtenAt(off)).concat(entraAt(10 * minute)),
      0,
      0,
    ],
    ['two hosts that are wrong to either side', [writtenAt(10 * minute), entraAt(-10 * minute)], 0, 0],
    [
      'two hosts that say the same',
      [writtenAt(-10 * minute), entraAt(-11 * minute)],
      10 * minute - 1_000,
      1_000 - 10 * minute,
    ],
    ['a reply out of a cache', [writtenAt(-30 * minute, { age: '1800' })], undefined, 0],
    ['a reply that was not out of the cache for long', [writtenAt(0, { age: '0' })], 0, 0],
    ['a slow reply', [writtenAt(20_000, { received: noon + 30_000 })], 0, 0],
    ['a clock that is ahead', [writtenAt(-10 * minute)], 10 * minute - 1_000, 1_000 - 10 * minute],
    ['a clock that is behind', [writtenAt(10 * minute)], 200 - 10 * minute, 10 * minute - 200],
    [
      'one wrong reply among right ones',
      [writtenAt(0), writtenAt(0), writtenAt(-60 * minute), writtenAt(0)],
      0,
      0,
    ],
    ['two that do not agree', [writtenAt(-60 * minute), writtenAt(0)], 0, 0],
    [
      'a clock that was set meanwhile',
      [0, 0, 0, 0, 10, 10, 10].map((off) => writtenAt(off * minute)),
      200 - 10 * minute,
      10 * minute - 200,
    ],
  ])('is told from %s', (_name, replies, ahead, offset) => {
    const clock = clockAfter(...replies);
    expect(clock.ahead()).toBe(ahead);
    expect(clock.now().getTime() - noon).toBe(offset);
    expect(clock.local().getTime()).toBe(noon);
  });
});
