import type { Call, Json } from '../context.ts';
import { sameId } from '../context.ts';
import { requireGroup, requireUser } from '../objects.ts';
import { count, type Listing, list } from '../odata/list.ts';
import { entity } from '../odata/select.ts';
import type { Key } from '../path.ts';
import { notFound, unknownSegment } from '../refusal.ts';
import { requirePermission, requireRole, rules } from '../rights.ts';
import type { Handler, Routes } from '../router.ts';
import { directoryObjectType, directoryRoleType, groupType, userType } from '../types/directory.ts';
import { directoryObjects, directoryRoleView, groupView, userView } from '../views.ts';
import { listMemberships, memberships } from './me.ts';

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
