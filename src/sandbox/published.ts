import type { Application, ServicePrincipal } from './model.ts';

type Json = Readonly<Record<string, unknown>>;

/** What a service principal shows of the application behind it. */
type Published = Pick<
  ServicePrincipal,
  'displayName' | 'servicePrincipalNames' | 'signInAudience' | 'appRoles' | 'oauth2PermissionScopes'
>;

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function objects(value: unknown): Json[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function publishedRole(role: Json): ServicePrincipal['appRoles'][number] {
  return {
    allowedMemberTypes: texts(role['allowedMemberTypes']),
    description: text(role['description']) ?? '',
    displayName: text(role['displayName']) ?? '',
    id: text(role['id']) ?? '',
    isEnabled: role['isEnabled'] !== false,
    origin: 'Application',
    value: text(role['value']) ?? '',
  };
}

function publishedScope(scope: Json): ServicePrincipal['oauth2PermissionScopes'][number] {
  return {
    adminConsentDescription: text(scope['adminConsentDescription']) ?? '',
    adminConsentDisplayName: text(scope['adminConsentDisplayName']) ?? '',
    id: text(scope['id']) ?? '',
    isEnabled: scope['isEnabled'] !== false,
    type: scope['type'] === 'Admin' ? 'Admin' : 'User',
    userConsentDescription: text(scope['userConsentDescription']) ?? null,
    userConsentDisplayName: text(scope['userConsentDisplayName']) ?? null,
    value: text(scope['value']) ?? '',
  };
}

/** The part of an application that its service principal repeats, whenever either changes. */
export function publishedBy({ appId, displayName, signInAudience, properties }: Application): Published {
  const { api, appRoles, identifierUris } = properties;
  return {
    displayName,
    servicePrincipalNames: [appId, ...texts(identifierUris)],
    signInAudience,
    appRoles: objects(appRoles).map(publishedRole),
    oauth2PermissionScopes: objects(isObject(api) ? api['oauth2PermissionScopes'] : []).map(publishedScope),
  };
}
