import { randomUUID } from 'node:crypto';
import { SignJWT, UnsecuredJWT } from 'jose';
import { describe, expect, it } from 'vitest';
import { createSigningKey } from '../../../src/sandbox/certificate.ts';
import { automationOf, createFixture, guid, origin, principalOf, refusalOf, start } from './helper.ts';

describe('every reply', () => {
  it('carries Graph headers and echoes the id of the client', async () => {
    const { as } = createFixture();
    const send = await as('ada');
    const id = randomUUID();
    const { status, headers } = await send('GET', '/me', { headers: { 'client-request-id': id } });
    expect(status).toBe(200);
    expect(headers).toMatchObject({
      'client-request-id': id,
      'odata-version': '4.0',
      date: new Date(start).toUTCString(),
      'content-type':
        'application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8',
    });
    expect(headers['request-id']).toMatch(guid);
    expect(headers['request-id']).not.toBe(id);
    expect(JSON.parse(headers['x-ms-ags-diagnostic'] ?? '').ServerInfo).toHaveProperty('RoleInstance');
  });

  it('to a refused request is the error envelope', async () => {
    const { as } = createFixture();
    const send = await as('ada');
    const reply = await send('GET', '/nothing', { headers: { 'client-request-id': 'mine' } });
    expect(reply.status).toBe(400);
    expect(reply.headers['content-type']).toMatch(/^application\/json/);
    expect(reply.body).toEqual({
      error: {
        code: 'BadRequest',
        message: "Resource not found for the segment 'nothing'.",
        innerError: {
          date: '2026-11-24T10:00:00',
          'request-id': reply.headers['request-id'],
          'client-request-id': 'mine',
        },
      },
    });
  });
});

describe('a token', () => {
  const fixture = createFixture();
  const claims = (over: Record<string, unknown> = {}): SignJWT =>
    new SignJWT({
      aud: origin,
      iss: `https://sts.windows.net/${fixture.tenant.id}/`,
      iat: start / 1000,
      nbf: start / 1000,
      exp: start / 1000 + 3600,
      idtyp: 'app',
      oid: automationOf(fixture.tenant).id,
      appid: automationOf(fixture.tenant).appId,
      tid: fixture.tenant.id,
      roles: ['Organization.Read.All'],
      ...over,
    }).setProtectedHeader({ alg: 'RS256' });
  const sign = (over?: Record<string, unknown>): Promise<string> =>
    claims(over).sign(fixture.world.key.privateKey);
  const ask = (token: string) => fixture.withToken(token)('GET', '/organization');

  it('is accepted for this server and for the application id of Graph', async () => {
    expect((await ask(await sign())).status).toBe(200);
    expect((await ask(await sign({ aud: '00000003-0000-0000-c000-000000000000' }))).status).toBe(200);
  });

  it.each<[string, () => Promise<string>, RegExp]>([
    ['absent', async () => '', /empty/],
    ['no JWT', async () => 'abc', /IDX14100/],
    ['malformed', async () => 'a.b.c', /validation failure/],
    ['expired', () => sign({ exp: start / 1000 }), /expired/],
    ['not yet valid', () => sign({ nbf: start / 1000 + 60 }), /not yet valid/],
    ['for another API', () => sign({ aud: 'https://graph.microsoft.com' }), /Invalid audience/],
    ['of another tenant', () => sign({ tid: randomUUID() }), /validation failure/],
    ['of another issuer', () => sign({ iss: 'https://sts.windows.net/x/' }), /validation failure/],
    ['without a lifetime', () => sign({ exp: undefined }), /validation failure/],
    ['unsigned', async () => new UnsecuredJWT({ aud: origin }).encode(), /validation failure/],
    ['signed by another key', async () => claims().sign((await createSigningKey()).privateKey), /validation/],
    ['for a person who is not there', () => sign({ idtyp: 'user', oid: randomUUID() }), /validation failure/],
  ])('that is %s gives 401', async (_, make, message) => {
    const reply = await ask(await make());
    expect(refusalOf(reply)).toBe('401 InvalidAuthenticationToken');
    expect(reply.body.error.message).toMatch(message);
    expect(reply.headers['www-authenticate']).toContain('Bearer realm=""');
    expect(reply.headers['www-authenticate']).toContain(`${origin}/common/oauth2/authorize`);
  });

  it('needs the Bearer scheme', async () => {
    const authorization = `Basic ${await sign()}`;
    const reply = await fixture.send('GET', '/organization', { headers: { authorization } });
    expect(refusalOf(reply)).toBe('401 InvalidAuthenticationToken');
  });

  it('of a disabled person gives 401, of a disabled or removed application 403', async () => {
    const { as, asApplication, tenant } = createFixture();
    expect(refusalOf(await (await as('dana'))('GET', '/me'))).toBe('401 InvalidAuthenticationToken');
    const send = await asApplication();
    const automation = automationOf(tenant);
    automation.accountEnabled = false;
    expect(refusalOf(await send('GET', '/organization'))).toBe('403 Authorization_IdentityDisabled');
    tenant.servicePrincipals = tenant.servicePrincipals.filter((principal) => principal !== automation);
    const gone = await send('GET', '/organization');
    expect(refusalOf(gone)).toBe('403 Authorization_IdentityNotFound');
    expect(gone.body.error.message).toBe('The identity of the calling application could not be established.');
  });
});

describe('a path', () => {
  it.each([
    ['/nothing', 'nothing'],
    ['/applications/00000000-0000-0000-0000-000000000001/nothing', 'nothing'],
    ['/auditLogs/nothing', 'nothing'],
    ['/me/transitiveMemberOf/microsoft.graph.nothing', 'microsoft.graph.nothing'],
    ['/constructor', 'constructor'],
    [`${origin}/beta/me`, 'me'],
    ['/auditLogs', 'auditLogs'],
  ])('%s leads nowhere', async (path, segment) => {
    const send = await createFixture().as('ada');
    const reply = await send('GET', path);
    expect(refusalOf(reply)).toBe('400 BadRequest');
    expect(reply.body.error.message).toBe(`Resource not found for the segment '${segment}'.`);
  });

  it('is matched without regard to case', async () => {
    const send = await createFixture().as('ada');
    expect((await send('GET', '/ServicePrincipals?$top=1')).status).toBe(200);
    expect(refusalOf(await send('DELETE', '/oAuth2PermissionGrants/x'))).toBe('404 Request_ResourceNotFound');
  });

  it('takes its own methods only', async () => {
    const send = await createFixture().as('ada');
    expect((await send('DELETE', '/organization')).status).toBe(405);
    expect((await send('PUT', '/applications')).status).toBe(405);
    expect((await send('GET', '/$batch')).status).toBe(405);
  });

  it('with a broken percent escape is refused', async () => {
    const send = await createFixture().as('ada');
    expect(refusalOf(await send('GET', '/applications/%zz'))).toBe('400 BadRequest');
  });

  it('takes alternate keys, quotes doubled', async () => {
    const { as, tenant } = createFixture();
    const send = await as('ada');
    await send('POST', '/applications', { body: { displayName: 'Q', uniqueName: "o'brien/1" } });
    const found = await send('GET', `/applications(uniqueName='o''brien%2F1')`);
    expect(found.body.displayName).toBe('Q');
    const graphId = '00000003-0000-0000-c000-000000000000';
    const principal = await send('GET', `/servicePrincipals(appId='${graphId}')?$select=id`);
    expect(principal.body).toEqual({
      '@odata.context': `${origin}/v1.0/$metadata#servicePrincipals(id)/$entity`,
      id: principalOf(tenant, graphId).id,
    });
    expect((await send('GET', `/servicePrincipals('${principal.body.id}')`)).body.appId).toBe(graphId);
    expect(refusalOf(await send('GET', `/servicePrincipals(uniqueName='x')`))).toBe('400 BadRequest');
  });
});

describe('a body', () => {
  const post = async (options: Parameters<Awaited<ReturnType<ReturnType<typeof createFixture>['as']>>>[2]) =>
    (await createFixture().as('ada'))('POST', '/applications', options);

  it.each<[string, Parameters<typeof post>[0]]>([
    ['is absent', {}],
    ['is no JSON', { text: '{"displayName":' }],
    ['is no object', { text: '[]' }],
    ['says it is something else', { text: '{}', headers: { 'content-type': 'text/plain' } }],
  ])('that %s is refused', async (_, options) => {
    expect(refusalOf(await post(options))).toBe('400 BadRequest');
  });

  it.each<[string, Record<string, unknown>, string, string]>([
    ['an unknown property', { shoeSize: 44 }, 'Request_BadRequest', "Invalid property 'shoeSize'."],
    [
      'an unknown nested property',
      { web: { shoeSize: 44 } },
      'Request_BadRequest',
      "Invalid property 'shoeSize'.",
    ],
    [
      'a navigation property',
      { federatedIdentityCredentials: [] },
      'Request_BadRequest',
      "Invalid property 'federatedIdentityCredentials'.",
    ],
    ['an inherited name', { constructor: 1 }, 'Request_BadRequest', "Invalid property 'constructor'."],
    [
      'a read-only property',
      { appId: randomUUID() },
      'Request_BadRequest',
      "Property 'appId' is read-only and cannot be set.",
    ],
    [
      'an object where a collection belongs',
      { keyCredentials: {} },
      'BadRequest',
      'Property keyCredentials in payload has a value that does not match schema.',
    ],
    [
      'a number where text belongs',
      { notes: 1 },
      'BadRequest',
      'Property notes in payload has a value that does not match schema.',
    ],
    [
      'text where a GUID belongs',
      { requiredResourceAccess: [{ resourceAppId: 'x', resourceAccess: [{ id: 'x', type: 'Role' }] }] },
      'BadRequest',
      'Property id in payload has a value that does not match schema.',
    ],
  ])('with %s is refused', async (_, extra, code, message) => {
    const reply = await post({ body: { displayName: 'Test', ...extra } });
    expect(reply.status).toBe(400);
    expect(reply.body.error).toMatchObject({ code, message });
  });

  it('may carry annotations', async () => {
    const reply = await post({
      body: { '@odata.type': '#microsoft.graph.application', displayName: 'Test' },
    });
    expect(reply.status).toBe(201);
  });
});
