import type { Application, ServicePrincipal, Tenant, User } from '../model.ts';
import { isKnown, pickReplica } from '../replication.ts';
import { defaultUserRoleId } from '../seed/well-known.ts';
import type { World } from '../world.ts';
import { badRequest, type Call, invalidGrant, type OAuthRefusal } from './call.ts';

/** AADSTS700016: the tenant does not know the client. */
export function unknownApplication(world: World, clientId: string): OAuthRefusal {
  return badRequest(
    'unauthorized_client',
    700016,
    `Application with identifier '${clientId}' was not found in the directory '${world.tenant.displayName}'. This can ` +
      'happen if the application has not been installed by the administrator of the tenant or consented to by any ' +
      'user in the tenant. You may have sent your authentication request to the wrong tenant.',
  );
}

function sameId(left: string, right: string): boolean {
  return left.toLowerCase() === right.toLowerCase();
}

/** The client's service principal. Throws 700016 where there is none (yet), 7000112 where it or its registration is disabled. */
export function requireClient(world: World, clientId: string, replica: number): ServicePrincipal {
  const principal = world.tenant.servicePrincipals.find(({ appId }) => sameId(appId, clientId));
  if (principal === undefined || !isKnown(world, principal.id, principal.createdDateTime, replica)) {
    throw unknownApplication(world, clientId);
  }
  if (!principal.accountEnabled) {
    throw badRequest(
      'unauthorized_client',
      7000112,
      `Application '${principal.appId}'(${principal.displayName}) is disabled.`,
    );
  }
  // The number that Entra gives for a deactivated registration is not documented; this is the one of a disabled principal.
  if (findApplication(world, clientId)?.properties['isDisabled'] === true) {
    throw badRequest(
      'unauthorized_client',
      7000112,
      `Application '${principal.appId}'(${principal.displayName}) is disabled by its owner.`,
    );
  }
  return principal;
}

/** The registration behind a client id; first-party clients have none here. */
export function findApplication(world: World, clientId: string): Application | undefined {
  return world.tenant.applications.find(({ appId }) => sameId(appId, clientId));
}

/** The person with this object id. Throws 50057 for a disabled account, 50034 for none. */
export function requireUser(world: World, userId: string): User {
  const user = world.tenant.users.find(({ id }) => id === userId);
  if (user === undefined) {
    throw invalidGrant(
      50034,
      `The user account does not exist in the ${world.tenant.displayName} directory. To sign into this application, ` +
        'the account must be added to the directory.',
    );
  }
  if (!user.accountEnabled) throw invalidGrant(50057, 'The user account is disabled.');
  return user;
}

/** Template ids of the directory roles that are active for a principal, through role-assignable groups too. */
export function activeRoles(world: World, principalId: string): string[] {
  const { groups, roleAssignments } = world.tenant;
  const through = groups.filter((group) => group.isAssignableToRole && group.members.includes(principalId));
  const holders = new Set([principalId, ...through.map(({ id }) => id)]);
  const held = roleAssignments.filter(
    (assignment) => holders.has(assignment.principalId) && assignment.directoryScopeId === '/',
  );
  return [...new Set(held.map(({ roleDefinitionId }) => roleDefinitionId))];
}

/** The `wids` claim of a person. */
export function widsOf(world: World, user: User): string[] {
  const roles = activeRoles(world, user.id);
  return user.userType === 'Guest' ? roles : [...roles, defaultUserRoleId];
}

/** Display names of a person's active roles. */
export function roleNames(world: World, userId: string): string[] {
  const active = new Set(activeRoles(world, userId));
  return world.tenant.directoryRoles
    .filter(({ roleTemplateId }) => active.has(roleTemplateId))
    .map(({ displayName }) => displayName);
}

/** `named`: the tenant's GUID or one of its verified domains; `any`: common or organizations. */
type TenantSegment = 'named' | 'any';

/** AADSTS90002, as a tenant's endpoints answer to a name that no tenant has. */
export function unknownTenant(name: string, error: 'invalid_tenant' | 'invalid_request'): OAuthRefusal {
  return badRequest(
    error,
    90002,
    `Tenant '${name}' not found. Check to make sure you have the correct tenant ID and are signing into the correct ` +
      'cloud. Check with your subscription administrator, this may happen if there are no active subscriptions for ' +
      'the tenant.',
  );
}

/** How the first path segment names the tenant, or undefined where it names none. */
export function matchTenant(tenant: Tenant, segment: string): TenantSegment | undefined {
  const name = segment.toLowerCase();
  if (name === 'common' || name === 'organizations') return 'any';
  const verified = tenant.domains.some(({ id, isVerified }) => isVerified && id.toLowerCase() === name);
  return verified || name === tenant.id ? 'named' : undefined;
}

/** As matchTenant, throwing where the segment names no tenant. */
export function requireTenant(tenant: Tenant, segment: string): TenantSegment {
  const match = matchTenant(tenant, segment);
  if (match === undefined) throw unknownTenant(segment, 'invalid_request');
  return match;
}

/**
 * The client of a request to this tenant's endpoint. Throws 90002 for an unknown tenant, 9002332 for `consumers`,
 * 700016 and 7000112 for a client that is unknown or disabled, 50194 for a single-tenant client that does not name
 * its tenant.
 */
export function requireUsableClient(call: Call, clientId: string): ServicePrincipal {
  const { world } = call.entra;
  if (call.tenant.toLowerCase() === 'consumers') {
    const client = requireClient(world, clientId, pickReplica(world));
    throw badRequest(
      'invalid_request',
      9002332,
      `Application '${client.appId}'(${client.displayName}) is configured for use by Microsoft Entra users only. ` +
        'Please do not use the /consumers endpoint to serve this request.',
    );
  }
  const match = requireTenant(world.tenant, call.tenant);
  const client = requireClient(world, clientId, pickReplica(world));
  const { signInAudience } = findApplication(world, client.appId) ?? client;
  if (match === 'any' && signInAudience === 'AzureADMyOrg') {
    throw badRequest(
      'invalid_request',
      50194,
      `Application '${client.appId}'(${client.displayName}) is not configured as a multi-tenant application. Usage of ` +
        "the /common endpoint is not supported for such applications created after '10/15/2018'. Use a " +
        'tenant-specific endpoint or configure the application to be multi-tenant.',
    );
  }
  return client;
}
