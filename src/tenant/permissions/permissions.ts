import { Refused } from '../../core/engine.ts';
import { WizardError } from '../../core/errors.ts';
import { fieldsOf, listOf, textOf, valuesOf } from '../../core/fields.ts';
import type { Finding } from '../../core/findings.ts';
import type { Directory } from '../../graph/directory.ts';
import { failedWith, isAlreadyThere, isDenied, isNotFound } from '../../graph/directory-error.ts';
import type { Failure } from '../../http/retry.ts';
import { rolesThatGrant } from '../account/role-table.ts';
import type { ApiName, AppRoleAssignment, Resource } from '../directory-objects.ts';
import { apiNames } from '../directory-objects.ts';
import { awaited, resourceAppIds, showsId } from '../graph.ts';
import type { Change, Have, NeededPermission, ObserveIo, Step, Update, Wanted } from '../model.ts';
import { parseAssignment } from '../service-principal.ts';
import { grants, missingPermissions, neededPermissions, permissionName } from './needed-permissions.ts';

async function readResource(io: ObserveIo, api: ApiName): Promise<Resource | undefined> {
  const appId = resourceAppIds[api];
  try {
    const body = await io.directory.send({
      method: 'GET',
      path: `/servicePrincipals(appId='${appId}')?$select=id,appId,displayName,appRoles`,
      purpose: 'read the permissions that this tenant offers',
    });
    const fields = fieldsOf(body);
    const appRoles = listOf(fields['appRoles'])
      .filter(
        (role) => role['isEnabled'] !== false && listContains(role['allowedMemberTypes'], 'Application'),
      )
      .map((role) => ({
        id: textOf(role['id']),
        value: textOf(role['value']),
        displayName: textOf(role['displayName']),
      }));
    return { api, id: textOf(fields['id']), appId, displayName: textOf(fields['displayName']), appRoles };
  } catch (error) {
    if (failedWith(error, isNotFound)) return undefined;
    throw error;
  }
}

const listContains = (value: unknown, item: string): boolean => Array.isArray(value) && value.includes(item);

async function observe(io: ObserveIo): Promise<Partial<Have>> {
  const resources = await Promise.all(apiNames.map((api) => readResource(io, api)));
  return { resources: resources.filter((resource) => resource !== undefined) };
}

/** Graph says that it is granted: read by filter, since its id is not in the refusal. A list that lags may lack it. */
async function findGranted(
  permission: NeededPermission,
  principalId: string,
  awaits: readonly string[],
  directory: Directory,
): Promise<AppRoleAssignment> {
  const body = await directory.send({
    method: 'GET',
    path: `/servicePrincipals/${principalId}/appRoleAssignments?$filter=resourceId eq ${permission.resourceId}`,
    purpose: `look for the grant of ${permissionName(permission)}`,
    awaits,
  });
  const found = valuesOf(body)
    .map(parseAssignment)
    .find((assignment) => grants(assignment, permission));
  const { appRoleId, resourceId, resourceName } = permission;
  return found ?? { id: '', appRoleId, resourceId, resourceDisplayName: resourceName };
}

/** Whatever Graph has against a permission of the retired API, the job goes on without it. */
const orLeftOut = (permission: NeededPermission, error: unknown): unknown =>
  permission.api === 'azure-ad-graph' && failedWith(error, isFinal)
    ? new Refused(`grant ${permissionName(permission)}`, error)
    : error;

const isFinal = ({ kind, status }: Failure): boolean =>
  kind === 'http' && status >= 400 && status < 500 && ![401, 408, 429].includes(status);

/** Granting an application permission is what the portal calls admin consent (entra-docs grant-admin-consent). */
async function grant(permission: NeededPermission, have: Have, directory: Directory): Promise<Update> {
  const { servicePrincipal } = have;
  if (!servicePrincipal) throw new WizardError('unexpected', 'There is no service principal to grant to.');
  const awaits = awaited(have, servicePrincipal.id);
  let made: AppRoleAssignment;
  let isOurs = true;
  try {
    const body = await directory.send({
      method: 'POST',
      path: `/servicePrincipals/${permission.resourceId}/appRoleAssignedTo`,
      body: {
        principalId: servicePrincipal.id,
        resourceId: permission.resourceId,
        appRoleId: permission.appRoleId,
      },
      purpose: `grant ${permissionName(permission)}`,
      awaits,
      repeatable: true,
      accepts: showsId,
    });
    made = parseAssignment(body);
  } catch (error) {
    if (failedWith(error, isDenied)) throw new Refused(`grant ${permissionName(permission)}`, error);
    if (!failedWith(error, isAlreadyThere)) throw orLeftOut(permission, error);
    made = await findGranted(permission, servicePrincipal.id, awaits, directory);
    isOurs = error.uncertain && made.id !== '';
  }
  const entry = { kind: 'appRoleAssignment', name: permissionName(permission), id: made.id } as const;
  return (now) => ({
    ...now,
    assignments: [...(now.assignments ?? []), made],
    made: isOurs ? [...now.made, entry] : now.made,
  });
}

function plan(want: Wanted, have: Have): Change[] {
  const missing = missingPermissions(want, have);
  return neededPermissions(want, have).map((permission) => {
    const name = permissionName(permission);
    const base = { kind: 'appRoleAssignment', name } as const;
    if (!missing.includes(permission) && !missing.some((other) => permissionName(other) === name)) {
      const id = have.assignments?.find((assignment) => grants(assignment, permission))?.id;
      return { ...base, action: 'keep', title: `${name} is granted`, ...(id ? { id } : {}) };
    }
    return {
      ...base,
      action: 'create',
      title: `Grant ${permission.resourceName} ${permission.value} (admin consent)`,
      apply: (now, io) => grant(permission, now, io.directory),
    };
  });
}

const retired = {
  remedy: 'Move whatever still needs it to Microsoft Graph; leave --api azure-ad-graph out.',
  code: 'legacy-api-retired',
} as const;

function checkOne(permission: NeededPermission, have: Have): Finding {
  const name = permissionName(permission);
  const base = { id: `permission.${name}`, title: `${permission.resourceName} ${permission.value}` };
  if (!have.assignments) return { ...base, status: 'skip', evidence: 'granted permissions are not readable' };
  const assignment = have.assignments.find((candidate) => grants(candidate, permission));
  if (assignment) return { ...base, status: 'pass', evidence: 'granted for the organisation' };
  if (permission.api === 'azure-ad-graph') {
    return { ...base, status: 'warn', evidence: 'not granted', ...retired };
  }
  return {
    ...base,
    status: 'fail',
    evidence: 'not granted',
    remedy: `Consent takes ${rolesThatGrant}. When it has been given, run the same command again.`,
    code: 'consent-pending',
  };
}

function checkExcess(want: Wanted, have: Have): Finding {
  const base = { id: 'permission.excess', title: 'No other permissions' };
  if (!have.assignments) return { ...base, status: 'skip', evidence: 'granted permissions are not readable' };
  const needed = neededPermissions({ ...want, apis: apiNames }, have);
  const excess = have.assignments.filter(
    (assignment) => !needed.some((permission) => grants(assignment, permission)),
  );
  if (excess.length === 0) return { ...base, status: 'pass', evidence: 'nothing beyond what the job needs' };
  const names = excess.map((assignment) => nameOf(assignment, have)).join(', ');
  return {
    ...base,
    status: 'warn',
    evidence: `also granted: ${names}`,
    remedy: 'Remove what it does not need, under Enterprise applications > Permissions.',
    code: 'permission-excess',
  };
}

function nameOf(assignment: AppRoleAssignment, have: Have): string {
  const resource = have.resources.find((candidate) => candidate.id === assignment.resourceId);
  const value = resource?.appRoles.find((role) => role.id === assignment.appRoleId)?.value;
  return `${assignment.resourceDisplayName} ${value ?? assignment.appRoleId}`;
}

function checkLegacy(want: Wanted, have: Have): Finding[] {
  if (!want.apis.includes('azure-ad-graph')) return [];
  const base = { id: 'permission.azure-ad-graph', title: 'Azure AD Graph (retired)' };
  const offered = neededPermissions({ apis: ['azure-ad-graph'] }, have);
  if (offered.length === 0) {
    return [
      { ...base, status: 'skip', evidence: 'this tenant no longer has Azure AD Graph: nothing is granted' },
    ];
  }
  const held = offered.some((permission) =>
    have.assignments?.some((assignment) => grants(assignment, permission)),
  );
  const evidence = held
    ? 'Azure AD Graph is retired: the permission is granted, and may do nothing any more'
    : 'Azure AD Graph is retired: its permission may do nothing any more';
  return [{ ...base, status: 'warn', evidence, ...retired }];
}

/** Application permissions: what the job needs, granted for the organisation, and nothing more. */
export const permissions: Step = {
  id: 'permissions',
  observe,
  plan,
  check: (want, have) => [
    ...neededPermissions(want, have).map((permission) => checkOne(permission, have)),
    checkExcess(want, have),
    ...checkLegacy(want, have),
  ],
};
