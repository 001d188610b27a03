import type { ComplexType, EntityType } from './spec.ts';

const restriction: ComplexType = {
  name: 'microsoft.graph.passwordCredentialConfiguration',
  properties: {
    excludeActors: 'String',
    maxLifetime: 'String',
    restrictForAppsCreatedAfterDateTime: 'DateTimeOffset',
    restrictionType: 'String',
    state: 'String',
  },
};

const restrictions: ComplexType = {
  name: 'microsoft.graph.appManagementConfiguration',
  properties: { keyCredentials: [restriction], passwordCredentials: [restriction] },
};

export const tenantAppManagementPolicyType: EntityType = {
  name: 'microsoft.graph.tenantAppManagementPolicy',
  label: 'TenantAppManagementPolicy',
  properties: {
    id: 'String',
    deletedDateTime: 'DateTimeOffset',
    displayName: 'String',
    description: 'String',
    isEnabled: 'Boolean',
    applicationRestrictions: restrictions,
    servicePrincipalRestrictions: restrictions,
  },
};

export const appManagementPolicyType: EntityType = {
  name: 'microsoft.graph.appManagementPolicy',
  label: 'AppManagementPolicy',
  properties: {
    id: 'String',
    deletedDateTime: 'DateTimeOffset',
    displayName: 'String',
    description: 'String',
    isEnabled: 'Boolean',
    restrictions,
  },
};

export const authorizationPolicyType: EntityType = {
  name: 'microsoft.graph.authorizationPolicy',
  label: 'AuthorizationPolicy',
  properties: {
    id: 'String',
    deletedDateTime: 'DateTimeOffset',
    description: 'String',
    displayName: 'String',
    allowedToSignUpEmailBasedSubscriptions: 'Boolean',
    allowedToUseSSPR: 'Boolean',
    allowEmailVerifiedUsersToJoinOrganization: 'Boolean',
    allowInvitesFrom: 'String',
    allowUserConsentForRiskyApps: 'Boolean',
    blockMsolPowerShell: 'Boolean',
    guestUserRoleId: 'Guid',
    defaultUserRolePermissions: {
      name: 'microsoft.graph.defaultUserRolePermissions',
      properties: {
        allowedToCreateApps: 'Boolean',
        allowedToCreateSecurityGroups: 'Boolean',
        allowedToCreateTenants: 'Boolean',
        allowedToReadBitlockerKeysForOwnedDevice: 'Boolean',
        allowedToReadOtherUsers: 'Boolean',
        permissionGrantPoliciesAssigned: 'String[]',
      },
    },
  },
};
