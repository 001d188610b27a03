import { describe, expect, it } from 'vitest';
import { describeProgress, tenthOf } from '../../src/terminal/progress.ts';

describe('describeProgress', () => {
  it.each([
    [{ done: 0, total: 1_000, failed: 0, elapsed: 0 }, '0 of 1000'],
    [{ done: 49, total: 1_000, failed: 0, elapsed: 900 }, '49 of 1000'],
    [{ done: 500, total: 1_000, failed: 3, elapsed: 30_000 }, '500 of 1000, 3 not in order, about 30 s left'],
    [{ done: 100, total: 1_000, failed: 0, elapsed: 60_000 }, '100 of 1000, about 9 min left'],
    [{ done: 1_000, total: 1_000, failed: 1, elapsed: 60_000 }, '1000 of 1000, 1 not in order'],
  ])('%j is %s', (progress, text) => {
    expect(describeProgress(progress)).toBe(text);
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
    expect(tenthOf({ done, total, failed: 0, elapsed: 0 })).toBe(tenth);
  });
});
