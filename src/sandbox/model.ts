/**
 * What the sandbox tenant holds: plain JSON data, so that it can be saved and loaded as it is.
 * Property names and values are those of Microsoft Graph v1.0. Dates are ISO 8601 in UTC.
 */

/** A client secret as the directory keeps it: the text itself is shown once and never stored. */
export interface PasswordCredential {
  customKeyIdentifier: string | null;
  displayName: string | null;
  endDateTime: string;
  hint: string;
  keyId: string;
  startDateTime: string;
  /** SHA-256 of the secret text, hexadecimal. Never leaves the sandbox. */
  secretHash: string;
  /** Epoch milliseconds from which the token endpoint knows the credential. Never leaves the sandbox. */
  usableFrom: number;
}

/** A certificate's public part, `key` being base64 DER. */
export interface KeyCredential {
  customKeyIdentifier: string | null;
  displayName: string | null;
  endDateTime: string;
  key: string;
  keyId: string;
  startDateTime: string;
  type: string;
  usage: string;
  /** Epoch milliseconds from which the token endpoint knows the credential. Never leaves the sandbox. */
  usableFrom: number;
}

export interface FederatedIdentityCredential {
  id: string;
  name: string;
  issuer: string;
  subject: string;
  audiences: string[];
  description: string | null;
  usableFrom: number;
}

export interface RequiredResourceAccess {
  resourceAppId: string;
  resourceAccess: { id: string; type: 'Role' | 'Scope' }[];
}

/** Every property of the v1.0 `application` that a reply shows, in `properties`; what has behaviour is typed. */
export interface Application {
  id: string;
  appId: string;
  displayName: string;
  uniqueName: string | null;
  createdDateTime: string;
  deletedDateTime: string | null;
  createdByAppId: string | null;
  signInAudience: string;
  tags: string[];
  requiredResourceAccess: RequiredResourceAccess[];
  passwordCredentials: PasswordCredential[];
  keyCredentials: KeyCredential[];
  federatedIdentityCredentials: FederatedIdentityCredential[];
  /** Object ids of users and service principals that own it. */
  owners: string[];
  /** The remaining properties (web, api, info, notes, …), shown as they are. */
  properties: Record<string, unknown>;
}

export interface AppRole {
  allowedMemberTypes: string[];
  description: string;
  displayName: string;
  id: string;
  isEnabled: boolean;
  origin: string;
  value: string;
}

export interface OAuth2PermissionScope {
  adminConsentDescription: string;
  adminConsentDisplayName: string;
  id: string;
  isEnabled: boolean;
  type: 'User' | 'Admin';
  userConsentDescription: string | null;
  userConsentDisplayName: string | null;
  value: string;
}

export interface ServicePrincipal {
  id: string;
  appId: string;
  displayName: string;
  /** Null for some that Microsoft made. */
  createdDateTime: string | null;
  deletedDateTime: string | null;
  accountEnabled: boolean;
  appOwnerOrganizationId: string | null;
  servicePrincipalType: string;
  servicePrincipalNames: string[];
  signInAudience: string;
  tags: string[];
  appRoles: AppRole[];
  oauth2PermissionScopes: OAuth2PermissionScope[];
  passwordCredentials: PasswordCredential[];
  keyCredentials: KeyCredential[];
  owners: string[];
  properties: Record<string, unknown>;
}

export interface AppRoleAssignment {
  id: string;
  deletedDateTime: string | null;
  appRoleId: string;
  createdDateTime: string;
  principalDisplayName: string;
  principalId: string;
  principalType: string;
  resourceDisplayName: string;
  resourceId: string;
}

export interface OAuth2PermissionGrant {
  id: string;
  clientId: string;
  consentType: 'AllPrincipals' | 'Principal';
  principalId: string | null;
  resourceId: string;
  scope: string;
}

export interface User {
  id: string;
  displayName: string;
  userPrincipalName: string;
  mail: string | null;
  givenName: string | null;
  surname: string | null;
  userType: 'Member' | 'Guest';
  accountEnabled: boolean;
  /** Values of custom security attributes by `{set}_{name}`. Never shown: reading them takes a permission of its own. */
  securityAttributes?: Record<string, string>;
}

export interface Group {
  id: string;
  displayName: string;
  isAssignableToRole: boolean;
  members: string[];
}

export interface DirectoryRole {
  /** The object id, which differs from the template id. */
  id: string;
  roleTemplateId: string;
  displayName: string;
  description: string;
}

/** `principalId` is a user, a service principal or a role-assignable group. */
export interface RoleAssignment {
  id: string;
  principalId: string;
  roleDefinitionId: string;
  directoryScopeId: string;
  /** Of a role that was activated: from when, and until when unless for good. */
  startDateTime?: string;
  endDateTime?: string | null;
}

export interface RoleEligibility extends RoleAssignment {
  memberType: 'Direct' | 'Inherited' | 'Group';
  startDateTime: string;
  endDateTime: string | null;
}

export interface AssignedPlan {
  assignedDateTime: string;
  capabilityStatus: 'Enabled' | 'Warning' | 'Suspended' | 'LockedOut' | 'Deleted';
  service: string;
  servicePlanId: string;
}

export interface Domain {
  id: string;
  isVerified: boolean;
  isDefault: boolean;
  isInitial: boolean;
  authenticationType: 'Managed' | 'Federated';
}

/** Whom a restriction leaves out: who has one of these attributes, `id` being `{set}_{name}`. */
export interface ActorExemptions {
  customSecurityAttributes: { '@odata.type': string; id: string; operator: 'equals'; value: string }[];
}

/** One entry of an app management policy's restriction lists. */
export interface CredentialRestriction {
  restrictionType: string;
  state: 'enabled' | 'disabled';
  /** ISO 8601 duration or null. */
  maxLifetime: string | null;
  restrictForAppsCreatedAfterDateTime: string | null;
  /** Absent or null where it was never set; present with an empty list, it leaves nobody out. */
  excludeActors?: ActorExemptions | null;
}

export interface AppManagementPolicy {
  id: string;
  displayName: string;
  description: string;
  isEnabled: boolean;
  applicationRestrictions: {
    passwordCredentials: CredentialRestriction[];
    keyCredentials: CredentialRestriction[];
  };
}

/** One sign-in of an application for itself that the token endpoint let through. */
export interface ClientSignIn {
  id: string;
  /** Epoch milliseconds. */
  at: number;
  appId: string;
  appDisplayName: string;
  servicePrincipalId: string;
  resourceId: string;
  resourceDisplayName: string;
  resourceServicePrincipalId: string;
  clientCredentialType: 'clientSecret' | 'certificate' | 'federatedIdentityCredential';
  /** Of the secret or certificate; null for a federated credential. */
  keyId: string | null;
  thumbprint: string | null;
  federatedCredentialId: string | null;
  /** The `uti` claim of the token. */
  uniqueTokenIdentifier: string;
  correlationId: string;
}

/** What the tenant has noted of its own use, oldest first and up to a limit; the logs show it some seconds later. */
export interface Activity {
  clientSignIns: ClientSignIn[];
  /** Rows of /auditLogs/directoryAudits. */
  changes: Record<string, unknown>[];
}

/** The whole tenant. Every list holds live objects; soft-deleted ones move to `deletedItems`. */
export interface Tenant {
  id: string;
  displayName: string;
  tenantType: 'AAD' | 'AAD B2C' | 'CIAM';
  createdDateTime: string;
  domains: Domain[];
  assignedPlans: AssignedPlan[];
  users: User[];
  groups: Group[];
  directoryRoles: DirectoryRole[];
  roleAssignments: RoleAssignment[];
  roleEligibilities: RoleEligibility[];
  applications: Application[];
  servicePrincipals: ServicePrincipal[];
  appRoleAssignments: AppRoleAssignment[];
  oauth2PermissionGrants: OAuth2PermissionGrant[];
  deletedItems: { applications: Application[]; servicePrincipals: ServicePrincipal[] };
  /** `authorizationPolicy.defaultUserRolePermissions.allowedToCreateApps`. */
  allowedToCreateApps: boolean;
  defaultAppManagementPolicy: AppManagementPolicy;
  /** Conditional Access policies that refuse the device code flow (their ids). */
  deviceCodeBlockedBy: string[];
  /** Rows of /auditLogs, newest first. */
  signIns: Record<string, unknown>[];
  directoryAudits: Record<string, unknown>[];
  activity: Activity;
}
