import { WizardError } from '../../core/errors.ts';
import { sameId } from '../../core/fields.ts';
import {
  type DirectoryError,
  failedWith,
  isAlreadyThere,
  isDenied,
  isNotFound,
} from '../../graph/directory-error.ts';
import type { Application, DeletedApplication, RequiredResourceAccess } from '../directory-objects.ts';
import { awaited, ownUniqueName, showsId } from '../graph.ts';
import type { Have, NeededPermission, ObserveIo, Update, Wanted } from '../model.ts';
import { neededPermissions } from '../permissions/needed-permissions.ts';
import { parseApplication, readApplication } from './read-application.ts';

/** Where none is given. */
export const defaultAppName = 'Reporting API application';

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

/**
 * The uniqueName is taken although nothing was found: by a try of this run whose reply was lost, by somebody who was
 * faster, or in the recycle bin. Only what this run may have made is waited for.
 */
async function adoptTaken(io: Pick<ObserveIo, 'directory'>, cause: DirectoryError): Promise<Application> {
  const found = await readApplication(
    io,
    `uniqueName='${ownUniqueName}'`,
    cause.uncertain ? [ownUniqueName] : [],
  );
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

/** Registers the application, or takes the one that holds its uniqueName already. Rejects with DirectoryError or WizardError. */
export async function createApplication(
  want: Wanted,
  have: Have,
  io: Pick<ObserveIo, 'directory'>,
): Promise<Update> {
  try {
    const body = await io.directory.send({
      method: 'POST',
      path: '/applications',
      body: creationBody(want, have),
      purpose: 'register the application',
      // A second POST is refused because the uniqueName is taken, and then looked up.
      repeatable: true,
      accepts: showsId,
    });
    return asMade(parseApplication(body));
  } catch (error) {
    if (!failedWith(error, isAlreadyThere)) throw error;
    const application = await adoptTaken(io, error);
    if (!error.uncertain) return adopt(application, want, have, io);
    return isBare(application) ? asMade(application) : withCreated(application);
  }
}

const withCreated =
  (application: Application): Update =>
  (now) => ({ ...now, application, createdIds: [...now.createdIds, application.id, application.appId] });

function asMade(application: Application): Update {
  const { displayName: name, id } = application;
  return (now) => ({
    ...withCreated(application)(now),
    made: [...now.made, { kind: 'application', name, id }],
  });
}

/** Nobody can be using it: after a lost reply it is this run's own, for all that matters. */
const isBare = ({ passwordCredentials, keyCredentials }: Application): boolean =>
  passwordCredentials.length === 0 && keyCredentials.length === 0;

/** One that another machine made a moment ago: it is not this run's, and may lack what this run wants. */
async function adopt(
  application: Application,
  want: Wanted,
  have: Have,
  io: Pick<ObserveIo, 'directory'>,
): Promise<Update> {
  const adopted = { ...have, application };
  const changed = updates(want, adopted, application);
  if (Object.keys(changed).length > 0) return updateApplication(changed, adopted, io);
  return (now) => ({ ...now, application });
}

/** What has to change in an application that is there already; empty where nothing has. Pure. */
export function updates(want: Wanted, have: Have, application: Application): Record<string, unknown> {
  const declared = withNeeded(application.requiredResourceAccess, neededPermissions(want, have));
  const grows = countAccess(declared) > countAccess(application.requiredResourceAccess);
  const renamed = want.appName !== undefined && want.appName !== application.displayName;
  return {
    ...(grows ? { requiredResourceAccess: declared } : {}),
    ...(renamed ? { displayName: want.appName } : {}),
  };
}

/** Changes properties of the application. Rejects with DirectoryError. */
export async function updateApplication(
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

/** Who may register may not restore (graph-docs directory-deleteditems-restore). */
const mayNotRestore = (cause: DirectoryError): WizardError =>
  new WizardError(
    'role-missing',
    'The application is in the recycle bin, where its place is kept for 30 days, and this account may not restore it.',
    {
      remedy:
        'It takes Cloud Application Administrator: have it restored in the Entra admin center under App registrations > Deleted applications, then run the same command again.',
      requestId: cause.failure.requestId,
      cause,
    },
  );

/** Where the reply was lost, a second try no longer finds it among the deleted ones. */
async function bringBack(
  { id, appId }: DeletedApplication,
  io: Pick<ObserveIo, 'directory'>,
): Promise<Application> {
  try {
    const body = await io.directory.send({
      method: 'POST',
      path: `/directory/deletedItems/${id}/restore`,
      purpose: 'restore the application',
      repeatable: true,
      accepts: showsId,
    });
    return parseApplication(body);
  } catch (error) {
    if (failedWith(error, isDenied)) throw mayNotRestore(error);
    if (!failedWith(error, isNotFound) || !error.uncertain) throw error;
    const found = await readApplication(io, `appId='${appId}'`, [appId]);
    if (!found) throw error;
    return found;
  }
}

/** A new application cannot take the uniqueName of a deleted one: that one comes back, and is brought up to date. */
export async function restoreApplication(
  deleted: DeletedApplication,
  want: Wanted,
  have: Have,
  io: Pick<ObserveIo, 'directory'>,
) {
  const shown = await bringBack(deleted, io);
  const application: Application = shown.appId === '' ? { ...shown, ...deleted } : shown;
  const restored: Have = {
    ...have,
    application,
    createdIds: [...have.createdIds, application.id, application.appId],
  };
  const changed = updates(want, restored, application);
  if (Object.keys(changed).length === 0) return () => restored;
  return updateApplication(changed, restored, io);
}
