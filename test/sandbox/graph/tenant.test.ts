import { beforeEach, describe, expect, it } from 'vitest';
import { personId } from '../../../src/sandbox/seed/people.ts';
import { premiumPlans, roleIds } from '../../../src/sandbox/seed/well-known.ts';
import { cliScopes, createFixture, type Fixture, origin, refusalOf, rolesOf } from './helper.ts';

let fixture: Fixture;

beforeEach(() => {
  fixture = createFixture();
});

const advanced = { headers: { consistencylevel: 'eventual' } };

describe('/me', () => {
  it('shows the person', async () => {
    const send = await fixture.as('ada', ['User.Read']);
    const { body } = await send(
      'GET',
      '/me?$select=id,displayName,userPrincipalName,userType,accountEnabled',
    );
    expect(body).toEqual({
      '@odata.context': `${origin}/v1.0/$metadata#users(id,displayName,userPrincipalName,userType,accountEnabled)/$entity`,
      displayName: 'Ada Admin',
      userPrincipalName: 'ada@contoso.com',
      id: personId('ada'),
      accountEnabled: true,
      userType: 'Member',
    });
    expect(Object.keys((await send('GET', '/me')).body)).not.toContain('accountEnabled');
  });

  it('is for people', async () => {
    const reply = await (await fixture.asApplication())('GET', '/me');
    expect(refusalOf(reply)).toBe('400 BadRequest');
    expect(reply.body.error.message).toBe('/me request is only valid with delegated authentication flow.');
    const refused = await (await fixture.as('ada', ['openid']))('GET', '/me');
    expect(refusalOf(refused)).toBe('403 Authorization_RequestDenied');
  });

  it('lists active roles, those through groups included, those merely eligible not', async () => {
    const path =
      '/me/transitiveMemberOf/microsoft.graph.directoryRole?$count=true&$select=id,displayName,roleTemplateId';
    const roles = async (person: string): Promise<string[]> => {
      const { body } = await (await fixture.as(person, ['User.Read']))('GET', path, advanced);
      expect(body['@odata.context']).toBe(
        `${origin}/v1.0/$metadata#directoryRoles(id,displayName,roleTemplateId)`,
      );
      expect(body['@odata.count']).toBe(body.value.length);
      for (const row of body.value)
        expect(Object.keys(row).sort()).toEqual(['displayName', 'id', 'roleTemplateId']);
      return body.value.map(({ roleTemplateId }: { roleTemplateId: string }) => roleTemplateId);
    };
    expect(await roles('ada')).toEqual([roleIds.globalAdministrator]);
    expect(await roles('gina')).toEqual([roleIds.securityReader]);
    expect(await roles('paul')).toEqual([]);
    const { body } = await (await fixture.as('gina'))('GET', '/me/transitiveMemberOf');
    expect(body.value.map((row: Record<string, unknown>) => row['@odata.type'])).toEqual([
      '#microsoft.graph.group',
      '#microsoft.graph.directoryRole',
    ]);
    expect((await (await fixture.as('gina'))('GET', '/me/memberOf')).body.value).toHaveLength(1);
  });
});

describe('/organization', () => {
  it('is whole for who may read it, and three properties for anybody', async () => {
    const { body } = await (await fixture.asApplication(['Organization.Read.All']))('GET', '/organization');
    const [whole] = body.value;
    expect(whole).toMatchObject({ id: fixture.tenant.id, tenantType: 'AAD', displayName: 'Contoso' });
    expect(whole.assignedPlans).toContainEqual({
      assignedDateTime: '2025-10-08T20:50:43Z',
      capabilityStatus: 'Enabled',
      service: 'AADPremiumService',
      servicePlanId: premiumPlans.p1,
    });
    expect(whole.verifiedDomains.map(({ name }: { name: string }) => name)).toEqual([
      'contoso.onmicrosoft.com',
      'contoso.com',
      'fabrikam.com',
    ]);
    const limited = await (await fixture.as('ada', ['User.Read']))('GET', '/organization');
    const [row] = limited.body.value;
    expect(row).toMatchObject({ id: fixture.tenant.id, assignedPlans: null, tenantType: null });
    expect(row.verifiedDomains).toHaveLength(3);
    const own = await (await fixture.as('nora', cliScopes))('GET', '/organization');
    expect(own.body.value[0].assignedPlans).toHaveLength(3);
  });
});

describe('/domains and /subscribedSkus', () => {
  it('show unverified domains, too, and what was bought', async () => {
    const send = await fixture.as('nora');
    const { body } = await send('GET', '/domains');
    expect(body.value.find(({ id }: { id: string }) => id === 'unverified.contoso.com')).toMatchObject({
      isVerified: false,
      isRoot: false,
    });
    const skus = await send('GET', '/subscribedSkus');
    expect(skus.body.value.map((sku: { skuPartNumber: string }) => sku.skuPartNumber)).toEqual([
      'AAD_PREMIUM',
      'AAD_PREMIUM_P2',
    ]);
    expect((await (await fixture.as('nora', ['User.Read']))('GET', '/domains')).status).toBe(403);
  });
});

describe('people and objects', () => {
  it('are found by id, name and type', async () => {
    const send = await fixture.as('ada');
    expect((await send('GET', '/users/ada@contoso.com')).body.id).toBe(personId('ada'));
    expect(refusalOf(await send('GET', '/users/nobody@contoso.com'))).toBe('404 Request_ResourceNotFound');
    const filter = encodeURIComponent("userPrincipalName eq 'ada@contoso.com'");
    expect((await send('GET', `/users?$filter=${filter}`)).body.value).toHaveLength(1);
    expect((await send('GET', `/directoryObjects/${personId('ada')}`)).body['@odata.type']).toBe(
      '#microsoft.graph.user',
    );
    const ids = [personId('ada'), fixture.tenant.groups[0]?.id];
    const { body } = await send('POST', '/directoryObjects/getByIds', { body: { ids, types: ['user'] } });
    expect(body.value).toHaveLength(1);
    const role = await send('GET', `/directoryRoles(roleTemplateId='${roleIds.securityReader}')`);
    expect(role.body.displayName).toBe('Security Reader');
    expect((await send('GET', '/groups')).body.value).toHaveLength(2);
  });

  it('come all at once where they are directory roles, whatever $top says', async () => {
    const { body } = await (await fixture.as('ada'))('GET', '/directoryRoles?$top=1');
    expect(body.value).toHaveLength(fixture.tenant.directoryRoles.length);
    expect(body).not.toHaveProperty('@odata.nextLink');
  });
});

describe('privileged identity management', () => {
  const path =
    "/roleManagement/directory/roleEligibilityScheduleInstances/filterByCurrentUser(on='principal')";
  const scopes = [...cliScopes, 'RoleEligibilitySchedule.Read.Directory'];

  it('shows a person what may be activated', async () => {
    const { body } = await (await fixture.as('paul', scopes))('GET', `${path}?$expand=roleDefinition`);
    expect(body.value).toMatchObject([
      {
        principalId: personId('paul'),
        roleDefinitionId: roleIds.globalAdministrator,
        memberType: 'Direct',
        endDateTime: null,
        roleDefinition: { displayName: 'Global Administrator' },
      },
    ]);
    expect((await (await fixture.as('nora', scopes))('GET', path)).body.value).toEqual([]);
  });

  it('needs a scope of its own, a licence, and for others a role', async () => {
    const refused = await (await fixture.as('paul'))('GET', path);
    expect(refusalOf(refused)).toBe('403 PermissionScopeNotGranted');
    expect(refused.body.error.message).toContain('RoleEligibilitySchedule.Read.Directory');
    const reader = await fixture.asApplication(['Directory.Read.All']);
    const all = '/roleManagement/directory/roleEligibilityScheduleInstances';
    expect(refusalOf(await reader('GET', all))).toBe('403 PermissionScopeNotGranted');
    expect(refusalOf(await (await fixture.as('paul', scopes))('GET', all))).toBe(
      '403 Authorization_RequestDenied',
    );
    expect((await (await fixture.as('rita', scopes))('GET', all)).status).toBe(200);
    fixture.tenant.assignedPlans = [];
    const unlicensed = await (await fixture.as('paul', scopes))('GET', path);
    expect(refusalOf(unlicensed)).toBe('400 AadPremiumLicenseRequired');
    expect(unlicensed.body.error.message).toBe(
      'The tenant needs to have Microsoft Entra ID P2 or Microsoft Entra ID Governance license.',
    );
  });

  it('activates a role at once', async () => {
    const send = await fixture.as('paul', [...scopes, 'RoleAssignmentSchedule.ReadWrite.Directory']);
    const body = {
      action: 'selfActivate',
      principalId: personId('paul'),
      roleDefinitionId: roleIds.globalAdministrator,
      directoryScopeId: '/',
      justification: 'setup',
      scheduleInfo: {
        startDateTime: '2026-11-24T10:00:00Z',
        expiration: { type: 'AfterDuration', duration: 'PT5H' },
      },
    };
    const requests = '/roleManagement/directory/roleAssignmentScheduleRequests';
    const reply = await send('POST', requests, { body });
    expect([reply.status, reply.body.status]).toEqual([201, 'Provisioned']);
    expect(rolesOf(fixture, 'paul')).toEqual([roleIds.globalAdministrator]);
    const paul = fixture.tenant.roleAssignments.find(({ principalId }) => principalId === personId('paul'));
    expect(paul?.endDateTime).toBe('2026-11-24T15:00:00Z');
    expect((await send('POST', requests, { body })).status).toBe(400);
    const other = { ...body, roleDefinitionId: roleIds.securityReader };
    expect((await send('POST', requests, { body: other })).status).toBe(400);
    const foreign = { ...body, principalId: personId('ada') };
    expect((await send('POST', requests, { body: foreign })).status).toBe(403);
  });

  it.each([
    [{ type: 'AfterDuration', duration: 'five hours' }, 'BadRequest'],
    [{ type: 'AfterDuration', duration: 'PT0S' }, 'Request_BadRequest'],
    [{ type: 'AfterDuration', duration: `P${'9'.repeat(30)}D` }, 'Request_BadRequest'],
    [{ type: 'AfterDateTime', endDateTime: '2026-11-24T10:00:00Z' }, 'Request_BadRequest'],
    [{ type: 'AfterDateTime' }, 'Request_BadRequest'],
    [{ type: 'Sometime' }, 'Request_BadRequest'],
  ])('activates nothing until %j', async (expiration, code) => {
    const send = await fixture.as('paul', [...scopes, 'RoleAssignmentSchedule.ReadWrite.Directory']);
    const body = {
      action: 'selfActivate',
      principalId: personId('paul'),
      roleDefinitionId: roleIds.globalAdministrator,
      directoryScopeId: '/',
      scheduleInfo: { expiration },
    };
    const reply = await send('POST', '/roleManagement/directory/roleAssignmentScheduleRequests', { body });
    expect(refusalOf(reply)).toBe(`400 ${code}`);
    expect(rolesOf(fixture, 'paul')).toEqual([]);
  });
});
