import type { ServicePrincipal } from '../model.ts';
import { appIds } from '../seed/well-known.ts';
import type { World } from '../world.ts';
import { badRequest, type OAuthRefusal } from './call.ts';

/** An API that tokens are for. */
export interface Resource {
  readonly principal: ServicePrincipal;
  /** The `aud` claim. */
  readonly audience: string;
}

/** A parsed `scope` parameter: the permissions asked of one API, and the OpenID Connect scopes. */
export interface ScopeRequest {
  readonly resource: string;
  /** What stands before each permission, as the client spelled it: the resource and a slash, or nothing. */
  readonly prefix: string;
  /** Permission values, without the resource; `.default` included. */
  readonly permissions: readonly string[];
  readonly openid: readonly string[];
}

const openidScopes = new Set(['openid', 'profile', 'email', 'offline_access']);

function normalise(resource: string): string {
  return resource.replace(/\/+$/, '').toLowerCase();
}

/** AADSTS70011 for a scope parameter that asks for nothing Entra knows. */
export function invalidScope(scope: string, reason = ''): OAuthRefusal {
  return badRequest(
    'invalid_scope',
    70011,
    "The provided request must include a 'scope' input parameter. The provided value for the input parameter 'scope' " +
      `is not valid. The scope ${scope} is not valid.${reason}`,
  );
}

function split(part: string): { prefix: string; resource: string; value: string } {
  const at = part.lastIndexOf('/');
  return at < 0
    ? { prefix: '', resource: appIds.graph, value: part }
    : { prefix: part.slice(0, at + 1), resource: part.slice(0, at), value: part.slice(at + 1) };
}

/**
 * Splits a scope list; a permission without a resource is Microsoft Graph's. Throws 70011 for a malformed list and
 * 700022 for one that names several resources.
 */
export function parseScope(scope: string): ScopeRequest {
  const parts = scope.split(/\s+/).filter((part) => part !== '');
  const openid = parts.filter((part) => openidScopes.has(part));
  const asked = parts.filter((part) => !openidScopes.has(part)).map(split);
  const permissions = [...new Set(asked.map(({ value }) => value))];
  if (parts.length === 0 || permissions.includes('')) throw invalidScope(scope);
  if (permissions.includes('.default') && permissions.length > 1) {
    throw invalidScope(scope, " .default scope can't be combined with resource-specific scopes.");
  }
  const resources = new Set(asked.map(({ resource }) => normalise(resource)));
  if (resources.size > 1) {
    throw badRequest(
      'invalid_scope',
      700022,
      "The provided value for the input parameter scope isn't valid because it contains more than one resource.",
    );
  }
  const { resource = appIds.graph, prefix = '' } = asked[0] ?? {};
  return { resource, prefix, permissions, openid };
}

function isGraph(world: World, name: string): boolean {
  const here = normalise(world.origin);
  const names = [here, here.replace('127.0.0.1', 'localhost'), appIds.graph, 'https://graph.microsoft.com'];
  return names.includes(name);
}

function names(principal: ServicePrincipal): string[] {
  return principal.servicePrincipalNames.map(normalise);
}

/**
 * The API that `resource` names: Microsoft Graph by this server's own address as well, whose tokens always have this
 * server as audience. Throws 500011 where the tenant has no such service principal.
 */
export function requireResource(world: World, resource: string): Resource {
  const name = normalise(resource);
  const graph = isGraph(world, name);
  const principal = world.tenant.servicePrincipals.find((candidate) =>
    graph ? candidate.appId === appIds.graph : names(candidate).includes(name),
  );
  if (principal === undefined) {
    throw badRequest(
      'invalid_resource',
      500011,
      `The resource principal named ${resource} was not found in the tenant named ${world.tenant.displayName}. This ` +
        'can happen if the application has not been installed by the administrator of the tenant or consented to by ' +
        'any user in the tenant. You might have sent your authentication request to the wrong tenant.',
    );
  }
  return { principal, audience: graph ? world.origin : resource };
}
