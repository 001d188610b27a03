import { beforeEach, describe, expect, it } from 'vitest';
import { createFixture, type Fixture, type Json, origin, refusalOf, type Send } from './helper.ts';

const q = encodeURIComponent;
const beta = `${origin}/beta`;

let fixture: Fixture;
let send: Send;

beforeEach(async () => {
  fixture = createFixture({ behaviour: { unthrottled: true } });
  send = await fixture.asApplication(['AuditLog.Read.All', 'Directory.Read.All', 'Policy.Read.All']);
});

async function kindsOf(filter: string): Promise<Set<unknown>> {
  const { body } = await send('GET', `${beta}/auditLogs/signIns?$filter=${q(filter)}`);
  return new Set(body.value.map(({ signInEventTypes }: Json) => (signInEventTypes as string[]).join()));
}

describe('/beta/auditLogs/signIns', () => {
  it('shows interactive sign-ins alone, unless asked for others', async () => {
    const { body } = await send('GET', `${beta}/auditLogs/signIns?$top=1`);
    expect(body['@odata.context']).toBe(`${beta}/$metadata#auditLogs/signIns`);
    expect(body['@odata.nextLink']).toMatch(/^https:\/\/127\.0\.0\.1:8443\/beta\/auditLogs\/signIns\?/);
    expect(await kindsOf("clientAppUsed eq 'Browser'")).toEqual(new Set(['interactiveUser']));
    const rows = (await send('GET', `${beta}/auditLogs/signIns`)).body.value;
    expect(rows.map(({ id }: Json) => id)).toEqual(fixture.tenant.signIns.map(({ id }) => id));
    expect(rows[0]).toMatchObject({
      ...fixture.tenant.signIns[0],
      signInEventTypes: ['interactiveUser'],
      authenticationProtocol: 'none',
      clientCredentialType: 'none',
      servicePrincipalCredentialKeyId: null,
      crossTenantAccessType: 'none',
      resourceTenantId: fixture.tenant.id,
      agent: { agentType: 'notAgentic' },
    });
  });

  it.each([
    ["signInEventTypes/any(t: t eq 'nonInteractiveUser')", ['nonInteractiveUser']],
    ["signInEventTypes/any(t: t eq 'servicePrincipal')", ['servicePrincipal']],
    [
      "signInEventTypes/any(t: t eq 'managedIdentity') and createdDateTime ge 2020-01-01T00:00:00Z",
      ['managedIdentity'],
    ],
    [
      "signInEventTypes/any(t: t eq 'interactiveUser' or t eq 'nonInteractiveUser')",
      ['interactiveUser', 'nonInteractiveUser'],
    ],
    [
      "signInEventTypes/any(t: t ne 'interactiveUser')",
      ['nonInteractiveUser', 'servicePrincipal', 'managedIdentity'],
    ],
    [
      "signInEventTypes/any(t: t eq 'servicePrincipal') or signInEventTypes/any(t: t eq 'managedIdentity')",
      ['servicePrincipal', 'managedIdentity'],
    ],
  ])('takes %s', async (filter, kinds) => {
    expect(await kindsOf(filter)).toEqual(new Set(kinds));
  });

  it('shows by which credential an application signed in', async () => {
    const filter = q("signInEventTypes/any(t: t eq 'servicePrincipal')");
    const rows: Json[] = (await send('GET', `${beta}/auditLogs/signIns?$filter=${filter}`)).body.value;
    for (const row of rows) {
      const keyed = ['clientSecret', 'certificate'].includes(String(row['clientCredentialType']));
      expect(row['servicePrincipalCredentialKeyId'] === null).toBe(!keyed);
      expect(row['isInteractive']).toBe(false);
      expect(row['servicePrincipalName']).not.toBe('');
    }
    expect(new Set(rows.map((row) => row['clientCredentialType']))).toEqual(
      new Set(['clientSecret', 'certificate', 'federatedIdentityCredential']),
    );
    const [row] = rows;
    const one = await send('GET', `${beta}/auditLogs/signIns/${row?.['id']}`);
    expect(one.body).toMatchObject({ ...row });
    expect(refusalOf(await send('GET', `/auditLogs/signIns/${row?.['id']}`))).toBe(
      '404 Request_ResourceNotFound',
    );
  });

  it('selects and filters by what v1.0 lacks, which v1.0 refuses', async () => {
    const filter = q(
      "signInEventTypes/any(t: t eq 'servicePrincipal') and startswith(servicePrincipalName,'log')",
    );
    const query = `$filter=${filter}&$select=id,servicePrincipalName,servicePrincipalCredentialKeyId`;
    const { body } = await send('GET', `${beta}/auditLogs/signIns?${query}`);
    expect(new Set(body.value.map((row: Json) => row['servicePrincipalName']))).toEqual(
      new Set(['Log collector']),
    );
    expect(Object.keys(body.value[0])).toEqual([
      'id',
      'servicePrincipalName',
      'servicePrincipalCredentialKeyId',
    ]);
    expect(refusalOf(await send('GET', `/auditLogs/signIns?$filter=${filter}`))).toBe('400 BadRequest');
    expect(refusalOf(await send('GET', '/auditLogs/signIns?$select=signInEventTypes'))).toBe(
      '400 BadRequest',
    );
    expect(Object.keys((await send('GET', '/auditLogs/signIns?$top=1')).body.value[0])).not.toContain(
      'signInEventTypes',
    );
  });

  it('asks for the same rights and licence as v1.0', async () => {
    const nora = await fixture.as('nora');
    expect(refusalOf(await nora('GET', `${beta}/auditLogs/signIns`))).toBe(
      '403 Authentication_RequestFromUnsupportedUserRole',
    );
    fixture.tenant.assignedPlans = [];
    expect(refusalOf(await send('GET', `${beta}/auditLogs/signIns`))).toBe(
      '403 Authentication_RequestFromNonPremiumTenantOrB2CTenant',
    );
  });

  it('is served in a batch of beta; what beta lacks here is not', async () => {
    const requests = ['/auditLogs/signIns?$top=1', '/organization'].map((url, id) => ({
      id: String(id),
      method: 'GET',
      url,
    }));
    const { body } = await send('POST', `${beta}/$batch`, { body: { requests } });
    const statuses = new Map(body.responses.map(({ id, status }: Json) => [id, status]));
    expect(statuses).toEqual(
      new Map([
        ['0', 200],
        ['1', 400],
      ]),
    );
    expect((await send('GET', `${origin}/v2.0/auditLogs/signIns`)).status).toBe(400);
  });
});

describe('/auditLogs/provisioning', () => {
  it('lists what was brought where, newest first', async () => {
    const { body } = await send('GET', '/auditLogs/provisioning');
    expect(body['@odata.context']).toBe(`${origin}/v1.0/$metadata#auditLogs/provisioning`);
    expect(body.value).toHaveLength(60);
    expect(body.value[0]).toMatchObject({
      tenantId: fixture.tenant.id,
      provisioningStatusInfo: { status: expect.stringMatching(/^(success|failure)$/) },
      servicePrincipal: { displayName: 'Badge readers' },
      sourceIdentity: { identityType: 'User' },
    });
    const times = body.value.map((row: Json) => String(row['activityDateTime']));
    expect(times).toEqual([...times].sort().reverse());
  });

  it('filters with regard to case', async () => {
    const found = async (filter: string): Promise<number> =>
      (await send('GET', `/auditLogs/provisioning?$filter=${q(filter)}`)).body.value.length;
    expect(await found("provisioningStatusInfo/status eq 'failure'")).toBeGreaterThan(0);
    expect(await found("provisioningStatusInfo/status eq 'Failure'")).toBe(0);
    expect(await found("contains(jobId,'scim')")).toBe(60);
    expect(await found("contains(jobId,'SCIM')")).toBe(0);
    expect(await found('activityDateTime gt 2026-11-20T00:00:00Z')).toBeLessThan(20);
    for (const filter of ['activityDateTime ge 2026-11-20T00:00:00Z', "startswith(jobId,'scim')"]) {
      expect(refusalOf(await send('GET', `/auditLogs/provisioning?$filter=${q(filter)}`))).toBe(
        '400 BadRequest',
      );
    }
  });

  it('is for who reads logs and for who runs applications', async () => {
    for (const [person, status] of [
      ['andy', 200],
      ['rita', 200],
      ['nora', 403],
    ] as const) {
      expect((await (await fixture.as(person))('GET', '/auditLogs/provisioning')).status).toBe(status);
    }
    const directory = await fixture.asApplication(['Directory.Read.All']);
    expect((await directory('GET', '/auditLogs/provisioning')).status).toBe(200);
    const neither = await fixture.asApplication(['User.Read.All']);
    expect(refusalOf(await neither('GET', '/auditLogs/provisioning'))).toBe(
      '403 Authentication_MSGraphPermissionMissing',
    );
  });
});
