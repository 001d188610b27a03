import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { CredentialRestriction, ServicePrincipal, Tenant } from '../../../src/sandbox/index.ts';
import { createWorld, type Run, type World } from '../../helpers/world.ts';

const unattended = ['--sandbox', '--yes', '--json'];

const checkOf = (run: Run, id: string) => run.json().checks.find((check) => check.id === id);

const applicationIn = ({ tenant }: World['sandbox']) =>
  tenant.applications.find(({ uniqueName }) => uniqueName === 'reporting-setup');

function principalIn(sandbox: World['sandbox']): ServicePrincipal {
  const { appId } = applicationIn(sandbox) ?? {};
  const found = sandbox.tenant.servicePrincipals.find((principal) => principal.appId === appId);
  if (!found) throw new Error('there is no service principal');
  return found;
}

/** A tenant that is set up, and enough time for every server to know. */
async function ready(argv: readonly string[] = unattended): Promise<World> {
  const world = await createWorld();
  const run = await world.run(argv);
  expect([run.code, run.json().error]).toEqual([0, undefined]);
  world.pass(60_000);
  world.newWrites();
  return world;
}

function restrict(
  tenant: Tenant,
  list: 'passwordCredentials' | 'keyCredentials',
  type: string,
  max?: string,
) {
  const restriction: CredentialRestriction = {
    restrictionType: type,
    state: 'enabled',
    maxLifetime: max ?? null,
    restrictForAppsCreatedAfterDateTime: null,
  };
  tenant.defaultAppManagementPolicy.isEnabled = true;
  tenant.defaultAppManagementPolicy.applicationRestrictions[list] = [restriction];
}

describe('a secret that is replaced', () => {
  const replaced = async (spoil: (world: World) => void): Promise<string> => {
    const world = await ready();
    spoil(world);
    const run = await world.run(['--sandbox', '--dry-run'], { columns: 300 });
    expect(run.code).toBe(0);
    return run.stderr.replace(/\s+/g, ' ');
  };

  it('is told once in the plan, with why', async () => {
    const rejected = await replaced(({ folder }) => {
      const path = join(folder, 'reporting-setup.json');
      const text = readFileSync(path, 'utf8');
      writeFileSync(path, text.replace(/("clientSecret": ")[^"]*/, '$1not-the-secret-at-all'));
    });
    const told = 'The client secret in the file does not work: ';
    expect(rejected).toContain(`⚠ ${told}Entra does not accept this client secret. (AADSTS7000215) File`);
    expect(rejected.split('AADSTS7000215')).toHaveLength(2);
    const ended = await replaced((world) => world.pass(3 * 366 * 86_400_000));
    expect(ended).toMatch(/⚠ The client secret in the file does not work: /);
  });

  it('is not spoken of where nothing is wrong with it', async () => {
    const world = await ready();
    const kept = await world.run(['--sandbox', '--dry-run']);
    expect(kept.stderr).not.toContain('does not work');
  });
});

describe('a secret that Entra does not take, though nothing is wrong with it', () => {
  it('stays while the application is disabled, however often setup runs, and works when it is enabled', async () => {
    const world = await ready();
    const { clientSecret } = await world.config();
    principalIn(world.sandbox).accountEnabled = false;
    for (const _time of ['first', 'second']) {
      const run = await world.run(unattended);
      expect([run.code, checkOf(run, 'app.servicePrincipal')?.code]).toEqual([
        3,
        'service-principal-disabled',
      ]);
      expect(run.stderr).not.toContain('still works');
      world.pass(60_000);
    }
    expect(world.newWrites()).toEqual([]);
    principalIn(world.sandbox).accountEnabled = true;
    expect((await world.run(unattended)).code).toBe(0);
    expect((await world.config()).clientSecret).toBe(clientSecret);
    expect(applicationIn(world.sandbox)?.passwordCredentials).toHaveLength(1);
  });

  it('stays where the service principal was deleted: it comes back, and other machines keep their secret', async () => {
    const world = await ready();
    const { clientSecret } = await world.config();
    const gone = principalIn(world.sandbox);
    const { tenant } = world.sandbox;
    tenant.servicePrincipals = tenant.servicePrincipals.filter((principal) => principal !== gone);
    tenant.appRoleAssignments = tenant.appRoleAssignments.filter(
      ({ principalId }) => principalId !== gone.id,
    );
    const run = await world.run(unattended);
    expect([run.code, run.json().error]).toEqual([0, undefined]);
    expect((await world.config()).clientSecret).toBe(clientSecret);
    expect(run.json().changes.map(({ action, kind }) => `${action} ${kind}`)).toContain(
      'keep passwordCredential',
    );
  });

  it.each<[string, (world: World) => void]>([
    [
      'was removed meanwhile',
      ({ sandbox }) => {
        for (const application of sandbox.tenant.applications) application.passwordCredentials = [];
      },
    ],
    ['has ended', (world) => world.pass(3 * 365 * 86_400_000)],
  ])('is made anew where it %s', async (_name, happen) => {
    const world = await ready();
    const { clientSecret } = await world.config();
    principalIn(world.sandbox).accountEnabled = false;
    happen(world);
    expect((await world.run(unattended)).code).toBe(3);
    expect((await world.config()).clientSecret).not.toBe(clientSecret);
  });
});

describe('a policy that came later', () => {
  it('leaves the secret in use, and says what to do before it ends', async () => {
    const world = await ready();
    restrict(world.sandbox.tenant, 'passwordCredentials', 'passwordAddition');
    const run = await world.run(unattended);
    expect([run.code, checkOf(run, 'policy.credential')]).toMatchObject([
      6,
      { status: 'warn', code: 'policy-blocks-secrets' },
    ]);
    expect(checkOf(run, 'policy.credential')?.remedy).toContain('Before it ends');
    expect(world.newWrites()).toEqual([]);
  });

  it.each([
    [[], 'passwordCredentials', 'passwordLifetime'],
    [['--credential', 'certificate'], 'keyCredentials', 'asymmetricKeyLifetime'],
  ] as const)('shortens nothing that stays: setup %j', async (options, list, type) => {
    const world = await ready([...unattended, ...options]);
    restrict(world.sandbox.tenant, list, type, 'P30D');
    const run = await world.run(unattended);
    expect([run.code, checkOf(run, 'policy.credential')]).toMatchObject([
      0,
      {
        status: 'pass',
        evidence: 'the one in the file stays; the next may be valid for 30 days at most',
      },
    ]);
    expect(world.newWrites()).toEqual([]);
  });
});
