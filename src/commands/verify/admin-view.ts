import type { ReportingConfig } from '../../config/config.ts';
import { catalogue } from '../../core/errors.ts';
import type { Finding } from '../../core/findings.ts';
import type { Session } from '../../entra/sign-in.ts';
import { rightsOf } from '../../tenant/account/rights.ts';
import { type TaskName, taskNames, tasks } from '../../tenant/account/role-table.ts';
import { roles } from '../../tenant/account/roles.ts';
import type { Account, Tenant } from '../../tenant/directory-objects.ts';
import { checkApplicationDrift } from '../../tenant/drift/application-drift.ts';
import { checkCredentialDrift, heldEntry } from '../../tenant/drift/credential-drift.ts';
import { checkPermissionDrift } from '../../tenant/drift/permission-drift.ts';
import { checkRenewal } from '../../tenant/drift/policy-drift.ts';
import type { Wanted } from '../../tenant/model.ts';
import { permissions } from '../../tenant/permissions/permissions.ts';
import { tenant } from '../../tenant/tenant.ts';
import { describeWait } from '../../terminal/progress.ts';
import { type Connection, openDirectory } from '../shared/connection.ts';
import type { Io } from '../shared/io.ts';
import { describeAccount } from '../shared/show.ts';
import { requireFileTenant } from './admin-sign-in.ts';
import { type OwnSide, observeAsAdministrator, type Sight, seedFor, seenIn } from './read-as-admin.ts';
import { wantedBy } from './wanted-by.ts';

/** The tenant and the application as an administrator sees them. */
export interface AdminView {
  readonly account: Account | undefined;
  readonly tenant: Tenant;
  readonly findings: readonly Finding[];
}

const skipped = (id: string, title: string, reason = ''): Finding => ({
  id,
  title,
  status: 'skip',
  evidence: `not checked: ${reason}`,
});

/** Why it cannot be told whether the account may do a part of the job, or would have to; undefined where it can. */
function whyUntold(name: TaskName, { have, hidden, surroundings }: Sight): string | undefined {
  const { application, assignments } = surroundings;
  if (rightsOf(have)[name] === 'unknown') return 'the roles of this account do not tell';
  if (name === 'grant') return 'hidden' in assignments ? assignments.hidden : hidden.get('permissions');
  return 'hidden' in application ? application.hidden : undefined;
}

/** Here nobody is going to try: what cannot be told is not checked, unless the account may do it anyway. */
function checkRoles(want: Wanted, sight: Sight, now: Date): Finding[] {
  const { have, hidden } = sight;
  const skip = (name: TaskName, reason: string | undefined): Finding =>
    skipped(`role.${name}`, tasks[name].title, reason);
  if (hidden.has('roles')) return taskNames.map((name) => skip(name, hidden.get('roles')));
  return (roles.check?.(want, have, now) ?? []).map((finding) => {
    const name = taskNames.find((task) => finding.id === `role.${task}`);
    if (name === undefined || rightsOf(have)[name] === 'yes') return finding;
    const reason = whyUntold(name, sight);
    return reason === undefined ? finding : skip(name, reason);
  });
}

function checkAccount(account: Account | undefined): Finding[] {
  const evidence = account === undefined ? 'who it is may not be read' : describeAccount(account);
  return [{ id: 'auth.signIn', status: 'pass', title: 'Signed in', evidence }];
}

function checkLicence(want: Wanted, { have, hidden }: Sight, now: Date): Finding[] {
  if (!hidden.has('tenant')) return [...(tenant.check?.(want, have, now) ?? [])];
  return [skipped('licence.premium', 'Microsoft Entra ID P1 or P2', hidden.get('tenant'))];
}

function checkGranted(want: Wanted, { have, hidden }: Sight, now: Date): Finding[] {
  if (!hidden.has('permissions')) return [...(permissions.check?.(want, have, now) ?? [])];
  return [skipped('permission.excess', 'No other permissions', hidden.get('permissions'))];
}

/** Nothing waits for consent in a check: what is missing is missing. */
function asDrift(finding: Finding): Finding {
  if (finding.code !== 'consent-pending') return finding;
  if (finding.id === 'role.grant') return { ...finding, code: 'role-missing' };
  return { ...finding, code: 'permission-missing', remedy: catalogue['permission-missing'].remedy };
}

function checkAll(config: ReportingConfig, sight: Sight, now: Date): Finding[] {
  const { have, surroundings } = sight;
  const { account } = have;
  const want = wantedBy(config);
  const detail = seenIn(surroundings.application);
  const { uniqueName, displayName } = config.application;
  const known = { clientId: config.clientId, uniqueName, displayName, account };
  const entry = detail && heldEntry(config.credential, detail.credentials);
  return [
    ...checkAccount(account),
    ...checkRoles(want, sight, now),
    ...checkLicence(want, sight, now),
    checkRenewal(have.policy, config.credential.kind, entry),
    ...checkApplicationDrift(known, surroundings),
    ...checkGranted(want, sight, now),
    ...checkPermissionDrift(surroundings, have.resources),
    ...checkCredentialDrift(config.credential, surroundings, now),
  ].map(asDrift);
}

/**
 * Reads the tenant as the administrator and judges what it shows of the application. Writes nothing; what may not be
 * read is skipped. Throws WizardError or DirectoryError where no answer comes.
 */
export async function viewAsAdministrator(
  session: Session,
  own: OwnSide,
  connection: Connection,
  io: Io,
): Promise<AdminView> {
  const { config } = own.reading;
  const task = io.report.task('Reading the tenant as the administrator');
  const directory = openDirectory(connection, session, io, (_purpose, wait) => task.wait(describeWait(wait)));
  const sources = { directory, cloud: connection.cloud, now: io.now };
  const sight = await observeAsAdministrator(sources, seedFor(session, config.clientId), own);
  requireFileTenant(sight.have.tenant.id, config);
  task.succeed('Read the tenant as the administrator');
  return {
    account: sight.have.account,
    tenant: sight.have.tenant,
    findings: checkAll(config, sight, io.now()),
  };
}

const weights = { skip: 0, pass: 1, warn: 2, fail: 3 } as const;

/**
 * Both views in one: of two findings about the same thing the graver stands, in the place of the first. The
 * administrator tells what the credential itself may not see. Pure.
 */
export function withAdminView(own: readonly Finding[], admin: readonly Finding[]): Finding[] {
  const merged = new Map(own.map((finding) => [finding.id, finding]));
  for (const finding of admin) {
    const held = merged.get(finding.id);
    if (!held || weights[finding.status] > weights[held.status]) merged.set(finding.id, finding);
  }
  return [...merged.values()];
}
