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

const details = complex('detailsInfo', {});
const provisionedIdentity = complex('provisionedIdentity', {
  ...listed('id, displayName, identityType'),
  details,
});
const provisioningSystem = complex('provisioningSystem', { ...listed('id, displayName'), details });

/** microsoft.graph.provisioningObjectSummary (graph-docs resources/provisioningobjectsummary.md). */
export const provisioningType: EntityType = {
  name: 'microsoft.graph.provisioningObjectSummary',
  label: 'ProvisioningObjectSummary',
  properties: {
    ...listed(`id, activityDateTime DateTimeOffset, tenantId, jobId, cycleId, changeId, provisioningAction,
      durationInMilliseconds Int32`),
    provisioningStatusInfo: complex('provisioningStatusInfo', {
      status: 'String',
      errorInformation: complex(
        'provisioningErrorInfo',
        listed('additionalDetails, errorCategory, errorCode, reason, recommendedAction'),
      ),
    }),
    provisioningSteps: [
      complex('provisioningStep', {
        ...listed('description, name, provisioningStepType, status'),
        details,
      }),
    ],
    modifiedProperties: [
      complex('modifiedProperty', { displayName: 'String', newValue: 'String', oldValue: 'String' }),
    ],
    servicePrincipal: complex('provisioningServicePrincipal', listed('id, displayName')),
    sourceSystem: provisioningSystem,
    targetSystem: provisioningSystem,
    initiatedBy: complex('initiator', listed('id, displayName, initiatorType')),
    sourceIdentity: provisionedIdentity,
    targetIdentity: provisionedIdentity,
  },
};

/** microsoft.graph.appCredentialSignInActivity (graph-docs beta resources/appcredentialsigninactivity.md). */
export const credentialActivityType: EntityType = {
  name: 'microsoft.graph.appCredentialSignInActivity',
  label: 'AppCredentialSignInActivity',
  properties: {
    ...listed(`id, appId, appObjectId, createdDateTime DateTimeOffset, credentialOrigin,
      expirationDateTime DateTimeOffset, keyId, keyType, keyUsage, resourceId, servicePrincipalObjectId`),
    signInActivity: complex(
      'signInActivity',
      listed('lastSignInDateTime DateTimeOffset, lastSignInRequestId'),
    ),
  },
};
