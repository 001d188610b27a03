import type { Application, ServicePrincipal } from '../model.ts';
import { isObject, objectsOf, textOf, textsOf } from './body.ts';
import type { Call, Json } from './context.ts';
import { becomesOwner } from './rights.ts';
import { timestamp } from './visibility.ts';

/** Builds the service principal of an application, as a POST asks for it. */
export function makePrincipal(call: Call, application: Application, body: Json): ServicePrincipal {
  const roles = application.properties['appRoles'];
  const api = application.properties['api'];
  return {
    id: call.world.randomUUID(),
    appId: application.appId,
    displayName: application.displayName,
    createdDateTime: timestamp(call),
    deletedDateTime: null,
    accountEnabled: body['accountEnabled'] !== false,
    appOwnerOrganizationId: call.tenant.id,
    servicePrincipalType: 'Application',
    servicePrincipalNames: [application.appId, ...textsOf(application.properties, 'identifierUris')],
    signInAudience: application.signInAudience,
    tags: textsOf(body, 'tags'),
    appRoles: publishedRoles(Array.isArray(roles) ? roles.filter(isObject) : []),
    oauth2PermissionScopes: publishedScopes(isObject(api) ? objectsOf(api, 'oauth2PermissionScopes') : []),
    passwordCredentials: [],
    keyCredentials: [],
    owners: becomesOwner(call) ? [call.caller.id] : [],
    properties: restOf(body),
  };
}

function publishedRoles(roles: readonly Json[]): ServicePrincipal['appRoles'] {
  return roles.map((role) => ({
    allowedMemberTypes: textsOf(role, 'allowedMemberTypes'),
    description: textOf(role, 'description') ?? '',
    displayName: textOf(role, 'displayName') ?? '',
    id: textOf(role, 'id') ?? '',
    isEnabled: role['isEnabled'] !== false,
    origin: 'Application',
    value: textOf(role, 'value') ?? '',
  }));
}

function publishedScopes(scopes: readonly Json[]): ServicePrincipal['oauth2PermissionScopes'] {
  return scopes.map((scope) => ({
    adminConsentDescription: textOf(scope, 'adminConsentDescription') ?? '',
    adminConsentDisplayName: textOf(scope, 'adminConsentDisplayName') ?? '',
    id: textOf(scope, 'id') ?? '',
    isEnabled: scope['isEnabled'] !== false,
    type: textOf(scope, 'type') === 'Admin' ? 'Admin' : 'User',
    userConsentDescription: textOf(scope, 'userConsentDescription') ?? null,
    userConsentDisplayName: textOf(scope, 'userConsentDisplayName') ?? null,
    value: textOf(scope, 'value') ?? '',
  }));
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
