import { fieldsOf, sameId, textOf } from '../core/fields.ts';
import type { Finding } from '../core/findings.ts';
import type { Directory } from '../graph/directory.ts';
import { failedWith, isAlreadyThere, isNotFound, withFallback } from '../graph/directory-error.ts';
import { echoes } from '../graph/resource-schemas.ts';
import { defaultAppName, findApplication, ownUniqueName } from './application/read-application.ts';
import { confirmMade } from './application/write-application.ts';
import { awaited, requireApplication, showsMade } from './changes.ts';
import type { Application, ServicePrincipal } from './directory-objects.ts';
import type { PrincipalDetail } from './inventory.ts';
import type { Change, Have, ObserveInput, ObserveIo, Step, Update, Wanted } from './model.ts';
import { unlessAbsent } from './optional-read.ts';
import { readAssignments } from './permissions/permissions.ts';
import { fail, judge, judgeIfThere, pass, type Seen, type Verdict, warn } from './verdict.ts';

/** Without this tag the portal's list of enterprise applications hides it (seen in the field). */
const portalTag = 'WindowsAzureActiveDirectoryIntegratedApp';

/** Reads a `servicePrincipal` as Graph shows it. */
export const parsePrincipal = (body: unknown): ServicePrincipal => ({
  id: textOf(fieldsOf(body)['id']),
  accountEnabled: fieldsOf(body)['accountEnabled'] === true,
});

function read(
  directory: Directory,
  appId: string,
  awaits: readonly string[] = [],
): Promise<ServicePrincipal | undefined> {
  const path = `/servicePrincipals(appId='${appId}')?$select=id,appId,accountEnabled`;
  const purpose = 'look for the service principal';
  const accepts = echoes('servicePrincipal', { appId });
  const body = directory.send({ method: 'GET', path, purpose, awaits, accepts });
  return withFallback(body.then(parsePrincipal), isNotFound, undefined);
}

async function readFor(directory: Directory, appId: string): Promise<Partial<Have>> {
  const [servicePrincipal, assignments] = await Promise.all([
    read(directory, appId),
    readAssignments(directory, appId),
  ]);
  // What is not there has none; where it is there, a list that is not says nothing.
  const seen = servicePrincipal ? assignments : unlessAbsent(assignments, []);
  if ('hidden' in seen) return { servicePrincipal, assignments: undefined, assignmentsHidden: seen.hidden };
  return { servicePrincipal, assignments: seen.value };
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

/** A service principal, whether this run made it, and what its application is called. */
interface Obtained {
  readonly principal: ServicePrincipal;
  readonly isOurs: boolean;
  readonly name: string;
}

async function obtain(
  { appId, displayName }: Application,
  have: Have,
  directory: Directory,
): Promise<Obtained> {
  try {
    const body = await directory.send({
      method: 'POST',
      path: '/servicePrincipals',
      body: { appId, tags: [ownUniqueName, portalTag] },
      purpose: 'create the service principal',
      awaits: awaited(have, appId),
      repeatable: true,
      accepts: showsMade('servicePrincipal', { appId }),
    });
    return { principal: parsePrincipal(body), isOurs: true, name: textOf(fieldsOf(body)['displayName']) };
  } catch (error) {
    if (!failedWith(error, isAlreadyThere)) throw error;
    const found = await read(directory, appId, [appId]);
    if (!found) throw error;
    return { principal: found, isOurs: error.uncertain, name: displayName };
  }
}

const isMadeNow = ({ id }: Application, { made }: Have): boolean => made.some((one) => sameId(one.id, id));

/**
 * An application made a moment ago has no service principal, and its own name: where that is otherwise, the ids that
 * Graph showed may be another one's.
 */
async function obtainForOwn(have: Have, directory: Directory): Promise<{ have: Have; obtained: Obtained }> {
  const application = requireApplication(have);
  const obtained = await obtain(application, have, directory);
  const isAsExpected = obtained.isOurs && obtained.name === application.displayName;
  if (isAsExpected || !isMadeNow(application, have)) return { have, obtained };
  const confirmed = await confirmMade(have, directory);
  if (confirmed === have) return { have, obtained };
  const own = requireApplication(confirmed);
  return { have: confirmed, obtained: await obtain(own, confirmed, directory) };
}

async function create(before: Have, directory: Directory): Promise<Update> {
  const { have, obtained } = await obtainForOwn(before, directory);
  const { application } = have;
  const { principal, isOurs } = obtained;
  const entry = { kind: 'servicePrincipal', name: application?.displayName ?? '', id: principal.id } as const;
  return (now) => ({
    ...now,
    application,
    servicePrincipal: principal,
    createdIds: [...have.createdIds, principal.id],
    made: isOurs ? [...have.made, entry] : have.made,
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
      'Create what is missing: `reporting-setup`',
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
