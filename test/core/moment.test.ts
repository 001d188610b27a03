import { describe, expect, it } from 'vitest';
import { parseMoment, resolveMoment } from '../../src/core/moment.ts';

const now = new Date('2026-11-28T09:14:03Z');
const at = (text: string): number => resolveMoment(parseMoment(text), now);

describe('a point in time', () => {
  it.each([
    ['1s', '2026-11-28T09:14:02Z'],
    ['30M', '2026-11-28T08:44:03Z'],
    ['9999999s', '2026-08-04T15:27:24Z'],
    ['\t1H ', '2026-11-28T08:14:03Z'],
    ['24h', '2026-11-27T09:14:03Z'],
    ['90s', '2026-11-28T09:12:33Z'],
    ['7d', '2026-11-21T09:14:03Z'],
    ['10D', '2026-11-18T09:14:03Z'],
    ['1y', '2025-11-28T09:14:03Z'],
    ['2w', '2026-11-14T09:14:03Z'],
    ['1mo', '2026-10-28T09:14:03Z'],
    ['2026-11-20T14:30:00Z', '2026-11-20T14:30:00Z'],
    ['2026-11-20T14:30Z', '2026-11-20T14:30:00Z'],
    ['2026-11-20 14:30:15+05:30', '2026-11-20T09:00:15Z'],
    ['2026-11-20T14:30:00.123-0130', '2026-11-20T16:00:00Z'],
    ['2026-11-20t14:30:00.123456789z', '2026-11-20T14:30:00Z'],
    ['2026-11-20T00:00:00+23:59', '2026-11-19T00:01:00Z'],
    ['2028-02-29T23:59:59Z', '2028-02-29T23:59:59Z'],
    ['0050-01-01T00:00Z', '0050-01-01T00:00:00Z'],
  ])('%s is %s', (text, expected) => {
    expect(new Date(at(text)).toISOString()).toBe(new Date(expected).toISOString());
  });

  it('without an offset is of this machine; a date alone is its midnight', () => {
    expect(at('2026-11-20')).toBe(new Date(2026, 10, 20).getTime());
    expect(at('2026-11-20T14:30')).toBe(new Date(2026, 10, 20, 14, 30).getTime());
    expect(at('2026-11-20 14:30:15.9')).toBe(new Date(2026, 10, 20, 14, 30, 15).getTime());
    expect(at('today')).toBe(new Date(now.getFullYear(), now.getMonth(), now.getDate()).getTime());
    expect(at('Yesterday')).toBe(new Date(now.getFullYear(), now.getMonth(), now.getDate() - 1).getTime());
  });

  it('is kept as it was written', () => {
    expect(parseMoment('90m')).toEqual({ kind: 'ago', duration: { months: 0, days: 0, seconds: 5_400 } });
    expect(parseMoment('2w')).toEqual({ kind: 'ago', duration: { months: 0, days: 14, seconds: 0 } });
    expect(parseMoment('TODAY')).toEqual({ kind: 'day', daysAgo: 0 });
    expect(parseMoment('yesterday')).toEqual({ kind: 'day', daysAgo: 1 });
    expect(parseMoment('2026-11-20T14:30Z')).toEqual({ kind: 'at', time: Date.UTC(2026, 10, 20, 14, 30) });
  });

  it.each([
    '',
    'soon',
    'x today',
    'yesterdays',
    '0h',
    '0s',
    '-1d',
    '10000000s',
    'x1h',
    '1hx',
    'x1d',
    '1dx',
    '2026-02-29',
    '2026-02-30',
    '2026-13-01',
    '2026-00-10',
    '2026-11-00',
    '2026-11-20T24:00Z',
    '2026-11-20T25:00Z',
    '2026-11-20T14:60Z',
    '2026-11-20T14:30:60Z',
    '2026-11-20T14:30+24:00',
    '2026-11-20T14:30+01:60',
    '2026-11-20T14:30:00.1234567891Z',
    '2026-11-20T14:30:00.Z',
    '2026-11-20Z',
    '1.5h',
    '24',
    '2026-11-20T14',
    'x2026-11-20',
    '2026-11-20x',
    '2026-11-20T14:30Zx',
  ])('%j is none', (text) => {
    expect(() => parseMoment(text)).toThrow(
      new RangeError(
        `"${text}" is no time: write it like 30m, 24h, 7d, today, 2026-11-20, 2026-11-20T14:30 or 2026-11-20T14:30:00Z`,
      ),
    );
  });

  it.each(['0d', '101y'])('%j is a duration that nobody means', (text) => {
    expect(() => parseMoment(text)).toThrow(
      new RangeError(`"${text}" is not a duration between 1d and 100y`),
    );
  });
});
