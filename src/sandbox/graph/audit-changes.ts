import { isDeepStrictEqual } from 'node:util';
import { noteChange } from '../activity.ts';
import { isObject, type Json } from '../json.ts';
import type {
  Application,
  AppRoleAssignment,
  KeyCredential,
  OAuth2PermissionGrant,
  PasswordCredential,
  RoleAssignment,
  ServicePrincipal,
  Tenant,
} from '../model.ts';
import { activationChanges, grantChange, permissionChange } from './audit-grants.ts';
import {
  type Change,
  differences,
  initiator,
  type Property,
  property,
  rowOf,
  targetOf,
  withSummary,
} from './audit-row.ts';
import type { Call } from './context.ts';

/** What a request may change, as it was before. */
interface Before {
  readonly applications: readonly Application[];
  readonly servicePrincipals: readonly ServicePrincipal[];
  readonly deletedApplications: readonly Application[];
  readonly deletedPrincipals: readonly ServicePrincipal[];
  readonly appRoleAssignments: readonly AppRoleAssignment[];
  readonly oauth2PermissionGrants: readonly OAuth2PermissionGrant[];
  readonly roleAssignments: readonly RoleAssignment[];
}

/** What a service principal publishes comes by the hundred, and no request changes it in place. */
function copyOf(principal: ServicePrincipal): ServicePrincipal {
  const { appRoles, oauth2PermissionScopes, ...rest } = principal;
  return { ...structuredClone(rest), appRoles, oauth2PermissionScopes };
}

/** Keeps what the tenant is before a request, for `auditChanges` to compare with. */
export function beforeChanges(tenant: Tenant): Before {
  return {
    applications: structuredClone(tenant.applications),
    servicePrincipals: tenant.servicePrincipals.map(copyOf),
    deletedApplications: [...tenant.deletedItems.applications],
    deletedPrincipals: [...tenant.deletedItems.servicePrincipals],
    appRoleAssignments: [...tenant.appRoleAssignments],
    oauth2PermissionGrants: structuredClone(tenant.oauth2PermissionGrants),
    roleAssignments: [...tenant.roleAssignments],
  };
}

type Holder = Application | ServicePrincipal;

interface Kind {
  /** As activities call it. */
  readonly name: 'application' | 'service principal';
  readonly type: 'Application' | 'ServicePrincipal';
  readonly gone: 'Delete' | 'Remove';
  readonly purged: string;
  readonly credentials: (before: number, after: number) => string;
}

/** Words of the activity reference (entra-docs reference-audit-activities.md). */
const kinds = {
  application: {
    name: 'application',
    type: 'Application',
    gone: 'Delete',
    purged: 'Hard Delete application',
    // The real log ends this name with a space, and its dash is no hyphen.
    credentials: () => 'Update application – Certificates and secrets management ',
  },
  principal: {
    name: 'service principal',
    type: 'ServicePrincipal',
    gone: 'Remove',
    purged: 'Hard delete service principal',
    credentials: (before, after) =>
      after < before ? 'Remove service principal credentials' : 'Add service principal credentials',
  },
} as const satisfies Record<string, Kind>;

/** Credentials as the log describes them: never by what proves them. */
function described(holder: Pick<Holder, 'passwordCredentials' | 'keyCredentials'>): string[] {
  const describe = ({ keyId, displayName }: PasswordCredential | KeyCredential, type: string): string =>
    `[KeyIdentifier=${keyId},KeyType=${type},KeyUsage=Verify,DisplayName=${displayName ?? ''}]`;
  return [
    ...holder.passwordCredentials.map((credential) => describe(credential, 'Password')),
    ...holder.keyCredentials.map((credential) => describe(credential, credential.type)),
  ];
}

/** What has activities or words of its own, or belongs to the sandbox. */
const apart = new Set([
  'id',
  'appId',
  'createdDateTime',
  'deletedDateTime',
  'owners',
  'passwordCredentials',
  'keyCredentials',
  'federatedIdentityCredentials',
  'properties',
]);

function visible(holder: Holder): Json {
  const entries = Object.entries(holder).filter(([name]) => !apart.has(name));
  const federated =
    'federatedIdentityCredentials' in holder
      ? holder.federatedIdentityCredentials.map(({ usableFrom: _usable, ...shown }) => shown)
      : undefined;
  return {
    ...Object.fromEntries(entries),
    ...(isObject(holder.properties) ? holder.properties : {}),
    ...(federated === undefined ? {} : { federatedIdentityCredentials: federated }),
  };
}

function ownerChanges(kind: Kind, before: Holder, after: Holder): Change[] {
  const target = targetOf(after, kind.type);
  const added = after.owners.filter((id) => !before.owners.includes(id));
  const removed = before.owners.filter((id) => !after.owners.includes(id));
  return [
    ...added.map((id) => ({
      activity: `Add owner to ${kind.name}`,
      operation: 'Assign' as const,
      target,
      properties: [property(`${kind.type}.ObjectID`, null, after.id), property('Owner.ObjectID', null, id)],
    })),
    ...removed.map((id) => ({
      activity: `Remove owner from ${kind.name}`,
      operation: 'Unassign' as const,
      target,
      properties: [property(`${kind.type}.ObjectID`, after.id, null), property('Owner.ObjectID', id, null)],
    })),
  ];
}

function updates(kind: Kind, before: Holder, after: Holder): Change[] {
  const target = targetOf(after, kind.type);
  const [had, has] = [described(before), described(after)];
  const changed = differences(visible(before), visible(after));
  const update = { operation: 'Update' as const, target };
  return [
    ...(isDeepStrictEqual(had, has)
      ? []
      : [
          {
            ...update,
            activity: kind.credentials(had.length, has.length),
            properties: withSummary([property('KeyDescription', had, has)]),
          },
        ]),
    ...(changed.length === 0
      ? []
      : [{ ...update, activity: `Update ${kind.name}`, properties: withSummary(changed) }]),
    ...ownerChanges(kind, before, after),
  ];
}

interface Objects<T extends Holder> {
  readonly present: readonly T[];
  readonly deleted: readonly T[];
}

function has(all: readonly { readonly id: string }[], id: string): boolean {
  return all.some((candidate) => candidate.id === id);
}

function objectChanges<T extends Holder>(kind: Kind, before: Objects<T>, after: Objects<T>): Change[] {
  const change = (
    object: T,
    activity: string,
    operation: Change['operation'],
    properties: readonly Property[] = [],
  ): Change => ({ activity, operation, target: targetOf(object, kind.type), properties });
  const appeared = after.present
    .filter(({ id }) => !has(before.present, id))
    .map((object) =>
      has(before.deleted, object.id)
        ? change(object, `Restore ${kind.name}`, 'Update')
        : change(
            object,
            `Add ${kind.name}`,
            'Add',
            withSummary([
              property('AppId', null, object.appId),
              property('DisplayName', null, object.displayName),
            ]),
          ),
    );
  const gone = before.present
    .filter(({ id }) => !has(after.present, id))
    .map((object) => change(object, `${kind.gone} ${kind.name}`, 'Delete'));
  const purged = before.deleted
    .filter(({ id }) => !has(after.deleted, id) && !has(after.present, id))
    .map((object) => change(object, kind.purged, 'Delete'));
  const updated = after.present.flatMap((object) => {
    const earlier = before.present.find(({ id }) => id === object.id);
    return earlier === undefined ? [] : updates(kind, earlier, object);
  });
  return [...appeared, ...gone, ...purged, ...updated];
}

/** What came, what went and what is another now, by id. */
function pairs<T extends { readonly id: string }>(
  before: readonly T[],
  after: readonly T[],
): (readonly [before: T | undefined, after: T | undefined])[] {
  const ids = new Set([...before, ...after].map(({ id }) => id));
  return [...ids]
    .map((id) => [before.find((one) => one.id === id), after.find((one) => one.id === id)] as const)
    .filter(([left, right]) => !isDeepStrictEqual(left, right));
}

function changesSince(before: Before, tenant: Tenant): Change[] {
  const { applications, servicePrincipals, deletedItems } = tenant;
  return [
    ...objectChanges(
      kinds.application,
      { present: before.applications, deleted: before.deletedApplications },
      { present: applications, deleted: deletedItems.applications },
    ),
    ...objectChanges(
      kinds.principal,
      { present: before.servicePrincipals, deleted: before.deletedPrincipals },
      { present: servicePrincipals, deleted: deletedItems.servicePrincipals },
    ),
    ...pairs(before.appRoleAssignments, tenant.appRoleAssignments).flatMap((pair) =>
      permissionChange(
        tenant,
        pair[1] === undefined
          ? 'Remove app role assignment from service principal'
          : 'Add app role assignment to service principal',
        pair,
      ),
    ),
    ...pairs(before.oauth2PermissionGrants, tenant.oauth2PermissionGrants).flatMap((pair) =>
      grantChange(
        tenant,
        pair[1] === undefined ? 'Remove delegated permission grant' : 'Add delegated permission grant',
        pair,
      ),
    ),
    ...tenant.roleAssignments
      .filter(({ id }) => !has(before.roleAssignments, id))
      .flatMap((assignment) => activationChanges(tenant, assignment)),
  ];
}

/** Notes, for the audit log, what a request has changed since `before`. */
export function auditChanges(call: Call, before: Before): void {
  const initiatedBy = initiator(call);
  for (const change of changesSince(before, call.tenant))
    noteChange(call.world, rowOf(call, change, initiatedBy));
}
