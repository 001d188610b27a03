import type { Finding } from '../../core/findings.ts';
import { joinWords } from '../../core/text.ts';
import { isKept } from '../credential/credential.ts';
import type { Account } from '../directory-objects.ts';
import type { Have, Step, Wanted } from '../model.ts';
import { missingPermissions } from '../permissions/permissions.ts';
import { cannotTell, fail, pass, skip, type Verdict } from '../verdict.ts';
import { activatable, activationPlace, observeAccount } from './account.ts';
import { heldRoles, permissionsGiving, rightsOf } from './rights.ts';
import { roleName, type TaskName, taskNames, tasks } from './role-table.ts';

/** `Security Reader`, `no active role`, `guest, no active role`. */
function describeRoles(account: Account): string {
  if (account.kind === 'application') {
    if (account.permissions === undefined) return 'application whose token does not show its permissions';
    return `application with ${joinWords(account.permissions) || 'no permissions'}`;
  }
  const held = account.roles?.map(({ displayName }) => displayName).filter((name) => name !== '');
  const listed = account.roles?.map(({ roleTemplateId }) => roleTemplateId) ?? [];
  const hints = account.roleHints.filter((id) => !listed.includes(id)).flatMap((id) => roleName(id) ?? []);
  const hinted = hints.length > 0 ? [`${joinWords(hints)} as the sign-in says`] : [];
  const none = held === undefined ? 'roles not readable' : 'no active role';
  const roles = joinWords([...(held ?? []), ...hinted]) || none;
  return account.isGuest ? `guest, ${roles}` : roles;
}

/** Whether the job, as far as it has come, still takes this right. */
function isNeeded(name: TaskName, want: Wanted, have: Have): boolean {
  switch (name) {
    case 'read':
      return false;
    case 'register':
      return have.application === undefined;
    case 'credential':
      return !isKept(want, have);
    case 'grant':
      // The retired API never holds anybody up.
      return missingPermissions(want, have).some(({ api }) => api === 'microsoft-graph');
  }
}

/** What is missing: the roles are why, so they are named. */
function whyNot(name: TaskName, account: Account, have: Have): string {
  const roles = describeRoles(account);
  if (have.refused.length > 0) return `missing; Microsoft Graph refused it (${roles})`;
  if (account.kind === 'application') return `missing (${roles})`;
  if (name === 'register') {
    return `missing (${roles}); ${account.isGuest ? 'guests' : 'users'} of this tenant may not register applications`;
  }
  return name === 'credential' && have.application
    ? `missing (${roles}; no owner of the application)`
    : `missing (${roles})`;
}

/** By which right: of several roles or permissions those that give it. */
function whyYes(name: TaskName, account: Account): string {
  if (account.kind === 'application') {
    const giving = permissionsGiving(name, account.permissions ?? []);
    return giving.length === 0 ? describeRoles(account) : `application with ${joinWords(giving)}`;
  }
  const given = tasks[name].roles.filter((id) => heldRoles(account).includes(id));
  const role = given.at(-1);
  if (role !== undefined) {
    const isListed = account.roles?.some(({ roleTemplateId }) => roleTemplateId === role);
    return `${roleName(role) ?? role}${isListed ? '' : ' as the sign-in says'}`;
  }
  if (name === 'credential') return 'as owner of the application';
  return name === 'register' ? 'users of this tenant may register applications' : describeRoles(account);
}

const permissionRemedies: Readonly<Record<TaskName, string>> = {
  read: 'Grant it AuditLog.Read.All.',
  register: 'Grant it Application.ReadWrite.OwnedBy (or Application.ReadWrite.All).',
  credential:
    'With Application.ReadWrite.OwnedBy it may change what it owns alone: make it an owner of this application, or grant it Application.ReadWrite.All.',
  grant:
    'Somebody else gives consent; or grant it AppRoleAssignment.ReadWrite.All together with Application.Read.All.',
};

const roleRemedies: Readonly<Record<TaskName, string>> = {
  read: 'Have Reports Reader or Security Reader assigned.',
  register:
    'It takes Application Developer or Cloud Application Administrator: have one assigned by a Privileged Role Administrator, or let somebody who holds one run this.',
  credential:
    'It takes Cloud Application Administrator, or an owner of the application: have an owner add this account as another, or let one of them run this.',
  grant:
    'Somebody who holds Privileged Role Administrator (or Global Administrator) gives consent; everything else is done without.',
};

/** Nobody owns an application that is not there yet. */
const ofNewApplication =
  'Whoever registers the application owns it, and may: it takes Application Developer or Cloud Application Administrator.';

function remedyFor(name: TaskName, account: Account, have: Have): string {
  if (account.kind === 'application') {
    return permissionRemedies[name === 'credential' && !have.application ? 'register' : name];
  }
  const guest =
    account.isGuest && name === 'register'
      ? ' Or sign in with an account of the tenant itself; --tenant says which tenant.'
      : '';
  const unseen =
    account.eligible === 'unknown'
      ? ` This sign-in cannot see whether the account is eligible for such a role: if it is, activate it at ${activationPlace(account)} and run this again.`
      : '';
  const isOfNew = name === 'credential' && !have.application && !have.deletedApplication;
  return `${isOfNew ? ofNewApplication : roleRemedies[name]}${guest}${unseen}`;
}

function judgeMissing(name: TaskName, account: Account, have: Have): Verdict {
  const role = activatable(account, name)?.displayName;
  if (role !== undefined) {
    return fail(
      'role-inactive',
      `${describeRoles(account)}; eligible for ${role}, which is not active`,
      `Activate ${role} at ${activationPlace(account)}, then run the same command again.`,
    );
  }
  const code = name === 'grant' ? 'consent-pending' : 'role-missing';
  return fail(code, whyNot(name, account, have), remedyFor(name, account, have));
}

function judgeRight(name: TaskName, account: Account, want: Wanted, have: Have): Verdict {
  const answer = rightsOf(have)[name];
  if (answer === 'yes') return pass(whyYes(name, account));
  if (answer === 'unknown') return cannotTell(`${describeRoles(account)}; will try`);
  if (isNeeded(name, want, have)) return judgeMissing(name, account, have);
  return skip(name === 'read' ? 'not needed: the application reads them by itself' : 'not needed');
}

/** A guest may hold roles like anybody; but often the sign-in just landed in the wrong tenant. */
function checkGuest(account: Account): Finding[] {
  if (!account.isGuest) return [];
  return [
    {
      id: 'auth.guest',
      title: 'Guest account',
      status: 'warn',
      evidence: `${account.name} is a guest here`,
      remedy: 'If another tenant is meant, name it with --tenant.',
      code: 'guest-account',
    },
  ];
}

/** Roles: who is signed in, and which parts of the job that account may do. */
export const roles: Step = {
  id: 'roles',
  observe: async (io, input) => ({ account: await observeAccount(io, input) }),
  check(want, have) {
    const { account } = have;
    if (!account) return [];
    const rights = taskNames.map((name) => ({
      id: `role.${name}`,
      title: tasks[name].title,
      ...judgeRight(name, account, want, have),
    }));
    return [...rights, ...checkGuest(account)];
  },
};
