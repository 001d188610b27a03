import { beforeEach, describe, expect, it } from 'vitest';
import { appIds } from '../../../src/sandbox/seed/well-known.ts';
import {
  automationOf,
  createFixture,
  type Fixture,
  type FixtureOptions,
  type Json,
  principalOf,
  register,
  registerWithPrincipal,
  type Send,
  start,
} from './helper.ts';

let fixture: Fixture;
let ada: Send;
let reader: Send;

beforeEach(() => begin());

async function begin(options: FixtureOptions = {}): Promise<void> {
  fixture = createFixture(options);
  ada = await fixture.as('ada');
  reader = await fixture.asApplication(['AuditLog.Read.All']);
}

/** The rows of what happened since the start, oldest first. */
async function rows(): Promise<Json[]> {
  fixture.advance(10_000);
  const filter = encodeURIComponent(`activityDateTime ge ${new Date(start).toISOString()}`);
  const path = `/auditLogs/directoryAudits?$orderby=activityDateTime&$filter=${filter}`;
  return (await reader('GET', path)).body.value;
}

async function activities(): Promise<unknown[]> {
  return (await rows()).map(({ activityDisplayName }) => activityDisplayName);
}

const management = 'Update application – Certificates and secrets management ';

describe('what a change leaves in the audit log', () => {
  it('is a row that says who did what to what', async () => {
    const { id } = await register(ada, { displayName: 'Row maker' });
    const [row, ...others] = await rows();
    expect(others).toEqual([]);
    const user = fixture.tenant.users.find(
      ({ userPrincipalName }) => userPrincipalName === 'ada@contoso.com',
    );
    expect(row).toMatchObject({
      category: 'ApplicationManagement',
      result: 'success',
      activityDisplayName: 'Add application',
      loggedByService: 'Core Directory',
      operationType: 'Add',
      initiatedBy: { app: null, user: { id: user?.id, userPrincipalName: 'ada@contoso.com' } },
      targetResources: [{ id, displayName: 'Row maker', type: 'Application' }],
    });
    expect(row?.['id']).toMatch(/^Directory_[\da-f-]{36}_[\dA-F]{5}_\d+$/);
    expect(row?.['activityDateTime']).toBe('2026-11-24T10:00:00.0000000Z');
    expect((await reader('GET', `/auditLogs/directoryAudits/${String(row?.['id'])}`)).body).toMatchObject({
      id: row?.['id'],
    });
  });

  it('names the application that did it', async () => {
    const automation = await fixture.asApplication(['Application.ReadWrite.All']);
    await automation('POST', '/applications', {
      body: { displayName: 'Test' },
      headers: { 'user-agent': 'collector/1.0' },
    });
    const { id, appId } = automationOf(fixture.tenant);
    expect((await rows())[0]).toMatchObject({
      initiatedBy: { app: { appId, displayName: 'Sandbox automation', servicePrincipalId: id }, user: null },
      additionalDetails: [{ key: 'User-Agent', value: 'collector/1.0' }],
    });
  });

  it('comes two seconds late, twenty where rows are late', async () => {
    for (const [lateRows, delay] of [
      [false, 2000],
      [true, 20_000],
    ] as const) {
      await begin({ behaviour: { lateRows, unthrottled: true } });
      await register(ada);
      const names = async (): Promise<unknown[]> =>
        (await reader('GET', '/auditLogs/directoryAudits?$top=1')).body.value.map(
          ({ activityDateTime }: Json) => activityDateTime,
        );
      fixture.advance(delay - 1);
      expect(await names()).not.toContain('2026-11-24T10:00:00.0000000Z');
      fixture.advance(1);
      expect(await names()).toContain('2026-11-24T10:00:00.0000000Z');
    }
  });

  it('covers the life of an application and its service principal', async () => {
    const { application, principalId } = await registerWithPrincipal(ada);
    const graph = principalOf(fixture.tenant, appIds.graph);
    const role = graph.appRoles.find(({ value }) => value === 'AuditLog.Read.All');
    const assigned = await ada('POST', `/servicePrincipals/${principalId}/appRoleAssignments`, {
      body: { principalId, resourceId: graph.id, appRoleId: role?.id },
    });
    const path = `/applications/${application.id}`;
    const added = await ada('POST', `${path}/addPassword`, {
      body: { passwordCredential: { displayName: 'first' } },
    });
    await ada('PATCH', path, { body: { notes: 'for the audit', displayName: 'Renamed' } });
    await ada('POST', `${path}/federatedIdentityCredentials`, {
      body: {
        name: 'pipeline',
        issuer: 'https://issuer.example',
        subject: 'repo',
        audiences: ['api://AzureADTokenExchange'],
      },
    });
    await ada('POST', `${path}/removePassword`, { body: { keyId: added.body.keyId } });
    await ada('DELETE', `/servicePrincipals/${principalId}/appRoleAssignments/${assigned.body.id}`);
    await ada('DELETE', path);
    await ada('DELETE', `/directory/deletedItems/${application.id}`);
    const all = await rows();
    expect(all.map(({ activityDisplayName }) => activityDisplayName)).toEqual([
      'Add application',
      'Add service principal',
      'Add app role assignment to service principal',
      management,
      'Update application',
      'Update service principal',
      'Update application',
      management,
      'Remove app role assignment from service principal',
      'Delete application',
      'Remove service principal',
      'Hard Delete application',
    ]);
    const [granted, created, updated] = [2, 3, 4].map((index) => all[index]?.['targetResources']);
    expect(granted).toMatchObject([
      {
        id: graph.id,
        displayName: 'Microsoft Graph',
        modifiedProperties: expect.arrayContaining([
          { displayName: 'AppRole.Value', oldValue: '[]', newValue: '["AuditLog.Read.All"]' },
          { displayName: 'ServicePrincipal.ObjectID', oldValue: '[]', newValue: `["${principalId}"]` },
        ]),
      },
    ]);
    const { keyId, secretText } = added.body;
    expect(created).toMatchObject([
      {
        modifiedProperties: [
          {
            displayName: 'KeyDescription',
            oldValue: '[]',
            newValue: `["[KeyIdentifier=${keyId},KeyType=Password,KeyUsage=Verify,DisplayName=first]"]`,
          },
          {
            displayName: 'Included Updated Properties',
            oldValue: null,
            newValue: '"KeyDescription"',
          },
        ],
      },
    ]);
    expect(updated).toMatchObject([
      {
        modifiedProperties: expect.arrayContaining([
          { displayName: 'DisplayName', oldValue: '["Test"]', newValue: '["Renamed"]' },
          { displayName: 'Notes', oldValue: '[]', newValue: '["for the audit"]' },
        ]),
      },
    ]);
    expect(JSON.stringify(all)).not.toContain(secretText);
    expect(JSON.stringify(all)).not.toMatch(/secretHash|usableFrom/);
    expect(new Set(all.slice(9, 11).map(({ correlationId }) => correlationId)).size).toBe(1);
  });

  it('covers owners, restoring and delegated grants', async () => {
    const { application, principalId } = await registerWithPrincipal(ada);
    const [owner] = fixture.tenant.users;
    const path = `/applications/${application.id}`;
    await ada('POST', `${path}/owners/$ref`, {
      body: { '@odata.id': `https://graph.microsoft.com/v1.0/directoryObjects/${owner?.id}` },
    });
    await ada('DELETE', `${path}/owners/${owner?.id}/$ref`);
    const graph = principalOf(fixture.tenant, appIds.graph);
    const grant = await ada('POST', '/oauth2PermissionGrants', {
      body: { clientId: principalId, consentType: 'AllPrincipals', resourceId: graph.id, scope: 'User.Read' },
    });
    await ada('PATCH', `/oauth2PermissionGrants/${grant.body.id}`, { body: { scope: 'User.Read openid' } });
    await ada('DELETE', `/oauth2PermissionGrants/${grant.body.id}`);
    await ada('DELETE', path);
    await ada('POST', `/directory/deletedItems/${application.id}/restore`);
    await ada('POST', `/directory/deletedItems/${principalId}/restore`);
    expect((await activities()).slice(2)).toEqual([
      'Add owner to application',
      'Remove owner from application',
      'Add delegated permission grant',
      'Add delegated permission grant',
      'Remove delegated permission grant',
      'Delete application',
      'Remove service principal',
      'Restore application',
      'Restore service principal',
    ]);
  });

  it('is told by two services where a role is activated', async () => {
    const paul = await fixture.as('paul', [
      'RoleAssignmentSchedule.ReadWrite.Directory',
      'RoleEligibilitySchedule.Read.Directory',
    ]);
    const [eligible] = fixture.tenant.roleEligibilities;
    const reply = await paul('POST', '/roleManagement/directory/roleAssignmentScheduleRequests', {
      body: {
        action: 'selfActivate',
        principalId: eligible?.principalId,
        roleDefinitionId: eligible?.roleDefinitionId,
        directoryScopeId: '/',
        justification: 'setup',
      },
    });
    expect(reply.status).toBe(201);
    const [first, second] = await rows();
    expect(first).toMatchObject({ category: 'RoleManagement', activityDisplayName: 'Add member to role' });
    expect(second).toMatchObject({
      id: expect.stringMatching(/^PIM_/),
      loggedByService: 'PIM',
      activityDisplayName: 'Add member to role completed (PIM activation)',
    });
    expect(second?.['correlationId']).toBe(first?.['correlationId']);
  });

  it('is nothing for what is refused, read, or the same as before', async () => {
    const nora = await fixture.as('nora');
    fixture.tenant.allowedToCreateApps = false;
    expect((await nora('POST', '/applications', { body: { displayName: 'x' } })).status).toBe(403);
    const { id } = await register(ada);
    const [user] = fixture.tenant.users;
    await ada('POST', '/directoryObjects/getByIds', { body: { ids: [user?.id] } });
    await ada('PATCH', `/applications/${id}`, { body: { displayName: 'Test' } });
    expect(await activities()).toEqual(['Add application']);
  });

  it('is kept for the last thousand changes', async () => {
    const { id } = await register(ada);
    fixture.tenant.activity.changes = Array.from({ length: 1000 }, (_, index) => ({
      id: `Directory_${index}`,
    }));
    await ada('PATCH', `/applications/${id}`, { body: { displayName: 'One more' } });
    const { changes } = fixture.tenant.activity;
    expect(changes).toHaveLength(1000);
    expect(changes[0]).toEqual({ id: 'Directory_1' });
    expect(changes.at(-1)).toMatchObject({ activityDisplayName: 'Update application' });
  });
});
