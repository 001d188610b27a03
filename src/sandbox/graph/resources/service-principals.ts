import { publishedBy } from '../../application-properties.ts';
import { type Json, objectsOf, textOf, textsOf } from '../../json.ts';
import type { Application, ServicePrincipal } from '../../model.ts';
import { readBody } from '../body.ts';
import { type Call, contextOf, directoryLink, noContent, type Outcome, sameId } from '../context.ts';
import { mergeKeys } from '../credentials.ts';
import { timestamp } from '../dates.ts';
import { asKnown, findPrincipal, knows, lists, remember, requirePrincipal } from '../objects.ts';
import { count, entity, type Listing, list, type Navigation } from '../odata/list.ts';
import { badRequest, conflict, denied, type GraphRefusal, missingValue, notFound } from '../refusal.ts';
import { directoryObjects, principalView } from '../representations.ts';
import {
  becomesOwner,
  isPermitted,
  mayRegister,
  requireManager,
  requirePermission,
  rules,
} from '../rights.ts';
import type { Handler, Key, Routes } from '../router.ts';
import { servicePrincipalType } from '../types/application.ts';
import { directoryObjectType } from '../types/directory.ts';
import { listMemberships, memberships } from './people.ts';

const foreignApplication =
  'When using this permission, the backing application of the service principal being created must in the local tenant';

function navigation(call: Call): Navigation {
  const ownersOf = (row: Json): readonly string[] =>
    call.tenant.servicePrincipals.find(({ id }) => id === row['id'])?.owners ?? [];
  return {
    owners: (row) => directoryObjects(call.tenant, ownersOf(row)),
    appRoleAssignments: (row) =>
      call.tenant.appRoleAssignments
        .filter(({ principalId }) => principalId === row['id'])
        .map((item) => ({ ...item })),
    appRoleAssignedTo: (row) =>
      call.tenant.appRoleAssignments
        .filter(({ resourceId }) => resourceId === row['id'])
        .map((item) => ({ ...item })),
  };
}

function listing(call: Call): Listing {
  requirePermission(call, rules.readApplications);
  const rows = call.tenant.servicePrincipals
    .filter((principal) => lists(call, principal))
    .map((principal) => principalView(call.tenant, asKnown(call, principal)));
  return { type: servicePrincipalType, set: 'servicePrincipals', rows, navigation: navigation(call) };
}

const read: Handler = (call, key) => {
  requirePermission(call, rules.readApplications);
  const principal = requirePrincipal(call, key);
  const withKeys = call.query.select?.includes('keyCredentials') === true;
  const row = principalView(call.tenant, asKnown(call, principal), withKeys);
  return entity(call, servicePrincipalType, 'servicePrincipals', row, navigation(call));
};

function noBackingApplication(appId: string): GraphRefusal {
  const message = `The appId '${appId}' of the service principal does not reference a valid application object.`;
  return badRequest(message, 'Request_BadRequest', [
    { code: 'NoBackingApplicationObject', target: 'appId', message },
  ]);
}

/** A copy that does not know the application yet says so in one of two ways; both are the answer for a foreign one, too. */
function requireBacking(call: Call, appId: string): Application {
  const application = call.tenant.applications.find((candidate) => sameId(candidate.appId, appId));
  if (application !== undefined && knows(call, application)) return application;
  const ownedOnly = call.caller.kind === 'application' && !isPermitted(call, rules.writeApplications);
  if (ownedOnly || (application !== undefined && call.replica === 0)) throw denied(foreignApplication);
  throw noBackingApplication(appId);
}

function requireCreator(call: Call, application: Application): void {
  const owns = application.owners.includes(call.caller.id);
  if (call.caller.kind === 'user' && owns && mayRegister(call))
    requirePermission(call, rules.writeApplications);
  else requireManager(call, application);
}

/** Throws 409 where a live service principal goes by this application's name. */
export function requireFreeName({ tenant }: Call, appId: string): void {
  if (!tenant.servicePrincipals.some((existing) => sameId(existing.appId, appId))) return;
  const message =
    'The service principal cannot be created, updated, or restored because the service principal name ' +
    `${appId} is already in use.`;
  throw conflict(message, [{ code: 'ObjectConflict', target: 'servicePrincipalNames', message }]);
}

function register(call: Call, body: Json): Outcome {
  requirePermission(call, rules.registerPrincipals);
  const appId = textOf(body, 'appId');
  if (appId === undefined) throw missingValue('appId', 'ServicePrincipal');
  requireFreeName(call, appId);
  const application = requireBacking(call, appId);
  requireCreator(call, application);
  const principal = makePrincipal(call, application, body);
  call.tenant.servicePrincipals.push(principal);
  const context = contextOf(call, 'servicePrincipals/$entity');
  const headers = { location: directoryLink(call, principal.id, 'ServicePrincipal') };
  return {
    status: 201,
    headers,
    body: { '@odata.context': context, ...principalView(call.tenant, principal) },
  };
}

function update(call: Call, principal: ServicePrincipal, body: Json): Outcome {
  requireManager(call, principal);
  const appId = textOf(body, 'appId');
  if (appId !== undefined && !sameId(appId, principal.appId)) {
    throw badRequest("Property 'appId' is read-only and cannot be set.");
  }
  const keys = Array.isArray(body['keyCredentials'])
    ? mergeKeys(call, principal, objectsOf(body, 'keyCredentials'))
    : principal.keyCredentials;
  remember(call, principal);
  principal.keyCredentials = keys;
  if (typeof body['accountEnabled'] === 'boolean') principal.accountEnabled = body['accountEnabled'];
  if (Array.isArray(body['tags'])) principal.tags = textsOf(body, 'tags');
  principal.properties = { ...principal.properties, ...restOf(body) };
  return noContent;
}

const patch: Handler = (call, key) => {
  const body = readBody(call.request, servicePrincipalType);
  const principal = findPrincipal(call, key);
  if (principal !== undefined) return update(call, principal, body);
  const creates = /\bcreate-if-missing\b/i.test(call.request.headers['prefer'] ?? '');
  requirePermission(call, rules.registerPrincipals);
  if (!creates || key.by !== 'appId') throw notFound(key.value);
  return register(call, { ...body, appId: key.value });
};

/** Moves a service principal into the recycle bin; what was granted to it, and on it, is gone. */
export function removePrincipal(call: Call, principal: ServicePrincipal): void {
  const { tenant } = call;
  const { id } = principal;
  tenant.servicePrincipals = tenant.servicePrincipals.filter((other) => other.id !== id);
  tenant.deletedItems.servicePrincipals.push({ ...principal, deletedDateTime: timestamp(call) });
  tenant.appRoleAssignments = tenant.appRoleAssignments.filter(
    ({ principalId, resourceId }) => principalId !== id && resourceId !== id,
  );
  tenant.oauth2PermissionGrants = tenant.oauth2PermissionGrants.filter(
    ({ clientId, resourceId }) => clientId !== id && resourceId !== id,
  );
}

const remove: Handler = (call, key) => {
  const principal = requirePrincipal(call, key);
  requireManager(call, principal);
  removePrincipal(call, principal);
  return noContent;
};

const memberOf =
  (transitive: boolean): Handler =>
  (call, key, cast?: Key) => {
    requirePermission(call, rules.readApplications);
    const { id } = requirePrincipal(call, key);
    return list(call, listMemberships(memberships(call, id, transitive), cast?.value));
  };

const ownedObjects: Handler = (call, key) => {
  requirePermission(call, rules.readApplications);
  const { id } = requirePrincipal(call, key);
  const { applications, servicePrincipals } = call.tenant;
  const owned = [...applications, ...servicePrincipals].filter(({ owners }) => owners.includes(id));
  const rows = directoryObjects(
    call.tenant,
    owned.map((object) => object.id),
  );
  return list(call, { type: directoryObjectType, set: 'directoryObjects', rows });
};

/** Service principals. */
export const servicePrincipalRoutes: Routes = {
  servicePrincipals: {
    GET: (call) => list(call, listing(call)),
    POST: (call) => register(call, readBody(call.request, servicePrincipalType)),
  },
  'servicePrincipals/$count': { GET: (call) => count(call, listing(call)) },
  'servicePrincipals/{}': { GET: read, PATCH: patch, DELETE: remove },
  'servicePrincipals/{}/memberOf': { GET: memberOf(false) },
  'servicePrincipals/{}/memberOf/{}': { GET: memberOf(false) },
  'servicePrincipals/{}/transitiveMemberOf': { GET: memberOf(true) },
  'servicePrincipals/{}/transitiveMemberOf/{}': { GET: memberOf(true) },
  'servicePrincipals/{}/ownedObjects': { GET: ownedObjects },
};

/** Builds the service principal of an application, as a POST asks for it. */
function makePrincipal(call: Call, application: Application, body: Json): ServicePrincipal {
  return {
    ...publishedBy(application),
    id: call.world.randomUUID(),
    appId: application.appId,
    createdDateTime: timestamp(call),
    deletedDateTime: null,
    accountEnabled: body['accountEnabled'] !== false,
    appOwnerOrganizationId: call.tenant.id,
    servicePrincipalType: 'Application',
    tags: textsOf(body, 'tags'),
    passwordCredentials: [],
    keyCredentials: [],
    owners: becomesOwner(call) ? [call.caller.id] : [],
    properties: { ...restOf(body), createdByAppId: call.caller.appId },
  };
}

const typedProperties = new Set([
  'appId',
  'accountEnabled',
  'servicePrincipalNames',
  'tags',
  'keyCredentials',
  'passwordCredentials',
]);

/** The properties of a body that the model keeps as they are. */
export function restOf(body: Json): Json {
  return Object.fromEntries(Object.entries(body).filter(([name]) => !typedProperties.has(name)));
}
