import type { OAuth2PermissionGrant, ServicePrincipal } from '../model.ts';
import { appIds } from '../seed/well-known.ts';
import type { World } from '../world.ts';
import { badRequest, invalidGrant } from './errors.ts';
import type { Resource, ScopeRequest } from './resources.ts';

/**
 * What Microsoft has pre-authorised the Azure CLI to ask of Microsoft Graph, whatever the tenant consented to
 * (as token captures show; Microsoft publishes no list).
 */
const azureCliScopes = [
  'Application.ReadWrite.All',
  'AppRoleAssignment.ReadWrite.All',
  'AuditLog.Read.All',
  'DelegatedPermissionGrant.ReadWrite.All',
  'Directory.AccessAsUser.All',
  'Group.ReadWrite.All',
  'User.Read.All',
  'User.ReadWrite.All',
];

const impliedForCli = new Set([...azureCliScopes, 'User.Read', '.default']);

function grantedTo(world: World, client: ServicePrincipal, resource: Resource, userId: string): string[] {
  const applies = (grant: OAuth2PermissionGrant): boolean =>
    grant.clientId === client.id &&
    grant.resourceId === resource.principal.id &&
    (grant.consentType === 'AllPrincipals' || grant.principalId === userId);
  const scopes = world.tenant.oauth2PermissionGrants
    .filter(applies)
    .flatMap(({ scope }) => scope.split(/\s+/));
  return [...new Set(scopes.filter((scope) => scope !== ''))];
}

function cliScopes(request: ScopeRequest, resource: Resource): string[] {
  if (resource.principal.appId !== appIds.graph) return ['user_impersonation'];
  if (!request.permissions.every((permission) => impliedForCli.has(permission))) {
    throw badRequest(
      'invalid_request',
      65002,
      `Consent between first party application '${appIds.azureCli}' and first party resource '${appIds.graph}' must ` +
        'be configured via preauthorization - applications owned and operated by Microsoft must get approval from ' +
        'the API owner before requesting tokens for that API.',
    );
  }
  return azureCliScopes;
}

/**
 * The delegated permissions in a token of `client` for `resource`. The Azure CLI has a fixed set (65002 for any
 * other); the Graph command line tools get what they ask, the person consenting on the sign-in page; everything else
 * needs a grant in the tenant (65001 without).
 */
export function consentedScopes(
  world: World,
  client: ServicePrincipal,
  resource: Resource,
  request: ScopeRequest,
  userId: string,
): string[] {
  if (client.appId === appIds.azureCli) return cliScopes(request, resource);
  const granted = grantedTo(world, client, resource, userId);
  const asked = request.permissions.filter((permission) => permission !== '.default');
  if (client.appId === appIds.graphTools) return [...new Set(['User.Read', ...granted, ...asked])];
  if (granted.length === 0 || !asked.every((permission) => granted.includes(permission))) {
    throw invalidGrant(
      65001,
      `The user or administrator has not consented to use the application with ID '${client.appId}' named ` +
        `'${client.displayName}'. Send an interactive authorization request for this user and resource.`,
      'consent_required',
    );
  }
  return granted;
}
