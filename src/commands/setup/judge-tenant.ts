import { check } from '../../core/engine.ts';
import { WizardError } from '../../core/errors.ts';
import type { Finding } from '../../core/findings.ts';
import { joinWords } from '../../core/text.ts';
import { activatable, activationPath, describeAccount } from '../../tenant/account/account.ts';
import { rightsOf } from '../../tenant/account/rights.ts';
import { taskNames } from '../../tenant/account/role-table.ts';
import type { Account } from '../../tenant/directory-objects.ts';
import type { Have } from '../../tenant/model.ts';
import { steps } from '../../tenant/steps.ts';
import { defaultAnswers } from '../../terminal/prompt.ts';
import { showFindings } from '../../terminal/report.ts';
import { checkClock } from '../shared/clock-check.ts';
import type { Io } from '../shared/io.ts';
import type { TenantSnapshot } from './read-tenant.ts';
import { reached } from './setup-outcome.ts';
import type { SetupRun, SignedInRun } from './setup-run.ts';
import { resolveWanted } from './wanted.ts';

/** Findings about the account and the tenant; what they found holds for the whole run. */
export const isPrerequisite = ({ id }: Finding): boolean => /^(network|auth|role|licence|policy)\./.test(id);

/** What the account and the tenant allow: defaults stand in for the answers. */
async function judge({ settings, cloud, io }: SetupRun, have: Have): Promise<Finding[]> {
  const provisional = await resolveWanted(settings, have, cloud, {
    needed: defaultAnswers,
    offered: defaultAnswers,
    now: io.now(),
  });
  const findings = check(steps, provisional, have, io.now()).filter(isPrerequisite);
  return [...checkClock(io.clock.ahead()), ...findings];
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
  io.report.address(account.portal);
  io.report.item(activationPath);
  return io.prompt.select({
    message: `Activate ${names} there, then press Enter`,
    choices: [
      { value: 'again', label: 'It is active: sign in again and go on' },
      { value: 'without', label: 'Go on without it' },
    ],
    fallback: 'again',
  });
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
async function settleLicence(have: Have, findings: readonly Finding[], io: Io): Promise<void> {
  if (!io.asks || have.tenant.premium !== 'no' || cannotStart(findings, have)) return;
  const message =
    'Sign-in logs need Microsoft Entra ID P1 or P2, which this tenant does not have. Go on with audit logs alone?';
  if (await io.prompt.confirm({ message, fallback: true })) return;
  throw new WizardError('cancelled', 'Stopped before the first change. Nothing was changed.');
}

/** A tenant with what the account may do in it. */
export interface JudgedTenant extends TenantSnapshot {
  readonly findings: readonly Finding[];
}

/** Where a person waits for the one question, what is met is counted: the plan has to fit on the screen too. */
function showPrerequisites(findings: readonly Finding[], { asks, report }: Io): void {
  const met = findings.filter(({ status }) => status === 'pass');
  if (!asks || met.length < 2) {
    showFindings('Prerequisites', findings, report);
    return;
  }
  const all = met.length === findings.length ? `All ${met.length} are met` : `${met.length} others are met`;
  const others = findings.filter(({ status }) => status !== 'pass');
  const counted = {
    id: '',
    status: 'pass',
    title: all,
    evidence: 'as read just now',
  } as const;
  showFindings('Prerequisites', [...others, counted], report);
}

/** What is judged and what it says, with how the tenant was reached. */
function judged(snapshot: TenantSnapshot, findings: readonly Finding[], run: SetupRun): JudgedTenant {
  const { account } = snapshot.have;
  const unasked = snapshot.savedSession === undefined && run.settings.tenant === undefined;
  const method = unasked ? run.methods[0] : undefined;
  const all = [...reached(run.cloud, account ? describeAccount(account) : '', method), ...findings];
  run.outcome.checks = all;
  return { ...snapshot, findings: all };
}

/**
 * Judges the tenant before anything is asked or written. Where a role that the account may activate is needed, and
 * somebody is there to do it, it is asked for: undefined then asks for another sign-in. Throws WizardError `cancelled`.
 */
export async function judgeTenant(
  snapshot: TenantSnapshot,
  run: SignedInRun,
): Promise<JudgedTenant | undefined> {
  const { io } = run;
  const { account } = snapshot.have;
  let { have } = snapshot;
  let findings = await judge(run, have);
  const roles = account ? inactiveRoles(account, findings) : [];
  showPrerequisites(findings, io);
  if (io.asks && account && roles.length > 0) {
    if ((await askActivation(account, roles, io)) === 'again') return undefined;
    have = { ...have, account: { ...account, eligible: [] } };
    findings = await judge(run, have);
  }
  const tenant = judged({ ...snapshot, have }, findings, run);
  await settleLicence(have, findings, io);
  return tenant;
}

/** The same for another file in a tenant that was shown and asked about already. */
export async function judgeAgain(
  snapshot: TenantSnapshot,
  before: JudgedTenant,
  run: SignedInRun,
): Promise<JudgedTenant> {
  // What somebody said about roles that are not active holds.
  const have = { ...snapshot.have, account: before.have.account };
  return judged({ ...snapshot, have }, await judge(run, have), run);
}
