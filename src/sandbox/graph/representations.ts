import type { Json } from '../json.ts';
import type {
  Application,
  DirectoryRole,
  Group,
  KeyCredential,
  PasswordCredential,
  ServicePrincipal,
  Tenant,
  User,
} from '../model.ts';
import { sameId } from './context.ts';
import { wholeSeconds } from './dates.ts';
import {
  applicationType,
  informationalUrl,
  servicePrincipalType,
  verifiedPublisher,
} from './types/application.ts';
import { userType } from './types/directory.ts';
import { blank, type EntityType, names } from './types/spec.ts';

/** Puts properties into the order in which the type lists them; those that are absent stay absent. */
function ordered(type: EntityType, values: Json): Json {
  const present = Object.keys(type.properties).filter((name) => values[name] !== undefined);
  return Object.fromEntries(present.map((name) => [name, values[name]]));
}

/** A client secret as any later read shows it. */
export function passwordView(credential: PasswordCredential): Json {
  const { secretHash: _hash, usableFrom: _usable, ...shown } = credential;
  return { ...shown, secretText: null };
}

function keyView({ usableFrom: _usable, ...shown }: KeyCredential, withKeys: boolean): Json {
  return { ...shown, key: withKeys ? shown.key : null };
}

/** What nobody has written, and what a reply does not show unless it is asked for. */
function unwritten(type: EntityType, unasked: readonly string[]): Json {
  return Object.fromEntries(Object.entries(blank(type)).filter(([name]) => !unasked.includes(name)));
}

const applicationDefaults = unwritten(
  applicationType,
  names('createdByAppId isDisabled oauth2RequirePostResponse authenticationBehaviors'),
);

/** An application; `withKeys` shows certificates' bytes, as only a read that selects keyCredentials does. */
export function applicationView(application: Application, withKeys = false): Json {
  const { owners: _owners, federatedIdentityCredentials: _federated, properties, ...own } = application;
  return ordered(applicationType, {
    ...applicationDefaults,
    ...properties,
    ...own,
    createdDateTime: wholeSeconds(application.createdDateTime),
    deletedDateTime: wholeSeconds(application.deletedDateTime),
    passwordCredentials: application.passwordCredentials.map(passwordView),
    keyCredentials: application.keyCredentials.map((credential) => keyView(credential, withKeys)),
  });
}

const principalDefaults: Json = {
  ...unwritten(servicePrincipalType, names('createdByAppId customSecurityAttributes isDisabled')),
  appRoleAssignmentRequired: false,
  info: blank(informationalUrl),
  verifiedPublisher: blank(verifiedPublisher),
};

/** A service principal, with the tags of the application behind it. */
export function principalView(tenant: Tenant, principal: ServicePrincipal, withKeys = false): Json {
  const { owners: _owners, properties, ...own } = principal;
  const application = tenant.applications.find(({ appId }) => sameId(appId, principal.appId));
  return ordered(servicePrincipalType, {
    ...principalDefaults,
    ...properties,
    ...own,
    createdDateTime: wholeSeconds(principal.createdDateTime),
    deletedDateTime: wholeSeconds(principal.deletedDateTime),
    appDisplayName: application?.displayName ?? principal.displayName,
    tags: [...new Set([...(application?.tags ?? []), ...principal.tags])],
    ...(application?.properties['isDisabled'] === undefined
      ? {}
      : { isDisabled: application.properties['isDisabled'] }),
    passwordCredentials: principal.passwordCredentials.map(passwordView),
    keyCredentials: principal.keyCredentials.map((credential) => keyView(credential, withKeys)),
  });
}

export function userView(user: User): Json {
  const { createdDateTime: _created, ...nothing } = blank(userType);
  const { securityAttributes: _attributes, ...shown } = user;
  return { ...nothing, ...shown, mailNickname: user.userPrincipalName.replace(/@.*$/, '') };
}

export function groupView(group: Group): Json {
  return {
    id: group.id,
    deletedDateTime: null,
    description: null,
    displayName: group.displayName,
    groupTypes: [],
    isAssignableToRole: group.isAssignableToRole,
    mail: null,
    mailEnabled: false,
    mailNickname: group.displayName.replaceAll(/\W/g, '').toLowerCase(),
    securityEnabled: true,
  };
}

export function directoryRoleView(role: DirectoryRole): Json {
  return {
    id: role.id,
    deletedDateTime: null,
    description: role.description,
    displayName: role.displayName,
    roleTemplateId: role.roleTemplateId,
  };
}

/** Adds the `@odata.type` that rows of mixed collections carry. */
export function typed(type: string, row: Json): Json {
  return { '@odata.type': `#microsoft.graph.${type}`, ...row };
}

/** The users, service principals and groups with these ids, each with its type. */
export function directoryObjects(tenant: Tenant, ids: readonly string[]): Json[] {
  return ids.flatMap((id) => {
    const user = tenant.users.find((candidate) => sameId(candidate.id, id));
    if (user !== undefined) return [typed('user', userView(user))];
    const principal = tenant.servicePrincipals.find((candidate) => sameId(candidate.id, id));
    if (principal !== undefined) return [typed('servicePrincipal', principalView(tenant, principal))];
    const application = tenant.applications.find((candidate) => sameId(candidate.id, id));
    if (application !== undefined) return [typed('application', applicationView(application))];
    const group = tenant.groups.find((candidate) => sameId(candidate.id, id));
    if (group !== undefined) return [typed('group', groupView(group))];
    const role = tenant.directoryRoles.find((candidate) => sameId(candidate.id, id));
    return role === undefined ? [] : [typed('directoryRole', directoryRoleView(role))];
  });
}
