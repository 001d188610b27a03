import { describe, expect, it } from 'vitest';
import type { Sandbox, Tenant } from '../../../src/sandbox/index.ts';
import { createWorld, type Typed } from '../../helpers/world.ts';

const graphTools = '14d82eec-204b-4c2f-b7e8-296a70dab67e';
const globalAdministrator = '62e90394-69f5-4237-9190-012177145e10';
const privilegedRoleAdministrator = 'e8611ab8-c189-46e8-94e1-60213ab1f814';

const personIn = (tenant: Tenant, key: string): string =>
  tenant.users.find(({ userPrincipalName }) => userPrincipalName === `${key}@contoso.com`)?.id ?? '';

/** The tenant has consented to Microsoft Graph Command Line Tools: that client may read who may activate what. */
function consentToTools(tenant: Tenant): void {
  const principal = (appId: string): string =>
    tenant.servicePrincipals.find((candidate) => candidate.appId === appId)?.id ?? '';
  tenant.oauth2PermissionGrants.push({
    id: 'tools',
    clientId: principal(graphTools),
    consentType: 'AllPrincipals',
    principalId: null,
    resourceId: principal('00000003-0000-0000-c000-000000000000'),
    scope:
      'User.Read Directory.Read.All AuditLog.Read.All Policy.Read.All RoleEligibilitySchedule.Read.Directory Application.ReadWrite.All AppRoleAssignment.ReadWrite.All',
  });
}

function activate({ tenant }: Sandbox, key: string, roleDefinitionId: string): void {
  tenant.roleAssignments.push({
    id: 'activated',
    principalId: personIn(tenant, key),
    roleDefinitionId,
    directoryScopeId: '/',
  });
}

/** Makes Andy, who may register, eligible for the role that may grant. */
function alsoGranter(tenant: Tenant): void {
  consentToTools(tenant);
  tenant.roleEligibilities.push({
    id: 'eligible',
    principalId: personIn(tenant, 'andy'),
    roleDefinitionId: privilegedRoleAdministrator,
    directoryScopeId: '/',
    memberType: 'Direct',
    startDateTime: '2026-01-12T08:00:00Z',
    endDateTime: null,
  });
}

const withTools = ['--sandbox', '--login-client-id', graphTools];

const defaults: readonly Typed[] = [['Go ahead?', '\r']];

describe('a role that is eligible and not active', () => {
  it('is named with the place to activate it, before anything is written', async () => {
    const world = await createWorld({ scenarios: ['pim-eligible'], adjust: consentToTools });
    const run = await world.run([...withTools, '--yes', '--json'], { columns: 400 });
    const { checks, error, changes } = run.json();
    expect([run.code, error, changes]).toEqual([3, undefined, []]);
    const grant = checks.find(({ id }) => id === 'role.grant');
    expect(grant).toMatchObject({
      status: 'fail',
      code: 'role-inactive',
      evidence: 'no active role; eligible for Global Administrator, which is not active',
      remedy: `Activate Global Administrator at ${world.sandbox.origin} (Identity governance > Privileged Identity Management > My roles), then run the same command again.`,
    });
    expect(run.stderr).toContain('Nothing was changed.');
    expect(world.newWrites()).toEqual([]);
    await expect(world.read()).rejects.toThrow('ENOENT');
  });

  it('is waited for in a terminal, and the run goes on with a new sign-in', async () => {
    const world = await createWorld({ scenarios: ['pim-eligible'], adjust: consentToTools });
    const run = await world.run(withTools, {
      columns: 400,
      keys: [
        ['then press Enter', '\r'],
        // A prompt that is answered shows its question again, but not how to answer it.
        ['⏎ select', '\r', () => activate(world.sandbox, 'paul', globalAdministrator)],
        ...defaults,
      ],
    });
    expect(run.stderr).toContain('This account is eligible for Global Administrator. It is activated here:');
    expect(run.stderr).toContain('paul@contoso.com (Global Administrator)');
    expect(run.stderr).toContain('The credential is proven');
    expect(run.code).toBe(0);
    const codes = world.sandbox.requests.filter(({ url }) => url.endsWith('/devicecode'));
    expect(codes).toHaveLength(3);
  });

  it('can be done without where the rest can be done', async () => {
    const world = await createWorld({ scenarios: ['app-admin'], adjust: alsoGranter });
    const run = await world.run(withTools, {
      columns: 400,
      keys: [['Activate Privileged Role Administrator there', '\u001b[B\r'], ...defaults],
    });
    expect(run.code).toBe(5);
    expect(run.stderr).toContain('No consent within an hour');
    expect(run.stderr).toContain('One thing is left to do');
    expect(await world.read('reporting-setup.json.consent.md')).toContain('adminconsent');
  });

  it('is not offered with --yes, even in a terminal', async () => {
    const world = await createWorld({ scenarios: ['app-admin'], adjust: alsoGranter });
    const run = await world.run([...withTools, '--yes'], { columns: 400, keys: [] });
    expect(run.code).toBe(3);
    expect(run.stderr).toContain('Activate Privileged Role Administrator at');
  });

  it('is found where it takes another role to register too', async () => {
    const world = await createWorld({
      scenarios: ['registration-disabled', 'pim-eligible'],
      adjust: consentToTools,
    });
    const run = await world.run([...withTools, '--yes', '--json']);
    const inactive = run.json().checks.filter(({ code }) => code === 'role-inactive');
    expect(run.code).toBe(3);
    expect(inactive.map(({ id }) => id)).toEqual(['role.register', 'role.credential', 'role.grant']);
  });
});

describe('where nobody can tell whether a role is eligible', () => {
  it('says so, and does all but grant', async () => {
    const world = await createWorld({ scenarios: ['pim-eligible'] });
    const run = await world.run(['--sandbox', '--yes', '--json'], { columns: 400 });
    expect(run.code).toBe(5);
    const grant = run.json().checks.find(({ id }) => id === 'role.grant');
    expect(grant).toMatchObject({
      status: 'fail',
      code: 'consent-pending',
      evidence: 'missing (no active role)',
    });
    expect(grant?.remedy).toContain(
      `This sign-in cannot see whether the account is eligible for such a role: if it is, activate it at ${world.sandbox.origin}`,
    );
  });

  it('goes on with the same command once the role is active', async () => {
    const world = await createWorld({ scenarios: ['pim-eligible'] });
    await world.run(['--sandbox', '--yes']);
    activate(world.sandbox, 'paul', globalAdministrator);
    world.pass(60_000);
    const run = await world.run(['--sandbox', '--yes', '--json']);
    expect([run.code, run.json().handOff]).toEqual([0, undefined]);
  });

  it('takes a tenant without Privileged Identity Management for one where nothing is eligible', async () => {
    const world = await createWorld({ scenarios: ['pim-eligible', 'no-premium'], adjust: consentToTools });
    const run = await world.run([...withTools, '--yes', '--json']);
    const grant = run.json().checks.find(({ id }) => id === 'role.grant');
    expect(grant).toMatchObject({ status: 'fail', code: 'consent-pending' });
    expect(grant?.remedy).not.toContain('eligible');
  });
});
