import { failedWith, isAlreadyThere, isForbidden, isNotFound } from '../core/directory-error.ts';
import { WizardError } from '../core/errors.ts';
import { fieldsOf, listOf, sameId, textOf, valuesOf } from '../core/fields.ts';
import type {
  Application,
  Change,
  DeletedApplication,
  Finding,
  Have,
  NeededPermission,
  ObserveIo,
  RequiredResourceAccess,
  Update,
  Wanted,
} from '../core/model.ts';
import type { Seed, Step } from '../core/reconcile.ts';
import { awaited, ownUniqueName } from './graph.ts';
import { neededPermissions } from './needed.ts';

export const defaultAppName = 'Reporting API application';

const selected =
  '$select=id,appId,displayName,uniqueName,signInAudience,requiredResourceAccess,passwordCredentials,keyCredentials';

/** Reads an `application` as Graph shows it. */
export function parseApplication(body: unknown): Application {
  const fields = fieldsOf(body);
  return {
    id: textOf(fields['id']),
    appId: textOf(fields['appId']),
    displayName: textOf(fields['displayName']),
    uniqueName: textOf(fields['uniqueName']) || null,
    signInAudience: textOf(fields['signInAudience']),
    requiredResourceAccess: listOf(fields['requiredResourceAccess']).map((resource) => ({
      resourceAppId: textOf(resource['resourceAppId']),
      resourceAccess: listOf(resource['resourceAccess']).map((access) => ({
        id: textOf(access['id']),
        type: textOf(access['type']),
      })),
    })),
    passwordCredentials: listOf(fields['passwordCredentials']).map((credential) => ({
      keyId: textOf(credential['keyId']),
      displayName: textOf(credential['displayName']) || null,
      endDateTime: textOf(credential['endDateTime']),
    })),
  };
}

async function read(
  io: Pick<ObserveIo, 'directory'>,
  key: string,
  awaits: string[] = [],
): Promise<Application | undefined> {
  try {
    const path = `/applications(${key})?${selected}`;
    return parseApplication(
      await io.directory.send({ method: 'GET', path, purpose: 'look for the application', awaits }),
    );
  } catch (error) {
    if (failedWith(error, isNotFound)) return undefined;
    throw error;
  }
}

/** Finds the application by the recorded client id, else by its uniqueName; never by its display name. */
export async function findApplication(io: ObserveIo, seed: Seed): Promise<Application | undefined> {
  const [recorded, own] = await Promise.all([
    seed.clientId === undefined ? undefined : read(io, `appId='${seed.clientId}'`),
    seed.onlyClientId ? undefined : read(io, `uniqueName='${ownUniqueName}'`),
  ]);
  return recorded ?? own;
}

/**
 * The wizard's own application among the deleted ones. Read by list and not by filter: which properties the recycle
 * bin filters by is not documented. Who may not look gets none; creation then tells.
 */
async function findDeleted(io: ObserveIo, seed: Seed): Promise<DeletedApplication | undefined> {
  if (seed.onlyClientId) return undefined;
  try {
    const body = await io.directory.send({
      method: 'GET',
      path: '/directory/deletedItems/microsoft.graph.application?$select=id,appId,displayName,uniqueName&$top=999',
      purpose: 'look into the recycle bin',
    });
    const own = valuesOf(body).find((item) => item['uniqueName'] === ownUniqueName);
    return (
      own && { id: textOf(own['id']), appId: textOf(own['appId']), displayName: textOf(own['displayName']) }
    );
  } catch (error) {
    if (failedWith(error, (failure) => isForbidden(failure) || isNotFound(failure))) return undefined;
    throw error;
  }
}

/** What the application must declare, on top of what it declares already. */
function withNeeded(
  declared: readonly RequiredResourceAccess[],
  needed: readonly NeededPermission[],
): RequiredResourceAccess[] {
  const result = declared.map((resource) => ({ ...resource, resourceAccess: [...resource.resourceAccess] }));
  for (const permission of needed) {
    let resource = result.find((candidate) => sameId(candidate.resourceAppId, permission.resourceAppId));
    if (!resource) {
      resource = { resourceAppId: permission.resourceAppId, resourceAccess: [] };
      result.push(resource);
    }
    if (!resource.resourceAccess.some((access) => sameId(access.id, permission.appRoleId))) {
      resource.resourceAccess.push({ id: permission.appRoleId, type: 'Role' });
    }
  }
  return result;
}

const countAccess = (list: readonly RequiredResourceAccess[]): number =>
  list.reduce((sum, resource) => sum + resource.resourceAccess.length, 0);

function creationBody(want: Wanted, have: Have): Record<string, unknown> {
  return {
    displayName: want.appName ?? defaultAppName,
    uniqueName: ownUniqueName,
    signInAudience: 'AzureADMyOrg',
    tags: [ownUniqueName],
    notes:
      'Reads sign-in and audit logs. Registered by reporting-setup, which recognises it by its uniqueName.',
    requiredResourceAccess: withNeeded([], neededPermissions(want, have)),
    ...(want.signOnUrl === null
      ? {}
      : { web: { homePageUrl: want.signOnUrl, redirectUris: [want.signOnUrl] } }),
  };
}

/** The uniqueName is taken although nothing was found: somebody was faster, or it lies in the recycle bin. */
async function adoptTaken(io: Pick<ObserveIo, 'directory'>, cause: unknown): Promise<Application> {
  const found = await read(io, `uniqueName='${ownUniqueName}'`);
  if (found) return found;
  throw new WizardError(
    'graph-refused',
    'The application was deleted not long ago, and its place is kept in the recycle bin for 30 days.',
    {
      remedy:
        'Restore it in the Entra admin center under App registrations > Deleted applications (or delete it there permanently), then run the same command again.',
      cause,
    },
  );
}

async function create(want: Wanted, have: Have, io: Pick<ObserveIo, 'directory'>): Promise<Update> {
  let application: Application;
  try {
    const body = await io.directory.send({
      method: 'POST',
      path: '/applications',
      body: creationBody(want, have),
      purpose: 'register the application',
      // A second POST is refused because the uniqueName is taken, and then looked up.
      repeatable: true,
    });
    application = parseApplication(body);
  } catch (error) {
    if (!failedWith(error, isAlreadyThere)) throw error;
    application = await adoptTaken(io, error);
  }
  return (now) => ({
    ...now,
    application,
    createdIds: [...now.createdIds, application.id, application.appId],
  });
}

function updates(want: Wanted, have: Have, application: Application): Record<string, unknown> {
  const declared = withNeeded(application.requiredResourceAccess, neededPermissions(want, have));
  const grows = countAccess(declared) > countAccess(application.requiredResourceAccess);
  const renamed = want.appName !== undefined && want.appName !== application.displayName;
  return {
    ...(grows ? { requiredResourceAccess: declared } : {}),
    ...(renamed ? { displayName: want.appName } : {}),
  };
}

async function update(
  body: Record<string, unknown>,
  have: Have,
  io: Pick<ObserveIo, 'directory'>,
): Promise<Update> {
  const { application } = have;
  if (!application) throw new WizardError('unexpected', 'There is no application to update.');
  await io.directory.send({
    method: 'PATCH',
    path: `/applications/${application.id}`,
    body,
    purpose: 'update the application',
    awaits: awaited(have, application.id),
  });
  return (now) => ({
    ...now,
    application: { ...application, ...(body as Partial<Application>) },
    createdIds: have.createdIds,
  });
}

/** A new application cannot take the uniqueName of a deleted one: that one comes back, and is brought up to date. */
async function restore(
  deleted: DeletedApplication,
  want: Wanted,
  have: Have,
  io: Pick<ObserveIo, 'directory'>,
) {
  const body = await io.directory.send({
    method: 'POST',
    path: `/directory/deletedItems/${deleted.id}/restore`,
    purpose: 'restore the application',
    repeatable: true,
  });
  const shown = parseApplication(body);
  const application: Application = shown.appId === '' ? { ...shown, ...deleted } : shown;
  const restored: Have = {
    ...have,
    application,
    createdIds: [...have.createdIds, application.id, application.appId],
  };
  const changed = updates(want, restored, application);
  if (Object.keys(changed).length === 0) return () => restored;
  return update(changed, restored, io);
}

function restorationOf(deleted: DeletedApplication, want: Wanted): Change {
  return {
    action: 'update',
    kind: 'application',
    name: deleted.displayName,
    id: deleted.id,
    title: `Restore application "${deleted.displayName}" from the recycle bin`,
    apply: (now, io) => restore(deleted, want, now, io),
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
        apply: (now, io) => create(want, now, io),
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
      apply: (now, io) => update(body, now, io),
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
