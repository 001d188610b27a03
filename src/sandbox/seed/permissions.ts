import type { AppRole, OAuth2PermissionScope } from '../model.ts';

/** value, application permission id, delegated permission id, display name (graph-docs permissions-reference). */
type Row = readonly [value: string, role: string | null, scope: string | null, displayName: string];

/** The rows of a table, one a line, with a dash for what there is not. */
function rows(table: string): Row[] {
  return table
    .trim()
    .split('\n')
    .map((line) => {
      const [value = '', role = '', scope = '', displayName = ''] = line.split(' | ');
      return [value, role === '-' ? null : role, scope === '-' ? null : scope, displayName];
    });
}

const graph = rows(`
AuditLog.Read.All | b0afded3-3588-46d8-8b3d-9842eff778da | e4c9e354-4dc5-45b8-9e7c-e1393b0b1a20 | Read all audit log data
Directory.Read.All | 7ab1d382-f21e-4acd-a863-ba3e13f7da61 | 06da0dbc-49e2-44d2-8312-53f166ab848a | Read directory data
Reports.Read.All | 230c1aed-a721-4c5d-9cb4-a90514e508ef | 02e97553-ed7b-43d0-ab3c-f8bace0d040c | Read all usage reports
Application.ReadWrite.OwnedBy | 18a4783c-866b-4cc7-a460-3d5e5662c884 | - | Manage apps that this app creates or owns
Application.ReadWrite.All | 1bfefb4e-e0b5-418b-a88f-73c46d2cc8e9 | bdfbf15f-ee85-4955-8675-146e8e5296b5 | Read and write all applications
Application.Read.All | 9a5d68dd-52b0-4cc2-bd40-abcf44ac3a30 | c79f8feb-a9db-4090-85f9-90d820caa0eb | Read all applications
AppRoleAssignment.ReadWrite.All | 06b708a9-e830-4db3-a914-8e69da51d44f | 84bccea3-f856-4a8a-967b-dbe0a3d53a64 | Manage app permission grants and app role assignments
DelegatedPermissionGrant.ReadWrite.All | 8e8e4742-1d95-4f68-9d56-6ee75648c72a | 41ce6ca6-6826-4807-84f1-1c82854f7ee5 | Manage all delegated permission grants
IdentityRiskEvent.Read.All | 6e472fd1-ad78-48da-a0f0-97ab2c6b769e | 8f6a01e7-0391-4ee5-aa22-a3af122cef27 | Read all identity risk event information
IdentityRiskyUser.Read.All | dc5007c0-2d7d-4c42-879c-2dab87571379 | d04bb851-cb7c-4146-97c7-ca3e71baf56c | Read all identity risky user information
Directory.ReadWrite.All | 19dbc75e-c2e2-444c-a770-ec69d8559fc7 | c5366453-9fb0-48a5-a156-24f0c49a4b84 | Read and write directory data
Directory.AccessAsUser.All | - | 0e263e50-5827-48a4-b97c-d940288653c7 | Access directory as the signed in user
RoleManagement.Read.Directory | 483bed4a-2ad3-4361-a73b-c83ccdbdc53c | 741c54c3-0c1e-44a1-818b-3f97ab4e8c83 | Read all directory RBAC settings
RoleManagement.ReadWrite.Directory | 9e3f62cf-ca93-4989-b6ce-bf83c28f9fe8 | d01b97e9-cbc0-49fe-810a-750afd5527a3 | Read and write all directory RBAC settings
RoleManagement.Read.All | c7fbd983-d9aa-4fa7-84b8-17382c103bc4 | 48fec646-b2ba-4019-8681-8eb31435aded | Read role management data for all RBAC providers
RoleEligibilitySchedule.Read.Directory | - | eb0788c2-6d4e-4658-8c9e-c0fb8053f03d | Read all eligible role assignments for your company's directory
RoleAssignmentSchedule.Read.Directory | - | 344a729c-0285-42c6-9014-f12b9b8d6129 | Read all active role assignments for your company's directory
Policy.Read.All | 246dd0d5-5bd0-4def-940b-0421030a5b68 | 572fea84-0151-49b2-9301-11cb16974376 | Read your organization's policies
Policy.Read.ConditionalAccess | 37730810-e9ba-4e46-b07e-8ca78d182097 | 633e0fce-8c58-4cfb-9495-12bbd5a24f7c | Read your organization's conditional access policies
Policy.ReadWrite.ApplicationConfiguration | be74164b-cff1-491c-8741-e671cb536e13 | b27add92-efb2-4f16-84f5-8108ba77985c | Read and write your organization's application configuration policies
Organization.Read.All | 498476ce-e0fe-48b0-b801-37ba7e2685c6 | 4908d5b9-3fb2-4b1e-9336-1888b7937185 | Read organization information
Domain.Read.All | dbb9058a-0e50-45d7-ae91-66909b5d4664 | 2f9ee017-59c1-4f1d-9472-bd5529a7b311 | Read domains
CrossTenantInformation.ReadBasic.All | cac88765-0581-4025-9725-5ebc13f729ee | 81594d25-e88e-49cf-ac8c-fecbff49f994 | Read cross-tenant basic information
User.Read | - | e1fe6dd8-ba31-4d61-89e7-88639da4683d | Sign in and read user profile
User.Read.All | df021288-bdef-4463-88db-98f22de89214 | a154be20-db9c-4678-8ab7-66f6cc099a59 | Read all users' full profiles
SecurityEvents.Read.All | bf394140-e372-4bf9-a898-299cfc7564e5 | - | Read your organization's security events
LicenseAssignment.ReadWrite.All | 5facf0c1-8979-4e95-abcf-ff3d079771c0 | - | Manage all license assignments
openid | - | 37f7f235-527c-4136-accd-4a02d197296e | Sign users in
profile | - | 14dad69e-099b-42c9-810b-d002981feec1 | View users' basic profile
email | - | 64a6cdd6-aab1-4aaf-94b8-3cc8405e90d0 | View users' email address
offline_access | - | 7427e0e9-2fba-42fe-b0c0-848c9e6a8182 | Maintain access to data you have given it access to
`);

const legacyGraph = rows(`
Directory.Read.All | 5778995a-e1bf-45b8-affa-663a9f3f4d04 | - | Read directory data
Directory.ReadWrite.All | 78c8a3c8-a07e-4b9e-af1b-b5ccab50a175 | - | Read and write directory data
Application.ReadWrite.OwnedBy | 824c81eb-e3f8-4ee6-8f6d-de7f50d565b7 | - | Manage apps that this app creates or owns
Application.ReadWrite.All | 1cda74f2-2616-4834-b122-5cb1b07f8a59 | - | Read and write all applications
User.Read | - | 311a71cc-e848-46a1-bdf8-97ff7156d8e6 | Sign in and read user profile
Directory.AccessAsUser.All | - | a42657d6-7f20-40e3-b6f0-cee03008a62a | Access the directory as the signed-in user
`);

const userConsentable = new Set(['User.Read', 'openid', 'profile', 'email', 'offline_access']);

function role(id: string, value: string, displayName: string): AppRole {
  return {
    allowedMemberTypes: ['Application'],
    description: `Allows the app to: ${displayName}, without a signed-in user.`,
    displayName,
    id,
    isEnabled: true,
    origin: 'Application',
    value,
  };
}

function scope(id: string, value: string, displayName: string): OAuth2PermissionScope {
  const forUsers = userConsentable.has(value);
  return {
    adminConsentDescription: `Allows the app to: ${displayName}, on behalf of the signed-in user.`,
    adminConsentDisplayName: displayName,
    id,
    isEnabled: true,
    type: forUsers ? 'User' : 'Admin',
    userConsentDescription: forUsers ? `Allows the app to: ${displayName}.` : null,
    userConsentDisplayName: forUsers ? displayName : null,
    value,
  };
}

function published(rows: readonly Row[]): {
  appRoles: AppRole[];
  oauth2PermissionScopes: OAuth2PermissionScope[];
} {
  return {
    appRoles: rows.flatMap(([value, id, , name]) => (id === null ? [] : [role(id, value, name)])),
    oauth2PermissionScopes: rows.flatMap(([value, , id, name]) =>
      id === null ? [] : [scope(id, value, name)],
    ),
  };
}

/** What Microsoft Graph publishes. */
export const graphPermissions = (): ReturnType<typeof published> => published(graph);

/** What the retired Azure AD Graph publishes. */
export const legacyGraphPermissions = (): ReturnType<typeof published> => published(legacyGraph);
