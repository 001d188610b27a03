import { beforeEach, describe, expect, it } from 'vitest';
import { personId } from '../../../src/sandbox/seed/people.ts';
import { roleIds } from '../../../src/sandbox/seed/roles.ts';
import { appIds } from '../../../src/sandbox/seed/well-known.ts';
import {
  automationOf,
  type Bench,
  createBench,
  principalOf,
  refusalOf,
  register,
  registerWithPrincipal,
  type Send,
} from './helper.ts';

let bench: Bench;
let ada: Send;

beforeEach(async () => {
  bench = createBench();
  ada = await bench.as('ada');
});

const auditLogRead = 'b0afded3-3588-46d8-8b3d-9842eff778da';
const denied = '403 Authorization_RequestDenied';
const app = { body: { displayName: 'Test' } };

function hold(person: string, role: keyof typeof roleIds): void {
  const id = `${person}-${role}-1`;
  const principalId = personId(person);
  bench.tenant.roleAssignments.push({
    id,
    principalId,
    roleDefinitionId: roleIds[role],
    directoryScopeId: '/',
  });
}

function grantBody(principalId: string, resourceId?: string, appRoleId = auditLogRead): { body: object } {
  return {
    body: { principalId, resourceId: resourceId ?? principalOf(bench.tenant, appIds.graph).id, appRoleId },
  };
}

describe('registering an application', () => {
  it.each([
    ['ada', 201],
    ['andy', 201],
    ['nora', 201],
    ['petra', 201],
    ['gus', 403],
  ])('by %s, where members may: %i', async (person, status) => {
    expect((await (await bench.as(person))('POST', '/applications', app)).status).toBe(status);
  });

  it.each([
    ['ada', 201],
    ['andy', 201],
    ['nora', 403],
    ['petra', 403],
    ['rita', 403],
  ])('by %s, where they may not: %i', async (person, status) => {
    bench.tenant.allowedToCreateApps = false;
    const reply = await (await bench.as(person))('POST', '/applications', app);
    expect(reply.status).toBe(status);
    if (status === 403) {
      expect(reply.body.error).toMatchObject({
        code: 'Authorization_RequestDenied',
        message: 'Insufficient privileges to complete the operation.',
      });
    }
  });

  it('by an Application Developer, where members may not', async () => {
    bench.tenant.allowedToCreateApps = false;
    hold('nora', 'applicationDeveloper');
    const { id } = await register(await bench.as('nora'));
    expect(bench.tenant.applications.find((one) => one.id === id)?.owners).toEqual([personId('nora')]);
  });

  it('takes the scope or the permission, not only the role', async () => {
    expect(refusalOf(await (await bench.as('ada', ['User.Read']))('POST', '/applications', app))).toBe(
      denied,
    );
    const reader = await bench.asApplication(['Application.Read.All', 'Directory.Read.All']);
    expect(refusalOf(await reader('POST', '/applications', app))).toBe(denied);
    expect((await (await bench.asApplication())('POST', '/applications', app)).status).toBe(201);
  });
});

describe('managing an application', () => {
  it('is for its owner and for administrators of applications', async () => {
    const nora = await bench.as('nora');
    const own = await register(nora);
    const other = await register(ada);
    const add = (send: Send, id: string) => send('POST', `/applications/${id}/addPassword`, { body: {} });
    expect((await add(nora, own.id)).status).toBe(200);
    expect(refusalOf(await add(nora, other.id))).toBe(denied);
    expect(refusalOf(await add(await bench.as('petra'), other.id))).toBe(denied);
    expect((await add(await bench.as('andy'), other.id)).status).toBe(200);
    expect(refusalOf(await nora('PATCH', `/applications/${other.id}`, { body: { notes: 'x' } }))).toBe(
      denied,
    );
    expect(refusalOf(await nora('DELETE', `/applications/${other.id}`))).toBe(denied);
    expect((await nora('DELETE', `/applications/${own.id}`)).status).toBe(204);
    expect(refusalOf(await nora('DELETE', `/directory/deletedItems/${own.id}`))).toBe(denied);
    expect(refusalOf(await nora('POST', `/directory/deletedItems/${own.id}/restore`))).toBe(denied);
  });

  it('with Application.ReadWrite.OwnedBy is for what the application made itself', async () => {
    const owned = await bench.asApplication(['Application.ReadWrite.OwnedBy']);
    const own = await register(owned);
    const other = await register(ada);
    expect(bench.tenant.applications.find(({ id }) => id === own.id)?.owners).toEqual([
      automationOf(bench.tenant).id,
    ]);
    expect((await owned('POST', `/applications/${own.id}/addPassword`, { body: {} })).status).toBe(200);
    expect(refusalOf(await owned('POST', `/applications/${other.id}/addPassword`, { body: {} }))).toBe(
      denied,
    );
    expect((await owned('POST', '/servicePrincipals', { body: { appId: own.appId } })).status).toBe(201);
    const foreign = { body: { appId: 'de8bc8b5-d9f9-48b1-a8ad-b748da725064' } };
    const reply = await owned('POST', '/servicePrincipals', foreign);
    expect(refusalOf(reply)).toBe(denied);
    expect(reply.body.error.message).toMatch(
      /^When using this permission, the backing application .* must in the local tenant$/,
    );
  });

  it('with Application.ReadWrite.OwnedBy may be begun by upsert, too', async () => {
    const owned = await bench.asApplication(['Application.ReadWrite.OwnedBy']);
    const headers = { prefer: 'create-if-missing' };
    const path = "/applications(uniqueName='mine')";
    expect((await owned('PATCH', path, { body: { displayName: 'Mine' } })).status).toBe(404);
    const made = await owned('PATCH', path, { body: { displayName: 'Mine' }, headers });
    expect(made.status).toBe(201);
    const principal = `/servicePrincipals(appId='${made.body.appId}')`;
    expect((await owned('PATCH', principal, { body: {} })).status).toBe(404);
    expect((await owned('PATCH', principal, { body: {}, headers })).status).toBe(201);
    await register(ada, { uniqueName: 'hers' });
    const foreign = { body: { displayName: 'Mine' }, headers };
    expect(refusalOf(await owned('PATCH', "/applications(uniqueName='hers')", foreign))).toBe(denied);
  });

  it('follows the roles of now, not those of the sign-in', async () => {
    const nora = await bench.as('nora');
    const { id } = await register(ada);
    expect((await nora('PATCH', `/applications/${id}`, { body: { notes: 'x' } })).status).toBe(403);
    hold('nora', 'cloudApplicationAdministrator');
    expect((await nora('PATCH', `/applications/${id}`, { body: { notes: 'x' } })).status).toBe(204);
  });
});

describe('service principals', () => {
  it('need an application, and are one per application', async () => {
    const appId = 'de8bc8b5-d9f9-48b1-a8ad-b748da725064';
    const none = await ada('POST', '/servicePrincipals', { body: { appId } });
    expect(refusalOf(none)).toBe('400 Request_BadRequest');
    const message = `The appId '${appId}' of the service principal does not reference a valid application object.`;
    expect(none.body.error).toMatchObject({
      message,
      details: [{ code: 'NoBackingApplicationObject', target: 'appId', message }],
    });
    const { application, principalId } = await registerWithPrincipal(ada, { tags: ['mine'] });
    const twice = await ada('POST', '/servicePrincipals', { body: { appId: application.appId } });
    expect(refusalOf(twice)).toBe('409 Request_MultipleObjectsWithSameKeyValue');
    expect(twice.body.error.details[0].code).toBe('ObjectConflict');
    expect(twice.body.error.message).toContain(
      `service principal name ${application.appId} is already in use.`,
    );
    const { body } = await ada('GET', `/servicePrincipals/${principalId}`);
    expect(body).toMatchObject({
      accountEnabled: true,
      servicePrincipalNames: [application.appId],
      servicePrincipalType: 'Application',
      tags: ['mine'],
      appOwnerOrganizationId: bench.tenant.id,
    });
    expect(refusalOf(await ada('POST', '/servicePrincipals', { body: {} }))).toBe('400 Request_BadRequest');
  });

  it('are made by the owner of the application or an administrator', async () => {
    const nora = await bench.as('nora');
    await registerWithPrincipal(nora);
    const { appId } = await register(ada);
    expect(refusalOf(await nora('POST', '/servicePrincipals', { body: { appId } }))).toBe(denied);
    expect((await (await bench.as('andy'))('POST', '/servicePrincipals', { body: { appId } })).status).toBe(
      201,
    );
  });

  it('are upserted by appId', async () => {
    const { appId } = await register(ada);
    const path = `/servicePrincipals(appId='${appId}')`;
    const upsert = () =>
      ada('PATCH', path, { body: { tags: ['x'] }, headers: { prefer: 'create-if-missing' } });
    expect((await ada('PATCH', path, { body: {} })).status).toBe(404);
    expect((await upsert()).status).toBe(201);
    expect((await upsert()).status).toBe(204);
    expect((await ada('PATCH', path, { body: { accountEnabled: false } })).status).toBe(204);
    expect((await ada('GET', path)).body).toMatchObject({ accountEnabled: false, tags: ['x'] });
  });
});

describe('granting an application permission of Microsoft Graph', () => {
  it.each([
    ['ada', 201],
    ['petra', 201],
    ['andy', 403],
    ['rita', 403],
    ['nora', 403],
  ])('by %s: %i', async (person, status) => {
    const { principalId } = await registerWithPrincipal(ada);
    const send = await bench.as(person);
    const reply = await send(
      'POST',
      `/servicePrincipals/${principalId}/appRoleAssignments`,
      grantBody(principalId),
    );
    expect(reply.status).toBe(status);
  });

  it('takes two permissions', async () => {
    const { principalId } = await registerWithPrincipal(ada);
    const ask = (send: Send) =>
      send('POST', `/servicePrincipals/${principalId}/appRoleAssignments`, grantBody(principalId));
    expect(refusalOf(await ask(await bench.asApplication(['AppRoleAssignment.ReadWrite.All'])))).toBe(denied);
    expect(refusalOf(await ask(await bench.asApplication(['Application.ReadWrite.All'])))).toBe(denied);
    const both = await bench.asApplication(['AppRoleAssignment.ReadWrite.All', 'Application.Read.All']);
    expect((await ask(both)).status).toBe(201);
    expect(refusalOf(await ask(await bench.as('ada', ['AppRoleAssignment.ReadWrite.All'])))).toBe(denied);
  });

  it('answers with the assignment, seen from both ends, and is revoked', async () => {
    const { principalId } = await registerWithPrincipal(ada, { displayName: 'Reporting' });
    const graph = principalOf(bench.tenant, appIds.graph);
    const made = await ada(
      'POST',
      `/servicePrincipals/${graph.id}/appRoleAssignedTo`,
      grantBody(principalId),
    );
    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({
      '@odata.context': `https://127.0.0.1:8443/v1.0/$metadata#servicePrincipals('${graph.id}')/appRoleAssignedTo/$entity`,
      appRoleId: auditLogRead,
      deletedDateTime: null,
      principalDisplayName: 'Reporting',
      principalId,
      principalType: 'ServicePrincipal',
      resourceDisplayName: 'Microsoft Graph',
      resourceId: graph.id,
    });
    const filter = encodeURIComponent(`resourceId eq ${graph.id}`);
    const { body } = await ada(
      'GET',
      `/servicePrincipals/${principalId}/appRoleAssignments?$filter=${filter}`,
    );
    expect(body.value.map(({ id }: { id: string }) => id)).toEqual([made.body.id]);
    const path = `/servicePrincipals/${graph.id}/appRoleAssignedTo/${made.body.id}`;
    expect((await ada('DELETE', path)).status).toBe(204);
    expect(refusalOf(await ada('DELETE', path))).toBe('404 Request_ResourceNotFound');
  });

  it.each<[string, (principalId: string) => [string, { body: object }], string]>([
    ['a twin', (id) => [id, grantBody(id)], 'Permission being assigned already exists on the object'],
    [
      'an unknown permission',
      (id) => [id, grantBody(id, undefined, '00000000-0000-0000-0000-000000000001')],
      'Permission being assigned was not found on application',
    ],
    [
      'an unknown principal',
      () => [principalOf(bench.tenant, appIds.graph).id, grantBody('00000000-0000-0000-0000-000000000001')],
      'Not a valid reference update',
    ],
    [
      'an unknown resource',
      (id) => [id, grantBody(id, '00000000-0000-0000-0000-000000000001')],
      'Not a valid reference update',
    ],
    [
      'swapped ids',
      (id) => [id, grantBody(principalOf(bench.tenant, appIds.graph).id, id)],
      'Not a valid reference update',
    ],
  ])('refuses %s', async (_, make, message) => {
    const { principalId } = await registerWithPrincipal(ada);
    await ada('POST', `/servicePrincipals/${principalId}/appRoleAssignments`, grantBody(principalId));
    const [target, body] = make(principalId);
    const graph = principalOf(bench.tenant, appIds.graph).id;
    const collection = target === graph ? 'appRoleAssignedTo' : 'appRoleAssignments';
    const reply = await ada('POST', `/servicePrincipals/${target}/${collection}`, body);
    expect(refusalOf(reply)).toBe('400 Request_BadRequest');
    expect(reply.body.error.message).toBe(message);
  });

  it('is found by few filters, other ones from either end', async () => {
    const { principalId } = await registerWithPrincipal(ada);
    const resourceId = principalOf(bench.tenant, appIds.graph).id;
    const ask = async (path: string, filter: string): Promise<string> => {
      const reply = await ada('GET', `/servicePrincipals/${path}?$filter=${encodeURIComponent(filter)}`);
      return reply.status === 200 ? '200' : refusalOf(reply);
    };
    const refused = '400 Request_UnsupportedQuery';
    const held = `${principalId}/appRoleAssignments`;
    const given = `${resourceId}/appRoleAssignedTo`;
    expect(await ask(held, `resourceId eq ${resourceId}`)).toBe('200');
    expect(await ask(held, `resourceId in (${resourceId})`)).toBe(refused);
    expect(await ask(held, 'appRoleId eq b0afded3-3588-46d8-8b3d-9842eff778da')).toBe(refused);
    expect(await ask(held, "principalDisplayName eq 'Test'")).toBe(refused);
    expect(await ask(given, "principalDisplayName eq 'Test'")).toBe('200');
    expect(await ask(given, "startswith(principalDisplayName,'T')")).toBe('200');
    expect(await ask(given, `principalId eq ${principalId}`)).toBe(refused);
  });

  it('of another API is for administrators of applications, too', async () => {
    const { principalId } = await registerWithPrincipal(ada);
    const api = await registerWithPrincipal(ada, {
      appRoles: [
        {
          id: '11111111-2222-4333-8444-555555555555',
          allowedMemberTypes: ['Application'],
          displayName: 'Read',
          description: 'Read',
          value: 'Read',
          isEnabled: true,
        },
      ],
    });
    const andy = await bench.as('andy');
    const body = grantBody(principalId, api.principalId, '11111111-2222-4333-8444-555555555555');
    const reply = await andy('POST', `/servicePrincipals/${principalId}/appRoleAssignments`, body);
    expect(reply.status).toBe(201);
  });
});

describe('delegated grants', () => {
  it('are made once, filtered for and removed', async () => {
    const { principalId } = await registerWithPrincipal(ada);
    const resourceId = principalOf(bench.tenant, appIds.graph).id;
    const body = {
      clientId: principalId,
      consentType: 'AllPrincipals',
      principalId: null,
      resourceId,
      scope: 'User.Read',
    };
    const made = await ada('POST', '/oauth2PermissionGrants', { body });
    expect(made.status).toBe(201);
    const twice = await ada('POST', '/oauth2PermissionGrants', { body });
    expect(refusalOf(twice)).toBe('409 Request_MultipleObjectsWithSameKeyValue');
    expect(twice.body.error.message).toBe('Permission entry already exists.');
    const filter = encodeURIComponent(`clientId eq '${principalId}'`);
    expect((await ada('GET', `/oauth2PermissionGrants?$filter=${filter}`)).body.value).toHaveLength(1);
    const path = `/oauth2PermissionGrants/${made.body.id}`;
    expect((await ada('PATCH', path, { body: { scope: 'User.Read Directory.Read.All' } })).status).toBe(204);
    expect((await ada('DELETE', path)).status).toBe(204);
    const nora = await bench.as('nora');
    expect(refusalOf(await nora('POST', '/oauth2PermissionGrants', { body }))).toBe(denied);
  });
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
    expect(refusalOf(await (await bench.as('nora'))('GET', policy))).toBe(denied);
    expect(refusalOf(await (await bench.as('ada', ['User.Read']))('GET', policy))).toBe(denied);
    expect((await (await bench.asApplication(['Policy.Read.All']))('GET', policy)).status).toBe(200);
    const settings = await (await bench.as('nora'))(
      'GET',
      '/policies/authorizationPolicy?$select=defaultUserRolePermissions',
    );
    expect(settings.body.defaultUserRolePermissions.allowedToCreateApps).toBe(true);
    expect((await ada('GET', '/policies/appManagementPolicies')).body.value).toEqual([]);
  });

  it('list direct role assignments, with their definitions', async () => {
    const filter = encodeURIComponent(`principalId eq '${personId('petra')}'`);
    const path = `/roleManagement/directory/roleAssignments?$filter=${filter}&$expand=roleDefinition`;
    const { body } = await (await bench.as('petra'))('GET', path);
    expect(body.value).toMatchObject([
      {
        principalId: personId('petra'),
        directoryScopeId: '/',
        roleDefinitionId: roleIds.privilegedRoleAdministrator,
        roleDefinition: { displayName: 'Privileged Role Administrator' },
      },
    ]);
    expect(refusalOf(await (await bench.as('nora'))('GET', path))).toBe(denied);
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
