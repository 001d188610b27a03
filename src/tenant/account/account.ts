import { type Fields, fieldsOf, sameId, textOf } from '../../core/fields.ts';
import type { Answer } from '../../core/findings.ts';
import { listAll } from '../../graph/directory.ts';
import { failedWith, isNotFound } from '../../graph/directory-error.ts';
import type { Account, DirectoryRole } from '../directory-objects.ts';
import { ownUniqueName } from '../graph.ts';
import type { ObserveInput, ObserveIo } from '../model.ts';
import { observeEligible } from './pim.ts';
import { everyUser, roleName } from './role-table.ts';

/** What only some may read is no reason to stop: undefined then. */
async function readIfAllowed(
  io: ObserveIo,
  path: string,
  purpose: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Fields[] | undefined> {
  try {
    return await listAll(io.directory, { method: 'GET', path, purpose, headers });
  } catch (error) {
    if (failedWith(error, ({ kind, status }) => kind === 'http' && status < 500)) return undefined;
    throw error;
  }
}

/** Active built-in roles, those that a group brings included (graph-docs user-list-transitivememberof). */
async function activeRoles(io: ObserveIo): Promise<DirectoryRole[] | undefined> {
  const rows = await readIfAllowed(
    io,
    '/me/transitiveMemberOf/microsoft.graph.directoryRole?$count=true&$select=id,displayName,roleTemplateId',
    'read the roles of the account',
    { ConsistencyLevel: 'eventual' },
  );
  const roles = rows?.map((role) => ({
    roleTemplateId: textOf(role['roleTemplateId']).toLowerCase(),
    displayName: textOf(role['displayName']),
  }));
  // A sign-in that may see little gets roles without their template: that is unknown, not none.
  return roles?.some(({ roleTemplateId }) => roleTemplateId === '') ? undefined : roles;
}

/** A role that holds in a part of the directory alone goes by another id: what it allows here cannot be told. */
function assignedRole(row: Fields): DirectoryRole {
  const id = textOf(row['roleDefinitionId']).toLowerCase();
  const scope = textOf(row['directoryScopeId']);
  const name =
    textOf(fieldsOf(row['roleDefinition'])['displayName']) || (roleName(id) ?? 'a role of its own');
  return scope === '/'
    ? { roleTemplateId: id, displayName: name }
    : { roleTemplateId: `${id}${scope}`, displayName: `${name} for part of the directory` };
}

/** Roles assigned directly, custom ones among them; few accounts may read this (graph-docs, list roleAssignments). */
async function assignedRoles(io: ObserveIo, id: string): Promise<DirectoryRole[]> {
  if (id === '') return [];
  const filter = encodeURIComponent(`principalId eq '${id}'`);
  const path = `/roleManagement/directory/roleAssignments?$filter=${filter}&$expand=roleDefinition`;
  const rows = (await readIfAllowed(io, path, 'read the role assignments of the account')) ?? [];
  return rows
    .filter((row) => !textOf(row['directoryScopeId']).startsWith('/administrativeUnits/'))
    .map(assignedRole);
}

async function observeRoles(io: ObserveIo, id: string): Promise<DirectoryRole[] | undefined> {
  const [active, assigned] = await Promise.all([activeRoles(io), assignedRoles(io, id)]);
  if (!active) return undefined;
  const known = new Set(active.map(({ roleTemplateId }) => roleTemplateId));
  return [...active, ...assigned.filter(({ roleTemplateId }) => !known.has(roleTemplateId))];
}

/** Owners of the application that is most likely meant; unknown where it turns out to be another. */
async function observeOwnership(io: ObserveIo, seed: ObserveInput): Promise<Answer> {
  const key = seed.clientId === undefined ? `uniqueName='${ownUniqueName}'` : `appId='${seed.clientId}'`;
  try {
    const path = `/applications(${key})/owners?$select=id`;
    const purpose = 'read who owns the application';
    const owners = await listAll(io.directory, { method: 'GET', path, purpose });
    return owners.some((owner) => sameId(textOf(owner['id']), seed.signedIn.objectId)) ? 'yes' : 'no';
  } catch (error) {
    if (failedWith(error, (failure) => isNotFound(failure) && seed.clientId === undefined)) return 'no';
    if (failedWith(error, ({ kind, status }) => kind === 'http' && status < 500)) return 'unknown';
    throw error;
  }
}

async function observePerson(
  io: ObserveIo,
  seed: ObserveInput,
): Promise<Pick<Account, 'id' | 'name' | 'isGuest'>> {
  const body = await io.directory.send({
    method: 'GET',
    path: '/me?$select=id,displayName,userPrincipalName,userType,accountEnabled',
    purpose: 'read who is signed in',
  });
  const user = fieldsOf(body);
  return {
    id: textOf(user['id']),
    name: textOf(user['userPrincipalName']) || textOf(user['displayName']) || seed.signedIn.name,
    isGuest: user['userType'] === 'Guest',
  };
}

/** Who is signed in, with everything that decides what the account may do. Rejects with DirectoryError. */
export async function observeAccount(io: ObserveIo, seed: ObserveInput): Promise<Account> {
  const { kind, name, objectId, permissions, roleHints } = seed.signedIn;
  const portal = io.cloud.entraPortal;
  const base = { kind, permissions, portal, roleHints: roleHints.filter((id) => id !== everyUser) };
  if (kind === 'application') {
    const ownsApplication = await observeOwnership(io, seed);
    return { ...base, id: objectId, name, roles: [], isGuest: false, ownsApplication, eligible: [] };
  }
  const [person, roles, ownsApplication, eligible] = await Promise.all([
    observePerson(io, seed),
    observeRoles(io, objectId),
    observeOwnership(io, seed),
    observeEligible(io),
  ]);
  return { ...base, ...person, roles, ownsApplication, eligible };
}
