import type { Settings } from '../../cli/options.ts';
import { check } from '../../core/engine.ts';
import { WizardError } from '../../core/errors.ts';
import type { Finding } from '../../core/findings.ts';
import { joinWords } from '../../core/text.ts';
import type { AuthMethod } from '../../entra/auth-methods.ts';
import type { Cloud, CloudReference } from '../../entra/clouds.ts';
import type { Session } from '../../entra/sign-in.ts';
import type { AppSession, Directory } from '../../graph/directory.ts';
import { activatable, activationPlace } from '../../tenant/account/pim.ts';
import { rightsOf } from '../../tenant/account/rights.ts';
import { taskNames } from '../../tenant/account/role-table.ts';
import type { Account } from '../../tenant/directory-objects.ts';
import { ownUniqueName } from '../../tenant/graph.ts';
import type { Have } from '../../tenant/model.ts';
import { steps } from '../../tenant/steps.ts';
import { defaultDomain } from '../../tenant/tenant.ts';
import { defaultAnswers } from '../../terminal/prompt.ts';
import type { Connection } from '../shared/connection.ts';
import type { Draft } from '../shared/draft.ts';
import type { Io } from '../shared/io.ts';
import { describeAccount, showFindings, showTenant } from '../shared/show.ts';
import { openAdministrator, readTenant } from './administrator.ts';
import type { ApplicationLocks } from './application-lock.ts';
import { describeTenant, reached } from './describe.ts';
import type { Target } from './output.ts';
import { resolveWanted } from './wanted.ts';
import type { Waits } from './write.ts';

/** What somebody wants to come in for. */
export interface Visit {
  readonly settings: Settings;
  readonly cloud: Cloud;
  readonly place: CloudReference;
  readonly methods: readonly AuthMethod[];
  readonly planOnly: boolean;
}

/** The tenant as the administrator sees it, judged before anything is asked or written. */
export interface Entrance {
  readonly session: Session;
  readonly directory: Directory;
  readonly have: Have;
  readonly savedSession: AppSession | undefined;
  readonly findings: readonly Finding[];
}

/** Where a visit takes place. */
export interface Door {
  readonly target: Target;
  readonly connection: Connection;
  readonly waits: Waits;
  readonly draft: Draft;
  readonly locks: ApplicationLocks;
}

/** Findings about the account and the tenant; what they found holds for the whole run. */
export const isPrerequisite = ({ id }: Finding): boolean => /^(network|auth|role|licence|policy)\./.test(id);

/** What the account and the tenant allow: defaults stand in for the answers. */
async function judge(visit: Visit, have: Have, io: Io): Promise<Finding[]> {
  const provisional = await resolveWanted(visit.settings, have, visit.place, defaultAnswers);
  return check(steps, provisional, have, io.now()).filter(isPrerequisite);
}

/** By what the application is looked up, before anybody knows which one it is. */
function namesOf({ settings }: Visit, { config }: Target): (string | undefined)[] {
  if (settings.clientId !== undefined) return [settings.clientId];
  return [ownUniqueName, config.status === 'ok' ? config.config.clientId : undefined];
}

async function lookAround(
  visit: Visit,
  { target, connection, waits, draft, locks }: Door,
  io: Io,
): Promise<Entrance> {
  const session = await openAdministrator(visit.methods, visit.settings, connection, io);
  const { tenantId = '' } = session.claims;
  if (!visit.planOnly) await locks.take(tenantId, ...namesOf(visit, target));
  const seen = await readTenant(session, visit.settings, target, connection, waits, io);
  const { account, tenant, application } = seen.have;
  // It may be the one that another run knows by its other name.
  if (!visit.planOnly) await locks.take(tenantId, application?.appId);
  const domain = defaultDomain(tenant) ?? '';
  if (account) draft.account = account;
  draft.tenant = describeTenant(seen.have, domain, visit.place);
  showTenant(tenant, account, domain, io.report);
  const findings = await judge(visit, seen.have, io);
  showFindings('Prerequisites', findings, io.report);
  return { ...seen, session, findings };
}

/** Roles that the account may activate, and that the job needs. */
function inactiveRoles(account: Account, findings: readonly Finding[]): string[] {
  const isInactive = (id: string): boolean =>
    findings.some((finding) => finding.id === id && finding.code === 'role-inactive');
  const tasks = taskNames.filter((name) => isInactive(`role.${name}`));
  return [...new Set(tasks.flatMap((name) => activatable(account, name)?.displayName ?? []))];
}

/** Roles are in force for a new sign-in alone: the present one would not know of them. */
function askActivation(account: Account, roles: readonly string[], io: Io): Promise<'again' | 'without'> {
  const names = joinWords(roles);
  io.report.title('A role that is not active');
  io.report.line(`This account is eligible for ${names}. It is activated here:`);
  io.report.code(activationPlace(account));
  return io.prompt.select({
    message: `Activate ${names} there, then press Enter`,
    choices: [
      { value: 'again', label: 'It is active: sign in again and go on' },
      { value: 'without', label: 'Go on without it' },
    ],
    fallback: 'again',
  });
}

async function withoutActivation(visit: Visit, entrance: Entrance, io: Io): Promise<Entrance> {
  const { account } = entrance.have;
  if (!account) return entrance;
  const have = { ...entrance.have, account: { ...account, eligible: [] } };
  return { ...entrance, have, findings: await judge(visit, have, io) };
}

/** Whether a finding ends the run before anything is written: nothing useful could be done without that right. */
export function cannotStart(findings: readonly Finding[], have: Have): boolean {
  const failed = findings.filter(({ status }) => status === 'fail');
  const fails = (id: string): boolean => failed.some((finding) => finding.id === id);
  return (
    failed.some(({ code }) => code === 'role-inactive') ||
    fails('role.register') ||
    (fails('role.credential') && rightsOf(have).grant === 'no')
  );
}

/** Throws WizardError `cancelled` where somebody who can be asked does not want audit logs alone. */
async function settleLicence({ have, findings }: Entrance, io: Io): Promise<void> {
  if (!io.asks || have.tenant.premium !== 'no' || cannotStart(findings, have)) return;
  const message =
    'Sign-in logs need Microsoft Entra ID P1 or P2, which this tenant does not have. Go on with audit logs alone?';
  if (await io.prompt.confirm({ message, fallback: true })) return;
  throw new WizardError('cancelled', 'Stopped before the first change. Nothing was changed.');
}

/**
 * Signs in, reads the tenant, and judges it; as often as it takes until a role that the account may activate is
 * active, where somebody is there to do it. Throws WizardError or DirectoryError. Writes nothing.
 */
export async function enter(visit: Visit, door: Door, io: Io): Promise<Entrance> {
  for (;;) {
    const entrance = await lookAround(visit, door, io);
    const { account } = entrance.have;
    const roles = account ? inactiveRoles(account, entrance.findings) : [];
    const choice =
      io.asks && account && roles.length > 0 ? await askActivation(account, roles, io) : undefined;
    if (choice === 'again') continue;
    const settled = choice === 'without' ? await withoutActivation(visit, entrance, io) : entrance;
    const findings = [...reached(visit.cloud, account ? describeAccount(account) : ''), ...settled.findings];
    door.draft.checks = findings;
    await settleLicence(settled, io);
    return { ...settled, findings };
  }
}
