import type { ComplexType, EntityType } from './spec.ts';

function complex(name: string, properties: ComplexType['properties']): ComplexType {
  return { name: `microsoft.graph.${name}`, properties };
}

export const organizationType: EntityType = {
  name: 'microsoft.graph.organization',
  label: 'Organization',
  properties: {
    id: 'String',
    deletedDateTime: 'DateTimeOffset',
    businessPhones: 'String[]',
    city: 'String',
    country: 'String',
    countryLetterCode: 'String',
    createdDateTime: 'DateTimeOffset',
    defaultUsageLocation: 'String',
    displayName: 'String',
    isMultipleDataLocationsForServicesEnabled: 'Boolean',
    marketingNotificationEmails: 'String[]',
    mobileDeviceManagementAuthority: 'String',
    onPremisesLastSyncDateTime: 'DateTimeOffset',
    onPremisesSyncEnabled: 'Boolean',
    partnerTenantType: 'String',
    postalCode: 'String',
    preferredLanguage: 'String',
    securityComplianceNotificationMails: 'String[]',
    securityComplianceNotificationPhones: 'String[]',
    state: 'String',
    street: 'String',
    technicalNotificationMails: 'String[]',
    tenantType: 'String',
    directorySizeQuota: complex('directorySizeQuota', { total: 'Int32', used: 'Int32' }),
    privacyProfile: complex('privacyProfile', { contactEmail: 'String', statementUrl: 'String' }),
    assignedPlans: [
      complex('assignedPlan', {
        assignedDateTime: 'DateTimeOffset',
        capabilityStatus: 'String',
        service: 'String',
        servicePlanId: 'Guid',
      }),
    ],
    provisionedPlans: [
      complex('provisionedPlan', {
        capabilityStatus: 'String',
        provisioningStatus: 'String',
        service: 'String',
      }),
    ],
    verifiedDomains: [
      complex('verifiedDomain', {
        capabilities: 'String',
        isDefault: 'Boolean',
        isInitial: 'Boolean',
        name: 'String',
        type: 'String',
      }),
    ],
  },
};

export const domainType: EntityType = {
  name: 'microsoft.graph.domain',
  label: 'Domain',
  properties: {
    authenticationType: 'String',
    availabilityStatus: 'String',
    id: 'String',
    isAdminManaged: 'Boolean',
    isDefault: 'Boolean',
    isInitial: 'Boolean',
    isRoot: 'Boolean',
    isVerified: 'Boolean',
    manufacturer: 'String',
    model: 'String',
    passwordNotificationWindowInDays: 'Int32',
    passwordValidityPeriodInDays: 'Int32',
    supportedServices: 'String[]',
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
    accountId: 'String',
    accountName: 'String',
    appliesTo: 'String',
    capabilityStatus: 'String',
    consumedUnits: 'Int32',
    id: 'String',
    skuId: 'Guid',
    skuPartNumber: 'String',
    subscriptionIds: 'String[]',
    prepaidUnits: complex('licenseUnitsDetail', {
      enabled: 'Int32',
      lockedOut: 'Int32',
      suspended: 'Int32',
      warning: 'Int32',
    }),
    servicePlans: [
      complex('servicePlanInfo', {
        appliesTo: 'String',
        provisioningStatus: 'String',
        servicePlanId: 'Guid',
        servicePlanName: 'String',
      }),
    ],
  },
};
