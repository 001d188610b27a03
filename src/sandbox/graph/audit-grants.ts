import type {
  AppRoleAssignment,
  OAuth2PermissionGrant,
  RoleAssignment,
  ServicePrincipal,
  Tenant,
} from '../model.ts';
import { type Change, type Property, property, targetOf } from './audit-row.ts';

function principalNamed(tenant: Tenant, id: string): ServicePrincipal | undefined {
  return tenant.servicePrincipals.find((principal) => principal.id === id);
}

/** A permission that was given or taken; the target is the API that publishes it. */
export function permissionChange(
  tenant: Tenant,
  activity: string,
  [before, after]: readonly [given: AppRoleAssignment | undefined, given: AppRoleAssignment | undefined],
): Change[] {
  const assignment = after ?? before;
  const resource = principalNamed(tenant, assignment?.resourceId ?? '');
  const principal = principalNamed(tenant, assignment?.principalId ?? '');
  // With its service principal a permission goes without a row of its own.
  if (assignment === undefined || resource === undefined || principal === undefined) return [];
  const role = resource.appRoles.find(({ id }) => id === assignment.appRoleId);
  const told = (name: string, value: unknown): Property =>
    after === undefined ? property(name, value, null) : property(name, null, value);
  return [
    {
      activity,
      operation: after === undefined ? 'Unassign' : 'Assign',
      target: targetOf(resource, 'ServicePrincipal'),
      properties: [
        told('AppRole.Id', assignment.appRoleId),
        told('AppRole.Value', role?.value),
        told('AppRole.DisplayName', role?.displayName),
        told('ServicePrincipal.ObjectID', principal.id),
        told('ServicePrincipal.DisplayName', principal.displayName),
        told('ServicePrincipal.AppId', principal.appId),
      ],
    },
  ];
}

/** A delegated permission that was given, changed or taken. */
export function grantChange(
  tenant: Tenant,
  activity: string,
  [before, after]: readonly [
    given: OAuth2PermissionGrant | undefined,
    given: OAuth2PermissionGrant | undefined,
  ],
): Change[] {
  const grant = after ?? before;
  const resource = principalNamed(tenant, grant?.resourceId ?? '');
  if (grant === undefined || resource === undefined) return [];
  const properties = [
    property('DelegatedPermissionGrant.Scope', before?.scope, after?.scope),
    property('DelegatedPermissionGrant.ConsentType', before?.consentType, after?.consentType),
    property('ServicePrincipal.ObjectID', before?.clientId, after?.clientId),
  ];
  const operation = after === undefined ? 'Unassign' : 'Assign';
  return [{ activity, operation, target: targetOf(resource, 'ServicePrincipal'), properties }];
}

/** An activated role is told by the directory and by Privileged Identity Management. */
export function activationChanges(
  tenant: Tenant,
  { principalId, roleDefinitionId }: RoleAssignment,
): Change[] {
  const role = tenant.directoryRoles.find(({ roleTemplateId }) => roleTemplateId === roleDefinitionId);
  const user = tenant.users.find(({ id }) => id === principalId);
  const target = {
    id: principalId,
    displayName: user?.displayName ?? null,
    type: 'User',
    userPrincipalName: user?.userPrincipalName ?? null,
    groupType: null,
  };
  const properties = [
    property('Role.DisplayName', null, role?.displayName),
    property('Role.TemplateId', null, roleDefinitionId),
  ];
  const common = { category: 'RoleManagement', target, properties };
  return [
    { ...common, activity: 'Add member to role', operation: 'Assign' },
    {
      ...common,
      activity: 'Add member to role completed (PIM activation)',
      operation: 'Add',
      service: 'PIM',
    },
  ];
}
