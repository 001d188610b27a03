import type { Json } from '../../json.ts';
import type { CredentialRestriction } from '../../model.ts';
import type { Call } from '../context.ts';
import { requireApplication } from '../objects.ts';
import { entity, list } from '../odata/list.ts';
import { requirePermission, requireRole, rules } from '../rights.ts';
import type { Handler, Routes } from '../router.ts';
import {
  appManagementPolicyType,
  authorizationPolicyType,
  tenantAppManagementPolicyType,
} from '../types/roles.ts';

function restrictionView(restriction: CredentialRestriction): Json {
  return { ...restriction, excludeActors: restriction.excludeActors ?? null };
}

function requireReader(call: Call): void {
  requirePermission(call, rules.readPolicies);
  requireRole(call, 'readPolicies');
}

const defaultPolicy: Handler = (call) => {
  requireReader(call);
  const { applicationRestrictions, ...policy } = call.tenant.defaultAppManagementPolicy;
  return entity(call, tenantAppManagementPolicyType, 'policies/defaultAppManagementPolicy', {
    ...policy,
    applicationRestrictions: {
      passwordCredentials: applicationRestrictions.passwordCredentials.map(restrictionView),
      keyCredentials: applicationRestrictions.keyCredentials.map(restrictionView),
    },
    servicePrincipalRestrictions: { passwordCredentials: [], keyCredentials: [] },
  });
};

/** This tenant has its default policy alone. */
const customPolicies: Handler = (call) => {
  requireReader(call);
  return list(call, { type: appManagementPolicyType, set: 'policies/appManagementPolicies', rows: [] });
};

const policiesOfApplication: Handler = (call, key) => {
  requireReader(call);
  const { id } = requireApplication(call, key);
  const set = `applications('${id}')/appManagementPolicies`;
  return list(call, { type: appManagementPolicyType, set, rows: [] });
};

const authorizationPolicy: Handler = (call) => {
  requirePermission(call, rules.readPolicies);
  return entity(call, authorizationPolicyType, 'policies/authorizationPolicy', {
    id: 'authorizationPolicy',
    deletedDateTime: null,
    description: 'Used to manage authorization related settings across the company.',
    displayName: 'Authorization Policy',
    allowedToSignUpEmailBasedSubscriptions: true,
    allowedToUseSSPR: true,
    allowEmailVerifiedUsersToJoinOrganization: false,
    allowInvitesFrom: 'everyone',
    allowUserConsentForRiskyApps: null,
    blockMsolPowerShell: false,
    guestUserRoleId: '10dae51f-b6af-4016-8d66-8c2a99b929b3',
    defaultUserRolePermissions: {
      allowedToCreateApps: call.tenant.allowedToCreateApps,
      allowedToCreateSecurityGroups: true,
      allowedToCreateTenants: true,
      allowedToReadBitlockerKeysForOwnedDevice: true,
      allowedToReadOtherUsers: true,
      permissionGrantPoliciesAssigned: ['ManagePermissionGrantsForSelf.microsoft-user-default-legacy'],
    },
  });
};

/** Policies about applications and their credentials. */
export const policyRoutes: Routes = {
  'policies/defaultAppManagementPolicy': { GET: defaultPolicy },
  'policies/appManagementPolicies': { GET: customPolicies },
  'policies/authorizationPolicy': { GET: authorizationPolicy },
  'applications/{}/appManagementPolicies': { GET: policiesOfApplication },
};
