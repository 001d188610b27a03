import type { LocalCertificates } from '../../config/certificate.ts';
import type { ConfigReading, ReportingConfig } from '../../config/config.ts';
import { catalogue } from '../../core/errors.ts';
import type { Answer, Finding } from '../../core/findings.ts';
import type { Session } from '../../entra/sign-in.ts';
import { rightsOf } from '../../tenant/account/rights.ts';
import { type TaskName, taskNames, tasks } from '../../tenant/account/role-table.ts';
import { roles } from '../../tenant/account/roles.ts';
import type { Account, Tenant } from '../../tenant/directory-objects.ts';
import { checkApplicationDrift } from '../../tenant/drift/application-drift.ts';
import { checkCredentialDrift, heldEntry } from '../../tenant/drift/credential-drift.ts';
import { checkPermissionDrift } from '../../tenant/drift/permission-drift.ts';
import { checkRenewal } from '../../tenant/drift/policy-drift.ts';
import { observeSurroundings, whyHidden } from '../../tenant/drift/read-drift.ts';
import type { Seen, Surroundings } from '../../tenant/drift/surroundings.ts';
import type { Have, ObserveInput, ObserveIo, Step, Wanted } from '../../tenant/model.ts';
import { unseen } from '../../tenant/model.ts';
import { permissions } from '../../tenant/permissions/permissions.ts';
import { policy } from '../../tenant/policy/policy.ts';
import { tenant } from '../../tenant/tenant.ts';
import { describeWait } from '../../terminal/io.ts';
import { type Connection, openDirectory } from '../shared/connection.ts';
import type { Io } from '../shared/io.ts';
import { describeAccount } from '../shared/show.ts';
import { requireFileTenant, signedInAs } from '../shared/sign-in-administrator.ts';
import { wantedBy } from './check-credential.ts';

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
  readonly surroundings: Surroundings;
  /** Why a step's part of the tenant could not be read, by the step's id. */
  readonly hidden: ReadonlyMap<string, string>;
}

/** What observing as this session starts from. Pure. */
export function observeInputFor(session: Session, clientId: string): ObserveInput {
  return { signedIn: signedInAs(session), clientId, onlyClientId: true };
}

/** Steps whose part of the tenant is read along. */
const readSteps: readonly Step[] = [tenant, roles, policy, permissions];

/** The value, where it was seen. Pure. */
export const seenIn = <T>(seen: Seen<T>): T | undefined => ('value' in seen ? seen.value : undefined);

/**
 * Reads everything in one tick, and so in one $batch; what may not be read is hidden. Rejects with DirectoryError where
 * no answer comes.
 */
export async function observeAsAdministrator(
  io: ObserveIo,
  seed: ObserveInput,
  own: CredentialState,
): Promise<AdminReading> {
  const { clientId, application, credential } = own.reading.config;
  const hidden = new Map<string, string>();
  const look = async (step: Step): Promise<Partial<Have> | undefined> => {
    try {
      return await step.observe?.(io, seed);
    } catch (error) {
      hidden.set(step.id, whyHidden(error));
      return undefined;
    }
  };
  const [surroundings, ...parts] = await Promise.all([
    observeSurroundings(io, { appId: clientId, objectId: application.objectId }),
    ...readSteps.map(look),
  ]);
  const saved = {
    keyId: credential.keyId ?? '',
    expires: credential.expires ?? '',
    accepted: own.accepted,
  };
  const have: Have = Object.assign({}, unseen, ...parts, {
    application: seenIn(surroundings.application)?.application,
    servicePrincipal: seenIn(surroundings.servicePrincipal),
    assignments: seenIn(surroundings.assignments),
    federated: seenIn(surroundings.federated),
    certificates: { ...unseen.certificates, saved: own.certificate },
    config: own.reading,
    saved,
  });
  return { have, surroundings, hidden };
}

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
function whyUntold(name: TaskName, { have, hidden, surroundings }: AdminReading): string | undefined {
  const { application, assignments } = surroundings;
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
  return [skipped('permission.excess', 'No other permissions', hidden.get('permissions'))];
}

/** Nothing waits for consent in a check: what is missing is missing. */
function asDrift(finding: Finding): Finding {
  if (finding.code !== 'consent-pending') return finding;
  if (finding.id === 'role.grant') return { ...finding, code: 'role-missing' };
  return { ...finding, code: 'permission-missing', remedy: catalogue['permission-missing'].remedy };
}

function checkAdminReading(config: ReportingConfig, reading: AdminReading, now: Date): Finding[] {
  const { have, surroundings } = reading;
  const { account } = have;
  const want = wantedBy(config);
  const detail = seenIn(surroundings.application);
  const { uniqueName, displayName } = config.application;
  const known = { clientId: config.clientId, uniqueName, displayName, account };
  const entry = detail && heldEntry(config.credential, detail.credentials);
  return [
    ...checkAccount(account),
    ...checkRoles(want, reading, now),
    ...checkLicence(want, reading, now),
    checkRenewal(have.policy, config.credential.kind, entry),
    ...checkApplicationDrift(known, surroundings),
    ...checkGranted(want, reading, now),
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
  own: CredentialState,
  connection: Connection,
  io: Io,
): Promise<AdminView> {
  const { config } = own.reading;
  const task = io.report.task('Reading the tenant as the administrator');
  const directory = openDirectory(connection, session, io, (_purpose, wait) => task.wait(describeWait(wait)));
  const sources = { directory, cloud: connection.cloud, now: io.now };
  const reading = await observeAsAdministrator(sources, observeInputFor(session, config.clientId), own);
  requireFileTenant(reading.have.tenant.id, config);
  task.succeed('Read the tenant as the administrator');
  return {
    account: reading.have.account,
    tenant: reading.have.tenant,
    findings: checkAdminReading(config, reading, io.now()),
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
