import { type ComplexType, complex, type EntityType, listed, names, type Spec } from './spec.ts';

export const roleDefinitionType: EntityType = {
  name: 'microsoft.graph.unifiedRoleDefinition',
  label: 'UnifiedRoleDefinition',
  properties:
    listed(`id, description, displayName, isBuiltIn Boolean, isEnabled Boolean, resourceScopes String[],
      templateId, version`),
};

export const roleAssignmentType: EntityType = {
  name: 'microsoft.graph.unifiedRoleAssignment',
  label: 'UnifiedRoleAssignment',
  properties:
    listed(`id, principalId, principalOrganizationId, resourceScope, directoryScopeId, appScopeId, condition,
      roleDefinitionId`),
  filterable: { principalId: ['eq', 'in'], roleDefinitionId: ['eq', 'in'], directoryScopeId: ['eq', 'in'] },
};

const instance: Readonly<Record<string, Spec>> =
  listed(`id, principalId, roleDefinitionId, directoryScopeId, appScopeId, startDateTime DateTimeOffset,
    endDateTime DateTimeOffset, memberType`);

export const eligibilityInstanceType: EntityType = {
  name: 'microsoft.graph.unifiedRoleEligibilityScheduleInstance',
  label: 'UnifiedRoleEligibilityScheduleInstance',
  properties: { ...instance, roleEligibilityScheduleId: 'String' },
};

export const assignmentInstanceType: EntityType = {
  name: 'microsoft.graph.unifiedRoleAssignmentScheduleInstance',
  label: 'UnifiedRoleAssignmentScheduleInstance',
  properties: {
    ...instance,
    assignmentType: 'String',
    roleAssignmentOriginId: 'String',
    roleAssignmentScheduleId: 'String',
  },
};

export const scheduleRequestType: EntityType = {
  name: 'microsoft.graph.unifiedRoleAssignmentScheduleRequest',
  label: 'UnifiedRoleAssignmentScheduleRequest',
  properties: {
    ...listed(`id, action, appScopeId, completedDateTime DateTimeOffset, createdDateTime DateTimeOffset,
      directoryScopeId, isValidationOnly Boolean, justification, principalId, roleDefinitionId, status,
      targetScheduleId`),
    scheduleInfo: {
      name: 'microsoft.graph.requestSchedule',
      properties: {
        startDateTime: 'DateTimeOffset',
        expiration: {
          name: 'microsoft.graph.expirationPattern',
          properties: { duration: 'Duration', endDateTime: 'DateTimeOffset', type: 'String' },
        },
      },
    },
    ticketInfo: {
      name: 'microsoft.graph.ticketInfo',
      properties: { ticketNumber: 'String', ticketSystem: 'String' },
    },
  },
  readOnly: ['id', 'completedDateTime', 'createdDateTime', 'status', 'targetScheduleId'],
};

export const appRoleAssignmentType: EntityType = {
  name: 'microsoft.graph.appRoleAssignment',
  label: 'AppRoleAssignment',
  properties: listed(`id, deletedDateTime DateTimeOffset, appRoleId Guid, createdDateTime DateTimeOffset,
      principalDisplayName, principalId Guid, principalType, resourceDisplayName, resourceId Guid`),
  readOnly: names(
    'id deletedDateTime createdDateTime principalDisplayName principalType resourceDisplayName',
  ),
};

export const oauth2PermissionGrantType: EntityType = {
  name: 'microsoft.graph.oAuth2PermissionGrant',
  label: 'OAuth2PermissionGrant',
  properties: listed('clientId, consentType, id, principalId, resourceId, scope'),
  readOnly: ['id'],
};

export const federatedIdentityCredentialType: EntityType = {
  name: 'microsoft.graph.federatedIdentityCredential',
  label: 'FederatedIdentityCredential',
  properties: listed('id, name, issuer, subject, description, audiences String[]'),
  readOnly: ['id'],
};

const exemptions = complex('appManagementPolicyActorExemptions', {
  customSecurityAttributes: [complex('customSecurityAttributeExemption', listed('id, operator'))],
});

function credentialRestriction(name: string): ComplexType {
  return complex(name, {
    excludeActors: exemptions,
    ...listed(
      'maxLifetime Duration, restrictForAppsCreatedAfterDateTime DateTimeOffset, restrictionType, state',
    ),
  });
}

const restrictions = complex('appManagementConfiguration', {
  keyCredentials: [credentialRestriction('keyCredentialConfiguration')],
  passwordCredentials: [credentialRestriction('passwordCredentialConfiguration')],
});

export const tenantAppManagementPolicyType: EntityType = {
  name: 'microsoft.graph.tenantAppManagementPolicy',
  label: 'TenantAppManagementPolicy',
  properties: {
    ...listed('id, deletedDateTime DateTimeOffset, displayName, description, isEnabled Boolean'),
    applicationRestrictions: restrictions,
    servicePrincipalRestrictions: restrictions,
  },
};

export const appManagementPolicyType: EntityType = {
  name: 'microsoft.graph.appManagementPolicy',
  label: 'AppManagementPolicy',
  properties: {
    ...listed('id, deletedDateTime DateTimeOffset, displayName, description, isEnabled Boolean'),
    restrictions,
  },
};

export const authorizationPolicyType: EntityType = {
  name: 'microsoft.graph.authorizationPolicy',
  label: 'AuthorizationPolicy',
  properties: {
    ...listed(`id, deletedDateTime DateTimeOffset, description, displayName,
      allowedToSignUpEmailBasedSubscriptions Boolean, allowedToUseSSPR Boolean,
      allowEmailVerifiedUsersToJoinOrganization Boolean, allowInvitesFrom,
      allowUserConsentForRiskyApps Boolean, blockMsolPowerShell Boolean, guestUserRoleId Guid`),
    defaultUserRolePermissions: {
      name: 'microsoft.graph.defaultUserRolePermissions',
      properties: listed(`allowedToCreateApps Boolean, allowedToCreateSecurityGroups Boolean,
          allowedToCreateTenants Boolean, allowedToReadBitlockerKeysForOwnedDevice Boolean,
          allowedToReadOtherUsers Boolean, permissionGrantPoliciesAssigned String[]`),
    },
  },
};
