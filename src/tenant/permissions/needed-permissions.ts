import { WizardError } from '../../core/errors.ts';
import { sameId } from '../../core/fields.ts';
import type { AppRoleAssignment } from '../directory-objects.ts';
import { neededValues } from '../graph.ts';
import type { Have, NeededPermission, Wanted } from '../model.ts';

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
