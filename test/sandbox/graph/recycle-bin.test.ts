import { beforeEach, describe, expect, it } from 'vitest';
import { createFixture, type Fixture, refusalOf, register, type Send } from './helper.ts';

let fixture: Fixture;
let send: Send;

beforeEach(async () => {
  fixture = createFixture();
  send = await fixture.as('ada');
});

describe('DELETE /applications/{id}', () => {
  it('takes the service principal and its grants along, into the recycle bin', async () => {
    const { id, appId } = await register(send);
    const { body } = await send('POST', '/servicePrincipals', { body: { appId } });
    const { body: graph } = await send(
      'GET',
      "/servicePrincipals(appId='00000003-0000-0000-c000-000000000000')",
    );
    const grant = {
      principalId: body.id,
      resourceId: graph.id,
      appRoleId: 'b0afded3-3588-46d8-8b3d-9842eff778da',
    };
    expect(
      (await send('POST', `/servicePrincipals/${graph.id}/appRoleAssignedTo`, { body: grant })).status,
    ).toBe(201);
    expect((await send('DELETE', `/applications/${id}`)).status).toBe(204);
    expect((await send('GET', `/servicePrincipals/${body.id}`)).status).toBe(404);
    expect(fixture.tenant.appRoleAssignments.some(({ principalId }) => principalId === body.id)).toBe(false);
    const bin = await send('GET', '/directory/deletedItems/microsoft.graph.application');
    expect(bin.body.value).toMatchObject([{ id, deletedDateTime: '2026-11-24T10:00:00Z' }]);
    const principals = await send('GET', '/directory/deletedItems/microsoft.graph.servicePrincipal');
    expect(principals.body.value).toMatchObject([{ id: body.id }]);
  });

  it('is undone by restoring the application first', async () => {
    const { id, appId } = await register(send);
    const { body } = await send('POST', '/servicePrincipals', { body: { appId } });
    await send('DELETE', `/applications/${id}`);
    const early = await send('POST', `/directory/deletedItems/${body.id}/restore`);
    expect(refusalOf(early)).toBe('400 Request_BadRequest');
    expect(early.body.error.message).toBe(
      `Cannot restore ServicePrincipal without backing Application ${appId}`,
    );
    const restored = await send('POST', `/directory/deletedItems/${id}/restore`);
    expect([restored.status, restored.body.id]).toEqual([200, id]);
    expect(restored.body['@odata.type']).toBe('#microsoft.graph.application');
    expect((await send('POST', `/directory/deletedItems/${body.id}/restore`)).status).toBe(200);
    expect((await send('GET', `/applications/${id}`)).body.deletedDateTime).toBeNull();
    expect((await send('GET', `/directory/deletedItems/${id}`)).status).toBe(404);
  });

  it('cannot bring a service principal back beside the one that has taken its place', async () => {
    const { id, appId } = await register(send);
    const { body: old } = await send('POST', '/servicePrincipals', { body: { appId } });
    await send('DELETE', `/applications/${id}`);
    await send('POST', `/directory/deletedItems/${id}/restore`);
    expect((await send('POST', '/servicePrincipals', { body: { appId } })).status).toBe(201);
    const twin = await send('POST', `/directory/deletedItems/${old.id}/restore`);
    expect(refusalOf(twin)).toBe('409 Request_MultipleObjectsWithSameKeyValue');
    expect(twin.body.error.message).toBe(
      'The service principal cannot be created, updated, or restored because the service principal name ' +
        `${appId} is already in use.`,
    );
    expect(fixture.tenant.servicePrincipals.filter((principal) => principal.appId === appId)).toHaveLength(1);
  });

  it('may be filtered for in the recycle bin', async () => {
    const { id } = await register(send, { displayName: "O'Brien" });
    await send('DELETE', `/applications/${id}`);
    const filter = encodeURIComponent("displayName eq 'O''Brien'");
    const path = `/directory/deletedItems/microsoft.graph.application?$filter=${filter}`;
    expect((await send('GET', path)).body.value).toHaveLength(1);
    expect((await send('GET', '/directory/deletedItems')).status).toBe(400);
  });
});
