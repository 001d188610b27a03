import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Tenant } from '../../../src/sandbox/index.ts';
import { createWorld, type Document } from '../../helpers/world.ts';
import { look } from './roles-helpers.ts';

const idOf = (tenant: Tenant, key: string): string =>
  tenant.users.find(({ userPrincipalName }) => userPrincipalName === `${key}@contoso.com`)?.id ?? '';

const roleIn = (tenant: Tenant, name: string): string =>
  tenant.directoryRoles.find(({ displayName }) => displayName === name)?.roleTemplateId ?? '';

/** Gives somebody a role, or a group that brings it. */
function assign(tenant: Tenant, principalId: string, name: string, directoryScopeId = '/'): void {
  tenant.roleAssignments.push({
    id: `${principalId}-${name}`,
    principalId,
    roleDefinitionId: roleIn(tenant, name),
    directoryScopeId,
  });
}

const roleChecks = ({ checks }: Document): Record<string, string> =>
  Object.fromEntries(
    checks.filter(({ id }) => id.startsWith('role.')).map(({ id, status }) => [id.slice(5), status]),
  );

describe('what each account may do, told before anything is written', () => {
  it.each([
    ['default', 'pass', 'pass', 'pass', 'pass'],
    ['reader', 'pass', 'pass', 'pass', 'fail'],
    ['app-admin', 'skip', 'pass', 'pass', 'fail'],
    ['privileged-role-admin', 'skip', 'pass', 'pass', 'pass'],
    ['no-roles', 'skip', 'pass', 'pass', 'fail'],
    ['reader,registration-disabled', 'pass', 'fail', 'fail', 'fail'],
    ['app-admin,registration-disabled', 'skip', 'pass', 'pass', 'fail'],
  ])('%s: reads %s, registers %s, makes the credential %s, grants %s', async (scenario, ...expected) => {
    const world = await createWorld({ scenarios: [scenario] });
    const [read, register, credential, grant] = expected;
    expect(roleChecks(await look(world))).toEqual({ read, register, credential, grant });
    expect(world.newWrites()).toEqual([]);
  });

  it('counts roles that come through a group', async () => {
    const world = await createWorld({
      scenarios: ['no-roles'],
      adjust: (tenant) => {
        const group = tenant.groups.find(({ isAssignableToRole }) => isAssignableToRole);
        group?.members.push(idOf(tenant, 'nora'));
        assign(tenant, group?.id ?? '', 'Privileged Role Administrator');
      },
    });
    const document = await look(world);
    expect(document.account?.roles).toEqual(['Privileged Role Administrator', 'Security Reader']);
    expect(roleChecks(document)).toMatchObject({ read: 'pass', grant: 'pass' });
  });

  it('does not count a role for one administrative unit', async () => {
    const world = await createWorld({
      scenarios: ['reader'],
      adjust: (tenant) => {
        assign(tenant, idOf(tenant, 'rita'), 'Directory Readers');
        assign(tenant, idOf(tenant, 'rita'), 'Privileged Role Administrator', '/administrativeUnits/one');
      },
    });
    expect(roleChecks(await look(world))).toMatchObject({ grant: 'fail' });
  });

  it('cannot tell what a role for one object allows, and tries', async () => {
    const world = await createWorld({
      scenarios: ['reader'],
      adjust: (tenant) => {
        assign(tenant, idOf(tenant, 'rita'), 'Directory Readers');
        assign(
          tenant,
          idOf(tenant, 'rita'),
          'Application Administrator',
          '/11111111-2222-4333-8444-555555555555',
        );
      },
    });
    const grant = (await look(world)).checks.find(({ id }) => id === 'role.grant');
    expect(grant?.status).toBe('skip');
    expect(grant?.evidence).toMatch(
      /^cannot tell: .*Application Administrator for part of the directory; will try$/,
    );
  });
});

describe('an account that may not register', () => {
  it('is told which role does, and nothing is written', async () => {
    const world = await createWorld({ scenarios: ['registration-disabled'] });
    const run = await world.run(['--sandbox', '--yes', '--json'], { columns: 400 });
    expect(run.code).toBe(3);
    expect(run.stderr).toContain(
      'Right to register the application: missing (Privileged Role Administrator); users of this tenant may not register applications',
    );
    expect(run.stderr).toContain('It takes Application Developer or Cloud Application Administrator');
    expect(run.stderr).toContain('Nothing was changed.');
    expect(run.stderr).not.toContain('Global Administrator');
    expect(world.newWrites()).toEqual([]);
    // Not even registering is allowed: what to ask for, of whom, and how to go on.
    const path = join(world.folder, 'reporting-setup.json.consent.md');
    expect(run.json().handOff).toMatchObject({ kind: 'registration', path });
    expect(run.stderr).toContain('    reporting-setup.json.consent.md\n');
    expect(run.stderr).toContain('    reporting-setup --sandbox --yes --json --client-id <client-id>\n');
    const file = await world.read('reporting-setup.json.consent.md');
    expect(file).toContain('Asked for by: `petra@contoso.com`');
    expect(file).toContain(
      'az ad app create --display-name "Reporting API application" --sign-in-audience AzureADMyOrg',
    );
    expect(file).toMatch(/^az ad app owner add --id <client-id> --owner-object-id [0-9a-f-]{36}$/m);
    expect(file).not.toContain('admin-consent');
  });

  it('goes on with the application that somebody registered for it', async () => {
    const world = await createWorld({ scenarios: ['registration-disabled', 'no-roles'] });
    expect((await world.run(['--sandbox', '--yes'])).code).toBe(3);
    expect(await world.read('reporting-setup.json.consent.md')).toMatch(
      /^az ad app permission add --id <client-id> --api \S+ --api-permissions \S+=Role \S+=Role$/m,
    );
  });

  it('is told so as a guest', async () => {
    const world = await createWorld({
      scenarios: ['no-roles'],
      adjust: (tenant) => {
        const nora = tenant.users.find(({ id }) => id === idOf(tenant, 'nora'));
        if (nora) nora.userType = 'Guest';
      },
    });
    const run = await world.run(['--sandbox', '--yes', '--json'], { columns: 400 });
    expect(run.code).toBe(3);
    expect(run.json().checks.find(({ id }) => id === 'auth.guest')).toMatchObject({
      status: 'warn',
      code: 'guest-account',
      evidence: 'nora@contoso.com is a guest here',
    });
    expect(run.stderr).toContain('guests of this tenant may not register applications');
    expect(run.stderr).toContain('--tenant');
    expect(world.newWrites()).toEqual([]);
  });

  it('may be a guest who holds the role', async () => {
    const world = await createWorld({
      adjust: (tenant) => {
        const ada = tenant.users.find(({ id }) => id === idOf(tenant, 'ada'));
        if (ada) ada.userType = 'Guest';
      },
    });
    const run = await world.run(['--sandbox', '--yes', '--json'], { columns: 400 });
    expect(run.code).toBe(0);
    expect(run.stderr).toContain('ada@contoso.com (guest, Global Administrator)');
  });
});

/** Two people, one after the other, each with what the other lacks. */
it("lets whoever may grant do that alone where the application is somebody else's", async () => {
  const world = await createWorld({ scenarios: ['app-admin'] });
  await world.run(['--sandbox', '--yes']);
  const { tenant } = world.sandbox;
  const andy = idOf(tenant, 'andy');
  tenant.roleAssignments = tenant.roleAssignments.filter(({ principalId }) => principalId !== andy);
  assign(tenant, andy, 'Privileged Role Administrator');
  world.pass(60_000);
  const run = await world.run(['--sandbox', '--yes', '--output', 'other.json', '--json'], { columns: 400 });
  const document = run.json();
  expect(run.code).toBe(3);
  expect(document.checks.find(({ id }) => id === 'role.credential')).toMatchObject({
    status: 'fail',
    code: 'role-missing',
    evidence: 'missing (Privileged Role Administrator; no owner of the application)',
  });
  expect(document.changes.filter(({ action }) => action === 'create').map(({ kind }) => kind)).toEqual([
    'appRoleAssignment',
    'appRoleAssignment',
  ]);
  expect(document.credential).toBeUndefined();
  await expect(world.read('other.json')).rejects.toThrow('ENOENT');
  assign(tenant, andy, 'Cloud Application Administrator');
  world.pass(60_000);
  expect((await world.run(['--sandbox', '--yes', '--json'])).code).toBe(0);
});

it('lets an owner make the credential', async () => {
  const world = await createWorld({ scenarios: ['privileged-role-admin'] });
  await world.run(['--sandbox', '--yes']);
  world.pass(60_000);
  const run = await world.run(['--sandbox', '--yes', '--output', 'other.json', '--json']);
  const credential = run.json().checks.find(({ id }) => id === 'role.credential');
  expect(credential).toMatchObject({
    status: 'pass',
    evidence: 'as owner of the application',
  });
  expect(run.code).toBe(0);
});
