import { keyCredential, passwordCredential } from './credentials.ts';
import type { ComplexType, EntityType } from './spec.ts';

function complex(name: string, properties: ComplexType['properties']): ComplexType {
  return { name: `microsoft.graph.${name}`, properties };
}

export const permissionScope = complex('permissionScope', {
  adminConsentDescription: 'String',
  adminConsentDisplayName: 'String',
  id: 'Guid',
  isEnabled: 'Boolean',
  origin: 'String',
  type: 'String',
  userConsentDescription: 'String',
  userConsentDisplayName: 'String',
  value: 'String',
});

export const appRole = complex('appRole', {
  allowedMemberTypes: 'String[]',
  description: 'String',
  displayName: 'String',
  id: 'Guid',
  isEnabled: 'Boolean',
  origin: 'String',
  value: 'String',
});

export const addIn = complex('addIn', {
  id: 'Guid',
  properties: [complex('keyValue', { key: 'String', value: 'String' })],
  type: 'String',
});

export const informationalUrl = complex('informationalUrl', {
  logoUrl: 'String',
  marketingUrl: 'String',
  privacyStatementUrl: 'String',
  supportUrl: 'String',
  termsOfServiceUrl: 'String',
});

export const verifiedPublisher = complex('verifiedPublisher', {
  addedDateTime: 'DateTimeOffset',
  displayName: 'String',
  verifiedPublisherId: 'String',
});

const optionalClaim = complex('optionalClaim', {
  additionalProperties: 'String[]',
  essential: 'Boolean',
  name: 'String',
  source: 'String',
});

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
    id: 'String',
    deletedDateTime: 'DateTimeOffset',
    appId: 'String',
    applicationTemplateId: 'String',
    disabledByMicrosoftStatus: 'String',
    createdDateTime: 'DateTimeOffset',
    createdByAppId: 'String',
    isDisabled: 'Boolean',
    displayName: 'String',
    description: 'String',
    groupMembershipClaims: 'String',
    identifierUris: 'String[]',
    isDeviceOnlyAuthSupported: 'Boolean',
    isFallbackPublicClient: 'Boolean',
    nativeAuthenticationApisEnabled: 'String',
    notes: 'String',
    oauth2RequirePostResponse: 'Boolean',
    optionalClaims: complex('optionalClaims', {
      accessToken: [optionalClaim],
      idToken: [optionalClaim],
      saml2Token: [optionalClaim],
    }),
    publisherDomain: 'String',
    samlMetadataUrl: 'String',
    serviceManagementReference: 'String',
    signInAudience: 'String',
    tags: 'String[]',
    tokenEncryptionKeyId: 'Guid',
    uniqueName: 'String',
    defaultRedirectUri: 'String',
    certification: complex('certification', { isPublisherAttested: 'Boolean' }),
    addIns: [addIn],
    appRoles: [appRole],
    api,
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
    requestSignatureVerification: complex('requestSignatureVerification', {
      allowedWeakAlgorithms: 'String',
      isSignedRequestRequired: 'Boolean',
    }),
    requiredResourceAccess: [requiredResourceAccess],
    servicePrincipalLockConfiguration: complex('servicePrincipalLockConfiguration', {
      allProperties: 'Boolean',
      credentialsWithUsageSign: 'Boolean',
      credentialsWithUsageVerify: 'Boolean',
      isEnabled: 'Boolean',
      tokenEncryptionKeyId: 'Boolean',
    }),
    spa: complex('spaApplication', { redirectUris: 'String[]' }),
    verifiedPublisher,
    web,
  },
  readOnly: [
    'id',
    'deletedDateTime',
    'appId',
    'applicationTemplateId',
    'disabledByMicrosoftStatus',
    'createdDateTime',
    'createdByAppId',
    'isDisabled',
    'publisherDomain',
    'certification',
    'verifiedPublisher',
  ],
  unfilterable: ['notes'],
};
