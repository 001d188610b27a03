import { expect, it } from 'vitest';
import { replacedIn } from '../../helpers/replaced.ts';
import { createWorld } from '../../helpers/world.ts';
import { keyValueVault } from '../connect/store-stand-ins.ts';

it('rotates a secret that a store has in the place of the file, and keeps it out of the file', async () => {
  const world = await createWorld();
  expect((await world.run(['--sandbox', '--yes'])).code).toBe(0);
  world.pass(60_000);
  const before = (await world.config()) as unknown as Record<string, string>;
  const vault = await keyValueVault();
  const env = { VAULT_ADDR: vault.origin, VAULT_TOKEN: 'plainly-a-token' };
  const connect = ['connect', 'vault', '--sandbox', '--name', 'reporting/entra', '--remove-file', '--json'];
  const handed = await world.run(connect, { env });
  expect(handed.code, handed.stderr).toBe(0);
  expect(await world.config()).not.toHaveProperty('clientSecret');
  const job = {
    ...env,
    AZURE_TENANT_ID: before['tenantId'] ?? '',
    AZURE_CLIENT_ID: before['clientId'] ?? '',
    AZURE_CLIENT_SECRET: before['clientSecret'] ?? '',
  };
  const run = await world.run(['rotate', '--sandbox', '--yes', '--json', '--overlap', '0'], { env: job });
  expect(run.code, run.stderr).toBe(0);
  const after = await world.config();
  expect(after).not.toHaveProperty('clientSecret');
  expect(after['credential']).toMatchObject({ secretIn: { target: 'vault' } });
  expect(await replacedIn(world)).toEqual([]);
  const own = world.sandbox.tenant.applications.find(({ uniqueName }) => uniqueName === 'reporting-setup');
  expect(own?.passwordCredentials.map(({ keyId }) => keyId)).toEqual([
    (after['credential'] as { keyId: string }).keyId,
  ]);
});
