import { describe, expect, it } from 'vitest';
import { authMethods } from '../../src/entra/auth-methods.ts';
import {
  type OAuthError,
  parseOAuthError,
  plainDescription,
  signInError,
} from '../../src/entra/oauth-error.ts';

const refusal = (numbers: readonly number[], part: Partial<OAuthError> = {}): OAuthError => ({
  status: 400,
  error: 'invalid_grant',
  description: '',
  numbers,
  suberror: '',
  claims: '',
  traceId: undefined,
  ...part,
});

const capolids = (...values: unknown[]): string =>
  JSON.stringify({ access_token: { capolids: { essential: true, values } } });

describe("Entra's error body", () => {
  it.each([
    [
      'with spaces',
      'AADSTS7000215: Invalid client secret provided. Trace ID: a Correlation ID: b Timestamp: c',
      'Invalid client secret provided.',
    ],
    ['with line breaks', 'AADSTS70016: Pending.\r\nTrace ID: a\r\nCorrelation ID: b', 'Pending.'],
  ])('gives its sentence: %s', (_name, description, sentence) => {
    expect(plainDescription(description)).toBe(sentence);
  });

  it.each([
    ['no JSON', '<html>'],
    ['JSON that is no object', '"x"'],
    ['null', 'null'],
    ['a list', '[]'],
    ['an error that is no text', '{"error":7}'],
    ['nothing', ''],
    ['an error without more', '{"error":"invalid_client"}'],
    ['an error with words of another', '{"error":"access_denied","error_description":"Blocked by policy."}'],
    ['an error of another kind', '{"error":"Forbidden","message":"AADSTS50076"}'],
  ])('is not seen in %s', (_name, text) => {
    expect(parseOAuthError(400, text)).toBeUndefined();
  });

  it('takes its numbers from the description where the list is missing', () => {
    const text = '{"error":"invalid_client","error_description":"AADSTS700016: Unknown."}';
    expect(parseOAuthError(400, text)?.numbers).toEqual([700016]);
  });
});

describe('a refusal of Entra', () => {
  it.each([
    [53003, 'sign-in-blocked', 4],
    [530003, 'sign-in-blocked', 4],
    [53000, 'sign-in-blocked', 4],
    [50105, 'sign-in-client', 4],
    [50057, 'sign-in-failed', 4],
    [50020, 'sign-in-wrong-tenant', 4],
    [65001, 'sign-in-consent', 4],
    [90094, 'sign-in-consent', 4],
    [90002, 'tenant-not-found', 2],
    [90038, 'wrong-cloud', 4],
    [9002313, 'unexpected', 1],
  ])('AADSTS%i of a person is %s', (number, code, exitCode) => {
    const error = signInError(refusal([number]), 'browser');
    expect([error.code, error.exitCode]).toEqual([code, exitCode]);
    expect(error.message).toContain(`(AADSTS${number})`);
  });

  it.each([
    [7000215, 'credential-rejected'],
    [700016, 'credential-rejected'],
    [700213, 'credential-rejected'],
    [7000222, 'credential-expired'],
    [7000112, 'service-principal-disabled'],
  ])('AADSTS%i means the reporting application only where that asked', (number, code) => {
    expect(signInError(refusal([number]), 'application').code).toBe(code);
    expect(signInError(refusal([number]), 'environment').code).toBe('sign-in-credential');
    expect(signInError(refusal([number]), 'device-code').code).toBe('sign-in-client');
    for (const method of authMethods) expect(signInError(refusal([number]), method).exitCode).toBe(4);
  });

  it.each([
    ['application', 'clock-skewed', 3],
    ['environment', 'clock-skewed', 3],
    ['workload-identity', 'sign-in-credential', 4],
  ] as const)(
    'of something that is not valid now is a matter of who signed it: %s',
    (seeker, code, exitCode) => {
      const error = signInError(refusal([700024]), seeker);
      expect([error.code, error.exitCode]).toEqual([code, exitCode]);
    },
  );

  it('of a consent for lack of room is told as that', () => {
    const description = 'AADSTS90093: The directory object quota limit for the Tenant has been exceeded.';
    expect(signInError(refusal([90093], { description }), 'browser').code).toBe('quota-exceeded');
    expect(signInError(refusal([90093]), 'browser').code).toBe('sign-in-consent');
  });

  it('names the policies that its claims name, made safe and not without end', () => {
    const id = 'de7e60eb-ed89-4d73-8205-2227def6b7c9';
    const blocked = signInError(refusal([53003], { claims: capolids(id, 7, '\u001b[2J') }), 'device-code');
    expect(blocked.message).toContain(`Policy: ${id}, \\u{1b}[2J. (AADSTS53003)`);
    const many = signInError(refusal([53003], { claims: capolids(...Array(99).fill(id)) }), 'device-code');
    expect(many.message.length).toBeLessThan(400);
  });

  it.each([
    ['slow_down', 'throttled'],
    ['expired_token', 'sign-in-failed'],
    ['temporarily_unavailable', 'service-unavailable'],
    ['consent_required', 'sign-in-consent'],
    ['invalid_tenant', 'tenant-not-found'],
  ])('without a number is told by its error: %s', (error, code) => {
    expect(signInError(refusal([], { error }), 'browser').code).toBe(code);
  });

  it('prefers the suberror to the error where no number is known', () => {
    const asked = refusal([50999], { error: 'interaction_required', suberror: 'consent_required' });
    expect(signInError(asked, 'browser').code).toBe('sign-in-consent');
  });

  it.each(['interaction_required', 'access_denied', 'login_required', 'invalid_tenant'])(
    'is not told by its class %s where its number is another than those that are known',
    (error) => {
      const description = 'AADSTS50999: Something new.';
      const told = signInError(refusal([50999], { error, description }), 'browser');
      expect([told.code, told.message]).toEqual([
        'sign-in-failed',
        'Entra refused the sign-in: Something new. (AADSTS50999)',
      ]);
    },
  );

  it.each([
    ['temporarily_unavailable', 'service-unavailable'],
    ['server_error', 'service-unavailable'],
    ['slow_down', 'throttled'],
  ])('says with %s how things are, whatever its number', (error, code) => {
    expect(signInError(refusal([90999], { error }), 'browser').code).toBe(code);
  });

  it('does not take names of object members for errors', () => {
    expect(signInError(refusal([], { error: 'constructor' }), 'browser').message).toContain('constructor');
  });

  it('that nobody knows is told in its own words, made safe, with its trace id', () => {
    const error = signInError(
      refusal([123456], {
        description: 'AADSTS123456: An odd \u001b[31mthing.\r\nTrace ID: x',
        traceId: 'trace\u0000',
      }),
      'browser',
    );
    expect(error.code).toBe('sign-in-failed');
    expect(error.message).toBe('Entra refused the sign-in: An odd \\u{1b}[31mthing. (AADSTS123456)');
    expect(error.requestId).toBe('trace\\u{0}');
    expect(error.remedy).toContain('--debug');
  });
});
