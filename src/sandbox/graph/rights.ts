import type { Tenant } from '../model.ts';
import { premiumPlans, roleIds } from '../seed/well-known.ts';
import type { Call } from './context.ts';
import { denied } from './refusal.ts';

type Role = keyof typeof roleIds;

/** Whose token may do something: one of these permissions, by kind of caller. */
interface Rule {
  readonly delegated: readonly string[];
  readonly application: readonly string[];
}

function both(...permissions: string[]): Rule {
  return { delegated: [...permissions, 'Directory.AccessAsUser.All'], application: permissions };
}

const directoryReaders = ['Directory.Read.All', 'Directory.ReadWrite.All'];
const userReaders = ['User.Read.All', 'User.ReadWrite.All', ...directoryReaders];
const applicationReaders = ['Application.Read.All', 'Application.ReadWrite.All', ...directoryReaders];

/**
 * Permissions per task (the "Permissions" table of each page of graph-docs api-reference/v1.0). Directory.AccessAsUser
 * .All lets a person do in the directory whatever that person's own roles allow.
 */
export const rules = {
  readMe: { delegated: ['User.Read', 'Directory.AccessAsUser.All', ...userReaders], application: [] },
  readUsers: both(...userReaders),
  readGroups: both('GroupMember.Read.All', 'Group.Read.All', 'Group.ReadWrite.All', ...directoryReaders),
  readOrganization: {
    delegated: ['User.Read', 'Organization.Read.All', 'Directory.AccessAsUser.All', ...userReaders],
    application: ['Organization.Read.All', ...directoryReaders],
  },
  readWholeOrganization: both('Organization.Read.All', ...directoryReaders),
  readDomains: both('Domain.Read.All', ...directoryReaders),
  readSkus: both(
    'LicenseAssignment.Read.All',
    'LicenseAssignment.ReadWrite.All',
    'Organization.Read.All',
    ...directoryReaders,
  ),
  readRoles: both(
    'RoleManagement.Read.Directory',
    'RoleManagement.Read.All',
    'RoleManagement.ReadWrite.Directory',
    ...directoryReaders,
  ),
  readDirectory: both(
    ...new Set([...applicationReaders, ...userReaders, 'Group.Read.All', 'Group.ReadWrite.All']),
  ),
  readApplications: {
    delegated: [...applicationReaders, 'Directory.AccessAsUser.All'],
    application: [...applicationReaders, 'Application.ReadWrite.OwnedBy'],
  },
  writeApplications: both('Application.ReadWrite.All'),
  registerApplications: {
    delegated: ['AppRegistration.Create', 'Application.ReadWrite.All', 'Directory.AccessAsUser.All'],
    application: ['AppRegistration.Create', 'Application.ReadWrite.OwnedBy', 'Application.ReadWrite.All'],
  },
  registerPrincipals: {
    delegated: ['Application.ReadWrite.All', 'Directory.AccessAsUser.All'],
    application: ['Application.ReadWrite.OwnedBy', 'Application.ReadWrite.All'],
  },
  readAssignments: {
    delegated: [...applicationReaders, 'Directory.AccessAsUser.All', 'AppRoleAssignment.ReadWrite.All'],
    application: [...applicationReaders, 'Application.ReadWrite.OwnedBy', 'AppRoleAssignment.ReadWrite.All'],
  },
  writeAssignments: {
    delegated: ['AppRoleAssignment.ReadWrite.All'],
    application: ['AppRoleAssignment.ReadWrite.All'],
  },
  seeAssignmentTargets: both(...applicationReaders),
  readGrants: both('DelegatedPermissionGrant.ReadWrite.All', ...directoryReaders),
  writeGrants: both('DelegatedPermissionGrant.ReadWrite.All'),
  readPolicies: both('Policy.Read.All'),
  readConditionalAccess: {
    delegated: ['Policy.Read.All', 'Policy.Read.ConditionalAccess'],
    application: ['Policy.Read.All', 'Policy.Read.ConditionalAccess'],
  },
  readReports: { delegated: ['AuditLog.Read.All'], application: ['AuditLog.Read.All'] },
  readProvisioning: {
    delegated: ['AuditLog.Read.All', 'Directory.Read.All'],
    application: ['AuditLog.Read.All', 'Directory.Read.All'],
  },
} as const satisfies Record<string, Rule>;

const applicationAdmins = [
  'globalAdministrator',
  'applicationAdministrator',
  'cloudApplicationAdministrator',
] as const;
const securityReaders = ['globalReader', 'securityReader', 'securityAdministrator'] as const;
const logReaders = ['globalAdministrator', 'reportsReader', ...securityReaders] as const;
const roleAdmins = ['globalAdministrator', 'privilegedRoleAdministrator'] as const;

/** Directory roles per task (entra-docs permissions-reference; the roles that each API page lists). */
const roleSets = {
  manageApplications: applicationAdmins,
  grantMicrosoftPermissions: roleAdmins,
  grantOtherPermissions: [...roleAdmins, ...applicationAdmins],
  readSignIns: [...logReaders, 'securityOperator'],
  readDirectoryAudits: logReaders,
  readProvisioning: [...logReaders, 'securityOperator', ...applicationAdmins],
  readRoleAssignments: [...roleAdmins, 'globalReader', 'directoryReaders'],
  readEligibilities: [...roleAdmins, ...securityReaders, 'securityOperator'],
  readPolicies: [...roleAdmins, ...securityReaders, ...applicationAdmins],
} as const satisfies Record<string, readonly Role[]>;

/** Whether the caller's token carries a permission that suffices. */
export function isPermitted({ caller }: Call, rule: Rule): boolean {
  const accepted = caller.kind === 'user' ? rule.delegated : rule.application;
  return accepted.some((permission) => caller.permissions.has(permission));
}

/** Throws 403 Authorization_RequestDenied unless the token carries a permission that suffices. */
export function requirePermission(call: Call, rule: Rule): void {
  if (!isPermitted(call, rule)) throw denied();
}

/** Whether the signed-in person holds a role that suffices. Applications need none, and hold none here. */
export function holdsRole({ caller }: Call, task: keyof typeof roleSets): boolean {
  return roleSets[task].some((role) => caller.roles.has(roleIds[role]));
}

/** Throws 403 unless an application calls, or a person with a role that suffices. */
export function requireRole(call: Call, task: keyof typeof roleSets): void {
  if (call.caller.kind === 'user' && !holdsRole(call, task)) throw denied();
}

/** Whether the caller may register applications: any member unless the tenant says no, else by role. */
export function mayRegister(call: Call): boolean {
  const { caller, tenant } = call;
  if (caller.kind === 'application') return true;
  if (holdsRole(call, 'manageApplications') || caller.roles.has(roleIds.applicationDeveloper)) return true;
  const user = tenant.users.find(({ id }) => id === caller.id);
  return tenant.allowedToCreateApps && user?.userType === 'Member';
}

/** Whether what the caller creates becomes the caller's own: not for those who may manage everything anyway. */
export function becomesOwner(call: Call): boolean {
  if (call.caller.kind === 'user') return !holdsRole(call, 'manageApplications');
  return !isPermitted(call, rules.writeApplications);
}

/**
 * Throws 403 unless the caller may change an application or service principal: by permission and role, or as its
 * owner (for an application: with Application.ReadWrite.OwnedBy).
 */
export function requireManager(call: Call, object: { readonly owners: readonly string[] }): void {
  const owned = object.owners.includes(call.caller.id);
  if (call.caller.kind === 'application') {
    const ofOwn = owned && call.caller.permissions.has('Application.ReadWrite.OwnedBy');
    if (!ofOwn) requirePermission(call, rules.writeApplications);
    return;
  }
  requirePermission(call, rules.writeApplications);
  if (!owned) requireRole(call, 'manageApplications');
}

type Plan = keyof typeof premiumPlans;

/** Whether the tenant has one of these plans now; a plan in its grace period still counts. */
export function isLicensed({ assignedPlans }: Tenant, ...plans: Plan[]): boolean {
  const ids: readonly string[] = plans.map((plan) => premiumPlans[plan]);
  return assignedPlans.some(
    ({ servicePlanId, capabilityStatus }) =>
      ids.includes(servicePlanId) && (capabilityStatus === 'Enabled' || capabilityStatus === 'Warning'),
  );
}
