import { jwtVerify } from 'jose';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  applicationOf,
  bodyOf,
  claimsOf,
  createFixture,
  type Fixture,
  graphId,
  principalOf,
  refusalOf,
  withSecret,
} from './helper.ts';

let fixture: Fixture;
let form: Record<string, string>;

beforeEach(() => {
  fixture = createFixture();
  const { appId, secret } = withSecret(fixture);
  form = {
    grant_type: 'client_credentials',
    client_id: appId,
    client_secret: secret,
    scope: 'https://graph.microsoft.com/.default',
  };
});

describe('client credentials with a secret', () => {
  it('gets a token with the granted roles, and neither refresh nor id token', async () => {
    const reply = await fixture.token(form);
    expect(reply.status).toBe(200);
    const body = bodyOf(reply);
    expect(Object.keys(body).sort()).toEqual(['access_token', 'expires_in', 'ext_expires_in', 'token_type']);
    const { payload } = await jwtVerify(String(body['access_token']), fixture.world.key.publicKey, {
      currentDate: new Date(fixture.world.now()),
    });
    const principal = principalOf(fixture, form['client_id'] ?? '');
    expect(payload).toMatchObject({
      idtyp: 'app',
      oid: principal.id,
      sub: principal.id,
      appidacr: '1',
      ver: '1.0',
    });
    expect(payload['roles']).toContain('AuditLog.Read.All');
    expect(payload['scp']).toBeUndefined();
    expect(fixture.issued.has(String(body['access_token']))).toBe(true);
  });

  it('has this server as audience, whichever way Microsoft Graph is named', async () => {
    for (const resource of [
      fixture.world.origin,
      'https://graph.microsoft.com',
      graphId,
      `${fixture.world.origin}/`,
    ]) {
      const body = bodyOf(await fixture.token({ ...form, scope: `${resource}/.default` }));
      expect(claimsOf(body['access_token'])['aud']).toBe(fixture.world.origin);
    }
  });

  it('issues a token without roles where none is granted', async () => {
    fixture.world.tenant.appRoleAssignments.length = 0;
    expect(claimsOf(bodyOf(await fixture.token(form))['access_token'])).not.toHaveProperty('roles');
  });

  it('takes the credential by HTTP Basic', async () => {
    const basic = Buffer.from(`${form['client_id']}:${form['client_secret']}`).toString('base64');
    const { client_id: _id, client_secret: _secret, ...rest } = form;
    expect((await fixture.token(rest, { authorization: `Basic ${basic}` })).status).toBe(200);
  });

  it('marks the token of a client that handles continuous access evaluation', async () => {
    const claims = JSON.stringify({ access_token: { xms_cc: { values: ['CP1'] } } });
    const body = bodyOf(await fixture.token({ ...form, claims }));
    expect(claimsOf(body['access_token'])['xms_cc']).toEqual(['CP1']);
    expect(refusalOf(await fixture.token({ ...form, claims: '{' }))).toBe('400 invalid_request 9002313');
  });

  it('writes a refusal as Entra does', async () => {
    const correlation = '11111111-2222-4333-8444-555555555555';
    const reply = await fixture.token(
      { ...form, client_secret: 'wrong' },
      { 'client-request-id': correlation },
    );
    expect(refusalOf(reply)).toBe('401 invalid_client 7000215');
    const body = bodyOf(reply);
    expect(body).toMatchObject({ correlation_id: correlation, timestamp: '2026-11-24 10:00:00Z' });
    expect(body['error_uri']).toBe(`${fixture.world.origin}/error?code=7000215`);
    expect(body['error_description']).toMatch(
      /^AADSTS7000215: Invalid client secret provided\. .* Trace ID: \S+ Correlation ID: 11111111-\S+ Timestamp: /,
    );
  });

  it.each([
    ['no grant type', { grant_type: '' }, '400 invalid_request 900144'],
    ['an unknown grant type', { grant_type: 'urn:unknown' }, '400 unsupported_grant_type 70003'],
    ['no client', { client_id: '' }, '400 invalid_request 900144'],
    [
      'an unknown client',
      { client_id: '11111111-2222-4333-8444-555555555555' },
      '400 unauthorized_client 700016',
    ],
    ['no credential', { client_secret: '' }, '401 invalid_client 7000216'],
    ['a delegated scope', { scope: 'https://graph.microsoft.com/User.Read' }, '400 invalid_scope 70011'],
    ['several scopes', { scope: 'https://graph.microsoft.com/.default openid' }, '400 invalid_scope 70011'],
    ['no scope', { scope: '' }, '400 invalid_request 900144'],
    ['an unknown API', { scope: 'https://nothing.example/.default' }, '400 invalid_resource 500011'],
    ['the older parameter', { resource: 'https://graph.microsoft.com' }, '400 invalid_request 901002'],
  ])('refuses %s', async (_name, change, expected) => {
    expect(refusalOf(await fixture.token({ ...form, ...change }))).toBe(expected);
  });

  it('refuses an expired secret, and one that is not valid yet', async () => {
    const [credential] = applicationOf(fixture, 'Sandbox automation').passwordCredentials;
    if (credential !== undefined) credential.startDateTime = '2027-01-01T00:00:00Z';
    expect(refusalOf(await fixture.token(form))).toBe('401 invalid_client 7000215');
    fixture.advance(3 * 365 * 86_400_000);
    expect(refusalOf(await fixture.token(form))).toBe('401 invalid_client 7000222');
  });

  it('refuses a secret until the token endpoint knows it', async () => {
    const [credential] = applicationOf(fixture, 'Sandbox automation').passwordCredentials;
    if (credential !== undefined) credential.usableFrom = fixture.world.now() + 4000;
    expect(refusalOf(await fixture.token(form))).toBe('401 invalid_client 7000215');
    fixture.advance(4000);
    expect((await fixture.token(form)).status).toBe(200);
  });

  it('accepts a secret of the service principal', async () => {
    const application = applicationOf(fixture, 'Sandbox automation');
    principalOf(fixture, application.appId).passwordCredentials = application.passwordCredentials.splice(0);
    expect((await fixture.token(form)).status).toBe(200);
  });

  it('refuses a disabled application', async () => {
    principalOf(fixture, form['client_id'] ?? '').accountEnabled = false;
    expect(refusalOf(await fixture.token(form))).toBe('400 unauthorized_client 7000112');
  });

  it.each([
    ['common', '400 invalid_request 50194'],
    ['organizations', '400 invalid_request 50194'],
    ['consumers', '400 invalid_request 9002332'],
    ['nowhere.example', '400 invalid_request 90002'],
  ])('refuses the tenant %s', async (name, expected) => {
    expect(refusalOf(await fixture.post(`/${name}/oauth2/v2.0/token`, form))).toBe(expected);
  });

  it('needs a named tenant even for a multitenant application', async () => {
    applicationOf(fixture, 'Sandbox automation').signInAudience = 'AzureADMultipleOrgs';
    expect(refusalOf(await fixture.post('/common/oauth2/v2.0/token', form))).toBe(
      '400 invalid_request 50059',
    );
  });

  it('takes only POST, and only forms', async () => {
    const path = `/${fixture.world.tenant.id}/oauth2/v2.0/token`;
    expect(refusalOf(await fixture.get(path))).toBe('400 invalid_request 900561');
    expect(refusalOf(await fixture.token(form, { 'content-type': 'application/json' }))).toBe(
      '400 invalid_request 900144',
    );
  });

  it('answers the older endpoint in the older form', async () => {
    const { scope: _scope, ...rest } = form;
    const reply = await fixture.post('/contoso.com/oauth2/token', {
      ...rest,
      resource: 'https://graph.microsoft.com',
    });
    expect(bodyOf(reply)).toMatchObject({ expires_in: '3599', resource: 'https://graph.microsoft.com' });
    expect(refusalOf(await fixture.post('/contoso.com/oauth2/token', rest))).toBe(
      '400 invalid_request 900144',
    );
  });
});

describe('passwords', () => {
  const password = {
    grant_type: 'password',
    client_id: '04b07795-8ddb-461a-bbee-02f9e1bf7b46',
    password: 'x',
  };

  it('are never right', async () => {
    const known = await fixture.token({ ...password, username: 'ada@contoso.com' });
    expect(refusalOf(known)).toBe('400 invalid_grant 50126');
    const unknown = await fixture.token({ ...password, username: 'nobody@contoso.com' });
    expect(refusalOf(unknown)).toBe('400 invalid_grant 50034');
  });
});

describe('replication lag', () => {
  it('lets some replicas know a secret before others, and in the end all', async () => {
    fixture = createFixture({ lag: true });
    const { appId, secret } = withSecret(fixture);
    const lagging = { ...form, client_id: appId, client_secret: secret };
    const codes = new Set<number>();
    for (let step = 0; step < 60; step += 1) {
      codes.add((await fixture.token(lagging)).status);
      fixture.advance(40);
    }
    expect([...codes].sort()).toEqual([200, 401]);
    fixture.advance(5000);
    for (let step = 0; step < 20; step += 1) expect((await fixture.token(lagging)).status).toBe(200);
  });
});
