import { beforeEach, describe, expect, it } from 'vitest';
import type { ActorExemptions } from '../../../src/sandbox/model.ts';
import { personId } from '../../../src/sandbox/seed/people.ts';
import { roleIds } from '../../../src/sandbox/seed/well-known.ts';
import { createFixture, denied, type Fixture, refusalOf, register, type Send } from './helper.ts';

let fixture: Fixture;
let ada: Send;

beforeEach(async () => {
  fixture = createFixture();
  ada = await fixture.as('ada');
});

const blocked = '400 CredentialTypeNotAllowedAsPerAppPolicy';

/** `added`, or how it was refused. */
async function addSecret(send: Send): Promise<string> {
  const { id } = await register(send);
  const reply = await send('POST', `/applications/${id}/addPassword`, { body: {} });
  return reply.status === 200 ? 'added' : refusalOf(reply);
}

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

  const attribute = {
    '@odata.type': '#microsoft.graph.customSecurityAttributeStringValueExemption',
    id: 'Policy_Exempt',
    operator: 'equals' as const,
    value: 'yes',
  };

  it.each<[string, ActorExemptions | null, string]>([
    ['nobody, where that was never set', null, blocked],
    ['nobody, with an empty list', { customSecurityAttributes: [] }, blocked],
    ['who has an attribute', { customSecurityAttributes: [attribute] }, 'added'],
  ])('show whom a restriction leaves out: %s', async (_, excludeActors, expected) => {
    const { tenant } = fixture;
    for (const user of tenant.users) {
      if (user.id === personId('ada')) user.securityAttributes = { Policy_Exempt: 'yes' };
      if (user.id === personId('andy')) user.securityAttributes = { Policy_Exempt: 'no' };
    }
    const restriction = {
      restrictionType: 'passwordAddition',
      state: 'enabled' as const,
      maxLifetime: null,
      restrictForAppsCreatedAfterDateTime: null,
      excludeActors,
    };
    tenant.defaultAppManagementPolicy.isEnabled = true;
    tenant.defaultAppManagementPolicy.applicationRestrictions.passwordCredentials = [restriction];
    const { body } = await ada('GET', '/policies/defaultAppManagementPolicy');
    expect(body.applicationRestrictions.passwordCredentials).toEqual([restriction]);
    expect(await addSecret(ada)).toBe(expected);
    expect(await addSecret(await fixture.as('andy'))).toBe(blocked);
    expect((await ada('GET', '/me')).body).not.toHaveProperty('securityAttributes');
    expect(refusalOf(await ada('GET', '/me?$select=securityAttributes'))).toBe('400 BadRequest');
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
