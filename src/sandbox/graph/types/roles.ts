import type { EntityType, Spec } from './spec.ts';

export const roleDefinitionType: EntityType = {
  name: 'microsoft.graph.unifiedRoleDefinition',
  label: 'UnifiedRoleDefinition',
  properties: {
    id: 'String',
    description: 'String',
    displayName: 'String',
    isBuiltIn: 'Boolean',
    isEnabled: 'Boolean',
    resourceScopes: 'String[]',
    templateId: 'String',
    version: 'String',
  },
};

export const roleAssignmentType: EntityType = {
  name: 'microsoft.graph.unifiedRoleAssignment',
  label: 'UnifiedRoleAssignment',
  properties: {
    id: 'String',
    principalId: 'String',
    principalOrganizationId: 'String',
    resourceScope: 'String',
    directoryScopeId: 'String',
    appScopeId: 'String',
    condition: 'String',
    roleDefinitionId: 'String',
  },
  filterable: { principalId: ['eq', 'in'], roleDefinitionId: ['eq', 'in'], directoryScopeId: ['eq', 'in'] },
};

const instance: Readonly<Record<string, Spec>> = {
  id: 'String',
  principalId: 'String',
  roleDefinitionId: 'String',
  directoryScopeId: 'String',
  appScopeId: 'String',
  startDateTime: 'DateTimeOffset',
  endDateTime: 'DateTimeOffset',
  memberType: 'String',
};

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
    id: 'String',
    action: 'String',
    appScopeId: 'String',
    completedDateTime: 'DateTimeOffset',
    createdDateTime: 'DateTimeOffset',
    directoryScopeId: 'String',
    isValidationOnly: 'Boolean',
    justification: 'String',
    principalId: 'String',
    roleDefinitionId: 'String',
    status: 'String',
    targetScheduleId: 'String',
    scheduleInfo: {
      name: 'microsoft.graph.requestSchedule',
      properties: {
        startDateTime: 'DateTimeOffset',
        expiration: {
          name: 'microsoft.graph.expirationPattern',
          properties: { duration: 'String', endDateTime: 'DateTimeOffset', type: 'String' },
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
