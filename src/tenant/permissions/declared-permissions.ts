import { sameId } from '../../core/fields.ts';
import type { Finding } from '../../core/findings.ts';
import { safeText } from '../../core/text.ts';
import type { Application, AppRoleAssignment, Resource } from '../directory-objects.ts';
import type { DelegatedGrant, Inventory } from '../inventory.ts';
import { hiddenFrom, judge, judgeIfThere, listed, pass, type Verdict, warn } from '../verdict.ts';

interface Declared {
  readonly resourceAppId: string;
  readonly id: string;
}

function declaredOf({ requiredResourceAccess }: Application, type: 'Role' | 'Scope'): Declared[] {
  return requiredResourceAccess.flatMap(({ resourceAppId, resourceAccess }) =>
    resourceAccess.filter((access) => access.type === type).map(({ id }) => ({ resourceAppId, id })),
  );
}

/** Which application a resource is of can be told of those alone that were read; ids of permissions are GUIDs anyway. */
function isGrantOf(
  { resourceAppId, id }: Declared,
  assignment: AppRoleAssignment,
  resources: readonly Resource[],
): boolean {
  const resource = resources.find((candidate) => sameId(candidate.id, assignment.resourceId));
  return sameId(id, assignment.appRoleId) && (!resource || sameId(resource.appId, resourceAppId));
}

function nameOfDeclared({ resourceAppId, id }: Declared, resources: readonly Resource[]): string {
  const resource = resources.find(({ appId }) => sameId(appId, resourceAppId));
  const value = resource?.appRoles.find((role) => sameId(role.id, id))?.value;
  return `${resource?.displayName ?? resourceAppId} ${value ?? id}`;
}

function nameOfGrant(assignment: AppRoleAssignment, resources: readonly Resource[]): string {
  const resource = resources.find(({ id }) => sameId(id, assignment.resourceId));
  const value = resource?.appRoles.find((role) => sameId(role.id, assignment.appRoleId))?.value;
  return `${safeText(assignment.resourceDisplayName)} ${value ?? assignment.appRoleId}`;
}

const clause = (words: string, names: readonly string[]): string[] =>
  names.length === 0 ? [] : [`${words}: ${listed(names)}`];

function judgeDeclared(
  application: Application,
  assignments: readonly AppRoleAssignment[],
  resources: readonly Resource[],
): Verdict {
  const roles = declaredOf(application, 'Role');
  const ungranted = roles.filter((role) => !assignments.some((one) => isGrantOf(role, one, resources)));
  const undeclared = assignments.filter((one) => !roles.some((role) => isGrantOf(role, one, resources)));
  const differences = [
    ...clause(
      'declared, and not granted (the portal shows "Not granted")',
      ungranted.map((role) => nameOfDeclared(role, resources)),
    ),
    ...clause(
      'granted, and not declared (the portal shows "Other permissions granted")',
      undeclared.map((one) => nameOfGrant(one, resources)),
    ),
    ...clause(
      'declared for people who sign in, which it does not need',
      declaredOf(application, 'Scope').map((scope) => nameOfDeclared(scope, resources)),
    ),
  ];
  if (differences.length === 0) return pass('what it declares is what is granted');
  return warn(
    'permission-mismatch',
    differences.join('; '),
    'Declare and grant what it needs: `reporting-setup`. Remove what it does not, under App registrations > API permissions.',
  );
}

function showGrant(
  { resourceId, forEverybody, scopes }: DelegatedGrant,
  resources: readonly Resource[],
): string {
  const resource =
    resources.find(({ id }) => sameId(id, resourceId))?.displayName ?? `resource ${resourceId}`;
  return `${resource} ${safeText(scopes.join(' ')) || 'nothing'} (for ${forEverybody ? 'everybody' : 'one person'})`;
}

function judgeDelegated(grants: readonly DelegatedGrant[], resources: readonly Resource[]): Verdict {
  if (grants.length === 0) return pass('none');
  return warn(
    'permission-delegated',
    `it may act for people who sign in: ${listed(grants.map((grant) => showGrant(grant, resources)))}`,
    'It needs none: remove them under Enterprise applications > Permissions.',
  );
}

/** What the application declares against what is granted to it, application permissions and delegated ones. Pure. */
export function checkDeclaredPermissions(
  { application, assignments, delegated }: Inventory,
  resources: readonly Resource[],
): Finding[] {
  const declared = { id: 'permission.declared', title: 'Declared permissions' };
  return [
    judgeIfThere(declared, application, 'there is no application', (detail) =>
      'hidden' in assignments
        ? hiddenFrom(assignments.hidden)
        : judgeDeclared(detail.application, assignments.value, resources),
    ),
    judge({ id: 'permission.delegated', title: 'Delegated permissions' }, delegated, (grants) =>
      judgeDelegated(grants, resources),
    ),
  ];
}
