import { blankProperties } from '../blank-application.ts';
import type { Application, AppRoleAssignment, ServicePrincipal } from '../model.ts';
import { stableGuid } from './guid.ts';
import { graphPermissions, legacyGraphPermissions } from './permissions.ts';
import { appIds, microsoftTenantId } from './well-known.ts';

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
    properties: blankProperties('contoso.onmicrosoft.com'),
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
