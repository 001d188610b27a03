import { describe, expect, it } from 'vitest';
import { parseRetryAfter, replyDate, waitRemedy } from '../../src/http/retry.ts';

describe('what to do where Microsoft asks for time', () => {
  it.each([
    [undefined, undefined],
    [0, undefined],
    [60_000, undefined],
    [60_001, 'Microsoft asks to wait 2 minutes: '],
    [3_600_000, 'Microsoft asks to wait 60 minutes: '],
    [86_400_000, 'Microsoft asks to wait 1440 minutes: '],
    [Number.POSITIVE_INFINITY, 'Microsoft asks to wait 1440 minutes: '],
  ])('after %s ms', (retryAfter, beginning) => {
    const again = 'run the same command again then. It continues where this one stopped.';
    expect(waitRemedy(retryAfter)).toBe(beginning && `${beginning}${again}`);
    expect(waitRemedy(retryAfter, 'wait.')).toBe(beginning && `${beginning}wait.`);
  });
});

describe('headers', () => {
  const now = new Date('2026-11-02T10:00:00Z');

  it.each([
    ['7', 7_000],
    ['0', 0],
    [' 120\t', 120_000],
    ['  9  ', 9_000],
    ['Mon, 02 Nov 2026 10:00:05 GMT', 5_000],
    ['Mon, 02 Nov 2026 09:00:00 GMT', 0],
    ['soon', undefined],
    ['soon 5', undefined],
    ['5 m', undefined],
    ['-5', undefined],
    ['1.5', undefined],
    ['', undefined],
    [null, undefined],
    [undefined, undefined],
  ])('Retry-After: %s', (header, milliseconds) => {
    expect(parseRetryAfter(header, now)).toBe(milliseconds);
  });

  it.each([
    ['Mon, 02 Nov 2026 09:59:55 GMT', '2026-11-02T09:59:55Z'],
    ['yesterday', '2026-11-02T10:00:00Z'],
    ['5', '2026-11-02T10:00:00Z'],
    [null, '2026-11-02T10:00:00Z'],
    [undefined, '2026-11-02T10:00:00Z'],
  ])('Date: %s', (header, expected) => {
    expect(replyDate(header, now)).toEqual(new Date(expected));
  });
});
