import { type Fields, fieldsOf, sameId, textOf } from '../../core/fields.ts';
import type { Answer } from '../../core/findings.ts';
import { joinWords } from '../../core/text.ts';
import type { Directory } from '../../graph/directory.ts';
import { listAll } from '../../graph/directory.ts';
import { withFallback } from '../../graph/directory-error.ts';
import { echoes, isResource, type ResourceName } from '../../graph/resource-schemas.ts';
import type { Failure } from '../../http/retry.ts';
import { likelyKey } from '../application/read-application.ts';
import type { Account, DirectoryRole } from '../directory-objects.ts';
import type { ObserveInput, ObserveIo } from '../model.ts';
import { readIfPossible, seenIn } from '../optional-read.ts';
import { everyUser, roleName, type TaskName, tasks } from './role-table.ts';

/** What only some may read is no reason to stop: undefined then. */
const readIfAllowed = async (
  directory: Directory,
  path: string,
  purpose: string,
  name: ResourceName,
  headers: Readonly<Record<string, string>> = {},
): Promise<Fields[] | undefined> =>
  seenIn(
    await readIfPossible(directory, (optional) =>
      listAll(optional, { method: 'GET', path, purpose, headers }, isResource(name)),
    ),
  );

/** Active built-in roles, those that a group brings included (graph-docs user-list-transitivememberof). */
async function activeRoles(directory: Directory): Promise<DirectoryRole[] | undefined> {
  const rows = await readIfAllowed(
    directory,
    '/me/transitiveMemberOf/microsoft.graph.directoryRole?$count=true&$select=id,displayName,roleTemplateId',
    'read the roles of the account',
    'directoryRole',
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
async function assignedRoles(directory: Directory, id: string): Promise<DirectoryRole[]> {
  if (id === '') return [];
  const filter = encodeURIComponent(`principalId eq '${id}'`);
  const path = `/roleManagement/directory/roleAssignments?$filter=${filter}&$expand=roleDefinition`;
  const purpose = 'read the role assignments of the account';
  const rows = (await readIfAllowed(directory, path, purpose, 'roleAssignment')) ?? [];
  return rows
    .filter((row) => !textOf(row['directoryScopeId']).startsWith('/administrativeUnits/'))
    .map(assignedRole);
}

async function readRoles(directory: Directory, id: string): Promise<DirectoryRole[] | undefined> {
  const [active, assigned] = await Promise.all([activeRoles(directory), assignedRoles(directory, id)]);
  if (!active) return undefined;
  const known = new Set(active.map(({ roleTemplateId }) => roleTemplateId));
  return [...active, ...assigned.filter(({ roleTemplateId }) => !known.has(roleTemplateId))];
}

/**
 * Whether `id` is among the owners of the application that is most likely meant; unknown where it turns out to be
 * another, or nobody knows whose id to look for.
 */
async function readOwnership(
  directory: Directory,
  input: ObserveInput,
  id: string | Promise<string>,
): Promise<Answer> {
  const path = `/applications(${likelyKey(input)})/owners?$select=id`;
  const request = { method: 'GET', path, purpose: 'read who owns the application' } as const;
  const owners = seenIn(
    await readIfPossible(directory, (optional) => listAll(optional, request, isResource('owner'))),
  );
  if (!owners) return 'unknown';
  const own = await id;
  if (own === '' && owners.length > 0) return 'unknown';
  return owners.some((owner) => sameId(textOf(owner['id']), own)) ? 'yes' : 'no';
}

/**
 * Roles that the account may activate for the whole tenant (graph-docs roleeligibilityscheduleinstance). A sign-in
 * without the permission cannot tell; a tenant without Microsoft Entra ID P2 or Governance has none.
 */
async function readEligible(directory: Directory): Promise<Account['eligible']> {
  const request = {
    method: 'GET',
    path: "/roleManagement/directory/roleEligibilityScheduleInstances/filterByCurrentUser(on='principal')",
    purpose: 'read which roles the account may activate',
  } as const;
  const isUnlicensed = ({ code }: Failure): boolean => code === 'AadPremiumLicenseRequired';
  const rows = seenIn(
    await readIfPossible(directory, (optional) =>
      withFallback(listAll(optional, request, isResource('roleEligibility')), isUnlicensed, []),
    ),
  );
  if (!rows) return 'unknown';
  return rows
    .filter((row) => row['directoryScopeId'] === '/')
    .map((row) => textOf(row['roleDefinitionId']).toLowerCase())
    .map((id) => ({ roleTemplateId: id, displayName: roleName(id) ?? id }));
}

interface Person {
  readonly id: string;
  readonly name: string;
  /** Undefined where Graph does not tell. */
  readonly isGuest: boolean | undefined;
}

/** Who is signed in, as Graph says; rejects for an application (400, graph-docs user-get: "/me … delegated"). */
async function requestPerson(
  directory: Directory,
  { name, objectId }: ObserveInput['signedIn'],
): Promise<Person> {
  const body = await directory.send({
    method: 'GET',
    path: '/me?$select=id,displayName,userPrincipalName,userType,accountEnabled',
    purpose: 'read who is signed in',
    accepts: echoes('user', objectId === '' ? {} : { id: objectId }),
  });
  const user = fieldsOf(body);
  return {
    id: textOf(user['id']),
    name: textOf(user['userPrincipalName']) || textOf(user['displayName']) || name,
    isGuest: user['userType'] === 'Guest',
  };
}

/** As Graph shows the person, else as the sign-in does. */
async function readPerson(directory: Directory, signedIn: ObserveInput['signedIn']): Promise<Person> {
  const { objectId: id, name } = signedIn;
  const seen = await readIfPossible(directory, (optional) => requestPerson(optional, signedIn));
  return 'hidden' in seen ? { id, name, isGuest: undefined } : seen.value;
}

/** `/me` of a sign-in without a person. */
const isNobody = ({ kind, status }: Failure): boolean => kind === 'http' && status === 400;

/** Who is signed in, with everything that decides what the account may do. Rejects with DirectoryError. */
export async function observeAccount({ directory, cloud }: ObserveIo, input: ObserveInput): Promise<Account> {
  const { kind, name, objectId, permissions, roleHints } = input.signedIn;
  const portal = cloud.entraPortal;
  const base = { portal, roleHints: roleHints.filter((id) => id !== everyUser) };
  const asApplication = async (): Promise<Account> => {
    const ownsApplication = await readOwnership(directory, input, objectId);
    const known = { id: objectId, name, permissions, isGuest: false };
    return { ...base, ...known, kind: 'application', roles: [], ownsApplication, eligible: [] };
  };
  if (kind === 'application') return asApplication();
  const person =
    kind === 'user'
      ? readPerson(directory, input.signedIn)
      : withFallback(requestPerson(directory, input.signedIn), isNobody, undefined);
  // Known at once as a rule: all of this then goes in one batch.
  const id = objectId !== '' ? objectId : person.then((found) => found?.id ?? '');
  const [found, roles, ownsApplication, eligible] = await Promise.all([
    person,
    typeof id === 'string' ? readRoles(directory, id) : id.then((late) => readRoles(directory, late)),
    readOwnership(directory, input, id),
    readEligible(directory),
  ]);
  if (!found) return asApplication();
  return { ...base, ...found, kind: 'user', permissions: [], roles, ownsApplication, eligible };
}

/** The role to activate for a part of the job: the least of those that the account is eligible for. Pure. */
export function activatable({ eligible }: Account, name: TaskName): DirectoryRole | undefined {
  if (eligible === 'unknown') return undefined;
  const least = tasks[name].roles.find((id) => eligible.some(({ roleTemplateId }) => roleTemplateId === id));
  return eligible.find(({ roleTemplateId }) => roleTemplateId === least);
}

/** Where in the portal roles are activated. */
export const activationPath = 'Identity governance > Privileged Identity Management > My roles';

/** Where roles are activated, in words, with the address to begin at. */
export const activationPlace = ({ portal }: Account): string => `${portal} (${activationPath})`;

/** `ada@contoso.com (Global Administrator)`. */
export function describeAccount(account: Account): string {
  if (account.kind === 'application') return `${account.name} (application)`;
  const names = account.roles?.map((role) => role.displayName).filter((name) => name !== '');
  const roles = names ? joinWords(names) || 'no active role' : 'roles not readable';
  return `${account.name} (${account.isGuest ? 'guest, ' : ''}${roles})`;
}
