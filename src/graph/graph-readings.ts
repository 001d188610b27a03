import type { Reading } from '../core/errors.ts';
import { quotaText } from '../http/retry.ts';

const sameKey: Reading = { code: 'already-exists', cause: 'an object with the same key is there already' };
const lagging = (cause: string): Reading => ({ code: 'directory-lagging', cause });
const serviceManagement =
  'Register the application by hand with that reference, then pass its client ID as --client-id.';

/** Microsoft Graph's error codes for the directory (graph-docs concepts/errors.md and the pages of each call). */
const directoryReadings = {
  AadPremiumLicenseRequired: {
    code: 'licence-missing',
    cause: 'eligible roles need Microsoft Entra ID P2 or Governance',
    remedy: 'Nothing to do where roles are assigned for good: nobody can be eligible in this tenant.',
  },
  Authorization_IdentityDisabled: {
    code: 'service-principal-disabled',
    cause: 'the calling application is disabled',
  },
  Authorization_IdentityNotFound: lagging('the calling application is not known to every server yet'),
  Authorization_RequestDenied: {
    code: 'role-missing',
    cause: 'the signed-in account, or the program it signed in through, may not do that',
    remedy:
      'Sign in with an account that may: Application Administrator registers, Privileged Role Administrator grants, Global Administrator does both.',
  },
  CredentialInvalidLifetimeAsPerAppPolicy: {
    code: 'policy-caps-lifetime',
    cause: "the tenant's app management policy allows only a shorter lifetime",
  },
  CredentialTypeNotAllowedAsPerAppPolicy: {
    code: 'policy-blocks-secrets',
    cause: "the tenant's app management policy forbids this kind of credential",
  },
  Directory_ConcurrencyViolation: {
    code: 'service-unavailable',
    cause: 'somebody else keeps changing the same object',
  },
  Directory_ObjectNotFound: lagging('the directory does not know the tenant on every server yet'),
  Directory_QuotaExceeded: {
    code: 'quota-exceeded',
    cause: 'the account or the tenant has no room for another object (deleted ones count for 30 days)',
  },
  Directory_ResourceSizeExceeded: {
    code: 'quota-exceeded',
    cause: 'the application holds too many credentials or values',
    remedy: 'Remove credentials it no longer needs, then run the same command again.',
  },
  InvalidAuthenticationToken: {
    code: 'token-refused',
    cause: 'it does not accept the token of the sign-in',
  },
  InvalidFederatedIdentityCredentialValue: {
    code: 'federated-refused',
    cause: 'it does not take this issuer, subject or audience',
  },
  InvalidUpdate: { code: 'already-exists', cause: 'that is there already' },
  KeyCredentialsInvalidEndDate: {
    code: 'policy-refuses',
    cause: 'the certificate ends before the date that was asked for',
    remedy: "Ask for an end date within the certificate's own validity.",
  },
  NoBackingApplicationObject: lagging('the application is not known to every server yet'),
  ObjectConflict: sameKey,
  PermissionScopeNotGranted: {
    code: 'sign-in-consent',
    cause: 'the program used for sign-in does not hold the permission for that',
  },
  Request_MultipleObjectsWithSameKeyValue: sameKey,
  Request_ResourceNotFound: {
    code: 'not-in-directory',
    cause: 'something that it refers to is not there, or not on every server yet',
  },
  Request_UnsupportedQuery: { code: 'unexpected', cause: 'it does not support the query' },
  ServiceTreeInvalid: {
    code: 'policy-refuses',
    cause: 'the tenant demands a valid serviceManagementReference on each application',
    remedy: serviceManagement,
  },
  ServiceTreeNullValueProvided: {
    code: 'policy-refuses',
    cause: 'the tenant demands a serviceManagementReference on each application',
    remedy: serviceManagement,
  },
  SignInAudienceNotAllowedAsPerAppPolicy: {
    code: 'policy-refuses',
    cause: "the tenant's app management policy does not allow applications for these accounts",
  },
} as const satisfies Readonly<Record<string, Reading>>;

/** Microsoft Graph's error codes for the logs (graph-docs signin-list, directoryaudit-list; field reports). */
export const reportingReadings = {
  Authentication_ApplicationHasNoDirectoryReadAccess: {
    code: 'permission-missing',
    cause: 'the licence of the tenant could not be checked: the application may not read the directory',
    remedy: 'Grant it Directory.Read.All, by an account that may: `reporting-setup`',
  },
  Authentication_MSGraphPermissionMissing: {
    code: 'permission-missing',
    cause:
      'the token does not hold AuditLog.Read.All: it is not granted, or the token is older than the grant',
  },
  Authentication_RequestFromNonPremiumTenantOrB2CTenant: {
    code: 'licence-missing',
    cause: 'Microsoft offers sign-in logs through Graph only to tenants with Microsoft Entra ID P1 or P2',
    remedy:
      'Audit logs work without it. For sign-in logs assign a Microsoft Entra ID P1 or P2 licence; a new one may take up to 24 hours to count.',
  },
  Authentication_RequestFromUnsupportedUserRole: {
    code: 'role-missing',
    cause: 'the account holds no role that may read the logs',
    remedy:
      'Have Reports Reader assigned, or another role that reads the logs: Security Reader, Global Reader.',
  },
} as const satisfies Readonly<Record<string, Reading>>;

/** What each of Microsoft Graph's error codes means; the cause completes "could not <purpose>: …". */
export const graphReadings: Readonly<Record<string, Reading>> = {
  ...directoryReadings,
  ...reportingReadings,
};

/** Codes that say too little: these words of the message tell more. The first that matches counts. */
export const graphTexts: readonly (Reading & { readonly text: RegExp; readonly shown: string })[] = [
  {
    text: quotaText,
    shown: '"The directory object quota limit for the … has been exceeded."',
    ...directoryReadings.Directory_QuotaExceeded,
  },
  {
    text: /not a valid reference update|was not found on application|backing application of the service principal/i,
    shown: '"Not a valid reference update", "… was not found on application", "… the backing application …"',
    ...lagging('something made a moment ago is not known to every server yet'),
  },
  {
    text: /does not exist or one of its queried/i,
    shown: '"… does not exist or one of its queried reference-property objects are not present."',
    ...directoryReadings.Request_ResourceNotFound,
  },
  {
    text: /already exists|same value for property/i,
    shown: '"… already exists", "… the same value for property …"',
    ...directoryReadings.ObjectConflict,
  },
  {
    text: /key credential end date is invalid/i,
    shown: '"Key credential end date is invalid."',
    ...directoryReadings.KeyCredentialsInvalidEndDate,
  },
  {
    text: /access token has expired|lifetime validation failed/i,
    shown: '"Access token has expired or is not yet valid.", "Lifetime validation failed, …"',
    ...directoryReadings.InvalidAuthenticationToken,
  },
  {
    text: /token not found: token is either invalid or expired/i,
    shown: '"Token not found: token is either invalid or expired"',
    code: 'service-unavailable',
    cause: 'the listing took so long that its place in it was lost',
  },
  {
    text: /resource not found for the segment 'signIns'/i,
    shown: '"Resource not found for the segment \'signIns\'."',
    code: 'sign-ins-not-offered',
    cause: 'this cloud does not offer sign-in logs through Microsoft Graph v1.0',
  },
  {
    text: /resource not found for the segment 'directoryAudits'/i,
    shown: '"Resource not found for the segment \'directoryAudits\'."',
    code: 'audit-logs-not-offered',
    cause: 'this cloud does not offer directory audit logs through Microsoft Graph v1.0',
  },
];

/** A failure inside of Microsoft Graph. */
export const unavailable = (status: number): Reading => ({
  code: 'service-unavailable',
  cause: `it is not available (HTTP ${status})`,
});

/** HTTP statuses where neither code nor text is known. */
export const statusReadings: Readonly<Record<number, Reading>> = {
  401: directoryReadings.InvalidAuthenticationToken,
  404: directoryReadings.Request_ResourceNotFound,
  408: { code: 'service-unavailable', cause: 'it took too long to answer (HTTP 408)' },
  409: directoryReadings.Directory_ConcurrencyViolation,
  429: { code: 'throttled', cause: 'it asks to slow down' },
  500: unavailable(500),
  502: unavailable(502),
  503: unavailable(503),
  504: unavailable(504),
  509: { code: 'service-unavailable', cause: 'its bandwidth limit is used up (HTTP 509)' },
};
