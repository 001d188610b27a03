import { failedWith, isForbidden } from '../core/directory-error.ts';
import { fieldsOf, textOf, valuesOf } from '../core/fields.ts';
import type {
  Account,
  Answer,
  CredentialPolicy,
  DirectoryRole,
  Finding,
  Have,
  ObserveIo,
} from '../core/model.ts';
import type { Seed, Step } from '../core/reconcile.ts';
import { missingPermissions } from './needed.ts';

/** Role template ids (entra-docs permissions-reference). */
const globalAdministrator = '62e90394-69f5-4237-9190-012177145e10';
const privilegedRoleAdministrator = 'e8611ab8-c189-46e8-94e1-60213ab1f814';
const applicationAdministrator = '9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3';
const cloudApplicationAdministrator = '158c047a-c907-4556-b7ef-446551a6b5f7';
const applicationDeveloper = 'cf1c38e5-3621-4004-a7cb-879624dced7c';
const securityAdministrator = '194ae4cb-b126-40b2-bd5b-6091b380977d';
const securityOperator = '5f2222b1-57c3-48ba-8ad5-d4759f1fde6f';
const securityReader = '5d6b6bb7-de71-4623-b4af-96380a352509';
const reportsReader = '4a5d8f65-41da-4de4-8968-e035b65339cf';
const globalReader = 'f2ef992c-3afb-46b9-b7cf-a126ee74c451';
const directoryReaders = '88d8e3e3-8f55-4a1e-953a-9b9898b8876b';
const everyUser = 'b79fbf4d-3ef9-4689-8143-76b194e85509';

/** What each task takes: directory roles of a person, or Graph permissions of an application. */
interface Task {
  readonly id: 'role.read' | 'role.register' | 'role.grant';
  readonly title: string;
  readonly roles: readonly string[];
  readonly permissions: readonly string[];
  /** The least roles that do, for people. */
  readonly least: string;
}

const tasks: readonly Task[] = [
  {
    id: 'role.read',
    title: 'May read the logs',
    roles: [
      globalAdministrator,
      globalReader,
      reportsReader,
      securityAdministrator,
      securityOperator,
      securityReader,
    ],
    permissions: ['AuditLog.Read.All'],
    least: 'Reports Reader or Security Reader',
  },
  {
    id: 'role.register',
    title: 'May register the application',
    roles: [
      globalAdministrator,
      applicationAdministrator,
      cloudApplicationAdministrator,
      applicationDeveloper,
    ],
    permissions: ['Application.ReadWrite.All', 'Application.ReadWrite.OwnedBy', 'Directory.ReadWrite.All'],
    least: 'Application Developer or Cloud Application Administrator',
  },
  {
    id: 'role.grant',
    title: 'May grant the permissions',
    roles: [globalAdministrator, privilegedRoleAdministrator],
    permissions: ['AppRoleAssignment.ReadWrite.All'],
    least: 'Privileged Role Administrator',
  },
];

const knownRoles = new Set([
  ...tasks.flatMap((task) => task.roles),
  privilegedRoleAdministrator,
  directoryReaders,
  everyUser,
]);

/** Whether an account may do a task; a role this program does not know makes it unknown, never no. */
function answerFor(task: Task, account: Account, policy: CredentialPolicy | undefined): Answer {
  if (account.kind === 'application') {
    return task.permissions.some((value) => account.permissions.includes(value)) ? 'yes' : 'no';
  }
  if (!account.roles) return 'unknown';
  if (account.roles.some((role) => task.roles.includes(role.roleTemplateId))) return 'yes';
  if (task.id === 'role.register' && policy?.usersMayRegister !== false) {
    return policy?.usersMayRegister ? 'yes' : 'unknown';
  }
  return account.roles.some((role) => !knownRoles.has(role.roleTemplateId)) ? 'unknown' : 'no';
}

/** What the signed-in account may do. */
export interface Capabilities {
  readonly read: Answer;
  readonly register: Answer;
  readonly grant: Answer;
}

/** Judges an account by its active roles (a person) or its token's permissions (an application). Pure. */
export function capabilities(have: Pick<Have, 'account' | 'policy'>): Capabilities {
  const [read, register, grant] = tasks.map((task) =>
    have.account ? answerFor(task, have.account, have.policy) : ('unknown' as const),
  );
  return { read: read ?? 'unknown', register: register ?? 'unknown', grant: grant ?? 'unknown' };
}

/** The least roles that may grant application permissions of Microsoft Graph. */
export const rolesThatGrant = 'Privileged Role Administrator or Global Administrator';

async function observeRoles(io: ObserveIo): Promise<readonly DirectoryRole[] | undefined> {
  try {
    const body = await io.directory.send({
      method: 'GET',
      path: '/me/transitiveMemberOf/microsoft.graph.directoryRole?$count=true&$select=id,displayName,roleTemplateId',
      headers: { ConsistencyLevel: 'eventual' },
      purpose: 'read the roles of the account',
    });
    return valuesOf(body)
      .map((role) => ({
        roleTemplateId: textOf(role['roleTemplateId']).toLowerCase(),
        displayName: textOf(role['displayName']),
      }))
      .filter((role) => role.roleTemplateId !== '');
  } catch (error) {
    if (failedWith(error, isForbidden)) return undefined;
    throw error;
  }
}

async function observeAccount(io: ObserveIo, seed: Seed): Promise<Partial<Have>> {
  const { kind, name, objectId, permissions } = seed.signedIn;
  if (kind === 'application') return { account: { kind, id: objectId, name, roles: [], permissions } };
  const [me, roles] = await Promise.all([
    io.directory.send({
      method: 'GET',
      path: '/me?$select=id,displayName,userPrincipalName,userType,accountEnabled',
      purpose: 'read who is signed in',
    }),
    observeRoles(io),
  ]);
  const user = fieldsOf(me);
  return {
    account: {
      kind,
      id: textOf(user['id']),
      name: textOf(user['userPrincipalName']) || textOf(user['displayName']) || name,
      roles,
      permissions: [],
    },
  };
}

function evidenceFor(account: Account): string {
  if (account.kind === 'application')
    return `application with ${account.permissions.join(', ') || 'no permissions'}`;
  if (!account.roles) return 'roles not readable';
  const names = account.roles.map((role) => role.displayName).filter(Boolean);
  return names.length > 0 ? names.join(', ') : 'no active directory role';
}

/** A missing right stops the job only where the job still needs it. */
function isNeeded(task: Task, have: Have, missingGrants: boolean): boolean {
  if (task.id === 'role.register') return have.application === undefined;
  return task.id === 'role.grant' && missingGrants;
}

function findingFor(task: Task, account: Account, have: Have, missingGrants: boolean): Finding {
  const answer = answerFor(task, account, have.policy);
  const base = { id: task.id, title: task.title, evidence: evidenceFor(account) };
  if (answer === 'yes') return { ...base, status: 'pass' };
  if (answer === 'unknown')
    return { ...base, status: 'pass', evidence: `${base.evidence}: cannot tell, will try` };
  if (!isNeeded(task, have, missingGrants))
    return { ...base, status: 'skip', evidence: `${base.evidence}: not needed` };
  const remedy =
    account.kind === 'application'
      ? `Grant the application one of: ${task.permissions.join(', ')}.`
      : `It takes ${task.least} (or Global Administrator). Have it assigned, or let somebody who holds it do this step.`;
  const code = task.id === 'role.grant' ? 'consent-pending' : 'role-missing';
  return { ...base, status: 'fail', remedy, code };
}

/** Roles: who is signed in, and which of the three tasks that account may do. */
export const roles: Step = {
  id: 'roles',
  observe: observeAccount,
  check(want, have) {
    const { account } = have;
    if (!account) return [];
    const missingGrants = missingPermissions(want, have).length > 0;
    return tasks.map((task) => findingFor(task, account, have, missingGrants));
  },
};
