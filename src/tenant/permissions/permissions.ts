import { Refused } from '../../core/engine.ts';
import { WizardError } from '../../core/errors.ts';
import { fieldsOf, listOf, sameId, textOf, valuesOf } from '../../core/fields.ts';
import type { Finding } from '../../core/findings.ts';
import type { Directory } from '../../graph/directory.ts';
import { listAll } from '../../graph/directory.ts';
import {
  failedWith,
  isAlreadyThere,
  isDenied,
  isFinal,
  isNotFound,
  withFallback,
} from '../../graph/directory-error.ts';
import { echoes, isPage, isResource } from '../../graph/resource-schemas.ts';
import { rolesThatGrant } from '../account/role-table.ts';
import { awaited, showsMade } from '../changes.ts';
import type { ApiName, AppRoleAssignment, Resource } from '../directory-objects.ts';
import type { Change, Have, NeededPermission, ObserveIo, Step, Update, Wanted } from '../model.ts';
import { readIfPossible, type Sight, seenIn } from '../optional-read.ts';
import { cannotTell, fail, pass, skip, type Verdict, warn } from '../verdict.ts';

/** Well-known application ids (entra-docs permissions-reference; the same in every tenant). */
const resourceAppIds: Readonly<Record<ApiName, string>> = {
  'microsoft-graph': '00000003-0000-0000-c000-000000000000',
  'azure-ad-graph': '00000002-0000-0000-c000-000000000000',
};

/** Application permissions the job needs of each API, by `value`; their ids are looked up in the tenant. */
const neededValues: Readonly<Record<ApiName, readonly string[]>> = {
  'microsoft-graph': ['AuditLog.Read.All', 'Directory.Read.All'],
  'azure-ad-graph': ['Directory.Read.All'],
};

/**
 * The permissions that are wanted, with their ids in this tenant. An API that the tenant lacks gives none, nor does the
 * retired one where it no longer offers any. Throws WizardError when another does not declare a permission it must have.
 */
export function neededPermissions(
  want: Pick<Wanted, 'apis'>,
  have: Pick<Have, 'resources'>,
): NeededPermission[] {
  return want.apis.flatMap((api) => {
    const resource = have.resources.find((candidate) => candidate.api === api);
    if (!resource) return [];
    return neededValues[api].flatMap((value) => {
      const role = resource.appRoles.find((candidate) => candidate.value === value);
      if (!role && api === 'azure-ad-graph') return [];
      if (!role) {
        throw new WizardError(
          'graph-refused',
          `${resource.displayName} offers no permission ${value} in this tenant.`,
        );
      }
      return {
        api,
        value,
        appRoleId: role.id,
        resourceId: resource.id,
        resourceAppId: resource.appId,
        resourceName: resource.displayName,
      };
    });
  });
}

/** True for the assignment that grants that permission. */
export function grants(assignment: AppRoleAssignment, permission: NeededPermission): boolean {
  return (
    sameId(assignment.appRoleId, permission.appRoleId) && sameId(assignment.resourceId, permission.resourceId)
  );
}

/** Wanted permissions that are not granted yet. */
export function missingPermissions(want: Pick<Wanted, 'apis'>, have: Have): NeededPermission[] {
  return neededPermissions(want, have).filter(
    (permission) => !have.assignments?.some((assignment) => grants(assignment, permission)),
  );
}

/** How a permission is called in checks and in the config file; Graph's go without a prefix. */
export function permissionName(permission: Pick<NeededPermission, 'api' | 'value'>): string {
  return permission.api === 'microsoft-graph' ? permission.value : `${permission.api}/${permission.value}`;
}

function parseResource(api: ApiName, body: unknown): Resource {
  const fields = fieldsOf(body);
  const appRoles = listOf(fields['appRoles'])
    .filter(({ isEnabled, allowedMemberTypes: types }) => {
      return isEnabled !== false && Array.isArray(types) && types.includes('Application');
    })
    .map((role) => ({
      id: textOf(role['id']),
      value: textOf(role['value']),
      displayName: textOf(role['displayName']),
    }));
  const appId = resourceAppIds[api];
  return { api, id: textOf(fields['id']), appId, displayName: textOf(fields['displayName']), appRoles };
}

async function readResource(directory: Directory, api: ApiName): Promise<Resource | undefined> {
  const path = `/servicePrincipals(appId='${resourceAppIds[api]}')?$select=id,appId,displayName,appRoles`;
  const purpose = 'read the permissions that this tenant offers';
  const accepts = echoes('resource', { appId: resourceAppIds[api] });
  const body = directory.send({ method: 'GET', path, purpose, accepts });
  return withFallback(
    body.then((shown) => parseResource(api, shown)),
    isNotFound,
    undefined,
  );
}

/** Nobody needs a permission of the retired API. */
async function observe({ directory }: ObserveIo): Promise<Partial<Have>> {
  const [graph, retired] = await Promise.all([
    readResource(directory, 'microsoft-graph'),
    readIfPossible(directory, (optional) => readResource(optional, 'azure-ad-graph')),
  ]);
  const resources = [graph, seenIn(retired)].filter((resource) => resource !== undefined);
  return { resources, ...('hidden' in retired ? { retiredApiHidden: retired.hidden } : {}) };
}

/** Reads an `appRoleAssignment` as Graph shows it. */
function parseAssignment(body: unknown): AppRoleAssignment {
  const fields = fieldsOf(body);
  return {
    id: textOf(fields['id']),
    appRoleId: textOf(fields['appRoleId']),
    resourceId: textOf(fields['resourceId']),
    resourceDisplayName: textOf(fields['resourceDisplayName']),
  };
}

/** The granted application permissions of a client id. */
export function readAssignments(
  directory: Directory,
  appId: string,
): Promise<Sight<readonly AppRoleAssignment[]>> {
  const path = `/servicePrincipals(appId='${appId}')/appRoleAssignments?$top=999`;
  const request = { method: 'GET', path, purpose: 'read the granted permissions' } as const;
  return readIfPossible(
    directory,
    async (optional) =>
      (await listAll(optional, request, isResource('appRoleAssignment'))).map(parseAssignment),
    'the granted permissions',
  );
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
    accepts: (shown) => isPage(shown, echoes('appRoleAssignment', { principalId })),
  });
  const found = valuesOf(body)
    .map(parseAssignment)
    .find((assignment) => grants(assignment, permission));
  const { appRoleId, resourceId, resourceName } = permission;
  return found ?? { id: '', appRoleId, resourceId, resourceDisplayName: resourceName };
}

/** The job goes on without: somebody else may grant it, and nobody needs a permission of the retired API. */
const isDispensable = (permission: NeededPermission, error: unknown): boolean =>
  failedWith(error, isDenied) || (permission.api === 'azure-ad-graph' && failedWith(error, isFinal));

/** Granting an application permission is what the portal calls admin consent (entra-docs grant-admin-consent). */
async function grant(permission: NeededPermission, have: Have, directory: Directory): Promise<Update> {
  const { servicePrincipal } = have;
  if (!servicePrincipal) throw new WizardError('unexpected', 'There is no service principal to grant to.');
  const name = permissionName(permission);
  const purpose = `grant ${name}`;
  const awaits = awaited(have, servicePrincipal.id);
  const { resourceId, appRoleId } = permission;
  const asked = { principalId: servicePrincipal.id, resourceId, appRoleId };
  let made: AppRoleAssignment;
  let isOurs = true;
  try {
    const body = await directory.send({
      method: 'POST',
      path: `/servicePrincipals/${resourceId}/appRoleAssignedTo`,
      body: asked,
      purpose,
      awaits,
      repeatable: true,
      accepts: showsMade('appRoleAssignment', asked),
    });
    made = parseAssignment(body);
  } catch (error) {
    if (!failedWith(error, isAlreadyThere)) {
      throw isDispensable(permission, error) ? new Refused(purpose, error) : error;
    }
    made = await findGranted(permission, servicePrincipal.id, awaits, directory);
    isOurs = error.uncertain && made.id !== '';
  }
  const entry = { kind: 'appRoleAssignment', name, id: made.id } as const;
  return (now) => ({
    ...now,
    assignments: [...(now.assignments ?? []), made],
    made: isOurs ? [...now.made, entry] : now.made,
  });
}

function plan(want: Wanted, have: Have): Change[] {
  return neededPermissions(want, have).map((permission) => {
    const name = permissionName(permission);
    const base = { kind: 'appRoleAssignment', name } as const;
    const granted = have.assignments?.find((assignment) => grants(assignment, permission));
    if (granted) {
      const id = granted.id === '' ? {} : { id: granted.id };
      return { ...base, ...id, action: 'keep', title: `${name} is granted` };
    }
    return {
      ...base,
      action: 'create',
      title: `Grant ${permission.resourceName} ${permission.value} (admin consent)`,
      apply: (now, io) => grant(permission, now, io.directory),
    };
  });
}

const retiredRemedy =
  'Move whatever still needs it to Microsoft Graph; leave --api azure-ad-graph out, and remove the grant under Enterprise applications > Permissions.';

function judgeOne(permission: NeededPermission, assignments: readonly AppRoleAssignment[]): Verdict {
  if (assignments.some((candidate) => grants(candidate, permission))) {
    return pass('granted for the organisation');
  }
  if (permission.api === 'azure-ad-graph') return warn('legacy-api-retired', 'not granted', retiredRemedy);
  return fail(
    'consent-pending',
    'not granted',
    `Consent takes ${rolesThatGrant}. When it has been given: \`reporting-setup …\``,
  );
}

function nameOf(assignment: AppRoleAssignment, have: Have): string {
  const resource = have.resources.find((candidate) => candidate.id === assignment.resourceId);
  const value = resource?.appRoles.find((role) => role.id === assignment.appRoleId)?.value;
  return `${assignment.resourceDisplayName} ${value ?? assignment.appRoleId}`;
}

function judgeExcess(want: Wanted, have: Have, assignments: readonly AppRoleAssignment[]): Verdict {
  const needed = neededPermissions(want, have);
  const excess = assignments.filter((one) => !needed.some((permission) => grants(one, permission)));
  if (excess.length === 0) return pass('none beyond what the job needs');
  return warn(
    'permission-excess',
    `also granted: ${excess.map((one) => nameOf(one, have)).join(', ')}`,
    'Remove what it does not need, under Enterprise applications > Permissions.',
  );
}

function judgeRetired(have: Have): Verdict {
  const offered = neededPermissions({ apis: ['azure-ad-graph'] }, have);
  if (have.retiredApiHidden !== undefined) return cannotTell(have.retiredApiHidden);
  if (offered.length === 0) return skip('this tenant no longer has Azure AD Graph: nothing is granted');
  const isHeld = offered.some((permission) => have.assignments?.some((one) => grants(one, permission)));
  const evidence = isHeld
    ? 'Azure AD Graph is retired: the permission is granted, and may do nothing any more'
    : 'Azure AD Graph is retired: its permission may do nothing any more';
  return warn('legacy-api-retired', evidence, retiredRemedy);
}

function check(want: Wanted, have: Have): Finding[] {
  const { assignments, assignmentsHidden } = have;
  const untold = cannotTell(assignmentsHidden ?? 'the granted permissions were not read');
  // Where the list is hidden, those that this run granted are known, and of all others nobody can tell.
  const isWhole = assignments !== undefined && assignmentsHidden === undefined;
  const judgeNeeded = (permission: NeededPermission): Verdict => {
    const isGranted = assignments?.some((candidate) => grants(candidate, permission));
    return isWhole || isGranted ? judgeOne(permission, assignments ?? []) : untold;
  };
  const retired = { id: 'permission.azure-ad-graph', title: 'Azure AD Graph (retired)' };
  return [
    ...neededPermissions(want, have).map((permission) => ({
      id: `permission.${permissionName(permission)}`,
      title: `${permission.resourceName} ${permission.value}`,
      ...judgeNeeded(permission),
    })),
    {
      id: 'permission.excess',
      title: 'Other permissions',
      ...(isWhole ? judgeExcess(want, have, assignments) : untold),
    },
    ...(want.apis.includes('azure-ad-graph') ? [{ ...retired, ...judgeRetired(have) }] : []),
  ];
}

/** Application permissions: what the job needs, granted for the organisation, and nothing more. */
export const permissions: Step = { id: 'permissions', observe, plan, check };
