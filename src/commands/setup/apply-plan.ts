import { removeHandOff } from '../../config/hand-off-file.ts';
import { isPending, plan } from '../../core/engine.ts';
import { type ExitCode, exitCodes } from '../../core/errors.ts';
import type { Finding } from '../../core/findings.ts';
import { exitCodeFor, mergeFindings } from '../../core/findings.ts';
import type { AppSession } from '../../graph/directory.ts';
import { forbid } from '../../tenant/account/rights.ts';
import type { Change, Have } from '../../tenant/model.ts';
import { steps } from '../../tenant/steps.ts';
import { showPlan } from '../shared/show.ts';
import { cleanUp } from './clean-up.ts';
import { awaitConsent, awaitsConsent, withConsent, withRefusals } from './consent.ts';
import { describeChanges } from './describe.ts';
import { handOver } from './hand-off.ts';
import { wantedInstead } from './policy-refusal.ts';
import { proveAll } from './prove.ts';
import { note, type Run } from './setup-run.ts';
import { showOutcome } from './show-outcome.ts';
import { settleCutRun } from './undo-run.ts';
import { write } from './write.ts';

/**
 * Writes an approved plan, proves what came of it, and tells. `previous` was written before the plan had to change;
 * `session` is the application's own, where its credential stays. Rejects with what stopped it, once it is told what exists.
 */
export async function carryOut(
  run: Run,
  have: Have,
  changes: readonly Change[],
  before: readonly Finding[],
  session: AppSession | undefined,
  previous: readonly Change[] = [],
): Promise<ExitCode> {
  const { io, outcome, target, directory, waits } = run;
  const removals = changes.filter(({ action }) => action === 'remove');
  const writes = changes.filter(({ action }) => action !== 'remove');
  const done = outcome.changes ?? [];
  const isDone = ({ kind, name }: Change): boolean =>
    done.some((change) => change.kind === kind && change.name === name);
  outcome.changes = [...done, ...changes.filter((change) => change.action === 'keep' && !isDone(change))];
  if (writes.some(isPending)) {
    await target.output.proveWritable();
    io.report.title('Working');
  }
  let now = have;
  let findings: Finding[];
  try {
    now = await write(writes, have, { directory, target, waits }, io, (done, reachedNow) => {
      now = reachedNow;
      outcome.changes = [...(outcome.changes ?? []), ...describeChanges(done, now)];
      note(run, now);
    });
    findings = mergeFindings(
      before,
      await proveAll(run, now, [...previous, ...withRefusals(changes, now)], session),
    );
  } catch (error) {
    const want = await wantedInstead(error, run.want, io);
    if (want) return goOnWith({ ...run, want }, now, [...previous, ...writes], before);
    await settleCutRun({ ...run, ...run.job, error, before: have, have: now }, io);
    throw error;
  }
  const code = await conclude(run, now, changes, findings, removals);
  return code === exitCodes.waiting ? waitForConsent(run, now, [...previous, ...changes], before) : code;
}

/** What is left to do once the writes are made and proven: deletions, the outcome, the hand-off. */
async function conclude(
  run: Run,
  have: Have,
  changes: readonly Change[],
  findings: readonly Finding[],
  removals: readonly Change[],
): Promise<ExitCode> {
  const { outcome, target, want, io, job } = run;
  outcome.checks = findings;
  await cleanUp(run, have, removals, findings);
  const code = exitCodeFor(findings);
  const left = withRefusals(changes, have);
  delete outcome.handOff;
  if (awaitsConsent(left)) {
    const pending = { cloud: job.cloud, want, have, again: job.invocation.again };
    const handOff = await handOver(pending, target.path, io);
    if (handOff) outcome.handOff = handOff;
  } else await removeHandOff(target.path);
  // Last, so that it is what stays on the screen.
  showOutcome(run, have, findings, left, code);
  return code;
}

/** Somebody may give consent right now: then the run goes on to its end. */
async function waitForConsent(
  run: Run,
  have: Have,
  changes: readonly Change[],
  before: readonly Finding[],
): Promise<ExitCode> {
  const { io, want, directory, job } = run;
  const message = 'Wait here until consent has been given?';
  if (!io.asks || !(await io.prompt.confirm({ message, fallback: false }))) return exitCodes.waiting;
  const granted = await awaitConsent({ want, have, directory, again: job.invocation.again }, io);
  if (!granted) return exitCodes.waiting;
  const consented = withConsent(changes);
  const now = { ...granted, refused: [], markers: [] };
  const findings = mergeFindings(before, await proveAll(run, now, consented, undefined));
  return conclude(run, now, consented, findings, []);
}

/** What was written stands; only the credential that the tenant's policy refused is planned anew. */
function goOnWith(
  run: Run,
  have: Have,
  written: readonly Change[],
  before: readonly Finding[],
): Promise<ExitCode> {
  const changes = forbid(plan(steps, run.want, have, run.io.now()), have);
  showPlan(changes, run.want, run.target.name, run.io.report);
  return carryOut(run, have, changes, before, undefined, written);
}
