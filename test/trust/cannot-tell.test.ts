import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createWorld, type Run, type World } from '../helpers/world.ts';

const setup = ['--sandbox', '--yes', '--json'];
const checkOf = (run: Run, id: string) => run.json().checks.find((check) => check.id === id);

/** A folder that git knows, and will not look into. */
function makeUnreadable({ folder }: World): void {
  execFileSync('git', ['init', '-q'], { cwd: folder, stdio: 'pipe' });
  execFileSync('git', ['config', 'core.bare', 'true'], { cwd: folder, stdio: 'pipe' });
}

describe('where git does not tell whether it would publish the secret', () => {
  it.each<[string, Readonly<Record<string, string>>, readonly string[]]>([
    ['git will not look', {}, []],
    ['no git is there', { PATH: '/nonexistent' }, []],
    ['a private key would lie there', {}, ['--credential', 'certificate']],
  ])('nothing is written and the code says so: %s', async (_name, env, more) => {
    const world = await createWorld();
    makeUnreadable(world);
    const run = await world.run([...setup, ...more], { env });
    expect([run.code, run.json().error?.code]).toEqual([3, 'git-unknown']);
    expect(run.json().error?.remedy).toContain('--output');
    expect(world.newWrites()).toEqual([]);
    await expect(world.read()).rejects.toThrow('ENOENT');
    await expect(world.read('reporting-setup.pem')).rejects.toThrow('ENOENT');
  });

  it('goes on where nothing secret is written, or no .git lies above', async () => {
    const world = await createWorld();
    expect((await world.run(setup, { env: { PATH: '/nonexistent' } })).code).toBe(0);
    const other = await createWorld();
    makeUnreadable(other);
    const federated = await other.run([
      ...setup,
      ...['--credential', 'federated', '--issuer', 'https://idp.example', '--subject', 'job'],
    ]);
    expect([federated.code, federated.json().error]).toEqual([0, undefined]);
    expect(checkOf(federated, 'config.git')).toMatchObject({ status: 'skip', reason: 'cannot-tell' });
  });

  it('is told as that by verify, and changes no exit code', async () => {
    const world = await createWorld();
    await world.run(setup);
    const plain = await world.run(['verify', '--sandbox', '--json'], { env: { PATH: '/nonexistent' } });
    expect(checkOf(plain, 'config.git')).toMatchObject({ status: 'pass', evidence: 'in no git work tree' });
    makeUnreadable(world);
    for (const env of [{}, { PATH: '/nonexistent' }]) {
      const run = await world.run(['verify', '--sandbox', '--json'], { env });
      expect(run.code).toBe(0);
      expect(checkOf(run, 'config.git')).toMatchObject({ status: 'skip', reason: 'cannot-tell' });
      expect(checkOf(run, 'config.git')?.evidence).not.toContain('not installed');
    }
  });

  it('is told of a repository above the folder of the output as well', async () => {
    const world = await createWorld();
    makeUnreadable(world);
    mkdirSync(join(world.folder, 'deep'));
    const run = await world.run([...setup, '--output', 'deep/reporting.json']);
    expect([run.code, run.json().error?.code]).toEqual([3, 'git-unknown']);
  });
});

describe('a tenant that does not tell', () => {
  it.each([['AAD B2C'], ['CIAM']])('of its plans, being of type %s', async (tenantType) => {
    const world = await createWorld({
      adjust: (tenant) => {
        Object.assign(tenant, { tenantType, assignedPlans: [] });
      },
    });
    const run = await world.run([...setup, '--dry-run']);
    expect(checkOf(run, 'licence.premium')).toMatchObject({ status: 'skip', reason: 'cannot-tell' });
    expect(checkOf(run, 'licence.premium')?.evidence).not.toContain('is assigned');
  });

  it('whether exclusions cover this run, and one that excludes nobody', async () => {
    type Excluded = { '@odata.type': string; id: string; operator: 'equals'; value: string };
    const block = (...customSecurityAttributes: Excluded[]) =>
      createWorld({
        adjust: ({ defaultAppManagementPolicy: policy }) => {
          policy.isEnabled = true;
          policy.applicationRestrictions.passwordCredentials = [
            {
              restrictionType: 'passwordAddition',
              state: 'enabled',
              maxLifetime: null,
              restrictForAppsCreatedAfterDateTime: null,
              excludeActors: { customSecurityAttributes },
            },
          ];
        },
      });
    const attribute: Excluded = { '@odata.type': '#x', id: 'a_b', operator: 'equals', value: 'c' };
    const nobody = await block();
    const blocked = await nobody.run(setup);
    expect(blocked.code).toBe(3);
    expect(checkOf(blocked, 'policy.credential')).toMatchObject({ code: 'policy-blocks-secrets' });
    const somebody = await (await block(attribute)).run([...setup, '--dry-run']);
    expect(checkOf(somebody, 'policy.credential')).toMatchObject({ status: 'skip', reason: 'cannot-tell' });
  });
});

describe('a grant that is no longer wanted', () => {
  it('is told as more than the job needs, and how it goes', async () => {
    const world = await createWorld();
    expect((await world.run([...setup, '--api', 'azure-ad-graph'])).code).toBe(0);
    world.pass(60_000);
    const run = await world.run([...setup, '--api', 'microsoft-graph']);
    expect(checkOf(run, 'permission.excess')).toMatchObject({ status: 'warn', code: 'permission-excess' });
    expect(checkOf(run, 'permission.excess')?.remedy).toContain('Enterprise applications');
    expect(run.code).toBe(6);
  });
});
