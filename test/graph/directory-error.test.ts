import { describe, expect, it } from 'vitest';
import {
  DirectoryError,
  failureOf,
  graphError,
  isForbidden,
  isNotFound,
  readFailure,
} from '../../src/graph/directory-error.ts';
import type { Failure } from '../../src/http/retry.ts';

const failure = (part: Partial<Failure>): Failure => ({
  status: 400,
  kind: 'http',
  code: '',
  message: '',
  details: [],
  ...part,
});

const problem = (part: Partial<Failure>) => graphError(new DirectoryError(failure(part), 'register it'));

const badRequest = (message: string, details: string[] = []): Partial<Failure> => ({
  code: 'Request_BadRequest',
  message,
  details,
});

describe('a refusal of Microsoft Graph', () => {
  it.each<[string, Partial<Failure>, string, number]>([
    ['a missing role', { status: 403, code: 'Authorization_RequestDenied' }, 'role-missing', 3],
    [
      'a service principal whose application lags behind',
      {
        status: 403,
        code: 'Authorization_RequestDenied',
        message:
          'When using this permission, the backing application of the service principal being created must in the local tenant',
      },
      'directory-lagging',
      7,
    ],
    ['a missing application', badRequest('', ['NoBackingApplicationObject']), 'directory-lagging', 7],
    ['an unknown reference', badRequest('Not a valid reference update'), 'directory-lagging', 7],
    [
      'an unknown role',
      badRequest('Permission being assigned was not found on application'),
      'directory-lagging',
      7,
    ],
    [
      'an object that is gone',
      {
        status: 404,
        code: 'Request_ResourceNotFound',
        message:
          "Resource 'x' does not exist or one of its queried reference-property objects are not present.",
      },
      'not-in-directory',
      3,
    ],
    [
      'a name that is taken',
      badRequest('Another object with the same value for property uniqueName already exists.'),
      'already-exists',
      3,
    ],
    ['a blocked secret', { code: 'CredentialTypeNotAllowedAsPerAppPolicy' }, 'policy-blocks-secrets', 3],
    ['a capped secret', { code: 'CredentialInvalidLifetimeAsPerAppPolicy' }, 'policy-caps-lifetime', 3],
    ['another policy', { code: 'IdentifierUriNotAllowedAsPerAppPolicy' }, 'policy-refuses', 3],
    ['a full directory', { status: 403, code: 'Directory_QuotaExceeded' }, 'quota-exceeded', 3],
    [
      'a full directory under the code of a missing role',
      {
        status: 403,
        code: 'Authorization_RequestDenied',
        message:
          'The directory object quota limit for the Principal has been exceeded. Please ask your administrator to increase the quota limit or delete objects to reduce the used quota.',
      },
      'quota-exceeded',
      3,
    ],
    [
      'a full directory under the code of a bad request',
      badRequest('The directory object quota limit for the Tenant has been exceeded.'),
      'quota-exceeded',
      3,
    ],
    [
      'a full application',
      {
        status: 403,
        code: 'Directory_ResourceSizeExceeded',
        message: 'The size of the object has exceeded its limit.',
      },
      'quota-exceeded',
      3,
    ],
    ['a refused issuer', { code: 'InvalidFederatedIdentityCredentialValue' }, 'federated-refused', 3],
    ['a token it does not take', { status: 401, code: 'InvalidAuthenticationToken' }, 'token-refused', 4],
    [
      'an expired token without a code',
      { status: 401, code: 'UnknownError', message: 'Lifetime validation failed, the token is expired.' },
      'token-refused',
      4,
    ],
    ['throttling', { status: 429, code: 'UnknownError' }, 'throttled', 7],
    ['a server fault', { status: 500, code: 'InternalServerError' }, 'service-unavailable', 7],
    ['a gateway nobody listed', { status: 521 }, 'service-unavailable', 7],
    ['a garbled reply', { status: 200, kind: 'malformed' }, 'service-unavailable', 7],
    ['no reply', { status: 0, kind: 'network', networkCode: 'ECONNRESET' }, 'unreachable', 7],
  ])('%s', (_name, part, code, exitCode) => {
    const error = problem(part);
    expect([error.code, error.exitCode]).toEqual([code, exitCode]);
    expect(error.message).toMatch(/^Could not register it: .+\.$/);
  });

  it('that nobody knows is told in its own words, made safe, with the request-id and how to report it', () => {
    const error = problem({
      status: 400,
      code: 'Request_Odd\u001b[2J',
      message: 'Something\nodd \u202ehappened',
      requestId: 'f00d\u0007',
    });
    expect(error.code).toBe('graph-refused');
    expect(error.message).toBe(
      'Could not register it: Something odd \\u{202e}happened (Request_Odd\\u{1b}[2J)',
    );
    expect(error.requestId).toBe('f00d\\u{7}');
    expect(error.remedy).toMatch(/request-id.*--debug/);
  });

  it.each([
    ['CERT_HAS_EXPIRED', undefined, 'tls-untrusted', 'certificate of Microsoft Graph'],
    ['UNSPECIFIED', undefined, 'tls-untrusted', 'certificate of Microsoft Graph'],
    ['EPROXYAUTH', 'proxy.example:8080', 'proxy-refused', 'The proxy proxy.example:8080'],
    ['ECONNREFUSED', 'proxy.example:8080', 'unreachable', 'The proxy proxy.example:8080'],
    ['EMSGSIZE', undefined, 'reply-intercepted', 'More came'],
    ['ECONNRESET', undefined, 'unreachable', 'no reply came (ECONNRESET)'],
  ])('is none where %s is in the way: proxy %s', (networkCode, proxy, code, words) => {
    const error = problem({ status: 0, kind: 'network', networkCode, proxy });
    expect([error.code, error.exitCode]).toEqual([code, 7]);
    expect(error.message).toContain(words);
  });

  it.each([
    ['{"Message":"You may not."}', 'You may not.', ''],
    [
      '{"errorCode":"PermissionScopeNotGranted","message":"Scope is missing."}',
      'Scope is missing.',
      'PermissionScopeNotGranted',
    ],
    ['{"odata.error":{"code":"Odd","message":{"lang":"en","value":"Not so."}}}', 'Not so.', 'Odd'],
    ['{"error":{"code":"Odd","message":"Not so."}}', 'Not so.', 'Odd'],
    ['[{"message":"First."},{"message":"Second."}]', 'First.', ''],
    ['{"message":"{\\"code\\":\\"Deep\\",\\"message\\":\\"Inside.\\"}"}', 'Inside.', 'Deep'],
    ['Refused: {"message":"Why."}', 'Why.', ''],
    ['Refused: {"x":1}', 'Refused', ''],
    ['{"x":1}', 'HTTP 403 without an explanation', ''],
    ['A value [1]', 'A value [1]', ''],
    ['"{\\"code\\":\\"Deep\\",\\"message\\":\\"Inside.\\"}"', 'Inside.', 'Deep'],
    ['Denied. {"code":"Mid","message":"Between."} (trailing)', 'Between.', 'Mid'],
    ['[1]', '[1]', ''],
    ['Plain {braces} are kept', 'Plain {braces} are kept', ''],
  ])('whose message is JSON is read: %s', (message, words, code) => {
    const body = { error: { code: 'UnknownError', message } };
    const { message: told, code: found } = failureOf(
      { status: 403, header: () => undefined, body },
      new Date(0),
    );
    expect([told, found]).toEqual([words, code === '' ? 'UnknownError' : code]);
  });

  it('that asks for an hour says so', () => {
    expect(problem({ status: 429, retryAfter: 3_600_000 }).remedy).toContain('wait 60 minutes');
    expect(problem({ status: 429, retryAfter: 6 * 3_600_000 }).remedy).toContain('wait 6 hours');
    expect(problem({ status: 429, retryAfter: 1e14 }).remedy).toContain('wait more than a day');
  });

  it.each([403, 404])('is no absence and no lack of rights where somebody else says %i', (status) => {
    const own = failure({ status });
    const foreign = failure({ status, kind: 'foreign' });
    expect([isNotFound(own) || isForbidden(own), isNotFound(foreign), isForbidden(foreign)]).toEqual([
      true,
      false,
      false,
    ]);
  });

  it.each([
    ['signIns', 400, 'sign-ins-not-offered'],
    ['signIns', 404, 'sign-ins-not-offered'],
    ['directoryAudits', 404, 'audit-logs-not-offered'],
  ])('of a log that the cloud does not have: %s with status %i', (segment, status, code) => {
    const message = `Resource not found for the segment '${segment}'.`;
    expect(readFailure(failure({ status, code: 'ResourceNotFound', message }))?.code).toBe(code);
  });
});
