import { describe, expect, it } from 'vitest';
import { type Answer, exitCodeFor } from '../../../src/core/findings.ts';
import type { AppSession } from '../../../src/graph/directory.ts';
import { DirectoryError } from '../../../src/graph/directory-error.ts';
import type { Failure } from '../../../src/http/retry.ts';
import { type Expectation, prove } from '../../../src/tenant/logs/prove-credential.ts';
import { refusedLog } from '../../../src/tenant/logs/read-log.ts';

const failure = (part: Partial<Failure>): Failure => ({
  status: 403,
  kind: 'http',
  code: '',
  message: 'as it says',
  details: [],
  ...part,
});

const nonPremium = failure({
  code: 'Authentication_RequestFromNonPremiumTenantOrB2CTenant',
  message: "Tenant is not a B2C tenant and doesn't have premium license",
});
const signIns = { id: 'api.signIns', title: 'Sign-in logs' } as const;

describe('a log that is not shown', () => {
  it.each<[string, Partial<Failure>, string, string, number]>([
    [
      'a permission that the token does not hold',
      { code: 'Authentication_MSGraphPermissionMissing' },
      'fail',
      'permission-missing',
      3,
    ],
    [
      'a licence that could not be checked',
      {
        code: 'Authentication_ApplicationHasNoDirectoryReadAccess',
        message: 'Failed to do premium license check from ADGraph',
      },
      'fail',
      'permission-missing',
      3,
    ],
    [
      'a person without a reading role',
      { code: 'Authentication_RequestFromUnsupportedUserRole' },
      'fail',
      'role-missing',
      3,
    ],
    ['no premium licence', nonPremium, 'warn', 'licence-missing', 6],
    [
      'a cloud that does not have it',
      { status: 404, code: 'ResourceNotFound', message: "Resource not found for the segment 'signIns'." },
      'warn',
      'sign-ins-not-offered',
      6,
    ],
    [
      'such a cloud, in other words',
      { status: 400, code: 'BadRequest', message: "Resource not found for the segment 'signIns'." },
      'warn',
      'sign-ins-not-offered',
      6,
    ],
    ['an expired token', { status: 401, code: 'InvalidAuthenticationToken' }, 'fail', 'token-refused', 4],
    ['throttling', { status: 429, code: 'UnknownError' }, 'fail', 'throttled', 7],
    ['a server fault', { status: 504, code: '' }, 'fail', 'service-unavailable', 7],
    ['no reply', { status: 0, kind: 'network', networkCode: 'ECONNRESET' }, 'fail', 'unreachable', 7],
    ['a refusal nobody knows', { code: 'Odd' }, 'fail', 'api-refused', 3],
    ['a refusal of rights', { code: 'Authorization_RequestDenied' }, 'fail', 'api-refused', 3],
    ['another path that is not there', { status: 404, code: 'ResourceNotFound' }, 'fail', 'api-refused', 3],
  ])('because of %s', (_name, part, status, code, exitCode) => {
    const finding = refusedLog(signIns, failure(part), 'unknown');
    expect([finding.status, finding.code]).toEqual([status, code]);
    expect(exitCodeFor([finding])).toBe(exitCode);
    expect(finding.remedy).toMatch(/^[A-Z].{10}/);
  });

  it.each([
    [3_600_000, 'Microsoft asks to wait 60 minutes: then run `reporting-setup verify`'],
    [30_000, 'Wait a minute, then: `reporting-setup verify`'],
    [undefined, 'Wait a minute, then: `reporting-setup verify`'],
  ])('because it is asked too often passes on how long to wait: %s ms', (retryAfter, remedy) => {
    const throttled = failure({ status: 429, code: 'UnknownError', retryAfter });
    expect(refusedLog(signIns, throttled, 'yes').remedy).toBe(remedy);
  });

  it('because of a filter is not told as a refusal', () => {
    const page = failure({ status: 403, kind: 'foreign', code: '', origin: 'HTTP 403' });
    const finding = refusedLog(signIns, page, 'yes');
    expect([finding.status, finding.code, exitCodeFor([finding])]).toEqual(['fail', 'reply-intercepted', 7]);
  });

  it('names what to grant, whom to ask, and the request', () => {
    const unread = refusedLog(
      signIns,
      failure({ code: 'Authentication_ApplicationHasNoDirectoryReadAccess', requestId: 'f00d' }),
      'yes',
    );
    expect(unread.remedy).toContain('Directory.Read.All');
    expect(unread.evidence).toMatch(
      /\(Authentication_ApplicationHasNoDirectoryReadAccess\); request-id f00d$/,
    );
    const roleless = failure({ code: 'Authentication_RequestFromUnsupportedUserRole' });
    expect(refusedLog(signIns, roleless, 'yes').remedy).toContain('Reports Reader');
  });

  it("keeps Microsoft's words, made safe, where they are not known", () => {
    const odd = failure({ code: 'Odd', message: 'Odd \u001b[2J words' });
    expect(refusedLog(signIns, odd, 'yes').evidence).toBe('Odd \\u{1b}[2J words (Odd)');
  });
});

/** A proof whose sign-in log answers "no premium" so many times, and how long it waited, in milliseconds. */
async function proof(premium: Answer, refusals: number) {
  let left = refusals;
  let slept = 0;
  const session: AppSession = {
    roles: ['AuditLog.Read.All'],
    directory: {
      send: async ({ path, purpose }) => {
        if (!path.startsWith('/auditLogs/signIns')) return { value: [] };
        left -= 1;
        if (left >= 0) throw new DirectoryError(nonPremium, purpose);
        return { value: [] };
      },
    },
  };
  const expectation: Expectation = {
    permissions: ['AuditLog.Read.All'],
    freshCredential: false,
    freshGrants: false,
    premium,
    signInsOffered: true,
    createdIds: [],
  };
  const { findings } = await prove(expectation, {
    signIn: async () => session,
    now: () => new Date(slept),
    sleep: async (delay) => {
      slept += delay;
    },
    random: () => 0,
    onWait: () => undefined,
  });
  const finding = findings.find(({ id }) => id === 'api.signIns');
  return { status: finding?.status, code: finding?.code, slept };
}

describe('the licence check of the sign-in log', () => {
  it.each(['yes', 'unknown'] as const)(
    'that fails at random is asked again (premium: %s)',
    async (premium) => {
      expect(await proof(premium, 1)).toMatchObject({ status: 'pass' });
    },
  );

  it('that keeps failing in a tenant with a premium plan is told apart from a missing licence', async () => {
    const { status, code, slept } = await proof('yes', 99);
    expect([status, code]).toEqual(['warn', 'licence-check-failed']);
    expect(slept).toBeLessThan(15_000);
  });

  it('is believed at once where the tenant has no premium plan', async () => {
    expect(await proof('no', 99)).toEqual({ status: 'warn', code: 'licence-missing', slept: 0 });
  });

  it('is believed after a while where nobody knows', async () => {
    expect(await proof('unknown', 99)).toMatchObject({ status: 'warn', code: 'licence-missing' });
  });
});
