import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { catalogue, exitCodes, plainError, stackLines, WizardError } from '../../src/core/errors.ts';
import { aadstsReadings, oauthReadings } from '../../src/entra/entra-readings.ts';
import { graphReadings, graphTexts, statusReadings } from '../../src/graph/graph-readings.ts';

/** Every AADSTS number that the documentation of this program's requests, and the field, name. */
const numbers = [
  16000, 50005, 50097, 50129, 50131, 50155, 50187, 53002, 50020, 50034, 50049, 50053, 50055, 50057, 50076,
  50079, 50105, 50126, 50133, 50173, 50194, 500011, 53000, 53001, 53003, 530003, 530032, 530035, 54005, 65001,
  65002, 65004, 650051, 650052, 650057, 70011, 70016, 70018, 70019, 70020, 70021, 70043, 700016, 700024,
  700027, 700082, 700211, 700212, 700213, 7000112, 7000215, 7000216, 7000218, 7000222, 7002137, 7002138,
  90002, 90038, 90072, 90093, 90094, 90095, 900382, 900432, 9002313,
];

const graphCodes = [
  'AadPremiumLicenseRequired',
  'Authentication_ApplicationHasNoDirectoryReadAccess',
  'Authentication_MSGraphPermissionMissing',
  'Authentication_RequestFromNonPremiumTenantOrB2CTenant',
  'Authentication_RequestFromUnsupportedUserRole',
  'Authorization_IdentityDisabled',
  'Authorization_IdentityNotFound',
  'Authorization_RequestDenied',
  'CredentialInvalidLifetimeAsPerAppPolicy',
  'CredentialTypeNotAllowedAsPerAppPolicy',
  'Directory_ConcurrencyViolation',
  'Directory_ObjectNotFound',
  'Directory_QuotaExceeded',
  'Directory_ResourceSizeExceeded',
  'InvalidAuthenticationToken',
  'InvalidFederatedIdentityCredentialValue',
  'InvalidUpdate',
  'KeyCredentialsInvalidEndDate',
  'NoBackingApplicationObject',
  'ObjectConflict',
  'PermissionScopeNotGranted',
  'Request_MultipleObjectsWithSameKeyValue',
  'Request_ResourceNotFound',
  'Request_UnsupportedQuery',
  'ServiceTreeInvalid',
  'ServiceTreeNullValueProvided',
  'SignInAudienceNotAllowedAsPerAppPolicy',
];

const oauthWords = [
  'access_denied',
  'additional_action',
  'authorization_declined',
  'authorization_pending',
  'bad_token',
  'bad_verification_code',
  'basic_action',
  'consent_required',
  'device_code_expired',
  'expired_token',
  'interaction_required',
  'interrupted_user',
  'invalid_instance',
  'invalid_tenant',
  'login_required',
  'message_only',
  'slow_down',
  'temporarily_unavailable',
  'ui_not_allowed',
  'user_password_expired',
];

const statuses = [401, 404, 408, 409, 429, 500, 502, 503, 504, 509];

const every = [
  ...Object.entries(aadstsReadings),
  ...Object.entries(oauthReadings),
  ...Object.entries(graphReadings),
  ...Object.entries(statusReadings),
  ...graphTexts.map((reading) => [reading.shown, reading] as const),
];

describe('the catalogue', () => {
  it.each(numbers)('knows AADSTS%i', (number) => {
    expect(Object.keys(aadstsReadings)).toContain(String(number));
  });

  it.each(graphCodes)('knows %s', (code) => {
    expect(Object.keys(graphReadings)).toContain(code);
  });

  it.each(oauthWords)('knows the OAuth error %s', (word) => {
    expect(Object.keys(oauthReadings)).toContain(word);
  });

  it.each(statuses)('knows status %i', (status) => {
    expect(Object.keys(statusReadings)).toContain(String(status));
  });

  it('gives each a stable code with a cause, a remedy and an exit code of the contract', () => {
    const contract: readonly number[] = Object.values(exitCodes);
    for (const [name, reading] of every) {
      const entry = catalogue[reading.code];
      expect(contract, name).toContain(entry.exitCode);
      expect(reading.cause.length, name).toBeGreaterThan(10);
      expect(reading.cause, name).not.toMatch(/[.:]$/);
      expect(reading.remedy ?? entry.remedy, name).toMatch(/^[A-Z].{10}/);
    }
  });

  it('spells its codes as scripts expect them', () => {
    for (const [code, { when, remedy }] of Object.entries(catalogue)) {
      expect(code).toMatch(/^[a-z]+(-[a-z]+)*$/);
      expect(when, code).toMatch(/^[\w`].*[^.]$/);
      expect(remedy, code).toMatch(/^[A-Z]/);
    }
  });
});

describe('an error', () => {
  it('takes its exit code and, unless it has its own, its remedy from the catalogue', () => {
    const plain = new WizardError('throttled', 'Slow down.');
    expect([plain.exitCode, plain.remedy]).toEqual([7, catalogue.throttled.remedy]);
    expect(new WizardError('throttled', 'Slow down.', { remedy: 'Wait.' }).remedy).toBe('Wait.');
  });
});

describe('an error that is shown', () => {
  const secret = 'a-plainly-fake-secret';
  const redact = (text: string): string => text.replaceAll(secret, '[redacted]');

  /** As a library throws it: the request hangs on the error, at times where only a debugger looks. */
  function libraryError(): Error {
    const inner = Object.assign(new Error(`connect failed for ${secret}`), {
      code: 'ECONNRESET',
      request: { body: `client_secret=${secret}` },
    });
    const outer = new TypeError('fetch failed', { cause: inner });
    Object.defineProperty(outer, 'response', { value: { text: secret }, enumerable: false });
    return outer;
  }

  it('keeps name, message, stack and code, and nothing else', () => {
    expect(inspect(libraryError(), { depth: 12, showHidden: true })).toContain(secret);
    const plain = plainError(libraryError(), redact);
    expect(inspect(plain, { depth: 12, showHidden: true })).not.toContain(secret);
    expect(plain).toMatchObject({ name: 'TypeError', message: 'fetch failed' });
    expect(plain?.cause).toMatchObject({ code: 'ECONNRESET', message: 'connect failed for [redacted]' });
    expect(stackLines(plain).join('\n')).toMatch(
      /TypeError: fetch failed[\s\S]*connect failed for \[redacted\]/,
    );
  });

  it('ends where causes go round in circles, and takes what is no error', () => {
    const circular = new Error('a');
    circular.cause = circular;
    expect(stackLines(plainError(circular, redact)).length).toBeGreaterThan(0);
    expect(plainError(`thrown ${secret}`, redact)?.message).toBe('thrown [redacted]');
    expect(plainError(undefined, redact)).toBeUndefined();
  });
});
