import { expect, it } from 'vitest';
import { bodyOf, createFixture, withSecret } from './helper.ts';

it('tells a signed-in client that there is one tenant, without subscriptions', async () => {
  const fixture = createFixture();
  const { appId, secret } = withSecret(fixture);
  const scope = `${fixture.world.origin}/.default`;
  const reply = await fixture.token({
    grant_type: 'client_credentials',
    client_id: appId,
    client_secret: secret,
    scope,
  });
  const authorization = `Bearer ${String(bodyOf(reply)['access_token'])}`;
  const subscriptions = await fixture.get('/subscriptions?api-version=2019-11-01', { authorization });
  expect(bodyOf(subscriptions)['value']).toEqual([]);
  const tenants = await fixture.get('/tenants?api-version=2019-11-01', { authorization });
  expect(bodyOf(tenants)['value']).toMatchObject([{ tenantId: fixture.world.tenant.id }]);
  expect((await fixture.get('/subscriptions')).status).toBe(401);
  expect((await fixture.get('/subscriptions', { authorization: `${authorization}x` })).status).toBe(401);
  fixture.advance(3_700_000);
  expect((await fixture.get('/tenants', { authorization })).status).toBe(401);
});
