import { describe, expect, it } from 'vitest';
import { withAdminView } from '../../src/commands/verify/check-as-admin.ts';
import type { Finding } from '../../src/core/findings.ts';
import { DirectoryError } from '../../src/graph/directory-error.ts';
import type { Failure } from '../../src/http/retry.ts';
import { checkApplication } from '../../src/tenant/application/application-checks.ts';
import { checkListedCredentials, heldEntry } from '../../src/tenant/credential/listed-credentials.ts';
import type { CredentialPolicy } from '../../src/tenant/directory-objects.ts';
import type { Inventory } from '../../src/tenant/inventory.ts';
import { whyHidden } from '../../src/tenant/optional-read.ts';
import { checkDeclaredPermissions } from '../../src/tenant/permissions/declared-permissions.ts';
import { checkRenewal } from '../../src/tenant/policy.ts';
import { parseApplicationDetail, parseOwner, parsePrincipalDetail } from '../../src/tenant/read-inventory.ts';
import { listed } from '../../src/tenant/verdict.ts';

const clientId = '11111111-2222-4333-8444-555555555555';
const ownKey = 'aaaaaaaa-0000-4000-8000-000000000001';
const now = new Date('2026-11-24T12:00:00Z');

const held = { kind: 'secret', keyId: ownKey.toUpperCase(), displayName: 'Reporting API' } as const;

const entry = (keyId: string, endDateTime = '2028-11-24T00:00:00Z') => ({
  keyId,
  displayName: 'Reporting API',
  startDateTime: '2026-11-24T00:00:00Z',
  endDateTime,
});

const body = (part: Record<string, unknown> = {}) => ({
  id: 'object',
  appId: clientId,
  displayName: 'Reporting API application',
  uniqueName: 'reporting-setup',
  tags: ['reporting-setup'],
  signInAudience: 'AzureADMyOrg',
  web: { homePageUrl: 'https://localhost', redirectUris: ['https://localhost'] },
  passwordCredentials: [entry(ownKey)],
  ...part,
});

/** Everything as setup makes it, but for these parts. */
function inventory(part: Partial<Inventory> = {}, application: Record<string, unknown> = {}): Inventory {
  return {
    application: { value: parseApplicationDetail(body(application)) },
    servicePrincipal: { value: parsePrincipalDetail({ id: 'principal', accountEnabled: true }) },
    assignments: { value: [] },
    delegated: { value: [] },
    owners: { value: [] },
    federated: { value: [] },
    tagged: { value: [] },
    deleted: { value: [] },
    ...part,
  };
}

const recorded = { clientId, application: { uniqueName: 'reporting-setup' } };
const account = { id: 'me' };

const statusOf = (findings: readonly Finding[], id: string) =>
  findings.find((finding) => finding.id === id)?.status;

const drift = (part: Partial<Inventory> = {}, application: Record<string, unknown> = {}) => {
  const seen = inventory(part, application);
  return [
    ...checkApplication(recorded, account, seen),
    ...checkListedCredentials(held, seen, now),
    ...checkDeclaredPermissions(seen, []),
  ];
};

describe('drift', () => {
  it('is none in what setup makes', () => {
    expect(drift().filter(({ status }) => status !== 'pass')).toEqual([]);
  });

  it('is not held against what may not be read', () => {
    const hidden = { hidden: 'this account may not read it' };
    const none = {
      application: hidden,
      servicePrincipal: hidden,
      assignments: hidden,
      delegated: hidden,
      owners: hidden,
      federated: hidden,
      tagged: hidden,
      deleted: hidden,
    };
    const findings = drift(none);
    expect(new Set(findings.map(({ status }) => status))).toEqual(new Set(['skip']));
    expect(new Set(findings.map(({ evidence }) => evidence))).toEqual(
      new Set(['not checked: this account may not read it']),
    );
  });

  it.each([
    ['https://localhost', 'pass'],
    ['https://localhost/', 'warn'],
    ['https://other.example', 'warn'],
    ['http://localhost', 'warn'],
  ])('judges the redirect URI %s', (uri, status) => {
    const web = { homePageUrl: 'https://localhost', redirectUris: [uri] };
    expect(statusOf(drift({}, { web }), 'app.redirectUris')).toBe(status);
  });

  it.each([
    ['http://localhost:8080/cb', 'pass'],
    ['http://localhost.evil.example', 'warn'],
    ['http://app.example', 'warn'],
    ['https://*.app.example', 'warn'],
  ])('finds %s safe enough as a sign-on URL: %s', (uri, status) => {
    const web = { homePageUrl: uri, redirectUris: [uri] };
    expect(statusOf(drift({}, { web }), 'app.redirectUris')).toBe(status);
  });

  it('takes an application that somebody else registered as it is', () => {
    const findings = checkApplication(
      { clientId, application: {} },
      account,
      inventory({}, { uniqueName: null, tags: [], displayName: 'X' }),
    );
    expect([statusOf(findings, 'app.name'), statusOf(findings, 'app.uniqueName')]).toEqual(['pass', 'pass']);
  });

  it('shows a name from the tenant harmlessly', () => {
    const [presence] = drift({}, { displayName: 'a"\u001b[2J\u202eb' });
    expect(presence?.evidence).toContain('"a\\"\\u{1b}[2J\\u{202e}b"');
  });
});

describe('credentials', () => {
  const check = (
    application: Record<string, unknown>,
    credential = held as Parameters<typeof heldEntry>[0],
  ) => checkListedCredentials(credential, inventory({}, application), now);

  it("finds the file's entry whatever the case of its key ID", () => {
    const { application } = parseApplicationDetail(body());
    expect(heldEntry(held, application)?.keyId).toBe(ownKey);
    expect(heldEntry({ kind: 'certificate', keyId: ownKey }, application)).toBeUndefined();
  });

  it.each([
    ['2026-11-24T12:00:00Z', 'pass', 'warn'],
    ['2026-11-24T12:00:01Z', 'warn', 'pass'],
    ['', 'warn', 'pass'],
  ])('tells one that ends at %j from one that is in use', (end, secrets, expired) => {
    const findings = check({ passwordCredentials: [entry(ownKey), entry('other', end)] });
    expect([statusOf(findings, 'app.secrets'), statusOf(findings, 'app.expiredCredentials')]).toEqual([
      secrets,
      expired,
    ]);
  });

  it("does not call the file's own credential removable when it has ended", () => {
    const findings = check({ passwordCredentials: [entry(ownKey, '2026-01-01T00:00:00Z')] });
    expect(statusOf(findings, 'app.expiredCredentials')).toBe('pass');
    expect(statusOf(findings, 'credential.registered')).toBe('pass');
  });

  it('takes the only one for its own where the file names no key ID, and no more than one', () => {
    const nameless = { kind: 'secret' } as const;
    expect(statusOf(check({}, nameless), 'app.secrets')).toBe('pass');
    expect(statusOf(check({}, nameless), 'credential.registered')).toBe('skip');
    const two = { passwordCredentials: [entry(ownKey), entry('other')] };
    expect(statusOf(check(two, nameless), 'app.secrets')).toBe('warn');
  });

  it('knows a federated credential by its id, or by what it trusts', () => {
    const trust = { id: 'fic', name: 'ci', issuer: 'https://i.example', subject: 's', audiences: ['a'] };
    const seen = inventory({ federated: { value: [trust] } }, { passwordCredentials: [] });
    const statuses = (credential: Parameters<typeof heldEntry>[0]) => {
      const findings = checkListedCredentials(credential, seen, now);
      return [statusOf(findings, 'credential.registered'), statusOf(findings, 'app.federatedCredentials')];
    };
    expect(statuses({ kind: 'federated', keyId: 'fic' })).toEqual(['pass', 'pass']);
    expect(statuses({ kind: 'federated', issuer: 'https://i.example', subject: 's' })).toEqual([
      'pass',
      'pass',
    ]);
    expect(statuses({ kind: 'federated', issuer: 'https://i.example', subject: 'S' })).toEqual([
      'fail',
      'warn',
    ]);
    expect(statuses(held)).toEqual(['fail', 'warn']);
  });
});

describe('the next credential', () => {
  const policy = (part: Partial<CredentialPolicy>): CredentialPolicy => ({
    secretsBlocked: false,
    secretLifetimeCap: undefined,
    certificateLifetimeCap: undefined,
    untold: {},
    usersMayRegister: true,
    ...part,
  });
  const days = (count: number) => ({ months: 0, days: count, seconds: 0 });

  it.each([
    ['nothing readable', undefined, 'secret', 'skip'],
    ['a policy that is not readable', policy({ untold: { secret: 'it is hidden' } }), 'secret', 'skip'],
    ['secrets blocked', policy({ secretsBlocked: true }), 'secret', 'warn'],
    ['secrets blocked', policy({ secretsBlocked: true }), 'certificate', 'pass'],
    ['secrets blocked', policy({ secretsBlocked: true }), 'federated', 'pass'],
    ['a cap above what is in use', policy({ secretLifetimeCap: days(731) }), 'secret', 'pass'],
    ['a cap below it', policy({ secretLifetimeCap: days(730) }), 'secret', 'warn'],
    ['a cap of the other kind', policy({ secretLifetimeCap: days(1) }), 'certificate', 'pass'],
  ] as const)('%s: %s', (_name, given, kind, status) => {
    expect(checkRenewal(given, kind, entry(ownKey)).status).toBe(status);
  });

  it('is told its cap where nothing is known of the one in use', () => {
    const finding = checkRenewal(policy({ secretLifetimeCap: days(90) }), 'secret', undefined);
    expect([finding.status, finding.evidence]).toEqual([
      'pass',
      'the next one may be valid for 90 days at most',
    ]);
  });
});

describe('reading', () => {
  it.each([
    ['#microsoft.graph.user', 'ada@contoso.com', 'Member', 'member'],
    ['#microsoft.graph.user', 'gus@fabrikam.example', 'Guest', 'guest'],
    ['#microsoft.graph.servicePrincipal', '', undefined, 'service principal'],
    ['', '', undefined, 'unknown'],
  ])('takes an owner of type %j and userType %j', (type, userPrincipalName, userType, kind) => {
    const owner = parseOwner({ '@odata.type': type, id: 'x', userPrincipalName, userType });
    expect(owner).toEqual({ id: 'x', name: userPrincipalName || 'x', kind });
  });

  it('takes nulls and nonsense for nothing', () => {
    const detail = parseApplicationDetail({
      web: null,
      spa: 3,
      publicClient: { redirectUris: null },
      tags: 'x',
    });
    expect(detail).toMatchObject({ tags: [], redirectUris: [], implicitGrant: [], isPublicClient: false });
  });

  const failure = (status: number, kind: Failure['kind'] = 'http'): DirectoryError =>
    new DirectoryError({ status, kind, code: 'Some_Code', message: '', details: [] }, 'read it');

  it('takes a refusal for hiding, and no answer for none', () => {
    expect(whyHidden(failure(403))).toBe('this account may not read it (Some_Code)');
    expect(whyHidden(failure(400))).toBe('Microsoft Graph does not show it (Some_Code)');
    for (const error of [failure(401), failure(429), failure(503), failure(0, 'network'), new Error('x')]) {
      expect(() => whyHidden(error)).toThrow(error);
    }
  });
});

describe('two views', () => {
  const finding = (id: string, status: Finding['status'], evidence: string): Finding => ({
    id,
    status,
    title: id,
    evidence,
  });

  it('keep the graver finding about each thing, in the place of the first', () => {
    const own = [finding('a', 'skip', 'own'), finding('b', 'pass', 'own'), finding('c', 'fail', 'own')];
    const admin = [
      finding('d', 'warn', 'admin'),
      ...['c', 'b', 'a'].map((id) => finding(id, 'pass', 'admin')),
    ];
    expect(withAdminView(own, admin).map(({ id, evidence }) => `${id} ${evidence}`)).toEqual([
      'a admin',
      'b own',
      'c own',
      'd admin',
    ]);
  });

  it('name five things of a long list, and how many more there are', () => {
    expect(listed(['1', '2', '3', '4', '5', '6', '7'])).toBe('1, 2, 3, 4, 5 and 2 more');
    expect(listed(['1', '2'])).toBe('1 and 2');
  });
});
