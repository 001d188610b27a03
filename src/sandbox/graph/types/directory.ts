import { complex, type EntityType, listed, names } from './spec.ts';

export const organizationType: EntityType = {
  name: 'microsoft.graph.organization',
  label: 'Organization',
  properties: {
    ...listed(`id, deletedDateTime DateTimeOffset, businessPhones String[], city, country, countryLetterCode,
      createdDateTime DateTimeOffset, defaultUsageLocation, displayName,
      isMultipleDataLocationsForServicesEnabled Boolean, marketingNotificationEmails String[],
      mobileDeviceManagementAuthority, onPremisesLastSyncDateTime DateTimeOffset,
      onPremisesSyncEnabled Boolean, partnerTenantType, postalCode, preferredLanguage,
      securityComplianceNotificationMails String[], securityComplianceNotificationPhones String[], state,
      street, technicalNotificationMails String[], tenantType`),
    directorySizeQuota: complex('directorySizeQuota', { total: 'Int32', used: 'Int32' }),
    privacyProfile: complex('privacyProfile', { contactEmail: 'String', statementUrl: 'String' }),
    assignedPlans: [
      complex(
        'assignedPlan',
        listed('assignedDateTime DateTimeOffset, capabilityStatus, service, servicePlanId Guid'),
      ),
    ],
    provisionedPlans: [
      complex('provisionedPlan', {
        capabilityStatus: 'String',
        provisioningStatus: 'String',
        service: 'String',
      }),
    ],
    verifiedDomains: [
      complex('verifiedDomain', listed('capabilities, isDefault Boolean, isInitial Boolean, name, type')),
    ],
  },
};

export const domainType: EntityType = {
  name: 'microsoft.graph.domain',
  label: 'Domain',
  properties: {
    ...listed(`authenticationType, availabilityStatus, id, isAdminManaged Boolean, isDefault Boolean,
      isInitial Boolean, isRoot Boolean, isVerified Boolean, manufacturer, model,
      passwordNotificationWindowInDays Int32, passwordValidityPeriodInDays Int32,
      supportedServices String[]`),
    state: complex('domainState', {
      lastActionDateTime: 'DateTimeOffset',
      operation: 'String',
      status: 'String',
    }),
  },
};

export const subscribedSkuType: EntityType = {
  name: 'microsoft.graph.subscribedSku',
  label: 'SubscribedSku',
  properties: {
    ...listed(`accountId, accountName, appliesTo, capabilityStatus, consumedUnits Int32, id, skuId Guid,
      skuPartNumber, subscriptionIds String[]`),
    prepaidUnits: complex(
      'licenseUnitsDetail',
      listed('enabled Int32, lockedOut Int32, suspended Int32, warning Int32'),
    ),
    servicePlans: [
      complex(
        'servicePlanInfo',
        listed('appliesTo, provisioningStatus, servicePlanId Guid, servicePlanName'),
      ),
    ],
  },
};

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
  properties:
    listed(`businessPhones String[], displayName, givenName, jobTitle, mail, mobilePhone, officeLocation,
      preferredLanguage, surname, userPrincipalName, id, accountEnabled Boolean, userType, mailNickname,
      department, companyName, usageLocation, createdDateTime DateTimeOffset,
      onPremisesSyncEnabled Boolean`),
  defaults:
    names(`businessPhones displayName givenName jobTitle mail mobilePhone officeLocation preferredLanguage
    surname userPrincipalName id`),
};

export const groupType: EntityType = {
  name: 'microsoft.graph.group',
  label: 'Group',
  properties: listed(`id, deletedDateTime DateTimeOffset, description, displayName, groupTypes String[],
      isAssignableToRole Boolean, mail, mailEnabled Boolean, mailNickname, securityEnabled Boolean`),
};

export const directoryRoleType: EntityType = {
  name: 'microsoft.graph.directoryRole',
  label: 'DirectoryRole',
  properties: listed('id, deletedDateTime DateTimeOffset, description, displayName, roleTemplateId'),
};
