import { beforeEach, describe, expect, it } from 'vitest';
import { personId } from '../../../src/sandbox/seed/people.ts';
import { roleIds } from '../../../src/sandbox/seed/well-known.ts';
import { createFixture, denied, type Fixture, refusalOf, type Send } from './helper.ts';

let fixture: Fixture;
let ada: Send;

beforeEach(async () => {
  fixture = createFixture();
  ada = await fixture.as('ada');
});

describe('policies and roles', () => {
  it('are read by whom they concern', async () => {
    const policy = '/policies/defaultAppManagementPolicy';
    const reply = await ada('GET', policy);
    expect(reply.body).toMatchObject({
      id: '00000000-0000-0000-0000-000000000000',
      isEnabled: false,
      applicationRestrictions: { passwordCredentials: [], keyCredentials: [] },
    });
    expect(refusalOf(await (await fixture.as('nora'))('GET', policy))).toBe(denied);
    expect(refusalOf(await (await fixture.as('ada', ['User.Read']))('GET', policy))).toBe(denied);
    expect((await (await fixture.asApplication(['Policy.Read.All']))('GET', policy)).status).toBe(200);
    const settings = await (await fixture.as('nora'))(
      'GET',
      '/policies/authorizationPolicy?$select=defaultUserRolePermissions',
    );
    expect(settings.body.defaultUserRolePermissions.allowedToCreateApps).toBe(true);
    expect((await ada('GET', '/policies/appManagementPolicies')).body.value).toEqual([]);
  });

  it('list direct role assignments, with their definitions', async () => {
    const filter = encodeURIComponent(`principalId eq '${personId('petra')}'`);
    const path = `/roleManagement/directory/roleAssignments?$filter=${filter}&$expand=roleDefinition`;
    const { body } = await (await fixture.as('petra'))('GET', path);
    expect(body.value).toMatchObject([
      {
        principalId: personId('petra'),
        directoryScopeId: '/',
        roleDefinitionId: roleIds.privilegedRoleAdministrator,
        roleDefinition: { displayName: 'Privileged Role Administrator' },
      },
    ]);
    expect(refusalOf(await (await fixture.as('nora'))('GET', path))).toBe(denied);
    const gina = encodeURIComponent(`principalId eq '${personId('gina')}'`);
    const none = await ada('GET', `/roleManagement/directory/roleAssignments?$filter=${gina}`);
    expect(none.body.value).toEqual([]);
  });

  it('are found by holder, role and scope alone', async () => {
    const ask = (filter: string) =>
      ada('GET', `/roleManagement/directory/roleAssignments?$filter=${encodeURIComponent(filter)}`);
    const role = roleIds.globalAdministrator;
    expect(
      (await ask(`roleDefinitionId in ('${role}') and directoryScopeId eq '/'`)).body.value,
    ).toHaveLength(1);
    expect(refusalOf(await ask("resourceScope eq '/'"))).toBe('400 Request_UnsupportedQuery');
    expect(refusalOf(await ask(`startswith(principalId,'a')`))).toBe('400 Request_UnsupportedQuery');
  });

  it('lead from an assignment to where it holds', async () => {
    const filter = encodeURIComponent(`principalId eq '${personId('petra')}'`);
    const path = `/roleManagement/directory/roleAssignments?$filter=${filter}&$expand=principal,directoryScope,appScope`;
    const { body } = await ada('GET', path);
    expect(body.value).toMatchObject([
      { principal: { id: personId('petra') }, directoryScope: null, appScope: null },
    ]);
  });
});
