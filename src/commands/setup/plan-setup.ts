import { check, isPending, plan } from '../../core/engine.ts';
import { type Finding, mergeFindings } from '../../core/findings.ts';
import type { AppSession } from '../../graph/directory.ts';
import { forbid, permit } from '../../tenant/account/rights.ts';
import { isKept } from '../../tenant/credential/credential.ts';
import { readFederated } from '../../tenant/credential/federated-credential.ts';
import type { Change, Have, Wanted } from '../../tenant/model.ts';
import { seenIn } from '../../tenant/optional-read.ts';
import { steps } from '../../tenant/steps.ts';
import { filesToIgnore } from './git-guard.ts';
import { isPrerequisite, type JudgedTenant } from './judge-tenant.ts';
import { describeTenant } from './setup-outcome.ts';
import type { SignedInRun } from './setup-run.ts';

/** What is wanted, what is there, and the writes that lead from one to the other. */
export interface SetupPlan {
  readonly want: Wanted;
  readonly have: Have;
  readonly changes: readonly Change[];
  /** Files to add to .gitignore, since git would take them in. */
  readonly ignores: readonly string[];
  /** What an earlier plan of this run had written before policy refused the credential it was to make. */
  readonly written: readonly Change[];
  /** Prerequisites: they hold for the whole run. */
  readonly findings: readonly Finding[];
  /** The application's own session, where its credential stays and nothing is written. */
  readonly session: AppSession | undefined;
}

/** A plan that was written, but for its removals. */
export interface AppliedPlan extends SetupPlan {
  /** What was there before anything was written. */
  readonly before: Have;
  /** What comes last, once the new credential is shown to work. */
  readonly removals: readonly Change[];
}

/** A plan that was written, with everything that is known of its outcome. */
export interface ProvenPlan extends AppliedPlan {
  readonly proof: readonly Finding[];
}

const changesFor = (want: Wanted, have: Have, now: Date): Change[] =>
  permit(forbid(plan(steps, want, have, now), have), have);

/**
 * Plans what leads to what is wanted; the answers decide which of the tenant's policies matter. Writes nothing.
 * Throws WizardError where nothing leads there, or git would publish what is to be saved.
 */
export async function planSetup(tenant: JudgedTenant, want: Wanted, run: SignedInRun): Promise<SetupPlan> {
  const now = run.io.now();
  const { application } = tenant.have;
  // Read only where one is wanted: nothing else depends on them.
  const have =
    want.credential.kind === 'federated' && application
      ? { ...tenant.have, federated: seenIn(await readFederated(application.id, run.directory)) }
      : tenant.have;
  const findings = mergeFindings(tenant.findings, check(steps, want, have, now).filter(isPrerequisite));
  run.outcome.checks = findings;
  run.outcome.tenant = describeTenant(have, want.domain, run.cloud);
  const changes = changesFor(want, have, now);
  const ignores = await filesToIgnore(changes, want, have, run);
  const stays = isKept(want, have) && !changes.some(isPending);
  const session = stays ? tenant.savedSession : undefined;
  return { want, have, changes, ignores, written: [], findings, session };
}

/** What was written stands; only the credential that the tenant's policy refused is planned anew. Pure. */
export function planAgain(refused: SetupPlan, want: Wanted, have: Have, now: Date): SetupPlan {
  const writes = refused.changes.filter(({ action }) => action !== 'remove');
  const written = [...refused.written, ...writes];
  return { ...refused, want, have, written, changes: changesFor(want, have, now), session: undefined };
}
