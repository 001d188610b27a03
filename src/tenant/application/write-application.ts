import { WizardError } from '../../core/errors.ts';
import { fieldsOf, sameId, textOf } from '../../core/fields.ts';
import type { Directory } from '../../graph/directory.ts';
import {
  type DirectoryError,
  failedWith,
  isAlreadyThere,
  isDenied,
  isNotFound,
} from '../../graph/directory-error.ts';
import { isResource } from '../../graph/resource-schemas.ts';
import { awaited, confirms, requireApplication, showsMade } from '../changes.ts';
import type { Application, DeletedApplication, RequiredResourceAccess } from '../directory-objects.ts';
import type { Have, NeededPermission, Update, Wanted } from '../model.ts';
import { neededPermissions } from '../permissions/permissions.ts';
import {
  defaultAppName,
  ownUniqueName,
  parseApplication,
  readApplication,
  signOnUrlOf,
} from './read-application.ts';

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

/** What Graph has to show of a new application, and nobody else's has all of: its uniqueName is taken once in a tenant. */
const identityOf = (want: Wanted) => ({
  displayName: want.appName ?? defaultAppName,
  uniqueName: ownUniqueName,
  signInAudience: 'AzureADMyOrg',
});

function creationBody(want: Wanted, have: Have): Record<string, unknown> {
  const signOnUrl = signOnUrlOf(want);
  return {
    ...identityOf(want),
    tags: [ownUniqueName],
    notes:
      'Reads sign-in and audit logs. Registered by reporting-setup, which recognises it by its uniqueName.',
    requiredResourceAccess: withNeeded([], neededPermissions(want, have)),
    ...(signOnUrl === null ? {} : { web: { homePageUrl: signOnUrl, redirectUris: [signOnUrl] } }),
  };
}

/**
 * The uniqueName is taken although nothing was found: by a try of this run whose reply was lost, by somebody who was
 * faster, or in the recycle bin. Only what this run may have made is waited for.
 */
async function adoptTaken(directory: Directory, cause: DirectoryError): Promise<Application> {
  const found = await readApplication(
    directory,
    { uniqueName: ownUniqueName },
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
export async function createApplication(want: Wanted, have: Have, directory: Directory): Promise<Update> {
  try {
    const body = await directory.send({
      method: 'POST',
      path: '/applications',
      body: creationBody(want, have),
      purpose: 'register the application',
      // A second POST is refused because the uniqueName is taken, and then looked up.
      repeatable: true,
      accepts: showsMade('application', identityOf(want)),
    });
    return asMade(parseApplication(body));
  } catch (error) {
    if (!failedWith(error, isAlreadyThere)) throw error;
    const application = await adoptTaken(directory, error);
    if (!error.uncertain) return bringUpToDate(want, { ...have, application }, directory);
    return isBare(application) ? asMade(application) : withCreated(application);
  }
}

/**
 * The application of this run again, by the mark that only it can have, where something speaks against what Graph showed
 * when it was made: another one's ids must not get its credential, nor be taken away with it.
 */
export async function confirmMade(have: Have, directory: Directory): Promise<Have> {
  const shown = requireApplication(have);
  const found = await readApplication(directory, { uniqueName: ownUniqueName }, [ownUniqueName]);
  if (!found)
    throw new WizardError('directory-lagging', 'The application was registered, and does not show yet.');
  if (sameId(found.id, shown.id) && sameId(found.appId, shown.appId)) return have;
  const others = <T extends { readonly id: string }>({ id }: T): boolean => !sameId(id, shown.id);
  return asMade(found)({
    ...have,
    createdIds: have.createdIds.filter((id) => !sameId(id, shown.id) && !sameId(id, shown.appId)),
    made: have.made.filter(others),
  });
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

/** Another machine made it a moment ago, or it comes out of the recycle bin: it may lack what this run wants. */
function bringUpToDate(want: Wanted, have: Have, directory: Directory): Promise<Update> {
  const application = requireApplication(have);
  const body = updates(want, have, application);
  if (Object.keys(body).length > 0) return updateApplication(body, have, directory);
  return Promise.resolve((now) => ({ ...now, application, createdIds: have.createdIds }));
}

/** Home page and redirect URI where another sign-on URL is asked for; redirect URIs beside the replaced one stay. Pure. */
function signOnPages({ signOnUrl }: Wanted, { homePageUrl, redirectUris }: Application) {
  const isThere = signOnUrl === null || (signOnUrl !== undefined && redirectUris.includes(signOnUrl));
  if (signOnUrl === undefined || (signOnUrl === homePageUrl && isThere)) return undefined;
  const others = redirectUris.filter((uri) => uri !== homePageUrl && uri !== signOnUrl);
  return { homePageUrl: signOnUrl, redirectUris: signOnUrl === null ? others : [signOnUrl, ...others] };
}

/** What has to change in an application that is there already; empty where nothing has. Pure. */
export function updates(want: Wanted, have: Have, application: Application): Record<string, unknown> {
  const declared = withNeeded(application.requiredResourceAccess, neededPermissions(want, have));
  const grows = countAccess(declared) > countAccess(application.requiredResourceAccess);
  const renamed = want.appName !== undefined && want.appName !== application.displayName;
  const web = signOnPages(want, application);
  return {
    ...(grows ? { requiredResourceAccess: declared } : {}),
    ...(renamed ? { displayName: want.appName } : {}),
    ...(web ? { web } : {}),
  };
}

/** Changes properties of the application. Rejects with DirectoryError. */
export async function updateApplication(
  body: Record<string, unknown>,
  have: Have,
  directory: Directory,
): Promise<Update> {
  const application = requireApplication(have);
  await directory.send({
    method: 'PATCH',
    path: `/applications/${application.id}`,
    body,
    purpose: 'update the application',
    awaits: awaited(have, application.id),
    accepts: confirms(application.id),
  });
  const { web, ...properties } = body as Partial<Application> & { readonly web?: Partial<Application> };
  const updated = { ...application, ...properties, ...web };
  return (now) => ({ ...now, application: updated, createdIds: have.createdIds });
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

/** Some replies show no more than the id (graph-docs directory-deleteditems-restore). */
const isRestored = (shown: unknown, { id, appId }: Pick<DeletedApplication, 'id' | 'appId'>): boolean =>
  sameId(textOf(fieldsOf(shown)['id']), id) &&
  (fieldsOf(shown)['appId'] === undefined || sameId(textOf(fieldsOf(shown)['appId']), appId));

/** Where the reply was lost, a second try no longer finds it among the deleted ones. */
async function bringBack({ id, appId }: DeletedApplication, directory: Directory): Promise<Application> {
  try {
    const body = await directory.send({
      method: 'POST',
      path: `/directory/deletedItems/${id}/restore`,
      purpose: 'restore the application',
      repeatable: true,
      accepts: (shown) => isRestored(shown, { id, appId }),
    });
    if (isResource('application')(body)) return parseApplication(body);
    // What it declares is added to: where the reply leaves that out, it is read.
    const found = await readApplication(directory, { appId }, [appId]);
    if (found) return found;
    throw new WizardError('directory-lagging', 'The application was restored, and does not show yet.');
  } catch (error) {
    if (failedWith(error, isDenied)) throw mayNotRestore(error);
    if (!failedWith(error, isNotFound) || !error.uncertain) throw error;
    const found = await readApplication(directory, { appId }, [appId]);
    if (!found) throw error;
    return found;
  }
}

/** A new application cannot take the uniqueName of a deleted one: that one comes back, and is brought up to date. */
export async function restoreApplication(
  deleted: DeletedApplication,
  want: Wanted,
  have: Have,
  directory: Directory,
) {
  const application = await bringBack(deleted, directory);
  const createdIds = [...have.createdIds, application.id, application.appId];
  return bringUpToDate(want, { ...have, application, createdIds }, directory);
}
