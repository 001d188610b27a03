import { expect, it } from 'vitest';
import { bodyOf, createBench, withSecret } from './helper.ts';

it('tells a signed-in client that there is one tenant, without subscriptions', async () => {
  const bench = createBench();
  const { appId, secret } = withSecret(bench);
  const scope = `${bench.world.origin}/.default`;
  const reply = await bench.token({
    grant_type: 'client_credentials',
    client_id: appId,
    client_secret: secret,
    scope,
  });
  const authorization = `Bearer ${String(bodyOf(reply)['access_token'])}`;
  const subscriptions = await bench.get('/subscriptions?api-version=2019-11-01', { authorization });
  expect(bodyOf(subscriptions)['value']).toEqual([]);
  const tenants = await bench.get('/tenants?api-version=2019-11-01', { authorization });
  expect(bodyOf(tenants)['value']).toMatchObject([{ tenantId: bench.world.tenant.id }]);
  expect((await bench.get('/subscriptions')).status).toBe(401);
  expect((await bench.get('/subscriptions', { authorization: `${authorization}x` })).status).toBe(401);
  bench.advance(3_700_000);
  expect((await bench.get('/tenants', { authorization })).status).toBe(401);
});
