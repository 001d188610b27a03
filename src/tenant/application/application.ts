import { WizardError } from '../../core/errors.ts';
import { textOf } from '../../core/fields.ts';
import type { Finding } from '../../core/findings.ts';
import { listAll } from '../../graph/directory.ts';
import { failedWith, isForbidden, isNotFound } from '../../graph/directory-error.ts';
import type { Application, DeletedApplication } from '../directory-objects.ts';
import { ownUniqueName } from '../graph.ts';
import type { Change, Have, ObserveInput, ObserveIo, Step, Wanted } from '../model.ts';
import { readApplication } from './read-application.ts';
import {
  createApplication,
  defaultAppName,
  restoreApplication,
  updateApplication,
  updates,
} from './write-application.ts';

/** Finds the application by the recorded client id, else by its uniqueName; never by its display name. */
export async function findApplication(io: ObserveIo, seed: ObserveInput): Promise<Application | undefined> {
  const [recorded, own] = await Promise.all([
    seed.clientId === undefined ? undefined : readApplication(io, `appId='${seed.clientId}'`),
    seed.onlyClientId ? undefined : readApplication(io, `uniqueName='${ownUniqueName}'`),
  ]);
  return recorded ?? own;
}

/**
 * The wizard's own application among the deleted ones. Read by list and not by filter: which properties the recycle
 * bin filters by is not documented. Who may not look gets none; creation then tells.
 */
async function findDeleted(io: ObserveIo, seed: ObserveInput): Promise<DeletedApplication | undefined> {
  if (seed.onlyClientId) return undefined;
  try {
    const deleted = await listAll(io.directory, {
      method: 'GET',
      path: '/directory/deletedItems/microsoft.graph.application?$select=id,appId,displayName,uniqueName&$top=999',
      purpose: 'look into the recycle bin',
    });
    const own = deleted.find((item) => item['uniqueName'] === ownUniqueName);
    return (
      own && { id: textOf(own['id']), appId: textOf(own['appId']), displayName: textOf(own['displayName']) }
    );
  } catch (error) {
    if (failedWith(error, (failure) => isForbidden(failure) || isNotFound(failure))) return undefined;
    throw error;
  }
}

function restorationOf(deleted: DeletedApplication, want: Wanted): Change {
  return {
    action: 'update',
    kind: 'application',
    name: deleted.displayName,
    id: deleted.id,
    title: `Restore application "${deleted.displayName}" from the recycle bin`,
    apply: (now, io) => restoreApplication(deleted, want, now, io),
  };
}

function plan(want: Wanted, have: Have): Change[] {
  const { application } = have;
  if (!application && have.deletedApplication) return [restorationOf(have.deletedApplication, want)];
  if (!application) {
    if (want.clientId !== undefined) {
      throw new WizardError(
        'application-not-found',
        `This tenant has no application with client ID ${want.clientId}.`,
      );
    }
    const name = want.appName ?? defaultAppName;
    return [
      {
        action: 'create',
        kind: 'application',
        name,
        title: `Register application "${name}" (this tenant only)`,
        apply: (now, io) => createApplication(want, now, io),
      },
    ];
  }
  const body = updates(want, have, application);
  const base = { kind: 'application', name: application.displayName, id: application.id } as const;
  if (Object.keys(body).length === 0) {
    return [{ ...base, action: 'keep', title: `Application "${application.displayName}" is registered` }];
  }
  return [
    {
      ...base,
      action: 'update',
      title: `Update application "${application.displayName}": ${Object.keys(body).join(', ')}`,
      apply: (now, io) => updateApplication(body, now, io),
    },
  ];
}

function check(have: Have): Finding {
  const base = { id: 'app.application', title: 'Application' };
  const { application } = have;
  if (!application) {
    return {
      ...base,
      status: 'fail',
      evidence: 'not found in this tenant',
      remedy: 'Run reporting-setup again: it registers what is missing.',
      code: 'application-missing',
    };
  }
  return {
    ...base,
    status: 'pass',
    evidence: `"${application.displayName}", client ID ${application.appId}`,
  };
}

/** The application registration. */
export const application: Step = {
  id: 'application',
  observe: async (io, seed) => {
    const [found, deletedApplication] = await Promise.all([findApplication(io, seed), findDeleted(io, seed)]);
    return { application: found, deletedApplication };
  },
  plan,
  check: (_want, have) => [check(have)],
};
