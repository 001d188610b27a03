import type { ServicePrincipal } from '../model.ts';
import { appIds } from '../seed/well-known.ts';
import type { World } from '../world.ts';
import { badRequest } from './errors.ts';

/** An API that tokens are for. */
export interface Resource {
  readonly principal: ServicePrincipal;
  /** The `aud` claim. */
  readonly audience: string;
  /** What stands before the permission in a scope, as the client spelled it. */
  readonly prefix: string;
}

/** A parsed `scope` parameter: the permissions asked of one API, and the OpenID Connect scopes. */
export interface ScopeRequest {
  readonly resource: string;
  /** Permission values, without the resource; `.default` included. */
  readonly permissions: readonly string[];
  readonly openid: readonly string[];
}

const openidScopes = new Set(['openid', 'profile', 'email', 'offline_access']);

function normalise(resource: string): string {
  return resource.replace(/\/+$/, '').toLowerCase();
}

/** Splits a scope list; a permission without a resource is Microsoft Graph's. */
export function parseScope(scope: string): ScopeRequest {
  const parts = scope.split(/\s+/).filter((part) => part !== '');
  const openid = parts.filter((part) => openidScopes.has(part));
  const rest = parts.filter((part) => !openidScopes.has(part));
  const split = rest.map((part) => {
    const at = part.lastIndexOf('/');
    return at < 0
      ? { resource: appIds.graph, value: part }
      : { resource: part.slice(0, at), value: part.slice(at + 1) };
  });
  return {
    resource: split[0]?.resource ?? appIds.graph,
    permissions: split.map(({ value }) => value),
    openid,
  };
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
  return { principal, audience: graph ? world.origin : resource, prefix: resource.replace(/\/+$/, '') };
}
