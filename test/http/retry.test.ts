import { describe, expect, it } from 'vitest';
import {
  createRetryPolicy,
  type FailedAttempt,
  type Failure,
  failedReply,
  lostReply,
  nextProofAttempt,
  type ProofProblem,
  quotaText,
  type Wait,
} from '../../src/http/retry.ts';

function failure(part: Partial<Failure>): Failure {
  return { status: 503, kind: 'http', code: '', message: '', details: [], ...part };
}

const start = Date.parse('2026-11-28T12:00:00Z');

/** A policy on a clock that waiting moves, and what it says to one failure after the other. */
function waitsFor(
  failures: readonly Failure[],
  part: Partial<FailedAttempt> = {},
  random = 0,
): (Wait | undefined)[] {
  let clock = start;
  const policy = createRetryPolicy({ now: () => new Date(clock), random: () => random });
  return failures.map((one) => {
    const wait = policy.after({ failure: one, repeatable: true, fresh: false, ...part });
    clock += wait?.delay ?? 0;
    return wait;
  });
}

const waits = (...given: Parameters<typeof waitsFor>): (number | undefined)[] =>
  waitsFor(...given).map((wait) => wait?.delay);

const times = (count: number, one: Failure): Failure[] => Array.from({ length: count }, () => one);

const missing = failure({ status: 404, code: 'Request_ResourceNotFound' });
const denial = failure({
  status: 403,
  code: 'Authorization_RequestDenied',
  message: 'Insufficient privileges to complete the operation.',
});
const own = { fresh: true, permitted: true };
const fresh = { fresh: true };
const once = { repeatable: false };

describe('a failure that passes', () => {
  /** Why it is waited for; all delays of one that does not pass; and the most that it may ask for. Milliseconds. */
  const rules: readonly [string, Failure, Partial<FailedAttempt>, Wait['reason'], number[], number][] = [
    ['a challenge', failure({ status: 401, claims: '{}' }), once, 'challenge', [0, 0], 60_000],
    [
      'an object of this run that is not there yet',
      missing,
      { ...fresh, ...once },
      'replication',
      [1_000, 2_000, 4_000, 8_000, ...Array.from({ length: 16 }, () => 10_000)],
      180_000,
    ],
    [
      'an object of this run that is denied',
      denial,
      { ...own, ...once },
      'replication',
      [1_000, 2_000, 4_000, 8_000, 8_000],
      30_000,
    ],
    [
      'too many requests',
      failure({ status: 429 }),
      once,
      'throttling',
      [2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000],
      120_000,
    ],
    [
      'writes that overlap',
      failure({ status: 409, code: 'Directory_ConcurrencyViolation' }),
      once,
      'concurrency',
      [1_000, 2_000, 4_000, 8_000, 10_000, 10_000, 10_000, 10_000],
      60_000,
    ],
    ['a way to nowhere', lostReply('ECONNREFUSED'), {}, 'service', [500, 1_000, 2_000, 2_000], 6_000],
    [
      'a page in place of the reply',
      failedReply(200, 'malformed', undefined, 'a gateway'),
      {},
      'service',
      [500, 1_000, 2_000, 2_000],
      6_000,
    ],
    [
      'half a reply',
      failedReply(200, 'malformed', undefined),
      {},
      'service',
      [500, 1_000, 2_000, 4_000, 8_000, 8_000, 8_000, 8_000],
      45_000,
    ],
    [
      'a reply that is cut',
      lostReply('ECONNRESET'),
      {},
      'service',
      [500, 1_000, 2_000, 4_000, 8_000, 8_000, 8_000, 8_000],
      45_000,
    ],
  ];

  it.each(rules)('%s is waited for as long as it says', (_name, one, part, reason, delays, window) => {
    const expected = [...delays.map((delay) => ({ delay, reason })), undefined];
    expect(waitsFor(times(expected.length, one), part)).toEqual(expected);
    expect(waits([{ ...one, retryAfter: window }], part)).toEqual([window]);
    expect(waits([{ ...one, retryAfter: window + 1 }], part)).toEqual([undefined]);
  });

  it('is waited for with up to a quarter of jitter, in whole milliseconds', () => {
    expect(waits(times(3, failure({})), {}, 0.5)).toEqual([563, 1_125, 2_250]);
    expect(waits(times(5, denial), own, 0.999)).toEqual([1_250, 2_500, 4_999, 9_998, 9_998]);
  });

  it.each<[string, Failure]>([
    ...[408, 424, 500, 502, 503, 504, 509].map((status): [string, Failure] => [
      `HTTP ${status}`,
      failure({ status }),
    ]),
    ['a page of somebody else with such a status', failure({ kind: 'foreign' })],
    ['nothing at all', failure({ kind: 'network', status: 0 })],
  ])('%s is one where repeating does no harm, and final where it may', (_name, one) => {
    expect(waitsFor([one])).toEqual([{ delay: 500, reason: 'service' }]);
    expect(waitsFor([one], once)).toEqual([undefined]);
  });

  it.each<[string, Failure]>([
    ['a way to nowhere', lostReply('ENOTFOUND')],
    ['a page in place of the reply', failedReply(200, 'malformed', undefined, 'a gateway')],
  ])('%s is none where repeating may do harm', (_name, one) => {
    expect(waitsFor([one], once)).toEqual([undefined]);
  });
});

describe('a failure that stays', () => {
  it.each<[string, Failure, Partial<FailedAttempt>]>([
    ...[400, 401, 403, 404, 409, 501].map((status): [string, Failure, Partial<FailedAttempt>] => [
      `HTTP ${status}`,
      failure({ status }),
      {},
    ]),
    ['a certificate that nobody trusts', lostReply('CERT_HAS_EXPIRED'), {}],
    ['a refusal with an origin', failedReply(400, 'foreign', undefined, 'a gateway'), {}],
    ['what is missing, and not of this run', missing, {}],
    ['what somebody else says is missing', { ...missing, kind: 'foreign' }, own],
    [
      'what is missing by its text under another status',
      failure({ status: 409, message: 'does not exist or one of its queried' }),
      fresh,
    ],
    ['a refusal for a reason of its own', failure({ status: 400, message: 'Invalid value.' }), fresh],
    ['a denial of what is not of this run', denial, { permitted: true }],
    ['a denial where nobody read the rights', denial, fresh],
    ['a denial where the rights do not suffice', denial, { fresh: true, permitted: false }],
    ["somebody else's denial", { ...denial, kind: 'foreign' }, own],
    ['a denial of the token', { ...denial, status: 401 }, own],
    ['a denial for want of a licence', { ...denial, code: 'AadPremiumLicenseRequired' }, own],
    [
      'a denial of the kind of user',
      { ...denial, code: 'Authentication_RequestFromUnsupportedUserRole' },
      own,
    ],
    ['a denial for want of room', { ...denial, message: 'The directory object quota is exceeded.' }, own],
  ])('%s is final', (_name, one, part) => {
    expect(waitsFor([one], part)).toEqual([undefined]);
  });
});

describe('what was just made', () => {
  it.each<[number, string, string, readonly string[]]>([
    [404, '', '', []],
    [400, 'Authorization_IdentityNotFound', '', []],
    [400, '', 'x', ['Other', 'NoBackingApplicationObject']],
    [400, '', "Resource 'x' does not exist or one of its queried reference-property objects", []],
    [400, '', 'Not a valid reference update', []],
    [400, '', 'Permission being assigned was not found on application', []],
    [403, '', 'the backing application of the service principal being created must in the local tenant', []],
  ])('may hide behind %i %j "%s"', (status, code, message, details) => {
    expect(waitsFor([failure({ status, code, message, details })], fresh)).toEqual([
      { delay: 1_000, reason: 'replication' },
    ]);
  });

  it.each(['', 'Authorization_RequestDenied', 'AccessDenied', 'Forbidden', 'UnknownError'])(
    'may hide behind a denial with the code %j',
    (code) => {
      expect(waitsFor([{ ...denial, code }], own)).toEqual([{ delay: 1_000, reason: 'replication' }]);
    },
  );

  it('takes no time from anything else', () => {
    const said = waits([...times(10, missing), failure({}), failure({})], fresh);
    expect(said.slice(-2)).toEqual([500, 1_000]);
  });
});

describe('a service that asks to slow down', () => {
  const throttled = (retryAfter?: number): Failure => failure({ status: 429, retryAfter });

  it('is given the time it asks for', () => {
    expect(waits([throttled(7_000), throttled(11_000), throttled(5_000)])).toEqual([7_000, 11_000, 5_000]);
    expect(waits([throttled(250), throttled(249)])).toEqual([250, 250]);
  });

  it('is not hammered where it asks for nothing, or keeps asking for little', () => {
    expect(waits(times(6, throttled(0)))).toEqual([250, 250, 250, 16_000, 30_000, 30_000]);
  });

  it('is given no less than it asks for, however often', () => {
    expect(waits([...times(3, throttled(0)), throttled(17_000)])).toEqual([250, 250, 250, 17_000]);
  });

  it('is not waited for where it asks for more than the run can give', () => {
    expect(waits([throttled(Number.POSITIVE_INFINITY)])).toEqual([undefined]);
  });
});

describe('the whole time', () => {
  /** What is said to the failures at those milliseconds since the start. */
  const saidAt = (given: readonly (readonly [number, Failure])[]): (number | undefined)[] => {
    let clock = start;
    const policy = createRetryPolicy({ now: () => new Date(clock), random: () => 0 });
    return given.map(([at, one]) => {
      clock = start + at;
      return policy.after({ failure: one, repeatable: true, fresh: false })?.delay;
    });
  };
  const challenge = failure({ status: 401, claims: '{}' });
  const throttled = failure({ status: 429 });

  it('is five minutes where a request fails in ever new ways', () => {
    expect(
      saidAt([
        [0, throttled],
        [300_000, failure({})],
      ]),
    ).toEqual([2_000, 500]);
    expect(
      saidAt([
        [0, throttled],
        [300_001, failure({})],
      ]),
    ).toEqual([2_000, undefined]);
  });

  it('does not begin anew where two failures come at one moment', () => {
    expect(
      saidAt([
        [0, throttled],
        [299_000, challenge],
        [299_000, challenge],
        [300_001, failure({})],
      ]),
    ).toEqual([2_000, 0, 0, undefined]);
  });

  it('counts from where a clock was set back to', () => {
    expect(
      saidAt([
        [0, failure({})],
        [-86_400_000, failure({})],
        [-86_400_000 + 43_000, failure({})],
        [-86_400_000 + 43_001, failure({})],
      ]),
    ).toEqual([500, 1_000, 2_000, undefined]);
  });
});

describe('words of a refusal for want of room', () => {
  it.each([
    'The directory object quota limit for the Principal has been exceeded.',
    'The quota is reached.',
    'This exceeds the object quota',
    'It would exceed your quota',
    'You have exceeded the quota',
    'You have reached the limit of the QUOTA',
    'exceeded the maximum number of keys',
    'exceeded the maximum size',
  ])('%s', (text) => expect(text).toMatch(quotaText));

  it.each(['The quota', 'exceeded', 'quotas exceeded', 'exceeded the maximum', 'unreached quota'])(
    'are not in: %s',
    (text) => expect(text).not.toMatch(quotaText),
  );
});

describe('the proof as a whole', () => {
  it.each<[ProofProblem, Wait['reason'], number[], number]>([
    ['credential', 'replication', [1_000, 2_000, 4_000, 8_000, 10_000], 180_000],
    ['grant', 'replication', [1_000, 2_000, 4_000, 8_000, 10_000], 120_000],
    ['licence', 'service', [3_000, 6_000, 6_000], 12_000],
  ])('%s', (problem, reason, delays, window) => {
    for (const [index, delay] of delays.entries()) {
      const streak = { attempt: index + 1, random: 0 };
      const latest = window - delay;
      expect(nextProofAttempt(problem, { ...streak, elapsed: latest })).toEqual({ delay, reason });
      expect(nextProofAttempt(problem, { ...streak, elapsed: latest + 1 })).toBeUndefined();
    }
  });
});
