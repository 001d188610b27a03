import { describe, expect, it } from 'vitest';
import type { PreviousCredential } from '../../../src/config/config.ts';
import {
  asksTheLogs,
  isDue,
  lastUntold,
  lastUseOf,
  noEvidence,
  quietSince,
  quietTime,
  retirementOf,
  type UseEvidence,
} from '../../../src/tenant/credential/retirement.ts';

const hour = 3_600_000;
const now = new Date('2026-11-28T12:00:00Z');

/** So many hours before now; after it where negative. */
const ago = (hours: number): string => new Date(now.getTime() - hours * hour).toISOString();

const keyId = '3f2504e0-4f89-41d3-9a0c-0305e82c3301';
const another = '7d444840-9dc0-11d1-b245-5ffdce74fad2';

/** Replaced so many hours ago, to stay for that many. */
const entry = (replaced: number, overlap: number, expires?: string): PreviousCredential => ({
  kind: 'secret',
  keyId,
  ...(expires === undefined ? {} : { expires }),
  replacedAt: ago(replaced),
  retireAfter: ago(replaced - overlap),
});

/** A log that was readable for the last so many hours, with sign-ins so many hours ago. */
const log = (hours: number, uses: readonly number[] = [], key = keyId): UseEvidence => ({
  signIns: {
    since: now.getTime() - hours * hour,
    uses: uses.map((at) => ({ keyId: key, at: ago(at), ipAddress: '203.0.113.7' })),
    untold: [],
  },
  activity: [],
});

const hidden: UseEvidence = { signIns: { unreadable: 'there is no licence' }, activity: [] };

/** The same with sign-ins so many hours ago of which nobody can tell whether they succeeded. */
const untold = (evidence: UseEvidence, hours: readonly number[], key = keyId): UseEvidence => ({
  ...evidence,
  signIns: {
    since: 0,
    uses: [],
    ...evidence.signIns,
    untold: hours.map((at) => ({ keyId: key, at: ago(at), ipAddress: null })),
  },
});

const withActivity = (evidence: UseEvidence, hours: number, key = keyId): UseEvidence => ({
  ...evidence,
  activity: [{ keyId: key, at: ago(hours) }],
});

const second = 1 / 3_600;

describe('what becomes of a replaced credential', () => {
  it.each<[string, PreviousCredential, UseEvidence, string]>([
    // Ended: at once, whatever else is known.
    ['ended before its time is over', entry(1, 168, ago(1)), log(48, [0]), 'remove expired'],
    ['ended this very moment', entry(1, 168, ago(0)), noEvidence, 'remove expired'],
    ['ends in a second', entry(1, 168, ago(-second)), noEvidence, 'keep overlap'],
    ['ended and to go at once', entry(0, 0, ago(1)), noEvidence, 'remove expired'],
    ['ends next year', entry(1, 168, ago(-8_760)), noEvidence, 'keep overlap'],
    // Before retireAfter: nothing goes.
    ['unused, a second before its time', entry(168 - second, 168), log(48), 'keep overlap'],
    ['used, before its time', entry(1, 168), log(48, [0.5]), 'keep overlap'],
    ['hidden, before its time', entry(1, 168), hidden, 'keep overlap'],
    ['unused, at its time', entry(168, 168), log(48), 'remove unused'],
    ['unused, long after it', entry(900, 168), log(48), 'remove unused'],
    // No overlap: no log is asked.
    ['to go at once', entry(0, 0), noEvidence, 'remove no-overlap'],
    ['to go at once, although used', entry(1, 0), log(48, [0.5]), 'remove no-overlap'],
    ['to go before it was replaced', entry(0, -1), noEvidence, 'remove no-overlap'],
    ['to go at once, by a clock that is behind', entry(-second, 0), noEvidence, 'remove no-overlap'],
    ['to stay for a second', entry(second, second), noEvidence, 'remove unknowable'],
    // The quiet time is 48 hours.
    ['used now', entry(200, 168), log(48, [0]), 'keep in-use'],
    ['used 48 hours ago', entry(200, 168), log(48, [48]), 'keep in-use'],
    ['used a second before that', entry(200, 168), log(72, [48 + second]), 'remove unused'],
    ['used by another key', entry(200, 168), log(48, [1], another), 'remove unused'],
    ['used long ago and lately', entry(200, 168), log(72, [60, 2]), 'keep in-use'],
    // Never before it was replaced.
    ['used before it was replaced', entry(49, 49), log(72, [49 + second]), 'remove unused'],
    ['used as it was replaced', entry(40, 40), log(72, [40]), 'keep in-use'],
    ['used a second before it was replaced', entry(40, 40), log(72, [40 + second]), 'remove unused'],
    // With an overlap under 48 hours it is the overlap.
    ['overlap 24 h, used 24 h ago', entry(100, 24), log(48, [24]), 'keep in-use'],
    ['overlap 24 h, used a second before', entry(100, 24), log(48, [24 + second]), 'remove unused'],
    ['overlap 47 h, used 47.5 h ago', entry(100, 47), log(48, [47.5]), 'remove unused'],
    ['overlap 49 h, used 48 h ago', entry(100, 49), log(49, [48]), 'keep in-use'],
    ['overlap 49 h, used 48.5 h ago', entry(100, 49), log(49, [48.5]), 'remove unused'],
    // A log that was not readable for that time.
    ['hidden', entry(200, 168), hidden, 'remove unknowable'],
    ['read for 47 hours alone', entry(200, 168), log(47), 'remove unknowable'],
    ['read for 48 hours', entry(200, 168), log(48), 'remove unused'],
    ['read for 23 hours, overlap 24 h', entry(100, 24), log(23), 'remove unknowable'],
    ['read for 24 hours, overlap 24 h', entry(100, 24), log(24), 'remove unused'],
    ['read for too short, and used', entry(200, 168), log(2, [1]), 'keep in-use'],
    // The report proves use, and never disuse.
    ['hidden, and reported as used', entry(200, 168), withActivity(hidden, 1), 'keep in-use'],
    ['hidden, reported at the edge', entry(200, 168), withActivity(hidden, 48), 'keep in-use'],
    ['hidden, and reported as used before', entry(200, 168), withActivity(hidden, 49), 'remove unknowable'],
    ['not in the log, and reported', entry(200, 168), withActivity(log(48), 1), 'keep in-use'],
    ['another key reported', entry(200, 168), withActivity(hidden, 1, another), 'remove unknowable'],
    ['not in the log, reported before', entry(200, 168), withActivity(log(48), 49), 'remove unused'],
    // Sign-ins that may have succeeded.
    ['perhaps used', entry(200, 168), untold(log(48), [3]), 'keep logs-unavailable'],
    ['perhaps used at the edge', entry(200, 168), untold(log(72), [48]), 'keep logs-unavailable'],
    ['perhaps used before', entry(200, 168), untold(log(72), [49]), 'remove unused'],
    ['used for certain as well', entry(200, 168), untold(log(48, [5]), [3]), 'keep in-use'],
    ['another perhaps used', entry(200, 168), untold(log(48), [3], another), 'remove unused'],
    ['perhaps used, and ended', entry(200, 168, ago(1)), untold(log(48), [3]), 'remove expired'],
  ])('%s', (_name, replaced, evidence, expected) => {
    const { action, reason } = retirementOf(replaced, now, evidence);
    expect(`${action} ${reason}`).toBe(expected);
  });

  it('tells the use that counts, not the last one of before', () => {
    const used = retirementOf(entry(200, 168), now, log(72, [60, 3, 5]));
    expect(used.lastUsed).toEqual({ at: ago(3), ipAddress: '203.0.113.7', count: 2 });
    const unused = retirementOf(entry(200, 168), now, log(72, [60, 50]));
    expect(unused.lastUsed).toEqual({ at: ago(50), ipAddress: '203.0.113.7', count: 2 });
    expect(retirementOf(entry(1, 168), now, log(48, [0.5])).lastUsed?.count).toBe(1);
    expect(retirementOf(entry(1, 168, ago(1)), now, log(48, [2])).lastUsed?.at).toBe(ago(2));
    expect(retirementOf(entry(0, 0), now, noEvidence).lastUsed).toBeNull();
  });
});

describe('the last use of a key', () => {
  it.each<[string, UseEvidence, ReturnType<typeof lastUseOf>]>([
    ['nothing', log(48), null],
    ['nothing that can be read', hidden, null],
    ['the newest of several', log(48, [9, 2, 5]), { at: ago(2), ipAddress: '203.0.113.7', count: 3 }],
    ['another key', log(48, [2], another), null],
    ['the report alone', withActivity(hidden, 70), { at: ago(70), ipAddress: null, count: null }],
    [
      'the report of the same sign-in',
      withActivity(log(48, [2]), 2 - second / 2),
      { at: ago(2), ipAddress: '203.0.113.7', count: 1 },
    ],
    [
      'the report of a later one',
      withActivity(log(48, [2]), 2 - second),
      { at: ago(2 - second), ipAddress: null, count: null },
    ],
    [
      'the report of an earlier one',
      withActivity(log(48, [2]), 3),
      { at: ago(2), ipAddress: '203.0.113.7', count: 1 },
    ],
  ])('%s', (_name, evidence, expected) => {
    expect(lastUseOf(keyId, evidence)).toEqual(expected);
    expect(lastUseOf(keyId.toUpperCase(), evidence)).toEqual(expected);
  });

  it('tells a later sign-in from the same one to the millisecond, and of two at a time the first', () => {
    const at = (milliseconds: number): string => new Date(now.getTime() + milliseconds).toISOString();
    const told = (later: number) =>
      lastUseOf(keyId, { ...log(48, [0]), activity: [{ keyId, at: at(later) }] })?.count;
    expect([told(999), told(1_000)]).toEqual([1, null]);
    const uses = ['203.0.113.1', '203.0.113.2'].map((ipAddress) => ({ keyId, at: ago(1), ipAddress }));
    const signIns = { since: now.getTime() - quietTime, uses, untold: [] };
    expect(lastUseOf(keyId, { signIns, activity: [] })?.ipAddress).toBe('203.0.113.1');
  });

  it('keeps to the time that is asked for', () => {
    const evidence = withActivity(log(48, [2, 4]), 2);
    expect(lastUseOf(keyId, evidence, now.getTime() - 2 * hour)?.count).toBe(1);
    expect(lastUseOf(keyId, evidence, now.getTime() - 2 * hour + 1)).toBeNull();
  });
});

describe('the last try of which nobody can tell whether it succeeded', () => {
  it.each<[string, UseEvidence, number | undefined, string | undefined]>([
    ['no log', hidden, undefined, undefined],
    ['no such row', log(48, [1]), undefined, undefined],
    ['another key', untold(log(48), [2], another), undefined, undefined],
    ['one', untold(log(48, [1]), [2]), undefined, ago(2)],
    ['the newest is first', untold(log(48), [2, 9, 5]), undefined, ago(2)],
    ['the newest is between', untold(log(48), [9, 2, 5]), undefined, ago(2)],
    ['at the time asked for', untold(log(48), [2]), 2 * hour, ago(2)],
    ['before it', untold(log(48), [2]), 2 * hour - 1, undefined],
  ])('%s', (_name, evidence, within, expected) => {
    const from = within === undefined ? undefined : now.getTime() - within;
    expect(lastUntold(keyId, evidence, from)).toBe(expected);
    expect(lastUntold(keyId.toUpperCase(), evidence, from)).toBe(expected);
  });

  it('is nothing where nobody asked', () => {
    expect(noEvidence).toEqual({ signIns: { unreadable: 'nobody asked' }, activity: [] });
  });
});

describe('when the logs are asked', () => {
  it('reckons the quiet time', () => {
    expect(quietTime).toBe(48 * hour);
    expect(quietSince(entry(200, 168), now)).toBe(now.getTime() - 48 * hour);
    expect(quietSince(entry(200, 12), now)).toBe(now.getTime() - 12 * hour);
    expect(quietSince(entry(10, 168), now)).toBe(now.getTime() - 10 * hour);
  });

  it.each<[string, PreviousCredential, boolean, boolean]>([
    ['its time is not over', entry(1, 168), false, false],
    ['its time is over', entry(168, 168), true, true],
    ['ended', entry(1, 168, ago(0)), true, false],
    ['no overlap', entry(0, 0), true, false],
    ['no overlap, by a clock that is behind', entry(-second, 0), true, false],
  ])('%s', (_name, replaced, due, asks) => {
    expect([isDue(replaced, now), asksTheLogs(replaced, now)]).toEqual([due, asks]);
  });
});
