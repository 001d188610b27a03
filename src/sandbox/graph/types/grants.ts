import type { EntityType } from './spec.ts';

export const appRoleAssignmentType: EntityType = {
  name: 'microsoft.graph.appRoleAssignment',
  label: 'AppRoleAssignment',
  properties: {
    id: 'String',
    deletedDateTime: 'DateTimeOffset',
    appRoleId: 'Guid',
    createdDateTime: 'DateTimeOffset',
    principalDisplayName: 'String',
    principalId: 'Guid',
    principalType: 'String',
    resourceDisplayName: 'String',
    resourceId: 'Guid',
  },
  readOnly: [
    'id',
    'deletedDateTime',
    'createdDateTime',
    'principalDisplayName',
    'principalType',
    'resourceDisplayName',
  ],
};

export const oauth2PermissionGrantType: EntityType = {
  name: 'microsoft.graph.oAuth2PermissionGrant',
  label: 'OAuth2PermissionGrant',
  properties: {
    clientId: 'String',
    consentType: 'String',
    id: 'String',
    principalId: 'String',
    resourceId: 'String',
    scope: 'String',
  },
  readOnly: ['id'],
};

export const federatedIdentityCredentialType: EntityType = {
  name: 'microsoft.graph.federatedIdentityCredential',
  label: 'FederatedIdentityCredential',
  properties: {
    id: 'String',
    name: 'String',
    issuer: 'String',
    subject: 'String',
    description: 'String',
    audiences: 'String[]',
  },
  readOnly: ['id'],
};
