import { beforeEach, describe, expect, it } from 'vitest';
import { premiumPlans } from '../../../src/sandbox/seed/well-known.ts';
import { createFixture, type Fixture, origin, refusalOf, type Send, start } from './helper.ts';

let fixture: Fixture;
let send: Send;

const both = ['AuditLog.Read.All', 'Directory.Read.All'];

beforeEach(async () => {
  fixture = createFixture();
  send = await fixture.asApplication(both);
});

const q = encodeURIComponent;

describe('/auditLogs', () => {
  it('lists rows, newest first', async () => {
    const whole = await fixture.asApplication([...both, 'Policy.Read.ConditionalAccess']);
    const { body } = await whole('GET', '/auditLogs/signIns?$top=2');
    expect(body['@odata.context']).toBe(`${origin}/v1.0/$metadata#auditLogs/signIns`);
    expect(body.value).toEqual(fixture.tenant.signIns.slice(0, 2));
    const audits = await send('GET', '/auditLogs/directoryAudits');
    expect(audits.body.value).toHaveLength(250);
    expect(audits.body).not.toHaveProperty('@odata.nextLink');
    const [first] = audits.body.value;
    const one = await send('GET', `/auditLogs/directoryAudits/${first.id}`);
    expect(one.body).toMatchObject(first);
  });

  it('shows the policies that applied to who may read policies', async () => {
    const path = '/auditLogs/signIns?$top=1&$select=appliedConditionalAccessPolicies';
    const policies = async (sender: Send) =>
      (await sender('GET', path)).body.value[0].appliedConditionalAccessPolicies;
    expect(await policies(send)).toEqual([]);
    expect(await policies(await fixture.as('ada'))).toEqual([]);
    const readers = [
      await fixture.asApplication([...both, 'Policy.Read.All']),
      await fixture.as('ada', ['AuditLog.Read.All', 'Policy.Read.ConditionalAccess']),
    ];
    for (const reader of readers) {
      expect(await policies(reader)).toMatchObject([{ enforcedSessionControls: [] }]);
    }
  });

  it('hides risk from a tenant that has Entra ID P1 alone', async () => {
    const path = '/auditLogs/signIns?$top=1';
    expect((await send('GET', path)).body.value[0]).toMatchObject({ riskDetail: 'none' });
    fixture.tenant.assignedPlans = fixture.tenant.assignedPlans.filter(
      ({ servicePlanId }) => servicePlanId !== premiumPlans.p2,
    );
    const { body } = await send('GET', path);
    const hidden = { riskDetail: 'hidden', riskLevelAggregated: 'hidden', riskLevelDuringSignIn: 'hidden' };
    expect(body.value[0]).toMatchObject(hidden);
    expect((await send('GET', `/auditLogs/signIns/${body.value[0].id}`)).body).toMatchObject(hidden);
    const filter = q("riskLevelAggregated eq 'hidden'");
    expect((await send('GET', `${path}&$filter=${filter}`)).body.value).toHaveLength(1);
  });

  it('answers an empty list where there is nothing', async () => {
    fixture.tenant.signIns = [];
    const { status, body } = await send('GET', '/auditLogs/signIns?$top=1');
    expect([status, body.value]).toEqual([200, []]);
  });

  it('filters by what its page lists', async () => {
    const week = new Date(start - 7 * 86_400_000).toISOString();
    const recent = await send(
      'GET',
      `/auditLogs/signIns?$filter=${q(`createdDateTime ge ${week} and status/errorCode eq 0`)}`,
    );
    expect(recent.body.value.length).toBeGreaterThan(0);
    for (const row of recent.body.value) {
      expect(Date.parse(row.createdDateTime)).toBeGreaterThanOrEqual(Date.parse(week));
      expect(row.status.errorCode).toBe(0);
    }
    const { body } = await send('GET', '/auditLogs/directoryAudits?$top=1');
    const target = body.value[0].targetResources[0].id;
    const audits = await send(
      'GET',
      `/auditLogs/directoryAudits?$filter=${q(`targetResources/any(t:t/id eq '${target}')`)}`,
    );
    expect(audits.body.value.length).toBeGreaterThan(0);
    const oldest = await send('GET', '/auditLogs/directoryAudits?$orderby=activityDateTime%20asc&$top=1');
    expect(oldest.body.value).toEqual(fixture.tenant.directoryAudits.slice(-1));
  });

  it.each([
    ['signIns', 'createdDateTime gt 2020-01-01T00:00:00Z and createdDateTime lt 2030-01-01T00:00:00Z'],
    ['signIns', 'status/errorCode ne 0'],
    ['signIns', "userDisplayName ne 'Ada Admin'"],
    ['directoryAudits', "category eq 'UserManagement' and result eq 'success'"],
    ['directoryAudits', 'activityDateTime gt 2020-01-01T00:00:00Z'],
  ])('takes what clients in use send: %s by %s', async (log, filter) => {
    const { body } = await send('GET', `/auditLogs/${log}?$filter=${q(filter)}`);
    expect(body.value.length).toBeGreaterThan(0);
  });

  it.each([
    "userPrincipalName ne 'x'",
    "startswith(appId,'x')",
    'createdDateTime ne 2026-11-01T00:00:00Z',
    'isInteractive eq true',
    "shoeSize eq 'x'",
    "not (appId eq 'x')",
  ])('refuses the filter %s', async (filter) => {
    expect(refusalOf(await send('GET', `/auditLogs/signIns?$filter=${q(filter)}`))).toBe('400 BadRequest');
  });

  it('takes what is documented alone, where filters are strict', async () => {
    const strict = createFixture({ behaviour: { strictFilters: true, unthrottled: true } });
    const reader = await strict.asApplication(both);
    for (const [log, filter] of [
      ['signIns', 'createdDateTime gt 2020-01-01T00:00:00Z'],
      ['signIns', 'status/errorCode ne 0'],
      ['signIns', "userDisplayName ne 'Ada Admin'"],
      ['directoryAudits', "category eq 'UserManagement'"],
      ['directoryAudits', "result eq 'success'"],
      ['directoryAudits', 'activityDateTime lt 2030-01-01T00:00:00Z'],
    ]) {
      const reply = await reader('GET', `/auditLogs/${log}?$filter=${q(String(filter))}`);
      expect(refusalOf(reply)).toBe('400 BadRequest');
      expect(reply.body.error.message).toMatch(/^Invalid filter clause/);
    }
    const taken = "createdDateTime ge 2020-01-01T00:00:00Z and startswith(userPrincipalName,'a')";
    expect((await reader('GET', `/auditLogs/signIns?$filter=${q(taken)}`)).status).toBe(200);
  });

  it('refuses a time in quotes, strict or not', async () => {
    const filter = q("createdDateTime ge '2026-11-01T00:00:00Z'");
    expect(refusalOf(await send('GET', `/auditLogs/signIns?$filter=${filter}`))).toBe('400 BadRequest');
  });

  it('keeps rows for 30 days, and for seven without a licence', async () => {
    const count = async (): Promise<number> =>
      (await send('GET', '/auditLogs/directoryAudits')).body.value.length;
    expect(await count()).toBe(250);
    fixture.advance(10 * 86_400_000);
    send = await fixture.asApplication(both);
    expect(await count()).toBeLessThan(180);
    fixture = createFixture();
    send = await fixture.asApplication(both);
    fixture.tenant.assignedPlans = [];
    const few = await count();
    expect(few).toBeGreaterThan(30);
    expect(few).toBeLessThan(70);
    const old = fixture.tenant.directoryAudits.at(-1)?.['id'];
    expect(refusalOf(await send('GET', `/auditLogs/directoryAudits/${old}`))).toBe(
      '404 Request_ResourceNotFound',
    );
    const before = q('activityDateTime le 2026-11-10T00:00:00Z');
    const reply = await send('GET', `/auditLogs/directoryAudits?$filter=${before}`);
    expect([reply.status, reply.body.value]).toEqual([200, []]);
  });

  it('takes pages of 1 to 1000', async () => {
    expect((await send('GET', '/auditLogs/signIns?$top=1000')).status).toBe(200);
    for (const top of [0, 1001]) {
      expect(refusalOf(await send('GET', `/auditLogs/signIns?$top=${top}`))).toBe('400 BadRequest');
    }
    expect((await send('GET', '/auditLogs/signIns?$skip=1')).status).toBe(400);
  });

  it('pages by tokens that live five minutes', async () => {
    const first = await send('GET', '/auditLogs/signIns?$top=200');
    const link = first.body['@odata.nextLink'];
    expect(link).toMatch(
      /^https:\/\/127\.0\.0\.1:8443\/v1\.0\/auditLogs\/signIns\?\$top=200&\$skiptoken=[\da-f]{32}_1$/,
    );
    const second = await send('GET', link);
    const paged: { id: string }[] = [...first.body.value, ...second.body.value];
    expect(paged.map(({ id }) => id)).toEqual(fixture.tenant.signIns.map(({ id }) => id));
    expect(second.body).not.toHaveProperty('@odata.nextLink');
    fixture.advance(300_000);
    const late = await send('GET', link);
    expect(late.status).toBe(400);
    expect(late.body.error).toMatchObject({
      code: '',
      message: 'Token not found: token is either invalid or expired',
    });
  });
});

describe('who may read the logs', () => {
  it('is whose token says so', async () => {
    for (const scopes of [['Directory.Read.All'], ['Directory.AccessAsUser.All']]) {
      const reply = await (await fixture.as('ada', scopes))('GET', '/auditLogs/directoryAudits');
      expect(refusalOf(reply)).toBe('403 Authentication_MSGraphPermissionMissing');
      expect(reply.body.error.message).toContain('AuditLog.Read.All');
    }
    const application = await fixture.asApplication(['Directory.Read.All']);
    expect(refusalOf(await application('GET', '/auditLogs/signIns'))).toBe(
      '403 Authentication_MSGraphPermissionMissing',
    );
  });

  it.each([
    ['ada', 200],
    ['rita', 200],
    ['gina', 200],
    ['petra', 403],
    ['nora', 403],
    ['paul', 403],
  ])('is who holds a role: %s %i', async (person, status) => {
    const send = await fixture.as(person);
    for (const log of ['signIns', 'directoryAudits']) {
      const reply = await send('GET', `/auditLogs/${log}?$top=1`);
      expect(reply.status).toBe(status);
      if (status === 403) {
        expect(reply.body.error).toMatchObject({
          code: 'Authentication_RequestFromUnsupportedUserRole',
          message: 'User is not in the allowed roles',
        });
      }
    }
  });
});

describe('the licence', () => {
  it('is asked for sign-ins alone', async () => {
    fixture.tenant.assignedPlans = fixture.tenant.assignedPlans.filter(
      ({ capabilityStatus }) => capabilityStatus === 'Deleted',
    );
    const reply = await send('GET', '/auditLogs/signIns');
    expect(refusalOf(reply)).toBe('403 Authentication_RequestFromNonPremiumTenantOrB2CTenant');
    expect(reply.body.error.message).toBe("Neither tenant is B2C or tenant doesn't have premium license");
    expect((await send('GET', '/auditLogs/directoryAudits')).status).toBe(200);
    fixture.tenant.tenantType = 'AAD B2C';
    expect((await send('GET', '/auditLogs/signIns')).status).toBe(200);
  });

  it('counts in its grace period', async () => {
    for (const plan of fixture.tenant.assignedPlans) plan.capabilityStatus = 'Warning';
    expect((await send('GET', '/auditLogs/signIns')).status).toBe(200);
  });

  it('now and then looks absent to an application that cannot read the directory', async () => {
    let byte = 0;
    const unsteady = createFixture({ randomBytes: (size) => Buffer.alloc(size, byte) });
    const poor = await unsteady.asApplication(['AuditLog.Read.All']);
    const statuses: number[] = [];
    for (byte = 0; byte < 4; byte += 1) statuses.push((await poor('GET', '/auditLogs/signIns')).status);
    expect(statuses).toEqual([403, 200, 200, 200]);
  });
});

describe('throttling', () => {
  it('lets an application ask five times in ten seconds', async () => {
    for (let index = 0; index < 5; index += 1) {
      expect((await send('GET', '/auditLogs/directoryAudits?$top=1')).status).toBe(200);
      fixture.advance(100);
    }
    const reply = await send('GET', '/auditLogs/signIns?$top=1');
    expect(refusalOf(reply)).toBe('429 TooManyRequests');
    expect(reply.headers['retry-after']).toBe('10');
    expect(reply.body.error.message).toMatch(
      /^This request is throttled\. Please try again after .* CorrelationId: /,
    );
    expect((await (await fixture.as('ada'))('GET', '/auditLogs/signIns?$top=1')).status).toBe(200);
    expect((await send('GET', '/organization')).status).toBe(200);
    fixture.advance(9_600);
    expect((await send('GET', '/auditLogs/signIns?$top=1')).status).toBe(200);
  });

  it('does not happen in the scenario without it', async () => {
    const free = createFixture({ behaviour: { unthrottled: true } });
    const reader = await free.asApplication(both);
    for (let index = 0; index < 12; index += 1) {
      expect((await reader('GET', '/auditLogs/directoryAudits?$top=1')).status).toBe(200);
    }
  });

  it('counts each item of a batch', async () => {
    const requests = Array.from({ length: 7 }, (_, index) => ({
      id: String(index),
      method: 'GET',
      url: '/auditLogs/directoryAudits?$top=1',
    }));
    const { body } = await send('POST', '/$batch', { body: { requests } });
    const limited = body.responses.filter(({ status }: { status: number }) => status === 429);
    expect(limited).toHaveLength(2);
    expect(limited[0]).toMatchObject({
      headers: { 'Retry-After': '10' },
      body: { error: { code: 'TooManyRequests' } },
    });
  });
});
