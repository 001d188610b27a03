import type { ComplexType, EntityType } from './spec.ts';

function complex(name: string, properties: ComplexType['properties']): ComplexType {
  return { name: `microsoft.graph.${name}`, properties };
}

/** microsoft.graph.signIn (graph-docs resources/signin.md). */
export const signInType: EntityType = {
  name: 'microsoft.graph.signIn',
  label: 'SignIn',
  properties: {
    id: 'String',
    createdDateTime: 'DateTimeOffset',
    userDisplayName: 'String',
    userPrincipalName: 'String',
    userId: 'String',
    appId: 'String',
    appDisplayName: 'String',
    ipAddress: 'String',
    clientAppUsed: 'String',
    correlationId: 'String',
    conditionalAccessStatus: 'String',
    isInteractive: 'Boolean',
    riskDetail: 'String',
    riskLevelAggregated: 'String',
    riskLevelDuringSignIn: 'String',
    riskState: 'String',
    riskEventTypes: 'String[]',
    riskEventTypes_v2: 'String[]',
    resourceDisplayName: 'String',
    resourceId: 'String',
    authenticationAppDeviceDetails: complex('authenticationAppDeviceDetails', { deviceId: 'String' }),
    homeTenantId: 'String',
    resourceTenantId: 'String',
    servicePrincipalId: 'String',
    servicePrincipalName: 'String',
    userAgent: 'String',
    status: complex('signInStatus', {
      additionalDetails: 'String',
      errorCode: 'Int32',
      failureReason: 'String',
    }),
    deviceDetail: complex('deviceDetail', {
      browser: 'String',
      deviceId: 'String',
      displayName: 'String',
      isCompliant: 'Boolean',
      isManaged: 'Boolean',
      operatingSystem: 'String',
      trustType: 'String',
    }),
    location: complex('signInLocation', {
      city: 'String',
      countryOrRegion: 'String',
      geoCoordinates: complex('geoCoordinates', {
        altitude: 'Double',
        latitude: 'Double',
        longitude: 'Double',
      }),
      state: 'String',
    }),
    appliedConditionalAccessPolicies: [
      complex('appliedConditionalAccessPolicy', {
        displayName: 'String',
        enforcedGrantControls: 'String[]',
        enforcedSessionControls: 'String[]',
        id: 'String',
        result: 'String',
      }),
    ],
  },
};

/** microsoft.graph.directoryAudit (graph-docs resources/directoryaudit.md). */
export const directoryAuditType: EntityType = {
  name: 'microsoft.graph.directoryAudit',
  label: 'DirectoryAudit',
  properties: {
    id: 'String',
    category: 'String',
    correlationId: 'String',
    result: 'String',
    resultReason: 'String',
    activityDisplayName: 'String',
    activityDateTime: 'DateTimeOffset',
    loggedByService: 'String',
    operationType: 'String',
    initiatedBy: complex('auditActivityInitiator', {
      app: complex('appIdentity', {
        appId: 'String',
        displayName: 'String',
        servicePrincipalId: 'String',
        servicePrincipalName: 'String',
      }),
      user: complex('userIdentity', {
        displayName: 'String',
        homeTenantId: 'String',
        homeTenantName: 'String',
        id: 'String',
        ipAddress: 'String',
        userPrincipalName: 'String',
        userType: 'String',
      }),
    }),
    targetResources: [
      complex('targetResource', {
        displayName: 'String',
        groupType: 'String',
        id: 'String',
        modifiedProperties: [
          complex('modifiedProperty', { displayName: 'String', newValue: 'String', oldValue: 'String' }),
        ],
        type: 'String',
        userPrincipalName: 'String',
      }),
    ],
    additionalDetails: [complex('keyValue', { key: 'String', value: 'String' })],
  },
};
