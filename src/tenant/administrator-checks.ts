import type { LocalCertificates } from '../config/certificate.ts';
import type { ConfigReading, ReportingConfig } from '../config/config.ts';
import { catalogue } from '../core/errors.ts';
import type { Answer, Finding } from '../core/findings.ts';
import { describeAccount } from './account/account.ts';
import { rightsOf } from './account/rights.ts';
import type { TaskName } from './account/role-table.ts';
import { taskNames, tasks } from './account/role-table.ts';
import { roles } from './account/roles.ts';
import { checkApplication } from './application/application-checks.ts';
import { checkListedCredentials, heldEntry } from './credential/listed-credentials.ts';
import type { Account } from './directory-objects.ts';
import type { Inventory } from './inventory.ts';
import type { Have, ObserveInput, ObserveIo, Step, Wanted } from './model.ts';
import { unseen } from './model.ts';
import { seenIn, whyHidden } from './optional-read.ts';
import { checkDeclaredPermissions } from './permissions/declared-permissions.ts';
import { permissions } from './permissions/permissions.ts';
import { checkRenewal, policy } from './policy.ts';
import { readInventory } from './read-inventory.ts';
import { wantedBy } from './saved-config.ts';
import { tenant } from './tenant.ts';
import { hiddenFrom } from './verdict.ts';
/** What the file's own side showed before the administrator looked. */
export interface CredentialState {
  readonly reading: Extract<ConfigReading, { status: 'ok' }>;
  readonly certificate: LocalCertificates['saved'];
  /** Whether Entra takes the file's credential. */
  readonly accepted: Answer;
}

/** What the administrator sees of the tenant, the account and the application. */
export interface AdminReading {
  readonly have: Have;
  readonly inventory: Inventory;
  /** Why a step's part of the tenant could not be read, by the step's id. */
  readonly hidden: ReadonlyMap<string, string>;
}

/** Steps whose part of the tenant is read along. */
const readSteps: readonly Step[] = [tenant, roles, policy, permissions];

/**
 * Reads everything in one tick, and so in one $batch; what may not be read is hidden. Rejects with DirectoryError where
 * no answer comes.
 */
export async function observeAsAdministrator(
  io: ObserveIo,
  input: ObserveInput,
  own: CredentialState,
): Promise<AdminReading> {
  const { clientId, application, credential } = own.reading.config;
  const hidden = new Map<string, string>();
  const look = async (step: Step): Promise<Partial<Have> | undefined> => {
    try {
      return await step.observe?.(io, input);
    } catch (error) {
      hidden.set(step.id, whyHidden(error));
      return undefined;
    }
  };
  const [inventory, ...parts] = await Promise.all([
    readInventory(io.directory, { appId: clientId, objectId: application.objectId }),
    ...readSteps.map(look),
  ]);
  const saved = {
    keyId: credential.keyId ?? '',
    expires: credential.expires ?? '',
    accepted: own.accepted,
  };
  const have: Have = Object.assign({}, unseen, ...parts, {
    application: seenIn(inventory.application)?.application,
    servicePrincipal: seenIn(inventory.servicePrincipal),
    assignments: seenIn(inventory.assignments),
    ...('hidden' in inventory.assignments ? { assignmentsHidden: inventory.assignments.hidden } : {}),
    federated: seenIn(inventory.federated),
    certificates: { ...unseen.certificates, saved: own.certificate },
    config: own.reading,
    saved,
  });
  return { have, inventory, hidden };
}

const skipped = (id: string, title: string, reason = ''): Finding => ({ id, title, ...hiddenFrom(reason) });

/** Why it cannot be told whether the account may do a part of the job, or would have to; undefined where it can. */
function whyUntold(name: TaskName, { have, hidden, inventory }: AdminReading): string | undefined {
  const { application, assignments } = inventory;
  if (rightsOf(have)[name] === 'unknown') return 'the roles of this account do not tell';
  if (name === 'grant') return 'hidden' in assignments ? assignments.hidden : hidden.get('permissions');
  return 'hidden' in application ? application.hidden : undefined;
}

/** Here nobody is going to try: what cannot be told is not checked, unless the account may do it anyway. */
function checkRoles(want: Wanted, reading: AdminReading, now: Date): Finding[] {
  const { have, hidden } = reading;
  const skip = (name: TaskName, reason: string | undefined): Finding =>
    skipped(`role.${name}`, tasks[name].title, reason);
  if (hidden.has('roles')) return taskNames.map((name) => skip(name, hidden.get('roles')));
  return (roles.check?.(want, have, now) ?? []).map((finding) => {
    const name = taskNames.find((task) => finding.id === `role.${task}`);
    if (name === undefined || rightsOf(have)[name] === 'yes') return finding;
    const reason = whyUntold(name, reading);
    return reason === undefined ? finding : skip(name, reason);
  });
}

function checkAccount(account: Account | undefined): Finding[] {
  const evidence = account === undefined ? 'who it is may not be read' : describeAccount(account);
  return [{ id: 'auth.signIn', status: 'pass', title: 'Signed in', evidence }];
}

function checkLicence(want: Wanted, { have, hidden }: AdminReading, now: Date): Finding[] {
  if (!hidden.has('tenant')) return [...(tenant.check?.(want, have, now) ?? [])];
  return [skipped('licence.premium', 'Microsoft Entra ID P1 or P2', hidden.get('tenant'))];
}

function checkGranted(want: Wanted, { have, hidden }: AdminReading, now: Date): Finding[] {
  if (!hidden.has('permissions')) return [...(permissions.check?.(want, have, now) ?? [])];
  return [skipped('permission.excess', 'Other permissions', hidden.get('permissions'))];
}

/** Nothing waits for consent in a check: what is missing is missing. */
function asDrift(finding: Finding): Finding {
  if (finding.code !== 'consent-pending') return finding;
  if (finding.id === 'role.grant') return { ...finding, code: 'role-missing' };
  return { ...finding, code: 'permission-missing', remedy: catalogue['permission-missing'].remedy };
}

/** Every check of an administrator; what may not be read is skipped. Pure. */
export function checkAsAdministrator(config: ReportingConfig, reading: AdminReading, now: Date): Finding[] {
  const { have, inventory } = reading;
  const { account } = have;
  const want = wantedBy(config);
  const detail = seenIn(inventory.application);
  const entry = detail && heldEntry(config.credential, detail.application);
  return [
    ...checkAccount(account),
    ...checkRoles(want, reading, now),
    ...checkLicence(want, reading, now),
    checkRenewal(have.policy, config.credential.kind, entry),
    ...checkApplication(config, account, inventory),
    ...checkGranted(want, reading, now),
    ...checkDeclaredPermissions(inventory, have.resources),
    ...checkListedCredentials(config.credential, inventory, now),
  ].map(asDrift);
}
