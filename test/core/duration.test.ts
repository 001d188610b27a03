import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addDuration,
  cappedEnd,
  formatDuration,
  parseDuration,
  parseIsoDuration,
} from '../../src/core/duration.ts';

const after = (start: string, text: string): string =>
  addDuration(new Date(start), parseDuration(text)).toISOString();

describe('durations as people write them', () => {
  it.each([
    ['90d', '90 days'],
    ['1D', '1 day'],
    ['12w', '84 days'],
    ['6mo', '6 months'],
    ['1MO', '1 month'],
    ['18mo', '1 year and 6 months'],
    ['1y', '1 year'],
    ['2Y', '2 years'],
    ['100y', '100 years'],
  ])('%s is %s', (text, words) => {
    expect(formatDuration(parseDuration(text))).toBe(words);
  });

  it.each([
    '',
    '90',
    'd',
    '-1d',
    '+1d',
    '1.5y',
    '1m',
    '1h',
    ' 1d',
    '1d ',
    '1 d',
    '1y6mo',
    'P90D',
    '٣d',
    '1e3d',
  ])('%j is no duration', (text) => {
    expect(() => parseDuration(text)).toThrow(
      new RangeError(`${JSON.stringify(text)} is not a duration: write it like 90d, 6mo, 1y or 2y`),
    );
  });

  it.each(['36525d', '5217w', '1200mo', '100y'])('%s is the most', (text) => {
    expect(() => parseDuration(text)).not.toThrow();
  });

  it.each(['0d', '0y', '101y', '1201mo', '36526d', '999999w'])('%s is out of bounds', (text) => {
    expect(() => parseDuration(text)).toThrow(
      new RangeError(`"${text}" is not a duration between 1d and 100y`),
    );
  });

  it('keeps a hostile text within one line', () => {
    expect(() => parseDuration('1d\n\u001b[2J')).toThrow(/^"1d \\u\{1b\}\[2J" is not/);
  });
});

describe('ISO 8601 durations', () => {
  it.each([
    ['P90D', '90 days'],
    ['P180D', '180 days'],
    ['P6M', '6 months'],
    ['P2W', '14 days'],
    ['P1Y2M3DT4H', '1 year, 2 months, 3 days and 4 hours'],
    ['P4DT12H30M5S', '4 days, 12 hours, 30 minutes and 5 seconds'],
    ['P11Y10M', '11 years and 10 months'],
    ['P12W13D', '97 days'],
    ['PT14H15M16S', '14 hours, 15 minutes and 16 seconds'],
    ['PT10.25S', '10.25 seconds'],
    ['PT0.5S', '0.5 seconds'],
    ['P100Y', '100 years'],
    ['P99Y11M30D', '99 years, 11 months and 30 days'],
  ])('%s is %s', (text, words) => {
    expect(formatDuration(parseIsoDuration(text))).toBe(words);
  });

  it.each([
    '',
    'P',
    'PT',
    'P1DT',
    'P0D',
    'PT0S',
    '-P1D',
    'P-1D',
    'p1d',
    'P1D2M',
    'P1H',
    '90',
    'P101Y',
    'P1.5Y',
    'x',
  ])('%j is refused', (text) => {
    expect(() => parseIsoDuration(text)).toThrow(
      new RangeError(`${JSON.stringify(text)} is not an ISO 8601 duration up to 100 years`),
    );
  });
});

describe('adding', () => {
  it.each([
    ['2026-01-31T10:20:30.400Z', '1mo', '2026-02-28T10:20:30.400Z'],
    ['2028-01-31T00:00:00.000Z', '1mo', '2028-02-29T00:00:00.000Z'],
    ['2028-02-29T12:00:00.000Z', '1y', '2029-02-28T12:00:00.000Z'],
    ['2028-02-29T12:00:00.000Z', '4y', '2032-02-29T12:00:00.000Z'],
    ['2026-10-31T23:59:59.999Z', '4mo', '2027-02-28T23:59:59.999Z'],
    ['2026-12-31T00:00:00.000Z', '6mo', '2027-06-30T00:00:00.000Z'],
    ['2026-03-28T01:30:00.000Z', '2d', '2026-03-30T01:30:00.000Z'],
    ['2026-11-24T00:00:00.000Z', '2y', '2028-11-24T00:00:00.000Z'],
  ])('%s and %s is %s', (start, text, end) => {
    expect(after(start, text)).toBe(end);
  });

  it('adds months first, then days and seconds', () => {
    const end = addDuration(new Date('2026-01-31T00:00:00Z'), parseIsoDuration('P1M1DT1H1M1.5S'));
    expect(end.toISOString()).toBe('2026-03-01T01:01:01.500Z');
  });

  it('never changes its argument, always moves on, and keeps the day of the month or its last day', () => {
    const dates = fc.date({ min: new Date('1970-01-01'), max: new Date('2200-01-01'), noInvalidDate: true });
    fc.assert(
      fc.property(dates, fc.integer({ min: 1, max: 1200 }), (start, months) => {
        const before = start.getTime();
        const end = addDuration(start, parseDuration(`${months}mo`));
        const tomorrow = new Date(end.getTime() + 86_400_000);
        expect(start.getTime()).toBe(before);
        expect(
          (end.getUTCFullYear() - start.getUTCFullYear()) * 12 + end.getUTCMonth() - start.getUTCMonth(),
        ).toBe(months);
        expect(end.getUTCDate() === start.getUTCDate() || tomorrow.getUTCDate() === 1).toBe(true);
        expect(end.toISOString().slice(10)).toBe(start.toISOString().slice(10));
      }),
    );
  });
});

describe('an end that the tenant caps', () => {
  const start = new Date('2026-11-28T12:00:00Z');

  it.each([
    ['1y', undefined, '2027-11-28T12:00:00.000Z', false],
    ['90d', '91d', '2027-02-26T12:00:00.000Z', false],
    ['90d', '90d', '2027-02-26T12:00:00.000Z', true],
    ['24mo', '2y', '2028-11-28T12:00:00.000Z', true],
    ['91d', '90d', '2027-02-26T12:00:00.000Z', true],
    ['1y', '365d', '2027-11-28T12:00:00.000Z', true],
    ['1y', '366d', '2027-11-28T12:00:00.000Z', false],
    ['1y', '364d', '2027-11-27T12:00:00.000Z', true],
  ])('of %s under a cap of %s', (lifetime, most, end, isCapped) => {
    const cap = most === undefined ? undefined : parseDuration(most);
    const given = cappedEnd(start, parseDuration(lifetime), cap);
    expect(given).toEqual({ end: new Date(end), capped: isCapped ? cap : undefined });
  });
});
