import { complex, type EntityType, listed } from './spec.ts';

/** microsoft.graph.signIn (graph-docs resources/signin.md). */
export const signInType: EntityType = {
  name: 'microsoft.graph.signIn',
  label: 'SignIn',
  properties: {
    ...listed(`id, createdDateTime DateTimeOffset, userDisplayName, userPrincipalName, userId, appId,
      appDisplayName, ipAddress, clientAppUsed, correlationId, conditionalAccessStatus,
      isInteractive Boolean, riskDetail, riskLevelAggregated, riskLevelDuringSignIn, riskState,
      riskEventTypes String[], riskEventTypes_v2 String[], resourceDisplayName, resourceId`),
    authenticationAppDeviceDetails: complex('authenticationAppDeviceDetails', { deviceId: 'String' }),
    ...listed('homeTenantId, resourceTenantId, servicePrincipalId, servicePrincipalName, userAgent'),
    status: complex('signInStatus', {
      additionalDetails: 'String',
      errorCode: 'Int32',
      failureReason: 'String',
    }),
    deviceDetail: complex(
      'deviceDetail',
      listed(
        'browser, deviceId, displayName, isCompliant Boolean, isManaged Boolean, operatingSystem, trustType',
      ),
    ),
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
      complex(
        'appliedConditionalAccessPolicy',
        listed('displayName, enforcedGrantControls String[], enforcedSessionControls String[], id, result'),
      ),
    ],
  },
};

/** microsoft.graph.directoryAudit (graph-docs resources/directoryaudit.md). */
export const directoryAuditType: EntityType = {
  name: 'microsoft.graph.directoryAudit',
  label: 'DirectoryAudit',
  properties: {
    ...listed(`id, category, correlationId, result, resultReason, activityDisplayName,
      activityDateTime DateTimeOffset, loggedByService, operationType`),
    initiatedBy: complex('auditActivityInitiator', {
      app: complex('appIdentity', listed('appId, displayName, servicePrincipalId, servicePrincipalName')),
      user: complex(
        'userIdentity',
        listed('displayName, homeTenantId, homeTenantName, id, ipAddress, userPrincipalName, userType'),
      ),
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
