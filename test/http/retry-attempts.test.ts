import { describe, expect, it } from 'vitest';
import {
  type Attempted,
  attemptUntilFinal,
  type Failure,
  failedReply,
  lostReply,
} from '../../src/http/retry.ts';

const start = Date.parse('2026-11-28T12:00:00Z');

const unavailable = failedReply(503, 'http', undefined);

describe('attempts', () => {
  /** What comes of these attempts, one after the other, and how long was waited between them. */
  async function outcomeOf(...attempts: readonly Attempted<string>[]) {
    let [clock, next] = [start, 0];
    const slept: number[] = [];
    const sleep = async (delay: number): Promise<void> => {
      slept.push(delay);
      clock += delay;
    };
    const attempt = async (): Promise<Attempted<string>> => {
      const attempted = attempts[next];
      next += 1;
      if (!attempted) throw new Error('there is no further attempt');
      return attempted;
    };
    const value = await attemptUntilFinal(attempt, { now: () => new Date(clock), sleep, random: () => 0 });
    return { value, slept, attempts: next };
  }
  const failed = (one: Failure, repeatable = true): Attempted<string> => ({
    failure: one,
    repeatable,
    giveUp: () => `given up: HTTP ${one.status}`,
  });

  it('end with the first value', async () => {
    expect(await outcomeOf({ value: 'at once' })).toEqual({ value: 'at once', slept: [], attempts: 1 });
    expect(await outcomeOf(failed(unavailable), failed(unavailable), { value: 'later' })).toEqual({
      value: 'later',
      slept: [500, 1_000],
      attempts: 3,
    });
  });

  it.each<[string, Attempted<string>, string]>([
    ['that is final', failed(failedReply(400, 'http', undefined)), 'given up: HTTP 400'],
    ['of what may have been done', failed(unavailable, false), 'given up: HTTP 503'],
    [
      'of an object, none of which is of this run',
      failed(failedReply(404, 'http', undefined)),
      'given up: HTTP 404',
    ],
  ])('end with a failure %s', async (_name, one, value) => {
    expect(await outcomeOf(one)).toEqual({ value, slept: [], attempts: 1 });
  });

  it('end when the run is cancelled', async () => {
    const cancelled = new Error('cancelled');
    const clock = { now: () => new Date(start), sleep: () => Promise.reject(cancelled), random: () => 0 };
    await expect(attemptUntilFinal(async () => failed(unavailable), clock)).rejects.toBe(cancelled);
  });
});

describe('what is known of a failure', () => {
  it('is the code of a reply that did not come', () => {
    const lost = { status: 0, kind: 'network', code: '', details: [] };
    expect(lostReply('ECONNRESET')).toEqual({ ...lost, message: '', networkCode: 'ECONNRESET' });
    expect(lostReply(undefined, 'cut')).toEqual({ ...lost, message: 'cut', networkCode: undefined });
  });

  it('is the status of one that did', () => {
    const known = { status: 502, code: '', message: '', details: [] };
    expect(failedReply(502, 'foreign', 7_000, 'a gateway')).toEqual({
      ...known,
      kind: 'foreign',
      retryAfter: 7_000,
      origin: 'a gateway',
    });
    expect(failedReply(502, 'http', undefined)).toEqual({ ...known, kind: 'http' });
  });
});
