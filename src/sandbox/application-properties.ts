import { isObject, type Json, objectsOf, textOf, textsOf } from './json.ts';
import type { Application, ServicePrincipal } from './model.ts';

/** What a service principal shows of the application behind it. */
type Published = Pick<
  ServicePrincipal,
  'displayName' | 'servicePrincipalNames' | 'signInAudience' | 'appRoles' | 'oauth2PermissionScopes'
>;

function publishedRole(role: Json): ServicePrincipal['appRoles'][number] {
  return {
    allowedMemberTypes: textsOf(role, 'allowedMemberTypes'),
    description: textOf(role, 'description') ?? '',
    displayName: textOf(role, 'displayName') ?? '',
    id: textOf(role, 'id') ?? '',
    isEnabled: role['isEnabled'] !== false,
    origin: 'Application',
    value: textOf(role, 'value') ?? '',
  };
}

function publishedScope(scope: Json): ServicePrincipal['oauth2PermissionScopes'][number] {
  return {
    adminConsentDescription: textOf(scope, 'adminConsentDescription') ?? '',
    adminConsentDisplayName: textOf(scope, 'adminConsentDisplayName') ?? '',
    id: textOf(scope, 'id') ?? '',
    isEnabled: scope['isEnabled'] !== false,
    type: scope['type'] === 'Admin' ? 'Admin' : 'User',
    userConsentDescription: textOf(scope, 'userConsentDescription') ?? null,
    userConsentDisplayName: textOf(scope, 'userConsentDisplayName') ?? null,
    value: textOf(scope, 'value') ?? '',
  };
}

/** The part of an application that its service principal repeats, whenever either changes. */
export function publishedBy({ appId, displayName, signInAudience, properties }: Application): Published {
  const { api } = properties;
  return {
    displayName,
    servicePrincipalNames: [appId, ...textsOf(properties, 'identifierUris')],
    signInAudience,
    appRoles: objectsOf(properties, 'appRoles').map(publishedRole),
    oauth2PermissionScopes: objectsOf(isObject(api) ? api : {}, 'oauth2PermissionScopes').map(publishedScope),
  };
}

/** What a new registration has beyond the typed properties and those that are null or empty (graph-docs application-post-applications.md). */
export function newProperties(publisherDomain: string | null): Json {
  return {
    publisherDomain,
    api: {
      acceptMappedClaims: null,
      knownClientApplications: [],
      requestedAccessTokenVersion: null,
      oauth2PermissionScopes: [],
      preAuthorizedApplications: [],
    },
    info: {
      logoUrl: null,
      marketingUrl: null,
      privacyStatementUrl: null,
      supportUrl: null,
      termsOfServiceUrl: null,
    },
    parentalControlSettings: { countriesBlockedForMinors: [], legalAgeGroupRule: 'Allow' },
    publicClient: { redirectUris: [] },
    spa: { redirectUris: [] },
    verifiedPublisher: { displayName: null, verifiedPublisherId: null, addedDateTime: null },
    web: {
      homePageUrl: null,
      logoutUrl: null,
      redirectUris: [],
      redirectUriSettings: [],
      implicitGrantSettings: { enableAccessTokenIssuance: false, enableIdTokenIssuance: false },
    },
  };
}
