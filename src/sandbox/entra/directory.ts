import type { Application, ServicePrincipal, User } from '../model.ts';
import { isKnown } from '../replicas.ts';
import { defaultUserRoleId } from '../seed/roles.ts';
import type { World } from '../world.ts';
import { badRequest, invalidGrant, type OAuthRefusal } from './errors.ts';

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

/** The client's service principal. Throws 700016 where there is none (yet), 7000112 where it is disabled. */
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
