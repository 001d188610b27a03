import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { Tenant } from '../../src/sandbox/index.ts';
import { createWorld, type Document, type Typed, type World } from '../helpers/world.ts';

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

const look = async (world: World): Promise<Document> =>
  (await world.run(['--sandbox', '--dry-run', '--json'])).json();

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
    expect(grant?.evidence).toContain(
      'Application Administrator for part of the directory: cannot tell, will try',
    );
  });
});

describe('an account that may not register', () => {
  it('is told which role does, and nothing is written', async () => {
    const world = await createWorld({ scenarios: ['registration-disabled'] });
    const run = await world.run(['--sandbox', '--yes', '--json'], { columns: 400 });
    expect(run.code).toBe(3);
    expect(run.stderr).toContain(
      'May register the application: Privileged Role Administrator; users of this tenant may not register applications',
    );
    expect(run.stderr).toContain('It takes Application Developer or Cloud Application Administrator');
    expect(run.stderr).toContain('Nothing was changed.');
    expect(run.stderr).not.toContain('Global Administrator');
    expect(world.newWrites()).toEqual([]);
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
    evidence: 'Privileged Role Administrator; no owner of the application',
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
    evidence: 'Privileged Role Administrator; as owner of the application',
  });
  expect(run.code).toBe(0);
});

describe('an automation application', () => {
  /** Signs in as the automation application, which holds these permissions of its own alone. */
  function signInWith({ sandbox }: World, ...values: readonly string[]): void {
    const { tenant, automation } = sandbox;
    const principal = tenant.servicePrincipals.find(({ appId }) => appId === automation.clientId);
    const graph = tenant.servicePrincipals.find(({ displayName }) => displayName === 'Microsoft Graph');
    const ids = graph?.appRoles.filter(({ value }) => values.includes(value)).map(({ id }) => id) ?? [];
    tenant.appRoleAssignments = [
      ...tenant.appRoleAssignments.filter(({ principalId }) => principalId !== principal?.id),
      ...ids.map((appRoleId) => ({
        id: `automation-${appRoleId}`,
        deletedDateTime: null,
        appRoleId,
        createdDateTime: '2026-01-01T00:00:00Z',
        principalDisplayName: 'Sandbox automation',
        principalId: principal?.id ?? '',
        principalType: 'ServicePrincipal',
        resourceDisplayName: 'Microsoft Graph',
        resourceId: graph?.id ?? '',
      })),
    ];
    onTestFinished(() => {
      vi.unstubAllEnvs();
    });
    // The SDK reads the environment of the process itself.
    vi.stubEnv('AZURE_TENANT_ID', sandbox.tenantId);
    vi.stubEnv('AZURE_CLIENT_ID', automation.clientId);
    vi.stubEnv('AZURE_CLIENT_SECRET', automation.clientSecret);
  }

  const start = (world: World, ...more: readonly string[]) =>
    world.run(['--sandbox', '--auth', 'environment', '--yes', '--json', ...more], {
      columns: 400,
      env: {
        AZURE_TENANT_ID: world.sandbox.tenantId,
        AZURE_CLIENT_ID: world.sandbox.automation.clientId,
        AZURE_CLIENT_SECRET: world.sandbox.automation.clientSecret,
      },
    });

  it('does everything with the least that a job needs', async () => {
    const world = await createWorld();
    const least = ['Application.ReadWrite.OwnedBy', 'AppRoleAssignment.ReadWrite.All', 'Directory.Read.All'];
    signInWith(world, ...least);
    const run = await start(world);
    expect([run.json().error, run.code, run.json().account?.kind]).toEqual([undefined, 0, 'application']);
  });

  it('hands over the consent where it may register alone', async () => {
    const world = await createWorld();
    signInWith(world, 'Application.ReadWrite.All', 'Directory.Read.All');
    const run = await start(world);
    expect(run.code).toBe(5);
    expect(run.json().handOff?.commands).toHaveLength(2);
    expect(run.json().checks.find(({ id }) => id === 'role.grant')?.remedy).toContain(
      'AppRoleAssignment.ReadWrite.All together with Application.Read.All',
    );
  });

  it('stops before it writes where it may only read', async () => {
    const world = await createWorld();
    signInWith(world, 'Directory.Read.All');
    const run = await start(world);
    expect(run.code).toBe(3);
    expect(run.stderr).toContain('Grant it Application.ReadWrite.OwnedBy (or Application.ReadWrite.All).');
    expect(world.newWrites()).toEqual([]);
  });

  it("is told that it may not change somebody else's application", async () => {
    const world = await createWorld();
    await world.run(['--sandbox', '--yes']);
    world.newWrites();
    signInWith(world, 'Application.ReadWrite.OwnedBy', 'Directory.Read.All');
    world.pass(60_000);
    const run = await start(world, '--output', 'other.json');
    expect(run.code).toBe(3);
    expect(run.stderr).toContain(
      'make it an owner of this application, or grant it Application.ReadWrite.All.',
    );
    expect(world.newWrites()).toEqual([]);
  });
});

const defaults: readonly Typed[] = [
  ['Domain to write', '\r'],
  ['APIs to grant', '\r'],
  ['How long', '\r'],
  ['Go ahead?', '\r'],
];

describe('a tenant without a premium licence', () => {
  it('goes on with audit logs alone, and says so', async () => {
    const world = await createWorld({ scenarios: ['no-premium'] });
    const run = await world.run(['--sandbox', '--yes', '--json']);
    expect(run.code).toBe(6);
    const { checks } = run.json();
    expect(checks.find(({ id }) => id === 'licence.premium')?.status).toBe('warn');
    expect(checks.find(({ id }) => id === 'api.directoryAudits')?.status).toBe('pass');
    expect(checks.find(({ id }) => id === 'api.signIns')).toMatchObject({
      status: 'warn',
      code: 'licence-missing',
    });
  });

  it('asks first in a terminal', async () => {
    const world = await createWorld({ scenarios: ['no-premium'] });
    const ask = 'Go on with audit logs alone?';
    const stopped = await world.run(['--sandbox'], {
      keys: [
        ['File to save', '\r'],
        [ask, 'n\r'],
      ],
      columns: 400,
    });
    expect(stopped.code).toBe(130);
    expect(stopped.stderr).toContain('Stopped before the first change. Nothing was changed.');
    expect(world.newWrites()).toEqual([]);
    const run = await world.run(['--sandbox'], {
      keys: [['File to save', '\r'], [ask, '\r'], ...defaults],
      columns: 400,
    });
    expect(run.code).toBe(6);
  });
});

describe('policies about credentials', () => {
  it('shorten the lifetime, and that is said', async () => {
    const world = await createWorld({ scenarios: ['lifetime-cap'] });
    const run = await world.run(['--sandbox', '--yes', '--json'], { columns: 400 });
    expect(run.code).toBe(0);
    expect(run.stderr).toContain('the tenant caps the lifetime at 180 days: it is shortened to that');
  });

  it('do not bind an application that is older than they are', async () => {
    const world = await createWorld({
      scenarios: ['lifetime-cap'],
      adjust: (tenant) => {
        for (const one of tenant.defaultAppManagementPolicy.applicationRestrictions.passwordCredentials) {
          one.restrictForAppsCreatedAfterDateTime = '2026-01-01T00:00:00Z';
        }
      },
    });
    const old = world.sandbox.tenant.applications.find(({ displayName }) =>
      displayName.startsWith('Reporting'),
    );
    expect(old?.createdDateTime.slice(0, 4)).toBe('2024');
    const run = await world.run(['--sandbox', '--yes', '--json', '--client-id', old?.appId ?? '']);
    expect(run.code).toBe(0);
    expect(run.json().checks.find(({ id }) => id === 'policy.credential')?.evidence).toBe(
      'no restriction applies',
    );
    const years = Date.parse(run.json().credential?.['expires'] ?? '') - Date.now();
    expect(years / 86_400_000).toBeGreaterThan(700);
  });

  it.each([
    ['secret', 'passwordCredentials', 'passwordLifetime', 'P180D', 90],
    ['certificate', 'keyCredentials', 'asymmetricKeyLifetime', 'P200D', 182],
  ] as const)(
    'shorten the lifetime where only a refusal shows them: %s',
    async (kind, list, restrictionType, maxLifetime, days) => {
      const world = await createWorld({
        scenarios: ['no-roles'],
        adjust: ({ defaultAppManagementPolicy: policy }) => {
          policy.isEnabled = true;
          policy.applicationRestrictions[list] = [
            { restrictionType, state: 'enabled', maxLifetime, restrictForAppsCreatedAfterDateTime: null },
          ];
        },
      });
      const run = await world.run(['--sandbox', '--yes', '--json', '--credential', kind], { columns: 400 });
      const document = run.json();
      expect([run.code, document.error, document.handOff?.commands.length]).toEqual([5, undefined, 2]);
      expect(run.stderr).toContain('A policy of this tenant allows no credential that is valid for');
      const left = (Date.parse(document.credential?.['expires'] ?? '') - Date.now()) / 86_400_000;
      expect(Math.abs(left - days)).toBeLessThan(4);
      const application = world.sandbox.tenant.applications.find(
        ({ uniqueName }) => uniqueName === 'reporting-setup',
      );
      expect([
        ...(application?.passwordCredentials ?? []),
        ...(application?.keyCredentials ?? []),
      ]).toHaveLength(1);
    },
  );

  it('end the run where not even the shortest is allowed', async () => {
    const world = await createWorld({
      scenarios: ['no-roles', 'lifetime-cap'],
      adjust: ({ defaultAppManagementPolicy: policy }) => {
        for (const one of policy.applicationRestrictions.passwordCredentials) one.maxLifetime = 'P30D';
      },
    });
    const run = await world.run(['--sandbox', '--yes', '--json']);
    expect([run.code, run.json().error?.code]).toEqual([3, 'policy-caps-lifetime']);
    expect(run.json().error?.remedy).toContain('--secret-lifetime');
  });

  it('are tried where the account may not read them', async () => {
    const world = await createWorld({ scenarios: ['no-roles'] });
    const policy = (await look(world)).checks.find(({ id }) => id === 'policy.credential');
    expect(policy).toMatchObject({
      status: 'skip',
      evidence: 'this account may not read the policy: will try',
    });
  });
});
