import { type Json, textOf } from '../../json.ts';
import type { OAuth2PermissionGrant } from '../../model.ts';
import { readBody } from '../body.ts';
import { type Call, contextOf, noContent, sameId } from '../context.ts';
import { knows, requirePrincipal } from '../objects.ts';
import { entity, list } from '../odata/list.ts';
import { badRequest, conflict, invalidValue, missingValue, notFound } from '../refusal.ts';
import { requirePermission, requireRole, rules } from '../rights.ts';
import type { Handler, Key, Routes } from '../router.ts';
import { oauth2PermissionGrantType as type } from '../types/roles.ts';

const set = 'oauth2PermissionGrants';

/** graph-docs resources/oauth2permissiongrant.md. */
const longestScope = 3850;

function view(grant: OAuth2PermissionGrant): Json {
  return { ...grant };
}

function requireGrant(call: Call, { value }: Key): OAuth2PermissionGrant {
  const found = call.tenant.oauth2PermissionGrants.find(({ id }) => id === value);
  if (found === undefined) throw notFound(value);
  return found;
}

const listAll: Handler = (call) => {
  requirePermission(call, rules.readGrants);
  return list(call, { type, set, rows: call.tenant.oauth2PermissionGrants.map(view) });
};

const ofPrincipal: Handler = (call, key) => {
  requirePermission(call, rules.readGrants);
  const principal = requirePrincipal(call, key);
  const held = call.tenant.oauth2PermissionGrants.filter(({ clientId }) => clientId === principal.id);
  return list(call, { type, set, rows: held.map(view) });
};

const read: Handler = (call, key) => {
  requirePermission(call, rules.readGrants);
  return entity(call, type, set, view(requireGrant(call, key)));
};

function principalId(call: Call, body: Json, property: string): string {
  const id = textOf(body, property);
  if (id === undefined) throw missingValue(property, 'OAuth2PermissionGrant');
  const principal = call.tenant.servicePrincipals.find((candidate) => sameId(candidate.id, id));
  if (principal === undefined || !knows(call, principal)) throw notFound(id);
  return principal.id;
}

function consentOf(call: Call, body: Json): Pick<OAuth2PermissionGrant, 'consentType' | 'principalId'> {
  const consentType = textOf(body, 'consentType');
  const user = textOf(body, 'principalId');
  if (consentType === 'AllPrincipals' && user === undefined) return { consentType, principalId: null };
  if (consentType !== 'Principal' || user === undefined)
    throw invalidValue('consentType', 'OAuth2PermissionGrant');
  if (!call.tenant.users.some(({ id }) => sameId(id, user))) throw notFound(user);
  return { consentType, principalId: user };
}

function scopeOf(body: Json): string {
  const scope = textOf(body, 'scope') ?? '';
  if (scope.length > longestScope) throw invalidValue('scope', 'OAuth2PermissionGrant');
  return scope;
}

const create: Handler = (call) => {
  const body = readBody(call.request, type);
  requirePermission(call, rules.writeGrants);
  requireRole(call, 'grantOtherPermissions');
  const grant: OAuth2PermissionGrant = {
    id: call.world.randomBytes(32).toString('base64url'),
    clientId: principalId(call, body, 'clientId'),
    resourceId: principalId(call, body, 'resourceId'),
    ...consentOf(call, body),
    scope: scopeOf(body),
  };
  const twin = call.tenant.oauth2PermissionGrants.some(
    (other) =>
      other.clientId === grant.clientId &&
      other.resourceId === grant.resourceId &&
      other.principalId === grant.principalId,
  );
  if (twin) throw conflict('Permission entry already exists.');
  call.tenant.oauth2PermissionGrants.push(grant);
  return { status: 201, body: { '@odata.context': contextOf(call, `${set}/$entity`), ...view(grant) } };
};

const patch: Handler = (call, key) => {
  const body = readBody(call.request, type);
  requirePermission(call, rules.writeGrants);
  requireRole(call, 'grantOtherPermissions');
  const grant = requireGrant(call, key);
  const fixed = Object.keys(body).find((property) => property !== 'scope');
  if (fixed !== undefined) throw badRequest(`Property '${fixed}' is read-only and cannot be set.`);
  grant.scope = scopeOf(body);
  return noContent;
};

const remove: Handler = (call, key) => {
  requirePermission(call, rules.writeGrants);
  requireRole(call, 'grantOtherPermissions');
  const grant = requireGrant(call, key);
  call.tenant.oauth2PermissionGrants = call.tenant.oauth2PermissionGrants.filter((other) => other !== grant);
  return noContent;
};

/** Delegated permissions that the tenant has consented to. */
export const grantRoutes: Routes = {
  [set]: { GET: listAll, POST: create },
  [`${set}/{}`]: { GET: read, PATCH: patch, DELETE: remove },
  'servicePrincipals/{}/oauth2PermissionGrants': { GET: ofPrincipal },
};
