import { type ComplexType, complex, type EntityType, listed, names } from './spec.ts';

const permissionScope = complex(
  'permissionScope',
  listed(`adminConsentDescription, adminConsentDisplayName, id Guid, isEnabled Boolean, origin, type,
    userConsentDescription, userConsentDisplayName, value`),
);

const appRole = complex(
  'appRole',
  listed('allowedMemberTypes String[], description, displayName, id Guid, isEnabled Boolean, origin, value'),
);

const addIn = complex('addIn', {
  id: 'Guid',
  properties: [complex('keyValue', { key: 'String', value: 'String' })],
  type: 'String',
});

export const informationalUrl = complex(
  'informationalUrl',
  listed('logoUrl, marketingUrl, privacyStatementUrl, supportUrl, termsOfServiceUrl'),
);

export const verifiedPublisher = complex('verifiedPublisher', {
  addedDateTime: 'DateTimeOffset',
  displayName: 'String',
  verifiedPublisherId: 'String',
});

export const passwordCredential: ComplexType = {
  name: 'microsoft.graph.passwordCredential',
  properties:
    listed(`customKeyIdentifier Binary, displayName, endDateTime DateTimeOffset, hint, keyId Guid, secretText,
      startDateTime DateTimeOffset`),
  readOnly: ['secretText'],
};

export const keyCredential: ComplexType = {
  name: 'microsoft.graph.keyCredential',
  properties:
    listed(`customKeyIdentifier Binary, displayName, endDateTime DateTimeOffset, key Binary, keyId Guid,
      startDateTime DateTimeOffset, type, usage`),
};

const optionalClaim = complex(
  'optionalClaim',
  listed('additionalProperties String[], essential Boolean, name, source'),
);

const api = complex('apiApplication', {
  acceptMappedClaims: 'Boolean',
  knownClientApplications: 'Guid[]',
  oauth2PermissionScopes: [permissionScope],
  preAuthorizedApplications: [
    complex('preAuthorizedApplication', { appId: 'String', delegatedPermissionIds: 'String[]' }),
  ],
  requestedAccessTokenVersion: 'Int32',
});

const web = complex('webApplication', {
  homePageUrl: 'String',
  implicitGrantSettings: complex('implicitGrantSettings', {
    enableAccessTokenIssuance: 'Boolean',
    enableIdTokenIssuance: 'Boolean',
  }),
  logoutUrl: 'String',
  redirectUriSettings: [complex('redirectUriSettings', { index: 'Int32', uri: 'String' })],
  redirectUris: 'String[]',
});

const requiredResourceAccess = complex('requiredResourceAccess', {
  resourceAccess: [complex('resourceAccess', { id: 'Guid', type: 'String' })],
  resourceAppId: 'String',
});

/** microsoft.graph.application (v1.0 CSDL), in the order in which replies show the properties. */
export const applicationType: EntityType = {
  name: 'microsoft.graph.application',
  label: 'Application',
  properties: {
    ...listed(`id, deletedDateTime DateTimeOffset, appId, applicationTemplateId, disabledByMicrosoftStatus,
      createdDateTime DateTimeOffset, createdByAppId, isDisabled Boolean, displayName, description,
      groupMembershipClaims, identifierUris String[], isDeviceOnlyAuthSupported Boolean,
      isFallbackPublicClient Boolean, nativeAuthenticationApisEnabled, notes,
      oauth2RequirePostResponse Boolean, publisherDomain, serviceManagementReference, signInAudience,
      tags String[], tokenEncryptionKeyId Guid, uniqueName, samlMetadataUrl, defaultRedirectUri`),
    certification: complex('certification', { isPublisherAttested: 'Boolean' }),
    optionalClaims: complex('optionalClaims', {
      accessToken: [optionalClaim],
      idToken: [optionalClaim],
      saml2Token: [optionalClaim],
    }),
    servicePrincipalLockConfiguration: complex(
      'servicePrincipalLockConfiguration',
      listed(`allProperties Boolean, credentialsWithUsageSign Boolean, credentialsWithUsageVerify Boolean,
        isEnabled Boolean, tokenEncryptionKeyId Boolean`),
    ),
    requestSignatureVerification: complex('requestSignatureVerification', {
      allowedWeakAlgorithms: 'String',
      isSignedRequestRequired: 'Boolean',
    }),
    addIns: [addIn],
    api,
    appRoles: [appRole],
    authenticationBehaviors: complex('authenticationBehaviors', {
      blockAzureADGraphAccess: 'Boolean',
      removeUnverifiedEmailClaim: 'Boolean',
      requireClientServicePrincipal: 'Boolean',
    }),
    info: informationalUrl,
    keyCredentials: [keyCredential],
    parentalControlSettings: complex('parentalControlSettings', {
      countriesBlockedForMinors: 'String[]',
      legalAgeGroupRule: 'String',
    }),
    passwordCredentials: [passwordCredential],
    publicClient: complex('publicClientApplication', { redirectUris: 'String[]' }),
    requiredResourceAccess: [requiredResourceAccess],
    verifiedPublisher,
    web,
    spa: complex('spaApplication', { redirectUris: 'String[]' }),
  },
  readOnly: names(`id deletedDateTime appId applicationTemplateId disabledByMicrosoftStatus createdDateTime
    createdByAppId publisherDomain certification verifiedPublisher`),
  unfilterable: ['notes', 'uniqueName'],
};

/** microsoft.graph.servicePrincipal (v1.0 CSDL), in the order in which replies show the properties. */
export const servicePrincipalType: EntityType = {
  name: 'microsoft.graph.servicePrincipal',
  label: 'ServicePrincipal',
  properties: {
    ...listed(`id, deletedDateTime DateTimeOffset, accountEnabled Boolean, alternativeNames String[],
      appDisplayName, appDescription, appId, applicationTemplateId, appOwnerOrganizationId Guid,
      appRoleAssignmentRequired Boolean, createdByAppId, createdDateTime DateTimeOffset`),
    customSecurityAttributes: { name: 'microsoft.graph.customSecurityAttributeValue', properties: {} },
    ...listed(`description, disabledByMicrosoftStatus, displayName, homepage, isDisabled Boolean, loginUrl,
      logoutUrl, notes, notificationEmailAddresses String[], preferredSingleSignOnMode,
      preferredTokenSigningKeyThumbprint, replyUrls String[], servicePrincipalNames String[],
      servicePrincipalType, signInAudience, tags String[], tokenEncryptionKeyId Guid`),
    samlSingleSignOnSettings: {
      name: 'microsoft.graph.samlSingleSignOnSettings',
      properties: { relayState: 'String' },
    },
    addIns: [addIn],
    appRoles: [appRole],
    info: informationalUrl,
    keyCredentials: [keyCredential],
    oauth2PermissionScopes: [permissionScope],
    passwordCredentials: [passwordCredential],
    resourceSpecificApplicationPermissions: [
      {
        name: 'microsoft.graph.resourceSpecificPermission',
        properties: listed('description, displayName, id Guid, isEnabled Boolean, value'),
      },
    ],
    verifiedPublisher,
  },
  readOnly:
    names(`id deletedDateTime appDisplayName appDescription applicationTemplateId appOwnerOrganizationId
    createdByAppId createdDateTime customSecurityAttributes disabledByMicrosoftStatus displayName
    isDisabled servicePrincipalType signInAudience appRoles oauth2PermissionScopes
    resourceSpecificApplicationPermissions verifiedPublisher info`),
  unfilterable: ['notes'],
};
