import type { OAuth2PermissionGrant, ServicePrincipal } from '../model.ts';
import type { World } from '../world.ts';

/** Delegated permissions that a client gets on an API, for one person (`principalId`) or, with null, for everybody. */
export interface DelegatedGrant {
  readonly client: ServicePrincipal;
  readonly resource: ServicePrincipal;
  readonly principalId: string | null;
  readonly values: readonly string[];
}

/** The words of a space-separated list. */
export function words(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== '');
}

/** Writes delegated permissions down: there is one grant per client, API and person, to which they are added. */
export function writeDelegatedGrant(
  world: World,
  { client, resource, principalId, values }: DelegatedGrant,
): void {
  const grants = world.tenant.oauth2PermissionGrants;
  const same = (grant: OAuth2PermissionGrant): boolean =>
    grant.clientId === client.id && grant.resourceId === resource.id && grant.principalId === principalId;
  const existing = grants.find(same);
  if (existing !== undefined) {
    existing.scope = [...new Set([...words(existing.scope), ...values])].join(' ');
    return;
  }
  grants.push({
    id: world.randomBytes(32).toString('base64url'),
    clientId: client.id,
    consentType: principalId === null ? 'AllPrincipals' : 'Principal',
    principalId,
    resourceId: resource.id,
    scope: values.join(' '),
  });
}

/** Assigns an application permission, unless the client holds it. */
export function writeRoleAssignment(
  world: World,
  client: ServicePrincipal,
  resource: ServicePrincipal,
  appRoleId: string,
): void {
  const { appRoleAssignments } = world.tenant;
  const held = appRoleAssignments.some(
    (grant) =>
      grant.principalId === client.id && grant.resourceId === resource.id && grant.appRoleId === appRoleId,
  );
  if (held) return;
  appRoleAssignments.push({
    id: world.randomBytes(32).toString('base64url'),
    deletedDateTime: null,
    appRoleId,
    createdDateTime: new Date(world.now()).toISOString(),
    principalDisplayName: client.displayName,
    principalId: client.id,
    principalType: 'ServicePrincipal',
    resourceDisplayName: resource.displayName,
    resourceId: resource.id,
  });
}
