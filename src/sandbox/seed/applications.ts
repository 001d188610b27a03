import { createHash } from 'node:crypto';
import { newProperties } from '../application-properties.ts';
import type { Application, AppRoleAssignment, ServicePrincipal, Tenant } from '../model.ts';
import { SandboxError, type World } from '../world.ts';
import { graphPermissions, legacyGraphPermissions } from './permissions.ts';
import { appIds, microsoftTenantId, stableGuid } from './well-known.ts';

/** The client id of the application with which a job without a person signs in. */
export const automationAppId = stableGuid('application/automation/appId');

const automationPermissions = [
  'Application.ReadWrite.All',
  'AppRoleAssignment.ReadWrite.All',
  'Directory.Read.All',
  'AuditLog.Read.All',
  'Policy.Read.All',
  'RoleManagement.Read.Directory',
  'Organization.Read.All',
  'Domain.Read.All',
];

function graphRole(value: string): string {
  const role = graphPermissions().appRoles.find((candidate) => candidate.value === value);
  if (role === undefined) throw new Error(`Microsoft Graph publishes no application permission ${value}`);
  return role.id;
}

function application(key: string, displayName: string, createdDateTime: string): Application {
  return {
    id: stableGuid(`application/${key}`),
    appId: stableGuid(`application/${key}/appId`),
    displayName,
    uniqueName: null,
    createdDateTime,
    deletedDateTime: null,
    createdByAppId: appIds.portal,
    signInAudience: 'AzureADMyOrg',
    tags: [],
    requiredResourceAccess: [],
    passwordCredentials: [],
    keyCredentials: [],
    federatedIdentityCredentials: [],
    owners: [],
    properties: newProperties('contoso.onmicrosoft.com'),
  };
}

function servicePrincipal(
  appId: string,
  displayName: string,
  names: readonly string[] = [],
): ServicePrincipal {
  return {
    id: stableGuid(`servicePrincipal/${appId}`),
    appId,
    displayName,
    createdDateTime: '2021-08-02T10:30:07Z',
    deletedDateTime: null,
    accountEnabled: true,
    appOwnerOrganizationId: microsoftTenantId,
    servicePrincipalType: 'Application',
    servicePrincipalNames: [appId, ...names],
    signInAudience: 'AzureADMultipleOrgs',
    tags: [],
    appRoles: [],
    oauth2PermissionScopes: [],
    passwordCredentials: [],
    keyCredentials: [],
    owners: [],
    properties: {},
  };
}

function firstParty(): ServicePrincipal[] {
  const managementNames = ['https://management.core.windows.net/', 'https://management.azure.com/'];
  return [
    {
      ...servicePrincipal(appIds.graph, 'Microsoft Graph', [
        'https://graph.microsoft.com/',
        'https://graph.microsoft.com',
      ]),
      ...graphPermissions(),
      createdDateTime: null,
    },
    {
      ...servicePrincipal(appIds.legacyGraph, 'Windows Azure Active Directory', [
        'https://graph.windows.net/',
        'https://graph.windows.net',
      ]),
      ...legacyGraphPermissions(),
    },
    servicePrincipal(appIds.azureCli, 'Microsoft Azure CLI'),
    servicePrincipal(appIds.graphTools, 'Microsoft Graph Command Line Tools'),
    servicePrincipal(appIds.resourceManager, 'Windows Azure Service Management API', managementNames),
    servicePrincipal(appIds.keyVault, 'Azure Key Vault', ['https://vault.azure.net']),
  ];
}

function grant(principal: ServicePrincipal, resource: ServicePrincipal, value: string): AppRoleAssignment {
  return {
    id: stableGuid(`appRoleAssignment/${principal.id}/${value}`),
    deletedDateTime: null,
    appRoleId: graphRole(value),
    createdDateTime: '2026-02-03T09:15:00Z',
    principalDisplayName: principal.displayName,
    principalId: principal.id,
    principalType: 'ServicePrincipal',
    resourceDisplayName: resource.displayName,
    resourceId: resource.id,
  };
}

/**
 * The tenant's applications: one for jobs, and one that nobody here made and that only shares the display name with
 * what a setup would create.
 */
export function applicationsAndGrants(tenantId: string): {
  applications: Application[];
  servicePrincipals: ServicePrincipal[];
  appRoleAssignments: AppRoleAssignment[];
} {
  const automation = application('automation', 'Sandbox automation', '2026-02-03T09:14:00Z');
  automation.requiredResourceAccess = [
    {
      resourceAppId: appIds.graph,
      resourceAccess: automationPermissions.map((value) => ({ id: graphRole(value), type: 'Role' as const })),
    },
  ];
  const unrelated = application('unrelated', 'Reporting API application', '2024-05-21T13:02:11Z');
  const principal: ServicePrincipal = {
    ...servicePrincipal(automation.appId, automation.displayName),
    appOwnerOrganizationId: tenantId,
    signInAudience: 'AzureADMyOrg',
  };
  const resources = firstParty();
  const graph = resources.find(({ appId }) => appId === appIds.graph);
  return {
    applications: [unrelated, automation],
    servicePrincipals: [...resources, principal],
    appRoleAssignments:
      graph === undefined ? [] : automationPermissions.map((value) => grant(principal, graph, value)),
  };
}

const reportingPermissions = ['AuditLog.Read.All', 'Directory.Read.All'];

/** An application as a setup for the reporting API makes it, but for a credential: its name, its mark, its grants. */
export function reportingApplication(tenantId: string): ReturnType<typeof applicationsAndGrants> {
  const reporting = application('reporting', 'Reporting API application', '2026-05-04T08:20:00Z');
  reporting.uniqueName = 'reporting-setup';
  reporting.requiredResourceAccess = [
    {
      resourceAppId: appIds.graph,
      resourceAccess: reportingPermissions.map((value) => ({ id: graphRole(value), type: 'Role' as const })),
    },
  ];
  const principal: ServicePrincipal = {
    ...servicePrincipal(reporting.appId, reporting.displayName),
    appOwnerOrganizationId: tenantId,
    signInAudience: 'AzureADMyOrg',
  };
  const graph = firstParty().filter(({ appId }) => appId === appIds.graph);
  return {
    applications: [reporting],
    servicePrincipals: [principal],
    appRoleAssignments: graph.flatMap((resource) =>
      reportingPermissions.map((value) => grant(principal, resource, value)),
    ),
  };
}

/** How a job without a person signs in. */
export interface Automation {
  readonly clientId: string;
  readonly clientSecret: string;
}

const year = 31_536_000_000;

/** 40 characters that look like Entra's. The first is no dash, which a shell command would take for an option. */
function secretText(world: World): string {
  const text = world.randomBytes(30).toString('base64url').replace(/^-/, 'x');
  return `${text.slice(0, 3)}8Q~${text.slice(3, 37)}`;
}

function requireAutomation(tenant: Tenant): Tenant['applications'][number] {
  const application = tenant.applications.find(({ appId }) => appId === automationAppId);
  if (application !== undefined) return application;
  throw new SandboxError(
    'The automation application of the sandbox tenant is gone',
    'Delete the state file to start with a new tenant.',
  );
}

/** Gives the automation application one new secret, known everywhere at once; those of earlier starts end here. */
export function renewAutomation(world: World): Automation {
  const application = requireAutomation(world.tenant);
  const clientSecret = world.issue(secretText(world));
  application.passwordCredentials = [
    {
      customKeyIdentifier: null,
      displayName: 'Sandbox automation',
      startDateTime: new Date(world.now()).toISOString(),
      endDateTime: new Date(world.now() + year).toISOString(),
      hint: clientSecret.slice(0, 3),
      keyId: world.randomUUID(),
      secretHash: createHash('sha256').update(clientSecret).digest('hex'),
      usableFrom: world.now() - year,
    },
  ];
  return { clientId: application.appId, clientSecret };
}
