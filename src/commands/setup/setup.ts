import { type ExitCode, exitCodes } from '../../core/errors.ts';
import { exitCodeFor } from '../../core/findings.ts';
import type { Io } from '../shared/io.ts';
import type { RunOutcome } from '../shared/run-outcome.ts';
import { agree, ignoreFiles, type Proposal } from './agree.ts';
import { applyPlan, cleanUp } from './apply-plan.ts';
import { askForRegistration } from './ask-for-registration.ts';
import { waitForConsent } from './consent.ts';
import { removeHandOff } from './hand-off.ts';
import { cannotStart, type JudgedTenant, judgeTenant } from './judge-tenant.ts';
import type { AppliedPlan, SetupPlan } from './plan-setup.ts';
import { plannedRequests, showRequests } from './planned-requests.ts';
import { prove } from './prove.ts';
import { offersAnotherAccount, readTenant, signIn } from './read-tenant.ts';
import {
  closeRun,
  openRun,
  type SetupRequest,
  type SetupRun,
  type SignedInRun,
  withOutput,
} from './setup-run.ts';
import { tell } from './tell.ts';

/**
 * The wizard: sign in, look, plan, ask once, write, prove. Fills in `outcome` as it goes. Throws WizardError or
 * DirectoryError; whatever was written until then stays, and the same command goes on from there.
 */
export async function runSetup(request: SetupRequest, io: Io, outcome: RunOutcome): Promise<ExitCode> {
  introduce(request, io);
  const opened = await openRun(request, io, outcome);
  try {
    const settled = await settlePlan(opened);
    if ('stopped' in settled) return settled.stopped;
    const { plan, run } = settled;
    if (run.planOnly) return await endDryRun(plan, run);
    await ignoreFiles(settled);
    return await finish(await applyPlan(plan, run), run);
  } finally {
    await closeRun(opened);
  }
}

/**
 * Signs in, reads, judges and plans, until the plan is agreed on or nothing useful can be done; anew where another
 * account is meant, or a role was activated meanwhile: the present sign-in would not know of it.
 */
async function settlePlan(opened: SetupRun): Promise<Proposal | { readonly stopped: ExitCode }> {
  for (;;) {
    const run = await signIn(withOutput(opened, opened.slot.current() ?? opened.output));
    const tenant = await judgeTenant(await readTenant(run), run);
    if (!tenant) continue;
    if (!run.planOnly && cannotStart(tenant.findings, tenant.have)) {
      if (await takesAnotherAccount(run)) continue;
      return { stopped: await stop(tenant, run) };
    }
    const proposal = await agree(tenant, run);
    if (proposal) return proposal;
  }
}

/** What is going to happen, before anything does. */
function introduce({ settings, cloud, planOnly }: SetupRequest, { asks, report }: Io): void {
  if (!asks) return;
  const usual =
    cloud.name === 'sandbox'
      ? 'the SANDBOX: a tenant on this machine alone'
      : 'the tenant of the account you sign in with';
  const tenant = settings.tenant ?? usual;
  report.line('Makes and proves a credential that reads the sign-in and audit logs of');
  report.line(`${tenant}.`);
  report.line(
    planOnly ? 'Nothing is written: this is a dry run.' : 'Nothing is written before you approve the plan.',
  );
}

/** Asks whether somebody else signs in, where this account cannot do the job. */
async function takesAnotherAccount(run: SignedInRun): Promise<boolean> {
  if (!offersAnotherAccount(run)) return false;
  const answer = await run.io.prompt.select({
    message: 'This account cannot do it',
    choices: [
      { value: 'stop', label: 'Stop here' },
      { value: 'another', label: 'Sign in with another account' },
    ],
    fallback: 'stop',
  });
  return answer === 'another';
}

/** Proves what was written, cleans up and tells; goes on where somebody gives consent while a person waits for it. */
async function finish(applied: AppliedPlan, run: SignedInRun): Promise<ExitCode> {
  const proven = await prove(applied, run);
  await cleanUp(proven, run);
  const code = await tell(proven, run);
  const granted = code === exitCodes.waiting ? await waitForConsent(proven, run) : undefined;
  if (!granted) return code;
  // What it asks for is done, however this run goes on.
  await removeHandOff(run.output.path);
  return finish(granted, run);
}

async function stop({ findings, have }: JudgedTenant, run: SignedInRun): Promise<ExitCode> {
  run.io.report.line('Nothing was changed.');
  await askForRegistration(findings, have, run);
  return exitCodeFor(findings);
}

async function endDryRun(plan: SetupPlan, run: SignedInRun): Promise<ExitCode> {
  const { outcome, io } = run;
  outcome.changes = plan.changes;
  const requests = await plannedRequests(plan, run);
  outcome.details = { ...outcome.details, requests };
  showRequests(requests, io.report);
  io.report.line('Dry run: nothing was written.');
  return exitCodeFor(plan.findings);
}
