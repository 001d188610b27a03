import { WizardError } from '../../core/errors.ts';
import { sameId } from '../../core/fields.ts';
import type { Application, DeletedApplication } from '../directory-objects.ts';
import type { Change, Have, NeededPermission, Step, Wanted } from '../model.ts';
import { neededPermissions, permissionName } from '../permissions/permissions.ts';
import { activationOf, activations, readActivations } from './activation.ts';
import { checkRegistration } from './application-checks.ts';
import { defaultAppName, findApplication, findDeleted } from './read-application.ts';
import { createApplication, restoreApplication, updateApplication, updates } from './write-application.ts';

const signOnUrlTitle = 'sign-on URL (home page and redirect URI)';

function restorationOf(deleted: DeletedApplication, want: Wanted): Change {
  const { appName, signOnUrl } = want;
  const told = [
    ...(appName === undefined || appName === deleted.displayName
      ? []
      : [`displayName: ${deleted.displayName} -> ${appName}`]),
    ...(signOnUrl === undefined ? [] : [`${signOnUrlTitle}: as it was -> ${signOnUrl ?? 'none'}`]),
  ].join('; ');
  return {
    action: 'update',
    kind: 'application',
    name: deleted.displayName,
    id: deleted.id,
    title: `Restore application "${deleted.displayName}" from the recycle bin${told === '' ? '' : `: ${told}`}`,
    apply: (now, io) => restoreApplication(deleted, want, now, io.directory),
  };
}

/** An application was named that the tenant does not have. */
export const unknownApplication = (clientId: string): WizardError =>
  new WizardError('application-not-found', `This tenant has no application with client ID ${clientId}.`);

function registration(want: Wanted): Change {
  if (want.clientId !== undefined) throw unknownApplication(want.clientId);
  const name = want.appName ?? defaultAppName;
  return {
    action: 'create',
    kind: 'application',
    name,
    title: `Register application "${name}" (this tenant only)`,
    apply: (now, io) => createApplication(want, now, io.directory),
  };
}

/** What changes in an application, each from what it is to what it is going to be. */
function differences(body: Record<string, unknown>, want: Wanted, have: Have, held: Application): string {
  const declares = (one: NeededPermission): boolean =>
    held.requiredResourceAccess.some(
      ({ resourceAppId, resourceAccess }) =>
        sameId(resourceAppId, one.resourceAppId) &&
        resourceAccess.some(({ id }) => sameId(id, one.appRoleId)),
    );
  const needed = neededPermissions(want, have);
  const named = (permissions: readonly NeededPermission[]): string =>
    permissions.length === 0 ? 'none of them' : permissions.map(permissionName).join(', ');
  const told: Readonly<Record<string, string>> = {
    displayName: `displayName: ${held.displayName} -> ${want.appName ?? ''}`,
    web: `${signOnUrlTitle}: ${held.homePageUrl ?? 'none'} -> ${want.signOnUrl ?? 'none'}`,
    requiredResourceAccess: `permissions it declares (requiredResourceAccess): ${named(needed.filter(declares))} -> ${named(needed)}`,
  };
  return Object.keys(body)
    .map((property) => told[property] ?? property)
    .join('; ');
}

function plan(want: Wanted, have: Have): Change[] {
  return [...registrationPlan(want, have), ...activations(want, have)];
}

function registrationPlan(want: Wanted, have: Have): Change[] {
  const { application, deletedApplication } = have;
  if (!application)
    return [deletedApplication ? restorationOf(deletedApplication, want) : registration(want)];
  const body = updates(want, have, application);
  const { displayName: name, id } = application;
  const base = { kind: 'application', name, id } as const;
  const changed = differences(body, want, have, application);
  if (changed === '') return [{ ...base, action: 'keep', title: `Application "${name}" is registered` }];
  return [
    {
      ...base,
      action: 'update',
      title: `Update application "${name}": ${changed}`,
      apply: (now, io) => updateApplication(body, now, io.directory),
    },
  ];
}

/** The application registration. */
export const application: Step = {
  id: 'application',
  observe: async ({ directory }, input) => {
    const [found, deletedApplication, states] = await Promise.all([
      findApplication(directory, input),
      findDeleted(directory, input),
      readActivations(directory, input),
    ]);
    return { application: found, deletedApplication, deactivated: activationOf(states, found?.id) };
  },
  plan,
  check: (_want, { application: found }) => [checkRegistration(found)],
};
