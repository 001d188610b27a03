import { beforeEach, describe, expect, it } from 'vitest';
import { createFixture, type Fixture, refusalOf, register, type Send } from './helper.ts';

let fixture: Fixture;
let send: Send;

beforeEach(async () => {
  fixture = createFixture();
  send = await fixture.as('ada');
});

const create = (body: Record<string, unknown>) =>
  send('POST', '/applications', { body: { displayName: 'Test', ...body } });

describe('redirect addresses', () => {
  it.each([
    'https://localhost',
    'https://contoso.com/back?from=here',
    'http://localhost:3000/back',
    'http://127.0.0.1/back',
    'urn:ietf:wg:oauth:2.0:oob',
    'ms-appx-web://Microsoft.AAD.BrokerPlugin/0f8fad5b',
    `https://contoso.com/${'x'.repeat(236)}`,
  ])('may be %s', async (uri) => {
    expect((await create({ web: { redirectUris: [uri] } })).status).toBe(201);
  });

  it.each([
    'back',
    'http://contoso.com',
    'http://localhost.contoso.com',
    'https://contoso.com/#part',
    "https://contoso.com/it's",
    'https://contoso.com/a,b',
    'https://contoso.com/(a)',
    'https://contoso.com/!',
    'https://contoso.com/$',
    'https://contoso.com/a;b',
    `https://contoso.com/${'x'.repeat(237)}`,
  ])('are refused on every platform: %s', async (uri) => {
    const { id } = await register(send);
    for (const platform of ['web', 'spa', 'publicClient']) {
      const body = { [platform]: { redirectUris: ['https://localhost', uri] } };
      expect(refusalOf(await create(body))).toBe('400 Request_BadRequest');
      expect(refusalOf(await send('PATCH', `/applications/${id}`, { body }))).toBe('400 Request_BadRequest');
    }
    expect((await send('GET', `/applications/${id}`)).body.web.redirectUris).toEqual([]);
  });

  it('are 256 at most', async () => {
    const many = (count: number) =>
      Array.from({ length: count }, (_, index) => `https://contoso.com/${index}`);
    expect((await create({ web: { redirectUris: many(256) } })).status).toBe(201);
    const body = { web: { redirectUris: many(200) }, spa: { redirectUris: many(57) } };
    expect(refusalOf(await create(body))).toBe('400 Request_BadRequest');
  });
});

describe('identifier addresses', () => {
  it.each([
    'api://0f8fad5b-d9cb-469f-a165-70867728950e',
    'https://contoso.com/reporting',
    'https://reports.fabrikam.com',
    'https://contoso.onmicrosoft.com/reporting',
    'urn:reporting',
  ])('may be %s', async (uri) => {
    expect((await create({ identifierUris: [uri] })).status).toBe(201);
  });

  it.each(['https://elsewhere.example/reporting', 'https://unverified.example', 'https://notcontoso.com'])(
    'lie in a domain of the tenant, not at %s',
    async (uri) => {
      const reply = await create({ identifierUris: [uri] });
      expect(refusalOf(reply)).toBe('400 HostNameNotOnVerifiedDomain');
      expect(reply.body.error.message).toBe(
        `Values of identifierUris property must use a verified domain of the organization or its subdomain: '${uri}'`,
      );
    },
  );

  it('may lie anywhere for an application with tokens of version 2', async () => {
    const uri = 'https://elsewhere.example';
    const { id } = await register(send, { api: { requestedAccessTokenVersion: 2 }, identifierUris: [uri] });
    const body = { identifierUris: [`${uri}/other`] };
    expect((await send('PATCH', `/applications/${id}`, { body })).status).toBe(204);
  });

  it('are addresses', async () => {
    expect(refusalOf(await create({ identifierUris: ['reporting'] }))).toBe('400 Request_BadRequest');
  });
});
