import { describe, expect, it } from 'vitest';
import { personId } from '../../../src/sandbox/seed/people.ts';
import { createWorld } from '../../helpers/world.ts';
import {
  auditLogReadAll,
  find,
  graphAppId,
  loud,
  type Ready,
  ready,
  verdicts,
} from './verify-admin-helpers.ts';

const reportsReadAll = '230c1aed-a721-4c5d-9cb4-a90514e508ef';
const userRead = 'e1fe6dd8-ba31-4d61-89e7-88639da4683d';

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

describe('verify --admin', () => {
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
});
