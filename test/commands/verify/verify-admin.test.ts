import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { personId } from '../../../src/sandbox/seed/people.ts';
import { createWorld, type Run } from '../../helpers/world.ts';
import {
  auditLogReadAll,
  find,
  graphAppId,
  loud,
  type Ready,
  ready,
  verdicts,
} from './verify-admin-helpers.ts';

function removeRoles({ world }: Ready): void {
  const { tenant } = world.sandbox;
  tenant.roleAssignments = tenant.roleAssignments.filter(
    ({ principalId }) => principalId !== personId('ada'),
  );
}

describe('verify --admin', () => {
  it('passes on what setup made, names the administrator, and reads it all in one $batch', async () => {
    const { world, verify } = await ready();
    const before = world.sandbox.requests.length;
    const run = await verify();
    expect(run.json().checks.filter(({ status }) => status !== 'pass')).toEqual([]);
    expect(run.code).toBe(0);
    expect(run.json()).toMatchObject({
      ok: true,
      account: { kind: 'user', name: 'ada@contoso.com', roles: ['Global Administrator'] },
      tenant: { id: world.sandbox.tenantId, displayName: 'Contoso' },
    });
    expect(run.json().checks.map(({ id }) => id)).toEqual(
      expect.arrayContaining([
        ...['auth.signIn', 'role.read', 'role.register', 'role.credential', 'role.grant'],
        ...['licence.premium', 'policy.credential', 'credential.registered'],
        ...['app.application', 'app.servicePrincipal', 'app.name', 'app.uniqueName', 'app.audience'],
        ...['app.redirectUris', 'app.implicitGrant', 'app.publicClient', 'app.assignmentRequired'],
        ...['app.owners', 'app.duplicates', 'app.secrets', 'app.certificates', 'app.federatedCredentials'],
        ...['app.expiredCredentials', 'app.hiddenCredentials'],
        ...[
          'permission.AuditLog.Read.All',
          'permission.excess',
          'permission.declared',
          'permission.delegated',
        ],
        ...['credential.token', 'api.directoryAudits', 'api.signIns'],
      ]),
    );
    const ids = run.json().checks.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const batches = world.sandbox.requests.slice(before).filter(({ url }) => url.endsWith('/$batch'));
    const ofAdmin = batches.filter(({ items }) => items.some(({ url }) => url.includes('/me?')));
    expect(ofAdmin.map(({ items }) => items.length)).toEqual([20]);
    expect(run.stderr).toContain('As the administrator sees it');
  });

  it('warns where the premium licence is gone', async () => {
    const { world, verify } = await ready();
    world.sandbox.tenant.assignedPlans = [];
    const run = await verify();
    expect([run.code, verdicts(run, 'licence.premium')]).toEqual([
      6,
      { 'licence.premium': 'warn licence-missing' },
    ]);
  });

  it('asks no role of an administrator for what is in order, and skips what such an account may not read', async () => {
    const state = await ready();
    removeRoles(state);
    const run = await state.verify();
    expect(run.code).toBe(0);
    expect(verdicts(run, 'role.read', 'role.credential', 'role.grant', 'policy.credential')).toEqual({
      'role.read': 'skip',
      'role.credential': 'skip',
      'role.grant': 'skip',
      'policy.credential': 'skip',
    });
    expect(find(run, 'policy.credential')?.evidence).toBe(
      "cannot tell: this account may not read the application's own policy (Authorization_RequestDenied)",
    );
  });

  it('fails on the roles that repairing it would take', async () => {
    const state = await ready();
    const { world, application, verify } = state;
    const { tenant } = world.sandbox;
    removeRoles(state);
    application.passwordCredentials = [];
    tenant.appRoleAssignments = tenant.appRoleAssignments.filter(
      ({ appRoleId }) => appRoleId !== auditLogReadAll,
    );
    const run = await verify();
    expect(run.code).toBe(3);
    expect(verdicts(run, 'role.credential', 'role.grant', 'permission.AuditLog.Read.All')).toEqual({
      'role.credential': 'fail role-missing',
      'role.grant': 'fail role-missing',
      'permission.AuditLog.Read.All': 'fail permission-missing',
    });
  });

  it('shows people what it found, under a heading of its own', async () => {
    const { world, application } = await ready();
    application.signInAudience = 'AzureADMultipleOrgs';
    const run = await world.run(['verify', '--sandbox', '--admin'], { columns: 200 });
    expect(run.code).toBe(6);
    expect(run.stderr).toContain('Signed in: ada@contoso.com (Global Administrator)');
    expect(run.stderr).toContain('Choose "Accounts in this organizational directory only"');
  });
});

describe('verify --admin as a job', () => {
  async function asAutomation(state: Ready, ...values: readonly string[]): Promise<Run> {
    const { world } = state;
    const { tenant, automation } = world.sandbox;
    const principal = tenant.servicePrincipals.find(({ appId }) => appId === automation.clientId);
    const graph = tenant.servicePrincipals.find(({ appId }) => appId === graphAppId);
    const kept = graph?.appRoles.filter(({ value }) => values.includes(value)).map(({ id }) => id) ?? [];
    tenant.appRoleAssignments = tenant.appRoleAssignments.filter(
      ({ principalId, appRoleId }) => principalId !== principal?.id || kept.includes(appRoleId),
    );
    const env = {
      AZURE_TENANT_ID: world.sandbox.tenantId,
      AZURE_CLIENT_ID: automation.clientId,
      AZURE_CLIENT_SECRET: automation.clientSecret,
    };
    onTestFinished(() => void vi.unstubAllEnvs());
    // The SDK reads the environment of the process itself.
    for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
    const run = await world.run(['verify', '--sandbox', '--admin', '--auth', 'environment', '--json'], {
      env,
    });
    expect(world.newWrites()).toEqual([]);
    return run;
  }

  it('judges it by its permissions', async () => {
    const run = await asAutomation(await ready(), 'Application.ReadWrite.All', 'Directory.Read.All');
    expect([run.code, run.json().account?.kind]).toEqual([0, 'application']);
    expect(run.json().account?.roles).toEqual(
      expect.arrayContaining(['Application.ReadWrite.All', 'Directory.Read.All']),
    );
    expect(verdicts(run, 'role.register', 'role.credential', 'app.owners')).toEqual({
      'role.register': 'pass',
      'role.credential': 'pass',
      'app.owners': 'pass',
    });
  });

  it('holds nothing against anybody that may not be read', async () => {
    const run = await asAutomation(await ready(), 'AuditLog.Read.All');
    expect(loud(run).map((id) => find(run, id))).toEqual([]);
    expect([run.code, run.json().error]).toEqual([0, undefined]);
    const skipped = run.json().checks.filter(({ status }) => status === 'skip');
    expect(skipped.map(({ id }) => id)).toEqual(
      expect.arrayContaining([
        'app.owners',
        'app.audience',
        'app.secrets',
        'app.duplicates',
        'credential.registered',
      ]),
    );
    expect(find(run, 'app.owners')?.evidence).toBe(
      'not checked: this account may not read it (Authorization_RequestDenied)',
    );
    expect(skipped.filter(({ evidence }) => evidence === '')).toEqual([]);
  });
});

describe('the sign-in of verify --admin', () => {
  it('ends in the tenant of the file, or before anything else', async () => {
    const { world } = await ready();
    const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    const claims = part({
      tid: '99999999-8888-4777-8666-555555555555',
      oid: personId('ada'),
      scp: 'User.Read',
    });
    const token = { accessToken: `${part({ alg: 'none' })}.${claims}.x`, expires_on: 4_102_444_800 };
    await writeFile(join(world.folder, 'az'), `#!/bin/sh\necho '${JSON.stringify(token)}'\n`, {
      mode: 0o700,
    });
    onTestFinished(() => void vi.unstubAllEnvs());
    vi.stubEnv('PATH', world.folder);
    const before = world.sandbox.requests.length;
    const run = await world.run(['verify', '--sandbox', '--admin', '--auth', 'azure-cli', '--json']);
    expect([run.code, run.json().error?.code]).toEqual([4, 'sign-in-wrong-tenant']);
    expect(run.json().error?.message).toContain(`the file is of tenant ${world.sandbox.tenantId}`);
    expect(world.sandbox.requests.slice(before).filter(({ kind }) => kind === 'graph')).toEqual([]);
  });

  it('is refused with exit code 4, by the policy that is named', async () => {
    const { world, verify } = await ready();
    world.sandbox.tenant.deviceCodeBlockedBy = ['0f0f0f0f-1111-4222-8333-444444444444'];
    const run = await verify();
    expect([run.code, run.json().error?.code]).toEqual([4, 'sign-in-blocked']);
  });

  it.each([
    [['verify', '--sandbox', '--json', '--auth', 'device-code'], '--auth goes with --admin'],
    [
      ['verify', '--sandbox', '--json', '--login-client-id', '14d82eec-204b-4c2f-b7e8-296a70dab67e'],
      '--login-client-id goes with --admin',
    ],
    [['setup', '--sandbox', '--json', '--admin'], '--admin'],
  ])('is part of --admin alone: %s', async (argv, words) => {
    const world = await createWorld();
    const run = await world.run(argv);
    expect([run.code, run.json().error?.code]).toEqual([2, 'invalid-options']);
    expect(run.json().error?.message).toContain(words);
  });

  it('does not take place without a file', async () => {
    const world = await createWorld();
    const run = await world.run(['verify', '--sandbox', '--admin', '--json']);
    expect([run.code, find(run, 'config.file')?.status]).toEqual([3, 'fail']);
    expect(world.sandbox.requests).toEqual([]);
  });
});
