import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createWorld, type World } from '../../helpers/world.ts';

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

  it('is told each right by the permissions that give it', async () => {
    const world = await createWorld();
    signInWith(
      world,
      ...['AuditLog.Read.All', 'Application.ReadWrite.OwnedBy', 'AppRoleAssignment.ReadWrite.All'],
      ...['Directory.Read.All', 'Policy.Read.All'],
    );
    const { checks } = (await start(world, '--dry-run')).json();
    const told = checks.filter(({ id }) => id.startsWith('role.')).map(({ id, evidence }) => [id, evidence]);
    expect(told).toEqual([
      ['role.read', 'application with AuditLog.Read.All'],
      ['role.register', 'application with Application.ReadWrite.OwnedBy'],
      ['role.credential', 'application with Application.ReadWrite.OwnedBy'],
      ['role.grant', 'application with AppRoleAssignment.ReadWrite.All and Directory.Read.All'],
    ]);
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
