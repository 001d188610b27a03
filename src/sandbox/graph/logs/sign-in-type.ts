import { signInType } from '../types/logs.ts';
import { complex, type EntityType, listed } from '../types/spec.ts';

/** What kind of sign-in a row tells of, as `signInEventTypes` names it. */
export const eventTypes = [
  'interactiveUser',
  'nonInteractiveUser',
  'servicePrincipal',
  'managedIdentity',
] as const;
export type EventType = (typeof eventTypes)[number];

/** What beta adds to a row and is not the same for all. */
export interface BetaSignIn {
  readonly signInEventTypes: readonly [EventType];
  readonly servicePrincipalId?: string;
  readonly servicePrincipalName?: string | null;
  readonly clientCredentialType?: string;
  readonly servicePrincipalCredentialKeyId?: string | null;
  readonly servicePrincipalCredentialThumbprint?: string;
  readonly federatedCredentialId?: string | null;
  readonly uniqueTokenIdentifier?: string;
  readonly authenticationProtocol?: string;
  readonly originalTransferMethod?: string;
  readonly authenticationRequirement?: string;
  readonly incomingTokenType?: string;
  readonly autonomousSystemNumber?: number;
  readonly sessionId?: string;
  readonly userAgent?: string;
  readonly resourceServicePrincipalId?: string;
}

/** microsoft.graph.signIn of beta (graph-docs beta resources/signin.md); what no row here shows is left out. */
export const betaSignInType: EntityType = {
  ...signInType,
  properties: {
    ...signInType.properties,
    ...listed(`signInEventTypes String[], clientCredentialType, servicePrincipalCredentialKeyId,
      servicePrincipalCredentialThumbprint, federatedCredentialId, uniqueTokenIdentifier,
      authenticationProtocol, originalTransferMethod, authenticationRequirement, incomingTokenType,
      autonomousSystemNumber Int32, sessionId, crossTenantAccessType, tokenIssuerName, tokenIssuerType,
      originalRequestId, conditionalAccessAudiences String[], userType, homeTenantName,
      resourceServicePrincipalId, processingTimeInMilliseconds Int32, flaggedForReview Boolean,
      isTenantRestricted Boolean`),
    agent: complex('agentic.agentSignIn', { agentType: 'String', parentAppId: 'String' }),
  },
};

/** What beta shows of every row alike. */
export const betaDefaults = {
  servicePrincipalId: '',
  servicePrincipalName: null,
  clientCredentialType: 'none',
  servicePrincipalCredentialKeyId: null,
  servicePrincipalCredentialThumbprint: '',
  federatedCredentialId: null,
  authenticationProtocol: 'none',
  originalTransferMethod: 'none',
  authenticationRequirement: 'singleFactorAuthentication',
  incomingTokenType: 'none',
  autonomousSystemNumber: 64496,
  sessionId: '',
  crossTenantAccessType: 'none',
  tokenIssuerName: '',
  tokenIssuerType: 'AzureAD',
  conditionalAccessAudiences: [],
  userType: 'member',
  homeTenantName: '',
  resourceServicePrincipalId: '',
  processingTimeInMilliseconds: 120,
  flaggedForReview: false,
  isTenantRestricted: false,
  userAgent: '',
  agent: { agentType: 'notAgentic', parentAppId: '' },
} as const;
