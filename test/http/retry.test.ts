import { describe, expect, it } from 'vitest';
import {
  createRetryPolicy,
  type FailedAttempt,
  type Failure,
  parseRetryAfter,
} from '../../src/http/retry.ts';

function failure(part: Partial<Failure>): Failure {
  return { status: 503, kind: 'http', code: '', message: '', details: [], ...part };
}

/** A policy on a clock that waiting moves, and what it says to one failure after the other. */
function waits(failures: readonly Failure[], part: Partial<FailedAttempt> = {}): (number | undefined)[] {
  let clock = 0;
  const policy = createRetryPolicy({ now: () => new Date(clock), random: () => 0 });
  return failures.map((one) => {
    const wait = policy.after({ failure: one, repeatable: true, fresh: false, ...part });
    clock += wait?.delay ?? 0;
    return wait?.delay;
  });
}

/** How long one failure that never ends is put up with, in milliseconds. */
function endurance(one: Failure, part: Partial<FailedAttempt> = {}): number {
  const said = waits(
    Array.from({ length: 1_000 }, () => one),
    part,
  );
  return said.slice(0, said.indexOf(undefined)).reduce<number>((sum, delay) => sum + (delay ?? 0), 0);
}

describe('a service that fails', () => {
  it('is asked again, ever less often, and given up after its window', () => {
    expect(waits(Array.from({ length: 7 }, () => failure({})))).toEqual([
      500, 1000, 2000, 4000, 8000, 8000, 8000,
    ]);
    expect(endurance(failure({}))).toBeLessThanOrEqual(45_000);
    expect(endurance(failure({}))).toBeGreaterThan(30_000);
  });

  it.each([[408], [424], [500], [502], [503], [504], [509]])('is one that answers %i', (status) => {
    expect(waits([failure({ status })])).toEqual([500]);
  });

  it('is one that sends nothing, or nothing of use', () => {
    expect(
      waits([failure({ kind: 'network', status: 0 }), failure({ kind: 'malformed', status: 200 })]),
    ).toEqual([500, 1000]);
  });

  it('is not asked again for what may have been done', () => {
    expect(waits([failure({})], { repeatable: false })).toEqual([undefined]);
    expect(waits([failure({ kind: 'network', status: 0 })], { repeatable: false })).toEqual([undefined]);
  });

  it('is not what refuses', () => {
    for (const status of [400, 401, 403, 404, 409]) expect(waits([failure({ status })])).toEqual([undefined]);
  });
});

it('does not put up with a failure for longer because the clock was set back', () => {
  let clock = 86_400_000;
  const policy = createRetryPolicy({ now: () => new Date(clock), random: () => 0 });
  let said = 0;
  for (; said < 1_000; said += 1) {
    const wait = policy.after({ failure: failure({}), repeatable: true, fresh: false });
    if (wait === undefined) break;
    clock = said === 2 ? 0 : clock + wait.delay;
  }
  expect(said).toBeLessThan(15);
});

describe('a service that asks to slow down', () => {
  const throttled = (retryAfter?: number): Failure => failure({ status: 429, retryAfter });

  it('is given the time it asks for', () => {
    expect(waits([throttled(7_000), throttled(11_000)])).toEqual([7_000, 11_000]);
  });

  it('is given more and more where it does not say', () => {
    expect(waits([throttled(), throttled(), throttled()])).toEqual([2_000, 4_000, 8_000]);
  });

  it('is not hammered where it asks for nothing, or keeps asking for little', () => {
    expect(waits(Array.from({ length: 6 }, () => throttled(0)))).toEqual([
      250, 250, 250, 16_000, 30_000, 30_000,
    ]);
  });

  it('is not waited for where it asks for more than the run can give', () => {
    expect(waits([throttled(3_600_000)])).toEqual([undefined]);
    expect(waits([throttled(Number.POSITIVE_INFINITY)])).toEqual([undefined]);
  });
});

describe('what was just made', () => {
  const missing = failure({ status: 404, code: 'Request_ResourceNotFound' });

  it('is waited for up to three minutes', () => {
    expect(endurance(missing, { fresh: true })).toBeGreaterThan(160_000);
    expect(endurance(missing, { fresh: true })).toBeLessThanOrEqual(180_000);
  });

  it('is not waited for where this run did not make it', () => {
    expect(waits([missing])).toEqual([undefined]);
  });

  it.each([
    [400, 'x', ['NoBackingApplicationObject']],
    [400, 'Not a valid reference update', []],
    [400, 'Permission being assigned was not found on application', []],
    [403, 'the backing application of the service principal being created must in the local tenant', []],
  ])('may hide behind %i "%s"', (status, message, details) => {
    expect(waits([failure({ status, message, details })], { fresh: true })).toEqual([1_000]);
  });

  it('takes no time from anything else', () => {
    const said = waits([...Array.from({ length: 10 }, () => missing), failure({})], { fresh: true });
    expect(said.at(-1)).toBe(500);
  });
});

it('ends also where a request fails in ever new ways', () => {
  const kinds = [failure({}), failure({ status: 429 })];
  const failures = Array.from({ length: 2_000 }, (_, index) => kinds[index % 2] ?? failure({}));
  expect(waits(failures).at(-1)).toBeUndefined();
});

it('answers a challenge at once, twice', () => {
  const challenge = failure({ status: 401, claims: '{}' });
  expect(waits([challenge, challenge, challenge])).toEqual([0, 0, undefined]);
});

describe('Retry-After', () => {
  const now = new Date('2026-11-02T10:00:00Z');

  it.each([
    ['7', 7_000],
    [' 120 ', 120_000],
    ['Mon, 02 Nov 2026 10:00:05 GMT', 5_000],
    ['Mon, 02 Nov 2026 09:00:00 GMT', 0],
    ['soon', undefined],
    ['1.5', undefined],
    ['-5', undefined],
    ['2026-11-02T10:00:05Z', undefined],
    ['', undefined],
    [null, undefined],
    [undefined, undefined],
  ])('%s', (header, milliseconds) => {
    expect(parseRetryAfter(header, now)).toBe(milliseconds);
  });
});

describe('a plain 403 on an object of this run', () => {
  const denial = failure({
    status: 403,
    code: 'Authorization_RequestDenied',
    message: 'Insufficient privileges',
  });
  const own = { fresh: true, permitted: true };

  it('is asked again for up to 30 s where the rights were read as sufficient', () => {
    for (const code of ['Authorization_RequestDenied', 'Forbidden', '']) {
      const span = endurance({ ...denial, code }, own);
      expect(span).toBeGreaterThan(20_000);
      expect(span).toBeLessThanOrEqual(30_000);
    }
  });

  it('is final on any other object, for any other account, and with a reason of its own', () => {
    expect(waits([denial], { fresh: true })).toEqual([undefined]);
    expect(waits([denial], { permitted: true })).toEqual([undefined]);
    for (const code of ['AadPremiumLicenseRequired', 'Authentication_RequestFromUnsupportedUserRole']) {
      expect(waits([{ ...denial, code }], own)).toEqual([undefined]);
    }
  });
});
