import { fieldsOf, sameId, textOf } from '../core/fields.ts';
import type { Finding } from '../core/findings.ts';
import type { Directory } from '../graph/directory.ts';
import { failedWith, isAlreadyThere, isNotFound, withFallback } from '../graph/directory-error.ts';
import { defaultAppName, findApplication, ownUniqueName } from './application/read-application.ts';
import { awaited, requireApplication, showsId } from './changes.ts';
import type { ServicePrincipal } from './directory-objects.ts';
import type { PrincipalDetail } from './inventory.ts';
import type { Change, Have, ObserveInput, ObserveIo, Step, Update, Wanted } from './model.ts';
import { readAssignments } from './permissions/permissions.ts';
import { fail, judge, judgeIfThere, pass, type Seen, type Verdict, warn } from './verdict.ts';

/** Without this tag the portal's list of enterprise applications hides it (seen in the field). */
const portalTag = 'WindowsAzureActiveDirectoryIntegratedApp';

/** Reads a `servicePrincipal` as Graph shows it. */
export const parsePrincipal = (body: unknown): ServicePrincipal => ({
  id: textOf(fieldsOf(body)['id']),
  accountEnabled: fieldsOf(body)['accountEnabled'] !== false,
});

function read(
  directory: Directory,
  appId: string,
  awaits: readonly string[] = [],
): Promise<ServicePrincipal | undefined> {
  const path = `/servicePrincipals(appId='${appId}')?$select=id,accountEnabled`;
  const body = directory.send({ method: 'GET', path, purpose: 'look for the service principal', awaits });
  return withFallback(body.then(parsePrincipal), isNotFound, undefined);
}

async function readFor(directory: Directory, appId: string): Promise<Partial<Have>> {
  const [servicePrincipal, assignments] = await Promise.all([
    read(directory, appId),
    readAssignments(directory, appId),
  ]);
  return { servicePrincipal, assignments };
}

/** A recorded client id is asked for at once; an application found otherwise costs a second round trip. */
async function observe({ directory }: ObserveIo, input: ObserveInput): Promise<Partial<Have>> {
  const { clientId } = input;
  const [likely, application] = await Promise.all([
    clientId === undefined ? undefined : readFor(directory, clientId),
    findApplication(directory, input),
  ]);
  if (!application) return { servicePrincipal: undefined, assignments: [] };
  return likely && sameId(application.appId, clientId) ? likely : readFor(directory, application.appId);
}

async function create(have: Have, directory: Directory): Promise<Update> {
  const { appId, displayName: name } = requireApplication(have);
  let made: ServicePrincipal;
  let isOurs = true;
  try {
    const body = await directory.send({
      method: 'POST',
      path: '/servicePrincipals',
      body: { appId, tags: [ownUniqueName, portalTag] },
      purpose: 'create the service principal',
      awaits: awaited(have, appId),
      repeatable: true,
      accepts: showsId,
    });
    made = parsePrincipal(body);
  } catch (error) {
    if (!failedWith(error, isAlreadyThere)) throw error;
    const found = await read(directory, appId, [appId]);
    if (!found) throw error;
    made = found;
    isOurs = error.uncertain;
  }
  const entry = { kind: 'servicePrincipal', name, id: made.id } as const;
  return (now) => ({
    ...now,
    servicePrincipal: made,
    createdIds: [...now.createdIds, made.id],
    made: isOurs ? [...now.made, entry] : now.made,
  });
}

function plan(want: Wanted, { application, servicePrincipal: held }: Have): Change[] {
  const name = application?.displayName ?? want.appName ?? defaultAppName;
  const base = { kind: 'servicePrincipal', name } as const;
  if (held) return [{ ...base, action: 'keep', id: held.id, title: 'Its service principal exists' }];
  return [
    {
      ...base,
      action: 'create',
      title: 'Create its service principal',
      apply: (now, io) => create(now, io.directory),
    },
  ];
}

function judgePrincipal(held: ServicePrincipal | undefined, disabled: string): Verdict {
  if (!held) {
    return fail(
      'application-missing',
      'not found in this tenant',
      'Run reporting-setup again: it creates what is missing.',
    );
  }
  if (held.accountEnabled) return pass(`enabled, object ID ${held.id}`);
  return fail(
    'service-principal-disabled',
    disabled,
    'Enable it under Enterprise applications > Properties > Enabled for users to sign in.',
  );
}

const disabledForSignIn = 'sign-in is disabled for it';
const check = { id: 'app.servicePrincipal', title: 'Service principal' };

/** Whether the service principal is there and enabled, as an administrator sees it. Pure. */
export const checkPrincipal = (seen: Seen<ServicePrincipal | undefined>): Finding =>
  judge(check, seen, (held) => judgePrincipal(held, `${disabledForSignIn} (accountEnabled is false)`));

/** Whether people have to be assigned to it. Pure. */
export const checkAssignmentRequired = (seen: Seen<PrincipalDetail | undefined>): Finding =>
  judgeIfThere(
    { id: 'app.assignmentRequired', title: 'Assignment' },
    seen,
    'there is no service principal',
    ({ assignmentRequired }) =>
      assignmentRequired
        ? warn(
            'assignment-required',
            'only those who are assigned may sign in to it (appRoleAssignmentRequired is true)',
            'Nothing: that concerns people who sign in to it, not what it reads by itself.',
          )
        : pass('not required'),
  );

/** The application's service principal in this tenant, with the permissions granted to it. */
export const servicePrincipal: Step = {
  id: 'servicePrincipal',
  observe,
  plan,
  check: (_want, have) => [{ ...check, ...judgePrincipal(have.servicePrincipal, disabledForSignIn) }],
};
