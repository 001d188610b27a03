import type { EntityType } from './spec.ts';

/** Rows of several types, each with its `@odata.type`. */
export const directoryObjectType: EntityType = {
  name: 'microsoft.graph.directoryObject',
  label: 'DirectoryObject',
  properties: { id: 'String', deletedDateTime: 'DateTimeOffset', displayName: 'String' },
  open: true,
};

export const userType: EntityType = {
  name: 'microsoft.graph.user',
  label: 'User',
  properties: {
    businessPhones: 'String[]',
    displayName: 'String',
    givenName: 'String',
    jobTitle: 'String',
    mail: 'String',
    mobilePhone: 'String',
    officeLocation: 'String',
    preferredLanguage: 'String',
    surname: 'String',
    userPrincipalName: 'String',
    id: 'String',
    accountEnabled: 'Boolean',
    userType: 'String',
    mailNickname: 'String',
    department: 'String',
    companyName: 'String',
    usageLocation: 'String',
    createdDateTime: 'DateTimeOffset',
    onPremisesSyncEnabled: 'Boolean',
  },
  defaults: [
    'businessPhones',
    'displayName',
    'givenName',
    'jobTitle',
    'mail',
    'mobilePhone',
    'officeLocation',
    'preferredLanguage',
    'surname',
    'userPrincipalName',
    'id',
  ],
};

export const groupType: EntityType = {
  name: 'microsoft.graph.group',
  label: 'Group',
  properties: {
    id: 'String',
    deletedDateTime: 'DateTimeOffset',
    description: 'String',
    displayName: 'String',
    groupTypes: 'String[]',
    isAssignableToRole: 'Boolean',
    mail: 'String',
    mailEnabled: 'Boolean',
    mailNickname: 'String',
    securityEnabled: 'Boolean',
  },
};

export const directoryRoleType: EntityType = {
  name: 'microsoft.graph.directoryRole',
  label: 'DirectoryRole',
  properties: {
    id: 'String',
    deletedDateTime: 'DateTimeOffset',
    description: 'String',
    displayName: 'String',
    roleTemplateId: 'String',
  },
};
