import { type ExitCode, exitCodes } from '../../core/errors.ts';
import { exitCodeFor } from '../../core/findings.ts';
import type { Io } from '../shared/io.ts';
import type { RunOutcome } from '../shared/run-outcome.ts';
import { applyPlan, cleanUp } from './apply-plan.ts';
import { approve } from './approve.ts';
import { askForRegistration } from './ask-for-registration.ts';
import { waitForConsent } from './consent.ts';
import { cannotStart, type JudgedTenant, judgeTenant } from './judge-tenant.ts';
import type { AppliedPlan } from './plan-setup.ts';
import { planSetup, type SetupPlan, showPlan } from './plan-setup.ts';
import { prove } from './prove.ts';
import { keepsAccount, readTenant, signIn } from './read-tenant.ts';
import { closeRun, openRun, type SetupRequest, type SetupRun, type SignedInRun } from './setup-run.ts';
import { tell } from './tell.ts';
import { resolveWanted } from './wanted.ts';

/**
 * The wizard: sign in, look, ask what is open, plan, confirm, write, prove. Fills in `outcome` as it goes. Throws
 * WizardError or DirectoryError; whatever was written until then stays, and the same command goes on from there.
 */
export async function runSetup(request: SetupRequest, io: Io, outcome: RunOutcome): Promise<ExitCode> {
  const opened = await openRun(request, io, outcome);
  try {
    const { run, tenant } = await enterTenant(opened);
    if (cannotStart(tenant.findings, tenant.have) && !run.planOnly) return await stop(tenant, run);
    const want = await ask(tenant, run);
    const plan = await planSetup(tenant, want, run);
    showPlan(plan, run);
    if (run.planOnly) return endDryRun(plan, run);
    await approve(plan, run);
    return await finish(await applyPlan(plan, run), run);
  } finally {
    await closeRun(opened);
  }
}

/**
 * Signs in, reads and judges; anew where another account is meant, or a role was activated meanwhile: the present sign-in
 * would not know of it.
 */
async function enterTenant(opened: SetupRun): Promise<{ run: SignedInRun; tenant: JudgedTenant }> {
  for (;;) {
    const run = await signIn(opened);
    const snapshot = await readTenant(run);
    const tenant = (await keepsAccount(snapshot, run)) ? await judgeTenant(snapshot, run) : undefined;
    if (tenant) return { run, tenant };
  }
}

/** Proves what was written, cleans up and tells; goes on where somebody gives consent while a person waits for it. */
async function finish(applied: AppliedPlan, run: SignedInRun): Promise<ExitCode> {
  const proven = await prove(applied, run);
  await cleanUp(proven, run);
  const code = await tell(proven, run);
  const granted = code === exitCodes.waiting ? await waitForConsent(proven, run) : undefined;
  return granted ? finish(granted, run) : code;
}

function ask({ have }: JudgedTenant, { settings, cloud, io }: SignedInRun) {
  if (io.asks) io.report.title('What to set up');
  return resolveWanted(settings, have, cloud, io.prompt);
}

async function stop({ findings, have }: JudgedTenant, run: SignedInRun): Promise<ExitCode> {
  run.io.report.line('Nothing was changed.');
  await askForRegistration(findings, have, run);
  return exitCodeFor(findings);
}

function endDryRun({ changes, findings }: SetupPlan, { outcome, io }: SignedInRun): ExitCode {
  outcome.changes = changes;
  io.report.line('Dry run: nothing was written.');
  return exitCodeFor(findings);
}
