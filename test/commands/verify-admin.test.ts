import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { Application, ServicePrincipal } from '../../src/sandbox/index.ts';
import { personId } from '../../src/sandbox/seed/people.ts';
import { createWorld, type Run, type World } from '../helpers/world.ts';

const day = 86_400_000;
const graphAppId = '00000003-0000-0000-c000-000000000000';
const reportsReadAll = '230c1aed-a721-4c5d-9cb4-a90514e508ef';
const auditLogReadAll = 'b0afded3-3588-46d8-8b3d-9842eff778da';
const userRead = 'e1fe6dd8-ba31-4d61-89e7-88639da4683d';

/** A world in which setup has run, and what it made there. */
interface Ready {
  readonly world: World;
  readonly application: Application;
  readonly principal: ServicePrincipal;
  /** Runs verify --admin as JSON; nothing it does may reach Graph as a write. */
  readonly verify: (...more: readonly string[]) => Promise<Run>;
}

async function ready(): Promise<Ready> {
  const world = await createWorld();
  expect((await world.run(['--sandbox', '--yes'])).code).toBe(0);
  world.pass(60_000);
  world.newWrites();
  const { tenant } = world.sandbox;
  const { clientId } = await world.config();
  const application = tenant.applications.find(({ appId }) => appId === clientId);
  const principal = tenant.servicePrincipals.find(({ appId }) => appId === clientId);
  if (!application || !principal) throw new Error('setup registered nothing');
  const verify = async (...more: readonly string[]): Promise<Run> => {
    const run = await world.run(['verify', '--sandbox', '--admin', '--json', ...more], { columns: 2_000 });
    expect(world.newWrites()).toEqual([]);
    return run;
  };
  return { world, application, principal, verify };
}

const find = (run: Run, id: string) => run.json().checks.find((check) => check.id === id);

/** Status and code of some findings; every one that warns or fails has a remedy. */
function verdicts(run: Run, ...ids: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    ids.map((id) => {
      const { status = 'absent', code, remedy } = find(run, id) ?? {};
      if (status === 'warn' || status === 'fail') expect(remedy, id).toMatch(/\w{3}/);
      return [id, code === undefined ? status : `${status} ${code}`];
    }),
  );
}

const loud = (run: Run): string[] =>
  run
    .json()
    .checks.filter(({ status }) => status === 'warn' || status === 'fail')
    .map(({ id }) => id);

const secret = (now: number, name: string, ends: number) => ({
  customKeyIdentifier: null,
  displayName: name,
  startDateTime: new Date(now - 400 * day).toISOString(),
  endDateTime: new Date(ends).toISOString(),
  hint: 'abc',
  keyId: crypto.randomUUID(),
  secretHash: 'none',
  usableFrom: 0,
});

const certificate = (now: number, name: string) => ({
  customKeyIdentifier: null,
  displayName: name,
  startDateTime: new Date(now - day).toISOString(),
  endDateTime: new Date(now + 90 * day).toISOString(),
  key: 'AAAA',
  keyId: crypto.randomUUID(),
  type: 'AsymmetricX509Cert',
  usage: 'Verify',
  usableFrom: 0,
});

function grant({ world, principal }: Ready, appRoleId: string): void {
  const { tenant } = world.sandbox;
  const graph = tenant.servicePrincipals.find(({ appId }) => appId === graphAppId);
  tenant.appRoleAssignments.push({
    id: `made-${appRoleId}`,
    deletedDateTime: null,
    appRoleId,
    createdDateTime: '2026-01-01T00:00:00Z',
    principalDisplayName: principal.displayName,
    principalId: principal.id,
    principalType: 'ServicePrincipal',
    resourceDisplayName: 'Microsoft Graph',
    resourceId: graph?.id ?? '',
  });
}

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

  it('tells every way in which people could sign in to the application', async () => {
    const { application, verify } = await ready();
    application.signInAudience = 'AzureADMultipleOrgs';
    application.properties['web'] = {
      homePageUrl: 'https://localhost',
      redirectUris: ['https://localhost', 'https://*.evil.example/cb', 'http://plain.example'],
      implicitGrantSettings: { enableAccessTokenIssuance: true, enableIdTokenIssuance: true },
    };
    application.properties['spa'] = { redirectUris: ['https://spa.example'] };
    application.properties['isFallbackPublicClient'] = true;
    const run = await verify();
    expect(run.code).toBe(6);
    expect(verdicts(run, ...loud(run))).toEqual({
      'app.audience': 'warn application-multi-tenant',
      'app.redirectUris': 'warn redirect-uri-excess',
      'app.implicitGrant': 'warn implicit-grant-enabled',
      'app.publicClient': 'warn public-client-enabled',
    });
    expect(find(run, 'app.redirectUris')?.evidence).toBe(
      'beyond its sign-on URL: "https://*.evil.example/cb" (web, unsafe), "http://plain.example" (web, unsafe) and "https://spa.example" (single-page)',
    );
    expect(run.stderr).toContain('AzureADMultipleOrgs');
    expect(run.stderr).toContain('it hands out access tokens and ID tokens');
    expect(run.stderr).toContain('It works now, but something needs attention');
  });

  it("names credentials that may be another machine's, and those that have ended apart", async () => {
    const { application, principal, verify } = await ready();
    const now = Date.now();
    const other = secret(now, 'Laptop of Bob', now + 90 * day);
    const ended = secret(now, 'Old one', now - day);
    application.passwordCredentials.push(other, ended);
    application.keyCredentials.push(certificate(now, 'CN=somebody'));
    application.federatedIdentityCredentials.push({
      id: crypto.randomUUID(),
      name: 'ci',
      issuer: 'https://token.actions.githubusercontent.com',
      subject: 'repo:octo/app:ref:refs/heads/main',
      audiences: ['api://AzureADTokenExchange'],
      description: null,
      usableFrom: 0,
    });
    principal.passwordCredentials.push(secret(now, 'Back door', now + day));
    const run = await verify();
    expect(run.code).toBe(6);
    expect(verdicts(run, ...loud(run))).toEqual({
      'app.secrets': 'warn credential-excess',
      'app.certificates': 'warn credential-excess',
      'app.federatedCredentials': 'warn credential-excess',
      'app.expiredCredentials': 'warn credential-leftover',
      'app.hiddenCredentials': 'warn credential-hidden',
    });
    const evidence = find(run, 'app.secrets')?.evidence ?? '';
    expect(evidence).toContain("another machine's");
    expect(evidence).toContain(
      `"Laptop of Bob" (key ID ${other.keyId}, ends ${other.endDateTime.slice(0, 10)})`,
    );
    expect(evidence).not.toContain('Old one');
    expect(find(run, 'app.expiredCredentials')?.evidence).toContain(ended.keyId);
    expect(find(run, 'app.hiddenCredentials')?.evidence).toContain('Back door');
    expect(find(run, 'app.federatedCredentials')?.evidence).toContain('repo:octo/app:ref:refs/heads/main');
  });

  it('only mentions a credential that has ended: nothing depends on it', async () => {
    const { application, verify } = await ready();
    application.passwordCredentials.push(secret(Date.now(), 'Old one', Date.now() - day));
    const run = await verify();
    expect([run.code, ...loud(run)]).toEqual([0, 'app.expiredCredentials']);
  });

  it("fails where the file's own credential is not listed any more, although others are", async () => {
    const { application, verify } = await ready();
    const [own] = application.passwordCredentials;
    application.passwordCredentials = [secret(Date.now(), 'Another', Date.now() + 90 * day)];
    const run = await verify();
    expect(run.code).toBe(3);
    expect(verdicts(run, 'credential.registered', 'credential.token', 'app.secrets')).toEqual({
      'credential.registered': 'fail credential-unregistered',
      'credential.token': 'fail credential-rejected',
      'app.secrets': 'warn credential-excess',
    });
    expect(find(run, 'credential.registered')?.evidence).toContain(own?.keyId);
  });

  it('names owners, guests and service principals above all; not the administrator who looks', async () => {
    const { world, application, verify } = await ready();
    const automation = world.sandbox.tenant.servicePrincipals.find(
      ({ appId }) => appId === world.sandbox.automation.clientId,
    );
    application.owners = [personId('ada')];
    const alone = await verify();
    expect([alone.code, find(alone, 'app.owners')?.evidence]).toEqual([0, 'the signed-in account alone']);
    application.owners = [personId('ada'), personId('nora'), personId('gus'), automation?.id ?? ''];
    const run = await verify();
    expect([run.code, ...loud(run)]).toEqual([6, 'app.owners']);
    const { evidence = '', remedy } = find(run, 'app.owners') ?? {};
    expect(evidence).toContain('nora@contoso.com,');
    expect(evidence).toContain('gus_fabrikam.example#EXT#@contoso.onmicrosoft.com (a GUEST)');
    expect(evidence).toContain(`${automation?.displayName} (service principal)`);
    expect(evidence).not.toContain('ada');
    expect(remedy).toContain('App registrations > Owners');
  });

  it('compares declared and granted permissions in both directions', async () => {
    const state = await ready();
    const { world, application, principal, verify } = state;
    grant(state, reportsReadAll);
    application.requiredResourceAccess[0]?.resourceAccess.push(
      { id: '9a5d68dd-52b0-4cc2-bd40-abcf44ac3a30', type: 'Role' },
      { id: userRead, type: 'Scope' },
    );
    world.sandbox.tenant.oauth2PermissionGrants.push({
      id: 'delegated',
      clientId: principal.id,
      consentType: 'AllPrincipals',
      principalId: null,
      resourceId: world.sandbox.tenant.servicePrincipals.find(({ appId }) => appId === graphAppId)?.id ?? '',
      scope: 'User.Read Mail.Read',
    });
    const run = await verify();
    expect(run.code).toBe(6);
    expect(verdicts(run, ...loud(run))).toEqual({
      'permission.excess': 'warn permission-excess',
      'permission.declared': 'warn permission-mismatch',
      'permission.delegated': 'warn permission-delegated',
    });
    expect(find(run, 'permission.declared')?.evidence.split('; ')).toEqual([
      'declared, and not granted (the portal shows "Not granted"): Microsoft Graph Application.Read.All',
      'granted, and not declared (the portal shows "Other permissions granted"): Microsoft Graph Reports.Read.All',
      `declared for people who sign in, which it does not need: Microsoft Graph ${userRead}`,
    ]);
    expect(find(run, 'permission.delegated')?.evidence).toBe(
      'it may act for people who sign in: Microsoft Graph User.Read Mail.Read (for everybody)',
    );
  });

  it('fails where a permission was taken back, and says who may give it', async () => {
    const { world, verify } = await ready();
    const { tenant } = world.sandbox;
    tenant.appRoleAssignments = tenant.appRoleAssignments.filter(
      ({ appRoleId }) => appRoleId !== auditLogReadAll,
    );
    const run = await verify();
    expect(run.code).toBe(3);
    expect(verdicts(run, 'permission.AuditLog.Read.All', 'permission.declared', 'role.grant')).toEqual({
      'permission.AuditLog.Read.All': 'fail permission-missing',
      'permission.declared': 'warn permission-mismatch',
      'role.grant': 'pass',
    });
  });

  it('tells a disabled service principal, which the credential itself cannot see', async () => {
    const { principal, verify } = await ready();
    principal.accountEnabled = false;
    const run = await verify();
    expect(run.code).toBe(3);
    expect(verdicts(run, 'app.servicePrincipal', 'credential.token')).toEqual({
      'app.servicePrincipal': 'fail service-principal-disabled',
      'credential.token': 'fail service-principal-disabled',
    });
  });

  it('mentions that assignment is required, which does no harm', async () => {
    const { principal, verify } = await ready();
    principal.properties['appRoleAssignmentRequired'] = true;
    const run = await verify();
    expect([run.code, ...loud(run)]).toEqual([0, 'app.assignmentRequired']);
  });

  it('finds the application in the recycle bin, or nowhere', async () => {
    const { world, application, verify } = await ready();
    const { tenant } = world.sandbox;
    tenant.applications = tenant.applications.filter((one) => one !== application);
    tenant.servicePrincipals = tenant.servicePrincipals.filter(({ appId }) => appId !== application.appId);
    tenant.deletedItems.applications.push({ ...application, deletedDateTime: '2026-11-20T08:00:00Z' });
    const binned = await verify();
    expect(binned.code).toBe(3);
    expect(verdicts(binned, 'app.application', 'app.servicePrincipal')).toEqual({
      'app.application': 'fail application-deleted',
      'app.servicePrincipal': 'fail application-missing',
    });
    expect(find(binned, 'app.application')?.evidence).toContain('in the recycle bin since 2026-11-20');
    tenant.deletedItems.applications = [];
    const gone = await verify();
    expect([gone.code, verdicts(gone, 'app.application')]).toEqual([
      3,
      { 'app.application': 'fail application-missing' },
    ]);
  });

  it('tells lost marks, another name, and other applications with the mark', async () => {
    const { world, application, verify } = await ready();
    application.displayName = 'Something else';
    application.tags = [];
    world.sandbox.tenant.applications.push({
      ...structuredClone(application),
      id: crypto.randomUUID(),
      appId: crypto.randomUUID(),
      displayName: 'The twin',
      uniqueName: null,
      tags: ['reporting-setup'],
    });
    const run = await verify();
    expect(run.code).toBe(6);
    expect(verdicts(run, ...loud(run))).toEqual({
      'app.name': 'warn application-renamed',
      'app.uniqueName': 'warn application-unrecognised',
      'app.duplicates': 'warn application-duplicate',
    });
    expect(find(run, 'app.duplicates')?.evidence).toContain('"The twin"');
    application.uniqueName = null;
    const nameless = await verify();
    expect(find(nameless, 'app.uniqueName')?.evidence).toBe(
      'the file records "reporting-setup", and it has none',
    );
  });

  it.each(['reporting-setup.json', 'out.env'])('knows the name that setup gave, by %s', async (output) => {
    const world = await createWorld();
    const named = async (...more: readonly string[]) =>
      (await world.run(['--sandbox', '--yes', '--output', output, ...more])).code;
    const look = async () =>
      find(await world.run(['verify', '--sandbox', '--admin', '--json', '--config', output]), 'app.name');
    expect(await named('--app-name', "Log reader, 'north' 100%")).toBe(0);
    world.pass(60_000);
    expect(await look()).toMatchObject({ status: 'pass' });
    const application = world.sandbox.tenant.applications.find(
      ({ uniqueName }) => uniqueName === 'reporting-setup',
    );
    if (application) application.displayName = 'Something else';
    expect(await look()).toMatchObject({
      code: 'application-renamed',
      evidence: `"Something else", where the file records "Log reader, 'north' 100%"`,
    });
    expect(await named()).toBe(0);
    expect(await look()).toMatchObject({ status: 'pass' });
    expect(await named('--app-name', 'Reporting API application')).toBe(0);
    world.newWrites();
    expect(await named()).toBe(0);
    expect(world.newWrites()).toEqual([]);
    expect([await look(), await world.read(output)]).toMatchObject([
      { status: 'pass' },
      expect.not.stringContaining('Something else'),
    ]);
  });

  it.each([
    ['passwordAddition', null, 'policy-blocks-secrets', 'now blocks client secrets'],
    ['passwordLifetime', 'P180D', 'policy-caps-lifetime', 'the tenant now allows 180 days'],
  ] as const)(
    'foretells what the policy %s does to the next secret',
    async (restrictionType, maxLifetime, code, words) => {
      const { world, verify } = await ready();
      const { defaultAppManagementPolicy: policy } = world.sandbox.tenant;
      policy.isEnabled = true;
      policy.applicationRestrictions.passwordCredentials = [
        {
          restrictionType,
          state: 'enabled',
          maxLifetime,
          restrictForAppsCreatedAfterDateTime: '2021-01-01T00:00:00Z',
        },
      ];
      const run = await verify();
      expect([run.code, ...loud(run)]).toEqual([6, 'policy.credential']);
      expect(verdicts(run, 'policy.credential')).toEqual({ 'policy.credential': `warn ${code}` });
      expect(run.stderr).toContain(words);
    },
  );

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
      'not checked: this account may not read the policy',
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

describe('verify --admin of another credential', () => {
  it.each([
    ['certificate', [], 'app.certificates', 'none but the one in the file'],
    ['federated', ['--github', 'octo/app'], 'app.federatedCredentials', 'none but the one in the file'],
  ] as const)('finds the %s in its place', async (kind, more, id, evidence) => {
    const world = await createWorld();
    await world.run(['--sandbox', '--yes', '--credential', kind, ...more]);
    world.pass(60_000);
    world.newWrites();
    const run = await world.run(['verify', '--sandbox', '--admin', '--json']);
    expect([run.code, loud(run)]).toEqual([0, []]);
    expect(verdicts(run, 'credential.registered', 'policy.credential', 'role.credential')).toEqual({
      'credential.registered': 'pass',
      'policy.credential': 'pass',
      'role.credential': 'pass',
    });
    expect(find(run, id)?.evidence).toBe(evidence);
    expect(find(run, 'app.secrets')?.evidence).toBe('none');
    expect(world.newWrites()).toEqual([]);
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
