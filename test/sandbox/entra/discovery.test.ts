import { describe, expect, it } from 'vitest';
import { bodyOf, createFixture, refusalOf } from './helper.ts';

const fixture = createFixture();
const { origin, tenant } = fixture.world;

function discover(authority: string): string {
  const endpoint = encodeURIComponent(`${authority}/contoso.com/oauth2/v2.0/authorize`);
  return `/common/discovery/instance?api-version=1.1&authorization_endpoint=${endpoint}`;
}

describe('instance discovery', () => {
  it.each(['https://127.0.0.1:8443', 'https://127.0.0.1', 'https://localhost:8443'])(
    'knows itself as %s',
    async (host) => {
      const reply = await fixture.get(discover(host));
      expect(reply.status).toBe(200);
      expect(bodyOf(reply)).toMatchObject({
        tenant_discovery_endpoint: `${origin}/contoso.com/v2.0/.well-known/openid-configuration`,
        'api-version': '1.1',
      });
      expect(reply.body).toContain('login.partner.microsoftonline.cn');
    },
  );

  it('knows the authorities of Microsoft', async () => {
    const body = bodyOf(await fixture.get(discover('https://login.microsoftonline.us')));
    expect(body['tenant_discovery_endpoint']).toMatch('https://login.microsoftonline.us/contoso.com/v2.0/');
  });

  it('refuses others, and requests without an address', async () => {
    expect(refusalOf(await fixture.get(discover('https://login.example.org')))).toBe(
      '400 invalid_instance 50049',
    );
    expect(refusalOf(await fixture.get('/common/discovery/instance?api-version=1.1'))).toBe(
      '400 invalid_request 50050',
    );
  });
});

describe('the OpenID configuration', () => {
  it.each([tenant.id, 'contoso.com', 'CONTOSO.onmicrosoft.com'])('names the tenant for %s', async (name) => {
    const body = bodyOf(await fixture.get(`/${name}/v2.0/.well-known/openid-configuration`));
    expect(body).toMatchObject({
      issuer: `${origin}/${tenant.id}/v2.0`,
      token_endpoint: `${origin}/${tenant.id}/oauth2/v2.0/token`,
      jwks_uri: `${origin}/${tenant.id}/discovery/v2.0/keys`,
    });
  });

  it.each(['common', 'organizations'])('leaves the issuer of %s open', async (name) => {
    const body = bodyOf(await fixture.get(`/${name}/v2.0/.well-known/openid-configuration`));
    expect(body['issuer']).toBe(`${origin}/{tenantid}/v2.0`);
    expect(body['authorization_endpoint']).toBe(`${origin}/${name}/oauth2/v2.0/authorize`);
  });

  it.each([
    'nowhere.example',
    'unverified.contoso.com',
    'consumers',
    '%zz',
    '00000000-0000-0000-0000-000000000000',
  ])('refuses %s', async (name) => {
    const reply = await fixture.get(`/${name}/v2.0/.well-known/openid-configuration`);
    expect(refusalOf(reply)).toBe('400 invalid_tenant 90002');
  });

  it('has the older form with the older issuer', async () => {
    const body = bodyOf(await fixture.get('/contoso.com/.well-known/openid-configuration'));
    expect(body).toMatchObject({
      issuer: `https://sts.windows.net/${tenant.id}/`,
      token_endpoint: `${origin}/${tenant.id}/oauth2/token`,
    });
  });

  it('shows the signing key', async () => {
    const { keys } = bodyOf(await fixture.get(`/${tenant.id}/discovery/v2.0/keys`));
    expect(keys).toMatchObject([
      { kty: 'RSA', use: 'sig', kid: fixture.world.key.kid, x5t: fixture.world.key.kid },
    ]);
    expect(JSON.stringify(keys)).not.toContain('"d":');
  });
});

it('leaves other paths to others', async () => {
  const { handleEntra } = await import('../../../src/sandbox/entra/index.ts');
  for (const path of ['/', '/nothing', '/v1.0/me', '/contoso.com/oauth2/v3.0/token']) {
    const request = { method: 'GET', url: new URL(path, origin), headers: {}, body: '' };
    expect(await handleEntra(fixture.entra, request)).toBeUndefined();
  }
});
