import { activeRoles } from '../../entra/directory.ts';
import { type Json, textsOf } from '../../json.ts';
import type { User } from '../../model.ts';
import { isGuid, readBody } from '../body.ts';
import { type Call, contextOf, sameId } from '../context.ts';
import { lists, requireGroup, requireUser } from '../objects.ts';
import { count, entity, type Listing, list } from '../odata/list.ts';
import { badRequest, notFound, unknownSegment } from '../refusal.ts';
import {
  applicationView,
  directoryObjects,
  directoryRoleView,
  groupView,
  principalView,
  typed,
  userView,
} from '../representations.ts';
import { requirePermission, requireRole, rules } from '../rights.ts';
import type { Handler, Key, Routes } from '../router.ts';
import { directoryObjectType, directoryRoleType, groupType, userType } from '../types/directory.ts';
import type { ComplexType } from '../types/spec.ts';

function userListing(call: Call): Listing {
  requirePermission(call, rules.readUsers);
  return { type: userType, set: 'users', rows: call.tenant.users.map(userView) };
}

const user: Handler = (call, key) => {
  const isSelf = sameId(key.value, call.caller.id);
  requirePermission(call, isSelf && call.caller.kind === 'user' ? rules.readMe : rules.readUsers);
  return entity(call, userType, 'users', userView(requireUser(call, key)));
};

function groupListing(call: Call): Listing {
  requirePermission(call, rules.readGroups);
  return { type: groupType, set: 'groups', rows: call.tenant.groups.map(groupView) };
}

const group: Handler = (call, key) => {
  requirePermission(call, rules.readGroups);
  return entity(call, groupType, 'groups', groupView(requireGroup(call, key)));
};

const members: Handler = (call, key) => {
  requirePermission(call, rules.readGroups);
  const { members: ids } = requireGroup(call, key);
  const rows = directoryObjects(call.tenant, ids);
  return list(call, { type: directoryObjectType, set: 'directoryObjects', rows });
};

const transitiveMemberOf: Handler = (call, key, cast?: Key) => {
  requirePermission(call, rules.readUsers);
  const { id } = requireUser(call, key);
  return list(call, listMemberships(memberships(call, id, true), cast?.value));
};

/** All of them, whatever $top says. */
const directoryRoles: Handler = (call) => {
  requirePermission(call, rules.readRoles);
  const { top: _top, ...query } = call.query;
  const rows = call.tenant.directoryRoles.map(directoryRoleView);
  return list({ ...call, query }, { type: directoryRoleType, set: 'directoryRoles', rows });
};

function roleWith(call: Call, by: string | undefined, value: string): Json {
  if (by !== undefined && by !== 'roleTemplateId') throw unknownSegment('directoryRoles');
  const found = call.tenant.directoryRoles.find((role) =>
    sameId(by === undefined ? role.id : role.roleTemplateId, value),
  );
  if (found === undefined) throw notFound(value);
  return directoryRoleView(found);
}

const directoryRole: Handler = (call, key) => {
  requirePermission(call, rules.readRoles);
  return entity(call, directoryRoleType, 'directoryRoles', roleWith(call, key.by, key.value));
};

const roleMembers: Handler = (call, key) => {
  requirePermission(call, rules.readRoles);
  requireRole(call, 'readRoleAssignments');
  const { roleTemplateId } = roleWith(call, key.by, key.value);
  const held = call.tenant.roleAssignments.filter(
    ({ roleDefinitionId }) => roleDefinitionId === roleTemplateId,
  );
  const rows = directoryObjects(
    call.tenant,
    held.map(({ principalId }) => principalId),
  );
  return list(call, { type: directoryObjectType, set: 'directoryObjects', rows });
};

/** Users, groups and directory roles, as far as applications' owners and role checks need them. */
export const peopleRoutes: Routes = {
  users: { GET: (call) => list(call, userListing(call)) },
  'users/$count': { GET: (call) => count(call, userListing(call)) },
  'users/{}': { GET: user },
  'users/{}/transitiveMemberOf': { GET: transitiveMemberOf },
  'users/{}/transitiveMemberOf/{}': { GET: transitiveMemberOf },
  groups: { GET: (call) => list(call, groupListing(call)) },
  'groups/$count': { GET: (call) => count(call, groupListing(call)) },
  'groups/{}': { GET: group },
  'groups/{}/members': { GET: members },
  directoryRoles: { GET: directoryRoles },
  'directoryRoles/{}': { GET: directoryRole },
  'directoryRoles/{}/members': { GET: roleMembers },
};

function requireMe(call: Call): User {
  const me = call.tenant.users.find(({ id }) => id === call.caller.id);
  if (call.caller.kind === 'application' || me === undefined) {
    throw badRequest('/me request is only valid with delegated authentication flow.', 'BadRequest');
  }
  return me;
}

const me: Handler = (call) => {
  const user = requireMe(call);
  requirePermission(call, rules.readMe);
  return entity(call, userType, 'users', userView(user));
};

/** Groups and active directory roles of a principal; `transitive` counts roles that a group brings. */
export function memberships(call: Call, id: string, transitive: boolean): Json[] {
  const { groups, directoryRoles, roleAssignments } = call.tenant;
  const direct = roleAssignments
    .filter(({ principalId, directoryScopeId }) => principalId === id && directoryScopeId === '/')
    .map(({ roleDefinitionId }) => roleDefinitionId);
  const held = new Set(transitive ? activeRoles(call.world, id) : direct);
  return [
    ...groups.filter(({ members }) => members.includes(id)).map((group) => typed('group', groupView(group))),
    ...directoryRoles
      .filter(({ roleTemplateId }) => held.has(roleTemplateId))
      .map((role) => typed('directoryRole', directoryRoleView(role))),
  ];
}

const casts: Readonly<Record<string, Pick<Listing, 'type' | 'set'>>> = {
  group: { type: groupType, set: 'groups' },
  directoryrole: { type: directoryRoleType, set: 'directoryRoles' },
  administrativeunit: { type: directoryObjectType, set: 'administrativeUnits' },
};

/** A collection of memberships, or its rows of one type, without the type annotation. */
export function listMemberships(rows: readonly Json[], cast: string | undefined): Listing {
  if (cast === undefined) return { type: directoryObjectType, set: 'directoryObjects', rows };
  const name = /^(?:microsoft\.)?graph\.(\w+)$/i.exec(cast)?.[1]?.toLowerCase() ?? '';
  const target = Object.hasOwn(casts, name) ? casts[name] : undefined;
  if (target === undefined) throw unknownSegment(cast);
  const ofType = rows.filter((row) => String(row['@odata.type']).toLowerCase().endsWith(`.${name}`));
  const plain = ofType.map((row) =>
    Object.fromEntries(Object.entries(row).filter(([key]) => !key.includes('@'))),
  );
  return { ...target, rows: plain, cast: true };
}

const memberOf =
  (transitive: boolean): Handler =>
  (call, cast?: Key) => {
    const { id } = requireMe(call);
    requirePermission(call, rules.readMe);
    return list(call, listMemberships(memberships(call, id, transitive), cast?.value));
  };

const ownedObjects: Handler = (call) => {
  const { id } = requireMe(call);
  requirePermission(call, rules.readMe);
  const { applications, servicePrincipals } = call.tenant;
  const rows = [
    ...applications
      .filter((application) => application.owners.includes(id) && lists(call, application))
      .map((application) => typed('application', applicationView(application))),
    ...servicePrincipals
      .filter((principal) => principal.owners.includes(id) && lists(call, principal))
      .map((principal) => typed('servicePrincipal', principalView(call.tenant, principal))),
  ];
  return list(call, { type: directoryObjectType, set: 'directoryObjects', rows });
};

/** The signed-in person. */
export const meRoutes: Routes = {
  me: { GET: me },
  'me/memberOf': { GET: memberOf(false) },
  'me/memberOf/{}': { GET: memberOf(false) },
  'me/transitiveMemberOf': { GET: memberOf(true) },
  'me/transitiveMemberOf/{}': { GET: memberOf(true) },
  'me/ownedObjects': { GET: ownedObjects },
};

const getByIdsParameters: ComplexType = {
  name: 'microsoft.graph.getByIds',
  properties: { ids: 'String[]', types: 'String[]' },
};

/** graph-docs directoryobject-getbyids.md. */
const mostIds = 1000;

const read: Handler = (call, { value }) => {
  requirePermission(call, rules.readDirectory);
  if (!isGuid(value)) throw badRequest(`Invalid object identifier '${value}'.`);
  const [row] = directoryObjects(call.tenant, [value]);
  if (row === undefined) throw notFound(value);
  return entity(call, directoryObjectType, 'directoryObjects', row);
};

const getByIds: Handler = (call) => {
  const body = readBody(call.request, getByIdsParameters);
  requirePermission(call, rules.readDirectory);
  const ids = textsOf(body, 'ids');
  const malformed = ids.find((id) => !isGuid(id));
  if (malformed !== undefined) throw badRequest(`Invalid GUID:${malformed}`);
  if (ids.length > mostIds) throw badRequest(`Too many ids; the limit is ${mostIds}.`);
  const types = textsOf(body, 'types').map((name) => `#microsoft.graph.${name}`.toLowerCase());
  const value = directoryObjects(call.tenant, ids).filter(
    (row) => types.length === 0 || types.includes(String(row['@odata.type']).toLowerCase()),
  );
  return { status: 200, body: { '@odata.context': contextOf(call, 'directoryObjects'), value } };
};

/** Objects of any type by their id. */
export const directoryObjectRoutes: Routes = {
  'directoryObjects/{}': { GET: read },
  'directoryObjects/getByIds': { POST: getByIds },
  'directoryObjects/microsoft.graph.getByIds': { POST: getByIds },
};
