import { WizardError } from '../core/errors.ts';
import { fieldsOf, sameId, textOf } from '../core/fields.ts';
import type { Finding } from '../core/findings.ts';
import type { Directory } from '../graph/directory.ts';
import { listAll } from '../graph/directory.ts';
import { failedWith, isAlreadyThere, isForbidden, isNotFound } from '../graph/directory-error.ts';
import { findApplication } from './application/application.ts';
import { defaultAppName } from './application/write-application.ts';
import type { AppRoleAssignment, ServicePrincipal } from './directory-objects.ts';
import { awaited, ownUniqueName, showsId } from './graph.ts';
import type { Change, Have, ObserveInput, ObserveIo, Step, Update, Wanted } from './model.ts';

/** Without this tag the portal's list of enterprise applications hides it (seen in the field). */
const portalTag = 'WindowsAzureActiveDirectoryIntegratedApp';

const parse = (body: unknown): ServicePrincipal => ({
  id: textOf(fieldsOf(body)['id']),
  accountEnabled: fieldsOf(body)['accountEnabled'] !== false,
});

/** Reads an `appRoleAssignment` as Graph shows it. */
export function parseAssignment(body: unknown): AppRoleAssignment {
  const fields = fieldsOf(body);
  return {
    id: textOf(fields['id']),
    appRoleId: textOf(fields['appRoleId']),
    resourceId: textOf(fields['resourceId']),
    resourceDisplayName: textOf(fields['resourceDisplayName']),
  };
}

async function read(
  directory: Directory,
  appId: string,
  awaits: string[],
): Promise<ServicePrincipal | undefined> {
  try {
    return parse(
      await directory.send({
        method: 'GET',
        path: `/servicePrincipals(appId='${appId}')?$select=id,accountEnabled`,
        purpose: 'look for the service principal',
        awaits,
      }),
    );
  } catch (error) {
    if (failedWith(error, isNotFound)) return undefined;
    throw error;
  }
}

/** The granted application permissions of a client id; undefined where they may not be read. Rejects with DirectoryError. */
export async function readAssignments(
  directory: Directory,
  appId: string,
): Promise<AppRoleAssignment[] | undefined> {
  try {
    const path = `/servicePrincipals(appId='${appId}')/appRoleAssignments?$top=999`;
    const purpose = 'read the granted permissions';
    return (await listAll(directory, { method: 'GET', path, purpose })).map(parseAssignment);
  } catch (error) {
    if (failedWith(error, isNotFound)) return [];
    if (failedWith(error, isForbidden)) return undefined;
    throw error;
  }
}

/** A recorded client id is asked for at once; an application found otherwise costs a second round trip. */
async function observe(io: ObserveIo, seed: ObserveInput): Promise<Partial<Have>> {
  const guess = seed.clientId;
  const readFor = async (appId: string) => {
    const [servicePrincipal, assignments] = await Promise.all([
      read(io.directory, appId, []),
      readAssignments(io.directory, appId),
    ]);
    return { servicePrincipal, assignments };
  };
  const [guessed, application] = await Promise.all([
    guess === undefined ? undefined : readFor(guess),
    findApplication(io, seed),
  ]);
  if (!application) return { servicePrincipal: undefined, assignments: [] };
  if (guessed && sameId(application.appId, guess)) return guessed;
  return readFor(application.appId);
}

async function create(have: Have, directory: Directory): Promise<Update> {
  const { application } = have;
  if (!application)
    throw new WizardError('unexpected', 'There is no application to make a service principal for.');
  const awaits = awaited(have, application.appId);
  let made: ServicePrincipal;
  let isOurs = true;
  try {
    const body = await directory.send({
      method: 'POST',
      path: '/servicePrincipals',
      body: { appId: application.appId, tags: [ownUniqueName, portalTag] },
      purpose: 'create the service principal',
      awaits,
      repeatable: true,
      accepts: showsId,
    });
    made = parse(body);
  } catch (error) {
    if (!failedWith(error, isAlreadyThere)) throw error;
    const found = await read(directory, application.appId, [application.appId]);
    if (!found) throw error;
    made = found;
    isOurs = error.uncertain;
  }
  const entry = { kind: 'servicePrincipal', name: application.displayName, id: made.id } as const;
  return (now) => ({
    ...now,
    servicePrincipal: made,
    createdIds: [...now.createdIds, made.id],
    made: isOurs ? [...now.made, entry] : now.made,
  });
}

function plan(want: Wanted, have: Have): Change[] {
  const name = have.application?.displayName ?? want.appName ?? defaultAppName;
  if (have.servicePrincipal) {
    const id = have.servicePrincipal.id;
    return [{ action: 'keep', kind: 'servicePrincipal', name, id, title: 'Its service principal exists' }];
  }
  return [
    {
      action: 'create',
      kind: 'servicePrincipal',
      name,
      title: 'Create its service principal',
      apply: (now, io) => create(now, io.directory),
    },
  ];
}

function check(have: Have): Finding {
  const base = { id: 'app.servicePrincipal', title: 'Service principal' };
  const { servicePrincipal } = have;
  if (!servicePrincipal) {
    return {
      ...base,
      status: 'fail',
      evidence: 'not found in this tenant',
      remedy: 'Run reporting-setup again: it creates what is missing.',
      code: 'application-missing',
    };
  }
  if (!servicePrincipal.accountEnabled) {
    return {
      ...base,
      status: 'fail',
      evidence: 'sign-in is disabled for it',
      remedy: 'Enable it under Enterprise applications > Properties > Enabled for users to sign in.',
      code: 'service-principal-disabled',
    };
  }
  return { ...base, status: 'pass', evidence: `enabled, object ID ${servicePrincipal.id}` };
}

/** The application's service principal in this tenant, with the permissions granted to it. */
export const servicePrincipal: Step = {
  id: 'servicePrincipal',
  observe,
  plan,
  check: (_want, have) => [check(have)],
};
