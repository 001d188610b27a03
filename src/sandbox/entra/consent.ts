import type { OAuth2PermissionGrant, OAuth2PermissionScope, ServicePrincipal } from '../model.ts';
import { appIds, roleIds } from '../seed/well-known.ts';
import type { World } from '../world.ts';
import { badRequest, invalidGrant, type OAuthRefusal } from './call.ts';
import { activeRoles, findApplication } from './directory.ts';
import type { Resource, ScopeRequest } from './resources.ts';

/** Who wants to use what: a client, an API, the permissions asked, a person. */
export interface ConsentQuestion {
  readonly client: ServicePrincipal;
  readonly resource: Resource;
  readonly scope: ScopeRequest;
  readonly userId: string;
}

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

/** Roles that may consent to delegated permissions that only an administrator can (entra-docs grant-admin-consent). */
const consentingRoles = new Set<string>([
  roleIds.globalAdministrator,
  roleIds.privilegedRoleAdministrator,
  roleIds.applicationAdministrator,
  roleIds.cloudApplicationAdministrator,
]);

function granted(world: World, { client, resource, userId }: ConsentQuestion): string[] {
  const applies = (grant: OAuth2PermissionGrant): boolean =>
    grant.clientId === client.id &&
    grant.resourceId === resource.principal.id &&
    (grant.consentType === 'AllPrincipals' || grant.principalId === userId);
  return [
    ...new Set(world.tenant.oauth2PermissionGrants.filter(applies).flatMap(({ scope }) => words(scope))),
  ];
}

function preauthorised({ resource, scope }: ConsentQuestion): string[] {
  if (resource.principal.appId !== appIds.graph) return ['user_impersonation'];
  if (!scope.permissions.every((permission) => impliedForCli.has(permission))) {
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

/** The delegated permissions that `.default` stands for: those of the client's registration. */
function declared(world: World, { client, resource }: ConsentQuestion): string[] {
  if (client.appId === appIds.graphTools) return ['User.Read'];
  const access = findApplication(world, client.appId)?.requiredResourceAccess ?? [];
  const ids = access
    .filter(({ resourceAppId }) => resourceAppId === resource.principal.appId)
    .flatMap(({ resourceAccess }) =>
      resourceAccess.filter(({ type }) => type === 'Scope').map(({ id }) => id),
    );
  return resource.principal.oauth2PermissionScopes
    .filter(({ id }) => ids.includes(id))
    .map(({ value }) => value);
}

function publishedScope({ client, resource }: ConsentQuestion, value: string): OAuth2PermissionScope {
  const { principal } = resource;
  const found = principal.oauth2PermissionScopes.find(
    (scope) => scope.isEnabled && scope.value.toLowerCase() === value.toLowerCase(),
  );
  if (found === undefined) {
    throw badRequest(
      'invalid_client',
      650053,
      `The application '${client.displayName}' asked for scope '${value}' that doesn't exist on the resource ` +
        `'${principal.appId}'.`,
    );
  }
  return found;
}

function notConsented(client: ServicePrincipal): OAuthRefusal {
  return invalidGrant(
    65001,
    `The user or administrator has not consented to use the application with ID '${client.appId}' named ` +
      `'${client.displayName}'. Send an interactive authorization request for this user and resource.`,
    'consent_required',
  );
}

/**
 * The permissions that somebody must consent to before the client gets its token; none for the Azure CLI. Throws
 * 65002 for what the Azure CLI is not pre-authorised for, 650053 for a permission that the API does not publish, and
 * 65001 for `.default` of a client that neither declares nor holds any.
 */
export function missingConsent(world: World, question: ConsentQuestion): OAuth2PermissionScope[] {
  if (question.client.appId === appIds.azureCli) {
    preauthorised(question);
    return [];
  }
  const held = granted(world, question);
  const everything = question.scope.permissions.includes('.default');
  const asked = everything ? (held.length > 0 ? [] : declared(world, question)) : question.scope.permissions;
  if (everything && held.length === 0 && asked.length === 0) throw notConsented(question.client);
  return asked.map((value) => publishedScope(question, value)).filter(({ value }) => !held.includes(value));
}

/**
 * The delegated permissions in the token. The Azure CLI has a fixed set; everything else needs a grant in the tenant.
 * Throws 65001 without, and what `missingConsent` throws.
 */
export function consentedScopes(world: World, question: ConsentQuestion): string[] {
  if (question.client.appId === appIds.azureCli) return preauthorised(question);
  if (missingConsent(world, question).length > 0) throw notConsented(question.client);
  return granted(world, question);
}

/** Whether this person may consent to these permissions, for himself or, as administrator, for everybody. */
export function mayConsent(world: World, userId: string, scopes: readonly OAuth2PermissionScope[]): boolean {
  return scopes.every(({ type }) => type === 'User') || isConsentAdmin(world, userId);
}

/** Whether this person may consent to delegated permissions on behalf of the organisation. */
export function isConsentAdmin(world: World, userId: string): boolean {
  return activeRoles(world, userId).some((role) => consentingRoles.has(role));
}

/** AADSTS90094: only an administrator may consent to what the client asks. */
export function adminConsentRequired(): OAuthRefusal {
  return badRequest('access_denied', 90094, 'The grant requires admin permission.');
}

/** AADSTS65004: the person declined. */
export function consentDeclined(error: 'access_denied' | 'authorization_declined'): OAuthRefusal {
  return badRequest(error, 65004, 'User declined to consent to access the app.');
}

/** Writes the consent down, for the person alone or for everybody. */
export function recordConsent(
  world: World,
  { client, resource, userId }: ConsentQuestion,
  scopes: readonly OAuth2PermissionScope[],
  consentType: OAuth2PermissionGrant['consentType'],
): void {
  const principalId = consentType === 'Principal' ? userId : null;
  const values = scopes.map(({ value }) => value);
  writeDelegatedGrant(world, { client, resource: resource.principal, principalId, values });
}

/** Delegated permissions that a client gets on an API, for one person (`principalId`) or, with null, for everybody. */
interface DelegatedGrant {
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
