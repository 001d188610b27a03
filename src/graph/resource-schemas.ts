import * as z from 'zod/mini';
import { fieldsOf, guidPattern, sameId, textOf } from '../core/fields.ts';

const guid = z.string().check(z.regex(guidPattern));
/** Ids that Graph documents as opaque text, such as `-WmtM5na7Uus0D8kI1yylg-1`: nothing in them means anything in an address. */
const opaqueId = z.string().check(z.regex(/^[\w-][\w.-]{0,199}$/));
/** What is not set is null, or left out. */
const text = z.nullish(z.string());
const flag = z.nullish(z.boolean());
const dateTime = z.iso.datetime({ offset: true });
const date = z.nullish(dateTime);
const texts = z.array(z.string());

const listedCredential = { keyId: guid, displayName: text, startDateTime: date, endDateTime: date };
const keyCredential = z.object({ ...listedCredential, customKeyIdentifier: text, key: text });
const passwordCredential = z.object(listedCredential);
const credentialLists = {
  passwordCredentials: z.array(passwordCredential),
  keyCredentials: z.array(keyCredential),
};
const redirects = z.nullable(z.object({ redirectUris: z.optional(texts) }));
const web = z.nullable(
  z.object({
    homePageUrl: text,
    redirectUris: z.optional(texts),
    implicitGrantSettings: z.nullish(
      z.object({ enableAccessTokenIssuance: flag, enableIdTokenIssuance: flag }),
    ),
  }),
);
const requiredResourceAccess = z.array(
  z.object({
    resourceAppId: z.string(),
    resourceAccess: z.array(z.object({ id: guid, type: z.string() })),
  }),
);
const application = {
  id: guid,
  appId: guid,
  displayName: text,
  uniqueName: text,
  createdDateTime: date,
  signInAudience: z.string(),
  web,
  requiredResourceAccess,
  ...credentialLists,
};
const restriction = z.object({
  restrictionType: z.string(),
  state: z.string(),
  maxLifetime: text,
  restrictForAppsCreatedAfterDateTime: date,
  excludeActors: z.nullish(z.looseObject({})),
});
const restrictions = z.nullish(
  z.looseObject({
    passwordCredentials: z.nullish(z.array(restriction)),
    keyCredentials: z.nullish(z.array(restriction)),
  }),
);
const assignment = z.object({
  id: opaqueId,
  principalId: guid,
  resourceId: guid,
  appRoleId: guid,
  resourceDisplayName: text,
});

/**
 * What a reply of Microsoft Graph must look like before anything is done with it: one schema for each resource, of the
 * properties that this program reads (graph-docs, the page of each resource; ids are GUIDs but where it says otherwise).
 * What else a resource has, and what Graph adds one day, is no concern.
 */
export const resources = {
  application: z.object(application),
  /** With everything in which it may differ from what setup makes. */
  applicationDetail: z.object({
    ...application,
    tags: texts,
    spa: redirects,
    publicClient: redirects,
    isFallbackPublicClient: flag,
  }),
  /** In the recycle bin, or found by its mark. */
  markedApplication: z.object({
    id: z.optional(guid),
    appId: guid,
    displayName: text,
    uniqueName: text,
    tags: z.nullish(texts),
    deletedDateTime: date,
  }),
  /** Whether it is deactivated, alone: not every cloud need know the property. */
  activation: z.object({ id: guid, isDisabled: flag }),
  /** Secrets and certificates alone. */
  credentialLists: z.object(credentialLists),
  listedTrust: z.object({ id: guid }),
  /** The secrets alone. */
  passwordCredentials: z.object({ passwordCredentials: credentialLists.passwordCredentials }),
  /** The certificates alone: what is written back is what was read, so that nothing may be missing. */
  keyCredentials: z.object({ keyCredentials: credentialLists.keyCredentials }),
  /** A secret just made: the only time that its text is shown. */
  newPassword: z.object({
    keyId: guid,
    secretText: z.string().check(z.regex(/^[^\p{Cc}\p{Cs}]+$/u)),
    displayName: z.string(),
    hint: text,
    endDateTime: dateTime,
  }),
  servicePrincipal: z.object({ id: guid, appId: guid, accountEnabled: z.boolean() }),
  principalDetail: z.object({
    id: guid,
    appId: guid,
    accountEnabled: z.boolean(),
    appRoleAssignmentRequired: z.boolean(),
    ...credentialLists,
  }),
  /** The service principal of an API, with the permissions that it offers. */
  resource: z.object({
    id: guid,
    appId: guid,
    displayName: text,
    appRoles: z.array(
      z.object({
        id: guid,
        value: text,
        displayName: text,
        isEnabled: flag,
        allowedMemberTypes: z.array(z.string()),
      }),
    ),
  }),
  appRoleAssignment: assignment,
  delegatedGrant: z.object({ resourceId: guid, consentType: z.string(), scope: text }),
  federatedCredential: z.object({
    id: guid,
    name: z.string(),
    issuer: z.string(),
    subject: z.string(),
    audiences: texts,
  }),
  owner: z.object({
    id: guid,
    '@odata.type': text,
    displayName: text,
    userPrincipalName: text,
    userType: text,
  }),
  user: z.object({ id: guid, displayName: text, userPrincipalName: text, userType: text }),
  /** Without its template where a sign-in may see little. */
  directoryRole: z.object({ roleTemplateId: z.nullish(guid), displayName: text }),
  roleAssignment: z.object({
    roleDefinitionId: guid,
    directoryScopeId: text,
    roleDefinition: z.nullish(z.object({ displayName: text })),
  }),
  roleEligibility: z.object({ roleDefinitionId: guid, directoryScopeId: text }),
  organization: z.object({
    id: guid,
    displayName: text,
    tenantType: text,
    assignedPlans: z.nullish(z.array(z.object({ servicePlanId: text, capabilityStatus: text }))),
    verifiedDomains: z.nullish(z.array(z.object({ name: z.string(), isDefault: flag, isInitial: flag }))),
  }),
  tenantPolicy: z.object({ isEnabled: z.boolean(), applicationRestrictions: restrictions }),
  applicationPolicy: z.object({ isEnabled: z.boolean(), restrictions }),
  authorizationPolicy: z.object({
    defaultUserRolePermissions: z.nullish(z.object({ allowedToCreateApps: flag })),
  }),
  /** A service principal in the recycle bin. */
  deletedPrincipal: z.object({ id: guid, appId: guid }),
  deletedItem: z.object({ id: guid, deletedDateTime: date }),
  /** A sign-in of a service principal (beta). */
  principalSignIn: z.object({
    createdDateTime: dateTime,
    ipAddress: text,
    servicePrincipalCredentialKeyId: text,
    status: z.nullish(z.object({ errorCode: z.nullish(z.number()) })),
  }),
  /** When a credential was used last (beta); samples differ in the rest. */
  credentialActivity: z.object({
    keyId: text,
    signInActivity: z.nullish(z.object({ lastSignInDateTime: date })),
  }),
  /** A sign-in of an application, with what it proved itself by. */
  keyUseRow: z.object({
    createdDateTime: date,
    ipAddress: text,
    servicePrincipalCredentialKeyId: text,
    federatedCredentialId: text,
    status: z.nullish(z.object({ errorCode: z.nullish(z.number()) })),
  }),
  /** A row of either log. */
  logRow: z.object({ id: z.string(), createdDateTime: date, activityDateTime: date }),
} as const;

export type ResourceName = keyof typeof resources;

/** Whether a value is such a resource. Pure. */
export const isResource =
  (name: ResourceName) =>
  (value: unknown): boolean =>
    resources[name].safeParse(value).success;

const sameValue = (shown: unknown, asked: string): boolean =>
  guidPattern.test(asked) ? sameId(textOf(shown), asked) : shown === asked;

/** Whether a value is such a resource and shows what was asked for; ids in either case. Pure. */
export const echoes =
  (name: ResourceName, asked: Readonly<Record<string, string>>) =>
  (value: unknown): boolean =>
    isResource(name)(value) &&
    Object.entries(asked).every(([property, wanted]) => sameValue(fieldsOf(value)[property], wanted));

/** Whether a body is a page of a list: without `value` nothing says that the list is empty. Pure. */
export function isPage(body: unknown, isItem: (item: unknown) => boolean): boolean {
  const { value, '@odata.nextLink': next } = fieldsOf(body);
  const isLink = next === undefined || (typeof next === 'string' && URL.canParse(next));
  return Array.isArray(value) && value.every(isItem) && isLink;
}

/**
 * Whether an object that was just made is the one that its address names. A reply without such an address tells
 * nothing of that. Pure; the addresses were recorded of the real service.
 */
export function isAt(body: unknown, address: string | null | undefined): boolean {
  const named = /\/(?:directoryObjects|federatedIdentityCredentials)\/([^/]+)/.exec(address ?? '')?.[1];
  return named === undefined || sameId(named, textOf(fieldsOf(body)['id']));
}
