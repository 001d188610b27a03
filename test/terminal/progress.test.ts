import { describe, expect, it } from 'vitest';
import { describeProgress, describeWait, tenthOf, timeLeft } from '../../src/terminal/progress.ts';

describe('describeProgress', () => {
  it.each([
    [{ done: 0, total: 1_000, failed: 0, left: undefined }, '0 of 1000'],
    [{ done: 49, total: 1_000, failed: 1, left: undefined }, '49 of 1000, 1 does not pass'],
    [{ done: 500, total: 1_000, failed: 3, left: 30_000 }, '500 of 1000, 3 do not pass, about 30 s left'],
    [{ done: 100, total: 1_000, failed: 0, left: 540_000 }, '100 of 1000, about 9 min left'],
  ])('%j is %s', (progress, text) => {
    expect(describeProgress(progress)).toBe(text);
  });
});

describe('describeWait', () => {
  it.each(['replication', 'throttling', 'concurrency', 'service', 'challenge'] as const)(
    'puts the reason first for %s, in one line of 80 columns',
    (reason) => {
      const text = describeWait({ reason, delay: 30_000 });
      expect(text).toMatch(/^[A-Z][\w ]+: trying again in 30 s$/);
      expect(text.length).toBeLessThan(77);
    },
  );
});

describe('timeLeft', () => {
  const evenly = (count: number, step: number): number[] =>
    Array.from({ length: count }, (_none, index) => (index + 1) * step);

  it('is told where all and the later half go on at about the same pace', () => {
    expect(timeLeft(evenly(20, 1_000), 100, 20_000)).toBe(80_000);
  });

  it.each<[string, readonly number[], number, number]>([
    ['few are done', evenly(11, 100), 100, 1_100],
    ['all are done', evenly(20, 100), 20, 2_000],
    ['the first went fast, and the rest waits', [...evenly(16, 100), 40_000], 100, 40_000],
    ['nothing ended for a while', evenly(20, 100), 100, 60_000],
    ['the first took long, and the rest goes fast', evenly(20, 1).map((end) => end + 30_000), 100, 30_020],
  ])('is not guessed where %s', (_why, ends, total, elapsed) => {
    expect(timeLeft(ends, total, elapsed)).toBeUndefined();
  });
});

describe('tenthOf', () => {
  it.each([
    [0, 3, 0],
    [1, 3, 3],
    [3, 3, 10],
    [0, 0, 10],
    [999, 1_000, 9],
  ])('%i of %i is %i', (done, total, tenth) => {
    expect(tenthOf({ done, total, failed: 0, left: undefined })).toBe(tenth);
  });
});
