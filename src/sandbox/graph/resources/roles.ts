import type { Json } from '../../json.ts';
import type { DirectoryRole, RoleAssignment } from '../../model.ts';
import { type Call, sameId } from '../context.ts';
import { entity, list, type Navigation } from '../odata/list.ts';
import { notFound } from '../refusal.ts';
import { directoryObjects } from '../representations.ts';
import { requirePermission, requireRole, rules } from '../rights.ts';
import type { Handler, Routes } from '../router.ts';
import { roleAssignmentType, roleDefinitionType } from '../types/roles.ts';

const definitionSet = 'roleManagement/directory/roleDefinitions';
const assignmentSet = 'roleManagement/directory/roleAssignments';

function definitionView(role: DirectoryRole): Json {
  return {
    id: role.roleTemplateId,
    description: role.description,
    displayName: role.displayName,
    isBuiltIn: true,
    isEnabled: true,
    resourceScopes: ['/'],
    templateId: role.roleTemplateId,
    version: '1',
  };
}

function assignmentView({ id, principalId, directoryScopeId, roleDefinitionId }: RoleAssignment): Json {
  return { id, principalId, resourceScope: directoryScopeId, directoryScopeId, roleDefinitionId };
}

/** What rows that name a role and its holder lead to. */
export function roleNavigation({ tenant }: Call): Navigation {
  return {
    roleDefinition: (row) => {
      const role = tenant.directoryRoles.find(
        ({ roleTemplateId }) => roleTemplateId === row['roleDefinitionId'],
      );
      return role === undefined ? null : definitionView(role);
    },
    principal: (row) => directoryObjects(tenant, [String(row['principalId'])])[0] ?? null,
    directoryScope: (row) => directoryObjects(tenant, [String(row['directoryScopeId']).slice(1)])[0] ?? null,
    appScope: () => null,
  };
}

const definitions: Handler = (call) => {
  requirePermission(call, rules.readRoles);
  const rows = call.tenant.directoryRoles.map(definitionView);
  return list(call, { type: roleDefinitionType, set: definitionSet, rows });
};

const definition: Handler = (call, { value }) => {
  requirePermission(call, rules.readRoles);
  const role = call.tenant.directoryRoles.find(({ roleTemplateId }) => sameId(roleTemplateId, value));
  if (role === undefined) throw notFound(value);
  return entity(call, roleDefinitionType, definitionSet, definitionView(role));
};

function requireReader(call: Call): void {
  requirePermission(call, rules.readRoles);
  requireRole(call, 'readRoleAssignments');
}

const assignments: Handler = (call) => {
  requireReader(call);
  const rows = call.tenant.roleAssignments.map(assignmentView);
  return list(call, { type: roleAssignmentType, set: assignmentSet, rows, navigation: roleNavigation(call) });
};

const assignment: Handler = (call, { value }) => {
  requireReader(call);
  const found = call.tenant.roleAssignments.find(({ id }) => id === value);
  if (found === undefined) throw notFound(value);
  return entity(call, roleAssignmentType, assignmentSet, assignmentView(found), roleNavigation(call));
};

/** Directory roles and who holds them directly. */
export const roleRoutes: Routes = {
  [definitionSet]: { GET: definitions },
  [`${definitionSet}/{}`]: { GET: definition },
  [assignmentSet]: { GET: assignments },
  [`${assignmentSet}/{}`]: { GET: assignment },
};
