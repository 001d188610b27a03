import type { Call, Json } from './context.ts';

/** The properties that a new registration has beyond the typed ones (graph-docs application-post-applications.md). */
export function blankProperties(call: Call): Json {
  return {
    applicationTemplateId: null,
    disabledByMicrosoftStatus: null,
    description: null,
    groupMembershipClaims: null,
    identifierUris: [],
    isDeviceOnlyAuthSupported: null,
    isFallbackPublicClient: null,
    notes: null,
    optionalClaims: null,
    publisherDomain: call.tenant.domains.find(({ isInitial }) => isInitial)?.id ?? null,
    samlMetadataUrl: null,
    serviceManagementReference: null,
    tokenEncryptionKeyId: null,
    defaultRedirectUri: null,
    addIns: [],
    appRoles: [],
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
