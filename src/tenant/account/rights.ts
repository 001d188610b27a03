import { isPending } from '../../core/engine.ts';
import type { Answer } from '../../core/findings.ts';
import { asPermitted } from '../../graph/directory.ts';
import type { Account } from '../directory-objects.ts';
import type { Change, Have } from '../model.ts';
import { isKnownRole, rolesThatGrant, type Task, type TaskName, tasks } from './role-table.ts';

/** What the signed-in account may do, part by part. */
export type Rights = Readonly<Record<TaskName, Answer>>;

type Known = Pick<
  Have,
  'account' | 'policy' | 'application' | 'deletedApplication' | 'createdIds' | 'refused'
>;

/** One of them suffices; unknown where none says so and one might. */
const either = (...answers: readonly Answer[]): Answer => {
  if (answers.includes('yes')) return 'yes';
  return answers.includes('unknown') ? 'unknown' : 'no';
};

/** It takes all of them; unknown where none denies it and one might. */
const all = (...answers: readonly Answer[]): Answer => {
  if (answers.includes('no')) return 'no';
  return answers.includes('unknown') ? 'unknown' : 'yes';
};

const answerOf = (is: boolean | undefined): Answer => {
  if (is === undefined) return 'unknown';
  return is ? 'yes' : 'no';
};

/** Template ids of the active roles. The list of them may lag behind a role just activated, which the token has. Pure. */
export const heldRoles = ({ roles = [], roleHints }: Pick<Account, 'roles' | 'roleHints'>): string[] => [
  ...new Set([...roles.map(({ roleTemplateId }) => roleTemplateId), ...roleHints]),
];

/** By active roles alone. Roles in the token are a hint: they may say yes, never no. */
function byRole({ roles }: Task, account: Account): Answer {
  if (heldRoles(account).some((id) => roles.includes(id))) return 'yes';
  // A token may hold marks that are no roles: only the list raises a doubt.
  return account.roles?.every(({ roleTemplateId }) => isKnownRole(roleTemplateId)) ? 'no' : 'unknown';
}

/** Members may register where the tenant says so; guests never may without a role. */
const asMember = ({ isGuest }: Account, { policy }: Known): Answer =>
  all(answerOf(isGuest === undefined ? undefined : !isGuest), answerOf(policy?.usersMayRegister));

/** Who owns an application that came to be in this run was not looked up. */
const ownership = ({ ownsApplication }: Account, { application, createdIds }: Known): Answer =>
  application && createdIds.includes(application.id) ? 'unknown' : ownsApplication;

/** Whoever registers an application without being an administrator of applications becomes its owner. */
function asOwner(account: Account, have: Known, register: Answer): Answer {
  if (have.application) return ownership(account, have);
  if (have.deletedApplication) return all(register, 'unknown');
  return register;
}

function rightsOfPerson(account: Account, have: Known): Rights {
  const by = (name: TaskName): Answer => byRole(tasks[name], account);
  const register = either(by('register'), asMember(account, have));
  const credential = either(by('credential'), asOwner(account, have, register));
  return { read: by('read'), register, credential, grant: by('grant') };
}

const noRights: Rights = { read: 'unknown', register: 'unknown', credential: 'unknown', grant: 'unknown' };

/** Permissions that let an application see what it grants to and of: without one of them a grant is refused (#12833). */
const readers = ['Application.Read.All', 'Application.ReadWrite.All', 'Directory.Read.All'];

const changeOfAll = 'Application.ReadWrite.All';
const changeOfOwn = 'Application.ReadWrite.OwnedBy';
const toRead = 'AuditLog.Read.All';
const toGrant = 'AppRoleAssignment.ReadWrite.All';
const toRegister = 'AppRegistration.Create';

/** The permissions that give an application each right: one of each list. */
const givenBy: Readonly<Record<TaskName, readonly (readonly string[])[]>> = {
  read: [[toRead]],
  register: [[changeOfAll, changeOfOwn, toRegister]],
  credential: [[changeOfAll, changeOfOwn]],
  grant: [[toGrant], readers],
};

/** Those of an application's permissions by which it has a right. Pure. */
export const permissionsGiving = (name: TaskName, permissions: readonly string[]): string[] =>
  givenBy[name].flatMap((list) => list.find((value) => permissions.includes(value)) ?? []);

/** An application goes by the Graph permissions in its token; it needs no directory role (graph-docs, each call's page). */
function rightsOfApplication(account: Account, have: Known): Rights {
  const { permissions } = account;
  if (permissions === undefined) return noRights;
  const holds = (...values: readonly string[]): Answer =>
    answerOf(values.some((value) => permissions.includes(value)));
  const ofAll = holds(changeOfAll);
  const ofOwn = holds(changeOfOwn);
  const broad = all(holds('Directory.ReadWrite.All'), 'unknown');
  return {
    read: holds(toRead),
    register: either(ofAll, ofOwn, holds(toRegister), broad),
    credential: either(ofAll, all(ofOwn, asOwner(account, have, ofOwn)), broad),
    grant: all(holds(toGrant), either(holds(...readers), broad)),
  };
}

/** Judges an account by its active roles (a person) or its token's permissions (an application). Pure. */
export function rightsOf(have: Known): Rights {
  const { account } = have;
  if (!account) return noRights;
  const rights =
    account.kind === 'application' ? rightsOfApplication(account, have) : rightsOfPerson(account, have);
  const isRefused = have.refused.some(({ kind }) => kind === 'appRoleAssignment');
  return isRefused ? { ...rights, grant: 'no' } : rights;
}

type Writing = Exclude<TaskName, 'read'>;

/** Which right each kind of change takes, where it takes any. */
const taken: Readonly<Record<Change['kind'], Writing | undefined>> = {
  application: 'register',
  servicePrincipal: 'register',
  passwordCredential: 'credential',
  keyCredential: 'credential',
  federatedIdentityCredential: 'credential',
  appRoleAssignment: 'grant',
  deletedItem: undefined,
  configFile: undefined,
  file: undefined,
};

/** An application that is there takes the right to manage it, as its credentials do. */
const takenBy = ({ kind }: Change, { application }: Known): Writing | undefined =>
  taken[kind] === 'register' && application ? 'credential' : taken[kind];

/** Why somebody without the right cannot make a change. */
const reasons: Readonly<Record<Writing, string>> = {
  register: 'it takes an Application Developer',
  credential: 'it takes an owner of the application or a Cloud Application Administrator',
  grant: `it takes ${rolesThatGrant}: somebody who holds it gives consent`,
};

/** Marks the changes that the account may not make, or was refused: they are left to somebody else. Pure. */
export function forbid(changes: readonly Change[], have: Known): Change[] {
  const rights = rightsOf(have);
  return changes.map((change) => {
    const right = isPending(change) ? takenBy(change, have) : undefined;
    return right && rights[right] === 'no' ? { ...change, blocked: reasons[right] } : change;
  });
}

/**
 * Tells the changes that the account may make that it may: a copy of the directory that denies one of them on an object
 * of this run is asked again. Pure.
 */
export function permit(changes: readonly Change[], have: Known): Change[] {
  const rights = rightsOf(have);
  return changes.map((change) => {
    const { apply } = change;
    const right = takenBy(change, have);
    if (!apply || !right || rights[right] !== 'yes') return change;
    return {
      ...change,
      apply: (now, io) => apply(now, { ...io, permitted: true, directory: asPermitted(io.directory) }),
    };
  });
}
