import { beforeEach, describe, expect, it } from 'vitest';
import { appIds } from '../../../src/sandbox/seed/well-known.ts';
import {
  createFixture,
  denied,
  type Fixture,
  principalOf,
  refusalOf,
  registerWithPrincipal,
  type Send,
} from './helper.ts';

let fixture: Fixture;
let ada: Send;

beforeEach(async () => {
  fixture = createFixture();
  ada = await fixture.as('ada');
});

const auditLogRead = 'b0afded3-3588-46d8-8b3d-9842eff778da';

function grantBody(principalId: string, resourceId?: string, appRoleId = auditLogRead): { body: object } {
  return {
    body: { principalId, resourceId: resourceId ?? principalOf(fixture.tenant, appIds.graph).id, appRoleId },
  };
}

describe('granting an application permission of Microsoft Graph', () => {
  it.each([
    ['ada', 201],
    ['petra', 201],
    ['andy', 403],
    ['rita', 403],
    ['nora', 403],
  ])('by %s: %i', async (person, status) => {
    const { principalId } = await registerWithPrincipal(ada);
    const send = await fixture.as(person);
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
    expect(refusalOf(await ask(await fixture.asApplication(['AppRoleAssignment.ReadWrite.All'])))).toBe(
      denied,
    );
    expect(refusalOf(await ask(await fixture.asApplication(['Application.ReadWrite.All'])))).toBe(denied);
    const both = await fixture.asApplication(['AppRoleAssignment.ReadWrite.All', 'Application.Read.All']);
    expect((await ask(both)).status).toBe(201);
    expect(refusalOf(await ask(await fixture.as('ada', ['AppRoleAssignment.ReadWrite.All'])))).toBe(denied);
  });

  it('answers with the assignment, seen from both ends, and is revoked', async () => {
    const { principalId } = await registerWithPrincipal(ada, { displayName: 'Reporting' });
    const graph = principalOf(fixture.tenant, appIds.graph);
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
      () => [principalOf(fixture.tenant, appIds.graph).id, grantBody('00000000-0000-0000-0000-000000000001')],
      'Not a valid reference update',
    ],
    [
      'an unknown resource',
      (id) => [id, grantBody(id, '00000000-0000-0000-0000-000000000001')],
      'Not a valid reference update',
    ],
    [
      'swapped ids',
      (id) => [id, grantBody(principalOf(fixture.tenant, appIds.graph).id, id)],
      'Not a valid reference update',
    ],
  ])('refuses %s', async (_, make, message) => {
    const { principalId } = await registerWithPrincipal(ada);
    await ada('POST', `/servicePrincipals/${principalId}/appRoleAssignments`, grantBody(principalId));
    const [target, body] = make(principalId);
    const graph = principalOf(fixture.tenant, appIds.graph).id;
    const collection = target === graph ? 'appRoleAssignedTo' : 'appRoleAssignments';
    const reply = await ada('POST', `/servicePrincipals/${target}/${collection}`, body);
    expect(refusalOf(reply)).toBe('400 Request_BadRequest');
    expect(reply.body.error.message).toBe(message);
  });

  it('is found by few filters, other ones from either end', async () => {
    const { principalId } = await registerWithPrincipal(ada);
    const resourceId = principalOf(fixture.tenant, appIds.graph).id;
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
    const andy = await fixture.as('andy');
    const body = grantBody(principalId, api.principalId, '11111111-2222-4333-8444-555555555555');
    const reply = await andy('POST', `/servicePrincipals/${principalId}/appRoleAssignments`, body);
    expect(reply.status).toBe(201);
  });
});

describe('delegated grants', () => {
  it('are made once, filtered for and removed', async () => {
    const { principalId } = await registerWithPrincipal(ada);
    const resourceId = principalOf(fixture.tenant, appIds.graph).id;
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
    const nora = await fixture.as('nora');
    expect(refusalOf(await nora('POST', '/oauth2PermissionGrants', { body }))).toBe(denied);
  });
});
