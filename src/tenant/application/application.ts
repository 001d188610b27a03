import { WizardError } from '../../core/errors.ts';
import type { DeletedApplication } from '../directory-objects.ts';
import type { Change, Have, Step, Wanted } from '../model.ts';
import { checkRegistration } from './application-checks.ts';
import { defaultAppName, findApplication, findDeleted } from './read-application.ts';
import { createApplication, restoreApplication, updateApplication, updates } from './write-application.ts';

function restorationOf(deleted: DeletedApplication, want: Wanted): Change {
  return {
    action: 'update',
    kind: 'application',
    name: deleted.displayName,
    id: deleted.id,
    title: `Restore application "${deleted.displayName}" from the recycle bin`,
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

function plan(want: Wanted, have: Have): Change[] {
  const { application, deletedApplication } = have;
  if (!application)
    return [deletedApplication ? restorationOf(deletedApplication, want) : registration(want)];
  const body = updates(want, have, application);
  const { displayName: name, id } = application;
  const base = { kind: 'application', name, id } as const;
  const properties = Object.keys(body).join(', ');
  if (properties === '') return [{ ...base, action: 'keep', title: `Application "${name}" is registered` }];
  return [
    {
      ...base,
      action: 'update',
      title: `Update application "${name}": ${properties}`,
      apply: (now, io) => updateApplication(body, now, io.directory),
    },
  ];
}

/** The application registration. */
export const application: Step = {
  id: 'application',
  observe: async ({ directory }, input) => {
    const [found, deletedApplication] = await Promise.all([
      findApplication(directory, input),
      input.onlyClientId ? undefined : findDeleted(directory),
    ]);
    return { application: found, deletedApplication };
  },
  plan,
  check: (_want, { application: found }) => [checkRegistration(found)],
};
