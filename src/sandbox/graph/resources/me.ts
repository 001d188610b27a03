import { activeRoles } from '../../entra/directory.ts';
import type { User } from '../../model.ts';
import type { Call, Json } from '../context.ts';
import { type Listing, list } from '../odata/list.ts';
import { entity } from '../odata/select.ts';
import type { Key } from '../path.ts';
import { badRequest, unknownSegment } from '../refusal.ts';
import { requirePermission, rules } from '../rights.ts';
import type { Handler, Routes } from '../router.ts';
import { directoryObjectType, directoryRoleType, groupType, userType } from '../types/directory.ts';
import { applicationView, directoryRoleView, groupView, principalView, typed, userView } from '../views.ts';
import { lists } from '../visibility.ts';

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
