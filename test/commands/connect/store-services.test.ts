import { describe, expect, it } from 'vitest';
import { fieldsIn } from '../../../src/core/fields.ts';
import { change, file, prepared } from './prepared-world.ts';
import { hasPython, python, run, titled } from './programs.ts';
import { gitLab, keyValueVault, oneLine } from './store-stand-ins.ts';
import { hostileSecret } from './target-inputs.ts';

describe('vault', () => {
  const there = hasPython('hvac');
  it.skipIf(!there)(
    titled('has the very values for hvac, and keeps what is not ours', there, 'python3-hvac'),
    async () => {
      const world = await prepared();
      await change(world, { clientSecret: hostileSecret });
      const { tenantId, clientId } = await world.config();
      const vault = await keyValueVault();
      const env = { VAULT_ADDR: vault.origin, VAULT_TOKEN: 'plainly-a-token' };
      const argv = ['connect', 'vault', '--name', 'reporting/entra'];
      for (const version of [1, 2]) {
        const done = await world.run([...argv, '--json'], { env });
        expect(done.code, done.stderr).toBe(0);
        expect(done.json()).toMatchObject({ stored: { confirmed: `version ${version}` } });
      }
      const program = `import hvac, json, sys; c = hvac.Client(url=sys.argv[1], token="plainly-a-token"); print(json.dumps(c.secrets.kv.v2.read_secret_version(path="reporting/entra")["data"]["data"]))`;
      const read = await run(python, ['-c', program, vault.origin], { cwd: world.folder });
      expect(JSON.parse(read.stdout), read.stderr).toEqual({
        AZURE_TENANT_ID: tenantId,
        AZURE_CLIENT_ID: clientId,
        AZURE_CLIENT_SECRET: hostileSecret,
      });
      await change(world, { clientId: '00000000-1111-4222-8333-444444444444' });
      const other = await world.run(argv, { env });
      expect([other.code, oneLine(other.stderr)]).toEqual([
        3,
        expect.stringContaining('holds something else already'),
      ]);
      const old = await world.run(['connect', 'vault', '--mount', 'old'], { env });
      expect([old.code, oneLine(old.stderr)]).toEqual([3, expect.stringContaining('not KV version 2')]);
    },
  );

  it('takes no secret over a connection that others can read', async () => {
    const world = await prepared();
    const env = { VAULT_ADDR: 'http://vault.example', VAULT_TOKEN: 'plainly-a-token' };
    const { code, error } = await world.run(['connect', 'vault'], { env });
    expect([code, error]).toEqual([2, expect.objectContaining({ code: 'invalid-options' })]);
    expect((await world.run(['connect', 'vault'], { env: { VAULT_ADDR: 'https://127.0.0.1:1' } })).code).toBe(
      3,
    );
  });
});

describe('gitlab', () => {
  const there = hasPython('gitlab');
  it.skipIf(!there)(titled('has raw, masked values for python-gitlab', there, 'python3-gitlab'), async () => {
    const world = await prepared();
    await change(world, { clientSecret: hostileSecret });
    const lab = await gitLab();
    const env = { GITLAB_HOST: lab.origin, GITLAB_TOKEN: 'plainly-a-token' };
    const argv = ['connect', 'gitlab', '--project', 'group/reporting', '--environment', 'prod'];
    for (let round = 0; round < 2; round += 1) {
      const done = await world.run([...argv, '--json'], { env });
      expect(done.code, done.stderr).toBe(0);
    }
    const program = `import gitlab, json, sys
p = gitlab.Gitlab(sys.argv[1], private_token="plainly-a-token").projects.get("group/reporting", lazy=True)
v = p.variables.get("AZURE_CLIENT_SECRET", filter={"environment_scope": "prod"})
print(json.dumps([v.value, v.masked, v.raw, v.protected]))`;
    const read = await run(python, ['-c', program, lab.origin], { cwd: world.folder });
    expect(JSON.parse(read.stdout), read.stderr).toEqual([hostileSecret, true, true, true]);
    await change(world, { clientSecret: 'with a space in it' });
    expect((await world.run(argv, { env })).error).toMatchObject({ code: 'target-value' });
  });
});

it('a file that names another store than the environment leads to gets nothing', async () => {
  const world = await prepared();
  const { stdout, code } = await world.run(['connect', 'vault', '--dry-run', '--json'], {
    env: { VAULT_ADDR: 'https://vault.example', VAULT_TOKEN: 'plainly-a-token' },
  });
  expect([code, fieldsIn(stdout)['stored']]).toEqual([0, null]);
  expect(await world.config(file)).not.toHaveProperty('connected');
});
