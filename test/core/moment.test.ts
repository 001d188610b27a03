import { describe, expect, it } from 'vitest';
import { parseMoment, resolveMoment } from '../../src/core/moment.ts';

const now = new Date('2026-11-28T09:14:03Z');
const at = (text: string): number => resolveMoment(parseMoment(text), now);

describe('a point in time', () => {
  it.each([
    ['30m', '2026-11-28T08:44:03Z'],
    ['24h', '2026-11-27T09:14:03Z'],
    ['90s', '2026-11-28T09:12:33Z'],
    ['7d', '2026-11-21T09:14:03Z'],
    ['2w', '2026-11-14T09:14:03Z'],
    ['1mo', '2026-10-28T09:14:03Z'],
    ['2026-11-20T14:30:00Z', '2026-11-20T14:30:00Z'],
    ['2026-11-20T14:30Z', '2026-11-20T14:30:00Z'],
    ['2026-11-20 14:30:15+05:30', '2026-11-20T09:00:15Z'],
    ['2026-11-20T14:30:00.123-0130', '2026-11-20T16:00:00Z'],
  ])('%s is %s', (text, expected) => {
    expect(new Date(at(text)).toISOString()).toBe(new Date(expected).toISOString());
  });

  it('without an offset is of this machine; a date alone is its midnight', () => {
    expect(at('2026-11-20')).toBe(new Date(2026, 10, 20).getTime());
    expect(at('2026-11-20T14:30')).toBe(new Date(2026, 10, 20, 14, 30).getTime());
    expect(at('today')).toBe(new Date(now.getFullYear(), now.getMonth(), now.getDate()).getTime());
    expect(at('Yesterday')).toBe(new Date(now.getFullYear(), now.getMonth(), now.getDate() - 1).getTime());
  });

  it.each([
    '',
    'soon',
    '0h',
    '-1d',
    '2026-02-30',
    '2026-13-01',
    '2026-11-20T25:00Z',
    '1.5h',
    '24',
    '2026-11-20T14',
  ])('%j is none', (text) => {
    expect(() => parseMoment(text)).toThrow(RangeError);
  });
});
