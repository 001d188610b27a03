import { beforeEach, describe, expect, it } from 'vitest';
import { personId } from '../../../src/sandbox/seed/people.ts';
import { createFixture, type Fixture, guid, origin, refusalOf, register, type Send } from './helper.ts';

let fixture: Fixture;
let send: Send;

beforeEach(async () => {
  fixture = createFixture();
  send = await fixture.as('ada');
});

describe('POST /applications', () => {
  it('answers with the whole object', async () => {
    const access = {
      resourceAppId: '00000003-0000-0000-c000-000000000000',
      resourceAccess: [{ id: 'b0afded3-3588-46d8-8b3d-9842eff778da', type: 'Role' }],
    };
    const { status, body } = await send('POST', '/applications', {
      body: {
        displayName: 'Reporting API application',
        uniqueName: 'reporting-setup',
        signInAudience: 'AzureADMyOrg',
        tags: ['reporting-setup'],
        notes: 'mine',
        requiredResourceAccess: [access],
        web: { homePageUrl: 'https://localhost', redirectUris: ['https://localhost'] },
      },
    });
    expect(status).toBe(201);
    expect(body).toMatchObject({
      '@odata.context': `${origin}/v1.0/$metadata#applications/$entity`,
      id: expect.stringMatching(guid),
      appId: expect.stringMatching(guid),
      deletedDateTime: null,
      createdByAppId: '04b07795-8ddb-461a-bbee-02f9e1bf7b46',
      createdDateTime: '2026-11-24T10:00:00.0000000Z',
      publisherDomain: 'contoso.onmicrosoft.com',
      uniqueName: 'reporting-setup',
      notes: 'mine',
      requiredResourceAccess: [access],
      passwordCredentials: [],
      web: {
        homePageUrl: 'https://localhost',
        logoutUrl: null,
        redirectUris: ['https://localhost'],
        implicitGrantSettings: { enableAccessTokenIssuance: false, enableIdTokenIssuance: false },
      },
    });
    expect(body).not.toHaveProperty('owners');
    expect(body.id).not.toBe(body.appId);
    const { body: read } = await send('GET', `/applications/${body.id}`);
    expect(read).toEqual({ ...body, createdDateTime: '2026-11-24T10:00:00Z' });
  });

  it('takes the same display name twice, and a uniqueName once', async () => {
    await register(send, { uniqueName: 'one' });
    await register(send);
    const reply = await send('POST', '/applications', { body: { displayName: 'Test', uniqueName: 'one' } });
    expect(refusalOf(reply)).toBe('400 Request_BadRequest');
    expect(reply.body.error.message).toBe(
      'Another object with the same value for property uniqueName already exists.',
    );
    expect(fixture.tenant.applications.filter(({ displayName }) => displayName === 'Test')).toHaveLength(2);
  });

  it('keeps a uniqueName reserved in the recycle bin until it is purged', async () => {
    const { id } = await register(send, { uniqueName: 'one' });
    await send('DELETE', `/applications/${id}`);
    const body = { displayName: 'Test', uniqueName: 'one' };
    expect((await send('POST', '/applications', { body })).status).toBe(400);
    expect(refusalOf(await send('GET', "/applications(uniqueName='one')"))).toBe(
      '404 Request_ResourceNotFound',
    );
    expect((await send('DELETE', `/directory/deletedItems/${id}`)).status).toBe(204);
    expect((await send('POST', '/applications', { body })).status).toBe(201);
  });

  it.each<[string, Record<string, unknown>]>([
    ['no display name', { displayName: undefined }],
    ['a null display name', { displayName: null }],
    ['an empty display name', { displayName: '' }],
    ['a display name of 257 characters', { displayName: 'x'.repeat(257) }],
    ['an unknown audience', { signInAudience: 'Everybody' }],
    [
      'an unknown kind of access',
      {
        requiredResourceAccess: [
          {
            resourceAppId: 'x',
            resourceAccess: [{ id: 'b0afded3-3588-46d8-8b3d-9842eff778da', type: 'Both' }],
          },
        ],
      },
    ],
    [
      'too many resources',
      {
        requiredResourceAccess: Array.from({ length: 51 }, (_, index) => ({
          resourceAppId: String(index),
          resourceAccess: [],
        })),
      },
    ],
  ])('refuses %s', async (_, extra) => {
    const reply = await send('POST', '/applications', { body: { displayName: 'Test', ...extra } });
    expect(refusalOf(reply)).toBe('400 Request_BadRequest');
    expect(fixture.tenant.applications).toHaveLength(2);
  });

  it('makes secrets with it, shown once', async () => {
    const body = { displayName: 'Test', passwordCredentials: [{ displayName: 'first' }] };
    const reply = await send('POST', '/applications', { body });
    const [made] = reply.body.passwordCredentials;
    expect(made.displayName).toBe('first');
    expect(fixture.issued).toContain(made.secretText);
    const { body: read } = await send('GET', `/applications/${reply.body.id}`);
    expect(read.passwordCredentials).toEqual([{ ...made, secretText: null }]);
  });

  it('makes an ordinary person the owner, an administrator not', async () => {
    const nora = await register(await fixture.as('nora'));
    const ada = await register(send);
    const andy = await register(await fixture.as('andy'));
    const owners = (id: string): string[] | undefined =>
      fixture.tenant.applications.find((application) => application.id === id)?.owners;
    expect(owners(nora.id)).toEqual([personId('nora')]);
    expect(owners(ada.id)).toEqual([]);
    expect(owners(andy.id)).toEqual([]);
  });
});

describe('PATCH /applications/{id}', () => {
  it('answers 204 and replaces collections whole, complex values by part', async () => {
    const { id } = await register(send, { tags: ['a', 'b'], web: { homePageUrl: 'https://a.example' } });
    const reply = await send('PATCH', `/applications/${id}`, {
      body: { tags: ['c'], web: { redirectUris: ['https://localhost'] }, displayName: 'New', notes: null },
    });
    expect([reply.status, reply.text]).toEqual([204, '']);
    const { body } = await send('GET', `/applications/${id}`);
    expect(body).toMatchObject({
      displayName: 'New',
      tags: ['c'],
      web: { homePageUrl: 'https://a.example', redirectUris: ['https://localhost'] },
    });
  });

  it('renames the service principal as well', async () => {
    const { id, appId } = await register(send);
    await send('POST', '/servicePrincipals', { body: { appId } });
    await send('PATCH', `/applications/${id}`, { body: { displayName: 'New' } });
    const { body } = await send('GET', `/servicePrincipals(appId='${appId}')?$select=displayName`);
    expect(body.displayName).toBe('New');
  });

  it('shows on the service principal what the application has published since', async () => {
    const { id, appId } = await register(send);
    const { body: principal } = await send('POST', '/servicePrincipals', { body: { appId } });
    const role = {
      allowedMemberTypes: ['Application'],
      description: 'Reads.',
      displayName: 'Read',
      id: '11111111-2222-4333-8444-555555555555',
      isEnabled: true,
      value: 'Things.Read',
    };
    const scope = {
      adminConsentDescription: 'Reads.',
      adminConsentDisplayName: 'Read',
      id: '22222222-2222-4333-8444-555555555555',
      isEnabled: true,
      type: 'Admin',
      value: 'Things.Read',
    };
    const change = {
      appRoles: [role],
      api: { oauth2PermissionScopes: [scope] },
      identifierUris: ['api://things'],
      signInAudience: 'AzureADMultipleOrgs',
    };
    expect((await send('PATCH', `/applications/${id}`, { body: change })).status).toBe(204);
    const { body } = await send('GET', `/servicePrincipals/${principal.id}`);
    expect(body).toMatchObject({
      appRoles: [role],
      oauth2PermissionScopes: [scope],
      servicePrincipalNames: [appId, 'api://things'],
      signInAudience: 'AzureADMultipleOrgs',
    });
  });

  it('cannot change or take a uniqueName, but may repeat it', async () => {
    const { id } = await register(send, { uniqueName: 'one' });
    for (const uniqueName of ['two', null]) {
      const reply = await send('PATCH', `/applications/${id}`, { body: { uniqueName } });
      expect(refusalOf(reply)).toBe('400 Request_BadRequest');
    }
    expect((await send('PATCH', `/applications/${id}`, { body: { uniqueName: 'one' } })).status).toBe(204);
  });

  it('may give a uniqueName once, unless it is taken', async () => {
    await register(send, { uniqueName: 'one' });
    const { id } = await register(send);
    const name = (uniqueName: string) => send('PATCH', `/applications/${id}`, { body: { uniqueName } });
    const taken = await name('one');
    expect(taken.body.error.message).toContain('same value for property uniqueName');
    expect((await name('late')).status).toBe(204);
    expect((await send('GET', "/applications(uniqueName='late')")).body.id).toBe(id);
    expect(refusalOf(await name('later'))).toBe('400 Request_BadRequest');
  });

  it('cannot add client secrets', async () => {
    const { id } = await register(send);
    const body = { passwordCredentials: [{ displayName: 'x' }] };
    expect(refusalOf(await send('PATCH', `/applications/${id}`, { body }))).toBe('400 Request_BadRequest');
    expect((await send('GET', `/applications/${id}`)).body.passwordCredentials).toEqual([]);
  });

  it('answers 404 for an application that is not there, 400 for an id that is none', async () => {
    const id = '00000000-0000-0000-0000-000000000001';
    const reply = await send('PATCH', `/applications/${id}`, { body: { notes: 'x' } });
    expect(refusalOf(reply)).toBe('404 Request_ResourceNotFound');
    expect(reply.body.error.message).toBe(
      `Resource '${id}' does not exist or one of its queried reference-property objects are not present.`,
    );
    expect((await send('GET', '/applications/abc')).status).toBe(400);
  });
});

describe('PATCH /applications(uniqueName=…)', () => {
  const prefer = { prefer: 'create-if-missing' };
  const path = "/applications(uniqueName='one')";

  it('creates only when asked to, then updates', async () => {
    const body = { displayName: 'Test' };
    expect(refusalOf(await send('PATCH', path, { body }))).toBe('404 Request_ResourceNotFound');
    const created = await send('PATCH', path, { body, headers: prefer });
    expect(created.status).toBe(201);
    expect(created.body).toMatchObject({ uniqueName: 'one', displayName: 'Test' });
    expect((await send('PATCH', path, { body: { displayName: 'New' }, headers: prefer })).status).toBe(204);
    expect((await send('GET', path)).body.displayName).toBe('New');
  });

  it('needs a display name to create', async () => {
    const reply = await send('PATCH', path, { body: { notes: 'x' }, headers: prefer });
    expect(refusalOf(reply)).toBe('400 Request_BadRequest');
  });
});

describe('owners', () => {
  it('are listed, added by reference and removed', async () => {
    const { id } = await register(send);
    const path = `/applications/${id}/owners`;
    const reference = { '@odata.id': `${origin}/v1.0/directoryObjects/${personId('nora')}` };
    expect((await send('POST', `${path}/$ref`, { body: reference })).status).toBe(204);
    const again = await send('POST', `${path}/$ref`, { body: reference });
    expect(again.body.error.message).toContain("'owners'");
    const { body } = await send('GET', path);
    expect(body.value).toMatchObject([{ '@odata.type': '#microsoft.graph.user', id: personId('nora') }]);
    expect((await send('DELETE', `${path}/${personId('nora')}/$ref`)).status).toBe(204);
    expect((await send('DELETE', `${path}/${personId('nora')}/$ref`)).status).toBe(404);
    const unknown = { '@odata.id': `${origin}/v1.0/directoryObjects/00000000-0000-0000-0000-000000000001` };
    expect((await send('POST', `${path}/$ref`, { body: unknown })).status).toBe(404);
    expect((await send('POST', `${path}/$ref`, { body: {} })).status).toBe(400);
  });
});
