import type { Application, ServicePrincipal } from '../model.ts';
import { publishedBy } from '../published.ts';
import { roleIds } from '../seed/roles.ts';
import { appIds } from '../seed/well-known.ts';
import type { World } from '../world.ts';
import { activeRoles } from './directory.ts';
import { badRequest } from './errors.ts';
import { writeDelegatedGrant, writeRoleAssignment } from './grants.ts';

/** One permission that an application declares, with the API that publishes it. */
export interface Declared {
  readonly resource: ServicePrincipal;
  readonly kind: 'Role' | 'Scope';
  readonly id: string;
  readonly value: string;
  readonly displayName: string;
}

const graphs = new Set<string>([appIds.graph, appIds.legacyGraph]);
const companyAdmins: readonly string[] = [roleIds.globalAdministrator, roleIds.privilegedRoleAdministrator];
const applicationAdmins: readonly string[] = [
  roleIds.applicationAdministrator,
  roleIds.cloudApplicationAdministrator,
];

function published(resource: ServicePrincipal, id: string, kind: 'Role' | 'Scope'): Declared[] {
  const same = (candidate: { readonly id: string }): boolean =>
    candidate.id.toLowerCase() === id.toLowerCase();
  if (kind === 'Role') {
    return resource.appRoles
      .filter(same)
      .map((role) => ({ resource, kind, id: role.id, value: role.value, displayName: role.displayName }));
  }
  return resource.oauth2PermissionScopes.filter(same).map((scope) => {
    return { resource, kind, id: scope.id, value: scope.value, displayName: scope.adminConsentDisplayName };
  });
}

/** What an application's requiredResourceAccess declares. Throws 650054 for an API that the tenant does not have. */
export function declaredPermissions(world: World, application: Application): Declared[] {
  return application.requiredResourceAccess.flatMap(({ resourceAppId, resourceAccess }) => {
    const resource = world.tenant.servicePrincipals.find(
      ({ appId }) => appId === resourceAppId.toLowerCase(),
    );
    if (resource === undefined) {
      throw badRequest(
        'invalid_resource',
        650054,
        'The application asked for permissions to access a resource that has been removed or is no longer available.',
      );
    }
    return resourceAccess.flatMap(({ id, type }) => published(resource, id, type));
  });
}

/**
 * Whether this person may consent to all of it for the organisation: application administrators may, but for the
 * application permissions of Microsoft Graph and Azure AD Graph (entra-docs grant-admin-consent).
 */
export function mayGrantAll(world: World, userId: string, declared: readonly Declared[]): boolean {
  const roles = activeRoles(world, userId);
  const guarded = declared.some(({ kind, resource }) => kind === 'Role' && graphs.has(resource.appId));
  const sufficient = guarded ? companyAdmins : [...companyAdmins, ...applicationAdmins];
  return sufficient.some((role) => roles.includes(role));
}

function ensurePrincipal(world: World, application: Application): ServicePrincipal {
  const { servicePrincipals } = world.tenant;
  const found = servicePrincipals.find(({ appId }) => appId === application.appId);
  if (found !== undefined) return found;
  const created: ServicePrincipal = {
    ...publishedBy(application),
    id: world.randomUUID(),
    appId: application.appId,
    createdDateTime: new Date(world.now()).toISOString(),
    deletedDateTime: null,
    accountEnabled: true,
    appOwnerOrganizationId: world.tenant.id,
    servicePrincipalType: 'Application',
    tags: ['WindowsAzureActiveDirectoryIntegratedApp'],
    passwordCredentials: [],
    keyCredentials: [],
    owners: [],
    properties: {},
  };
  servicePrincipals.push(created);
  return created;
}

/** Grants everything declared, for the whole organisation; makes the service principal where there is none. */
export function grantAll(world: World, application: Application, declared: readonly Declared[]): void {
  const client = ensurePrincipal(world, application);
  for (const { kind, resource, id, value } of declared) {
    if (kind === 'Role') writeRoleAssignment(world, client, resource, id);
    else writeDelegatedGrant(world, { client, resource, principalId: null, values: [value] });
  }
}
