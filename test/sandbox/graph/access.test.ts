import { beforeEach, describe, expect, it } from 'vitest';
import { personId } from '../../../src/sandbox/seed/people.ts';
import { roleIds } from '../../../src/sandbox/seed/well-known.ts';
import {
  automationOf,
  createFixture,
  denied,
  type Fixture,
  refusalOf,
  register,
  registerWithPrincipal,
  type Send,
} from './helper.ts';

let fixture: Fixture;
let ada: Send;

beforeEach(async () => {
  fixture = createFixture();
  ada = await fixture.as('ada');
});

const app = { body: { displayName: 'Test' } };

function hold(person: string, role: keyof typeof roleIds): void {
  const id = `${person}-${role}-1`;
  const principalId = personId(person);
  fixture.tenant.roleAssignments.push({
    id,
    principalId,
    roleDefinitionId: roleIds[role],
    directoryScopeId: '/',
  });
}

describe('registering an application', () => {
  it.each([
    ['ada', 201],
    ['andy', 201],
    ['nora', 201],
    ['petra', 201],
    ['gus', 403],
  ])('by %s, where members may: %i', async (person, status) => {
    expect((await (await fixture.as(person))('POST', '/applications', app)).status).toBe(status);
  });

  it.each([
    ['ada', 201],
    ['andy', 201],
    ['nora', 403],
    ['petra', 403],
    ['rita', 403],
  ])('by %s, where they may not: %i', async (person, status) => {
    fixture.tenant.allowedToCreateApps = false;
    const reply = await (await fixture.as(person))('POST', '/applications', app);
    expect(reply.status).toBe(status);
    if (status === 403) {
      expect(reply.body.error).toMatchObject({
        code: 'Authorization_RequestDenied',
        message: 'Insufficient privileges to complete the operation.',
      });
    }
  });

  it('by an Application Developer, where members may not', async () => {
    fixture.tenant.allowedToCreateApps = false;
    hold('nora', 'applicationDeveloper');
    const { id } = await register(await fixture.as('nora'));
    expect(fixture.tenant.applications.find((one) => one.id === id)?.owners).toEqual([personId('nora')]);
  });

  it('takes the scope or the permission, not only the role', async () => {
    expect(refusalOf(await (await fixture.as('ada', ['User.Read']))('POST', '/applications', app))).toBe(
      denied,
    );
    const reader = await fixture.asApplication(['Application.Read.All', 'Directory.Read.All']);
    expect(refusalOf(await reader('POST', '/applications', app))).toBe(denied);
    expect((await (await fixture.asApplication())('POST', '/applications', app)).status).toBe(201);
  });
});

describe('managing an application', () => {
  it('is for its owner and for administrators of applications', async () => {
    const nora = await fixture.as('nora');
    const own = await register(nora);
    const other = await register(ada);
    const add = (send: Send, id: string) => send('POST', `/applications/${id}/addPassword`, { body: {} });
    expect((await add(nora, own.id)).status).toBe(200);
    expect(refusalOf(await add(nora, other.id))).toBe(denied);
    expect(refusalOf(await add(await fixture.as('petra'), other.id))).toBe(denied);
    expect((await add(await fixture.as('andy'), other.id)).status).toBe(200);
    expect(refusalOf(await nora('PATCH', `/applications/${other.id}`, { body: { notes: 'x' } }))).toBe(
      denied,
    );
    expect(refusalOf(await nora('DELETE', `/applications/${other.id}`))).toBe(denied);
    expect((await nora('DELETE', `/applications/${own.id}`)).status).toBe(204);
    expect(refusalOf(await nora('DELETE', `/directory/deletedItems/${own.id}`))).toBe(denied);
    expect(refusalOf(await nora('POST', `/directory/deletedItems/${own.id}/restore`))).toBe(denied);
  });

  it('with Application.ReadWrite.OwnedBy is for what the application made itself', async () => {
    const owned = await fixture.asApplication(['Application.ReadWrite.OwnedBy']);
    const own = await register(owned);
    const other = await register(ada);
    expect(fixture.tenant.applications.find(({ id }) => id === own.id)?.owners).toEqual([
      automationOf(fixture.tenant).id,
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
    const owned = await fixture.asApplication(['Application.ReadWrite.OwnedBy']);
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
    const nora = await fixture.as('nora');
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
      appOwnerOrganizationId: fixture.tenant.id,
    });
    expect(refusalOf(await ada('POST', '/servicePrincipals', { body: {} }))).toBe('400 Request_BadRequest');
  });

  it('are made by the owner of the application or an administrator', async () => {
    const nora = await fixture.as('nora');
    await registerWithPrincipal(nora);
    const { appId } = await register(ada);
    expect(refusalOf(await nora('POST', '/servicePrincipals', { body: { appId } }))).toBe(denied);
    expect((await (await fixture.as('andy'))('POST', '/servicePrincipals', { body: { appId } })).status).toBe(
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
