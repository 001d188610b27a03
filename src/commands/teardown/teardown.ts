import { isPending } from '../../core/engine.ts';
import type { ExitCode } from '../../core/errors.ts';
import type { Io } from '../shared/io.ts';
import type { RunOutcome } from '../shared/run-outcome.ts';
import { concludeAbsence } from './conclude-absence.ts';
import { chooseMode, confirmTarget, requireRight } from './confirm-target.ts';
import { findTarget, type Target, type TeardownView } from './find-target.ts';
import { planTeardown, type Removal } from './plan-teardown.ts';
import { dropIntent, noteDeactivation, noteIntent, wasOwnDoing } from './record-deactivation.ts';
import { type OwnFile, ownFiles, removeFiles } from './remove-files.ts';
import { endDryRun, showPlan } from './show-removals.ts';
import { showTarget } from './show-target.ts';
import {
  confirmedFinding,
  isKeptInBin,
  isRefusedForGood,
  readBack,
  type TakenBack,
  takeBack,
} from './take-back.ts';
import {
  closeTeardown,
  openTeardown,
  type SignedInTeardown,
  signIn,
  type TeardownRequest,
} from './teardown-run.ts';
import { purgeFindings, tell, undoOf } from './tell-teardown.ts';

/**
 * Takes back what setup made: finds and shows it, asks how far to go, plans, has it confirmed, removes it in order, reads
 * back that it is gone, and removes the files of this machine last. Fills in `outcome` as it goes. Throws WizardError or
 * DirectoryError; what was done until then stays done, and the same command goes on from there.
 */
export async function runTeardown(request: TeardownRequest, io: Io, outcome: RunOutcome): Promise<ExitCode> {
  const opened = await openTeardown(request, io, outcome);
  try {
    const run = await signIn(opened);
    const view = await findTarget(run);
    showTarget(view, run);
    const mode = await chooseMode(run);
    outcome.details = { mode, ...outcome.details };
    const { target } = view;
    if (!target) return await concludeAbsence(mode, run);
    const removals = planTeardown(target, mode, run);
    const files = mode === 'deactivate' ? [] : await ownFiles(run);
    showPlan(removals, files, run);
    requireRight(view, removals);
    if (run.planOnly) return endDryRun(removals, files, run);
    if (run.settings.confirm !== undefined || removals.some(isPending) || files.length > 0) {
      await confirmTarget(target, mode, run);
    }
    const done =
      mode === 'deactivate'
        ? await deactivate(target, removals, run)
        : await takeBack(target, mode, removals, run);
    return await finish(done, files, view, run);
  } finally {
    await closeTeardown(opened);
  }
}

/** Notes before and after who it was: only then setup may switch it on again by itself. */
async function deactivate(
  target: Target,
  removals: readonly Removal[],
  run: SignedInTeardown,
): Promise<TakenBack> {
  const pending = removals.some(isPending);
  const noted = pending && (await noteIntent(run));
  try {
    return await takeBack(target, 'deactivate', removals, run);
  } catch (error) {
    if (noted && isRefusedForGood(error)) await dropIntent(run);
    throw error;
  }
}

async function finish(
  done: TakenBack,
  files: readonly OwnFile[],
  { have }: TeardownView,
  run: SignedInTeardown,
): Promise<ExitCode> {
  const { mode, removals } = done;
  const { outcome } = run;
  const deletedAt = await readBack(done, run);
  outcome.undo = undoOf(done, deletedAt, run);
  outcome.details = { ...outcome.details, undo: outcome.undo };
  if (mode === 'deactivate') {
    if (removals.some(isPending) || wasOwnDoing(run)) await noteDeactivation(run);
    return tell(done, [confirmedFinding('Deactivated')], run);
  }
  const purged = purgeFindings(done, deletedAt, have, run);
  // With a right that is missing the same command goes on later, and needs its file.
  const isOpen = purged.some(({ status }) => status === 'fail');
  const cleared = isOpen ? [] : await removeFiles(files, run);
  const isDeleted = mode === 'delete' || isKeptInBin(done);
  const title = done.target.isWhole ? (isDeleted ? 'Deleted' : 'Gone for good') : 'Removed';
  return tell(done, [confirmedFinding(title), ...purged, ...cleared], run);
}
