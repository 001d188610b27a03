import type { TeardownMode } from '../../cli/teardown-options.ts';
import { isPending } from '../../core/engine.ts';
import { type ExitCode, exitCodes, WizardError } from '../../core/errors.ts';
import { sameId } from '../../core/fields.ts';
import type { Finding } from '../../core/findings.ts';
import { quoted } from '../../core/text.ts';
import { defaultAppName, ownUniqueName, readApplication } from '../../tenant/application/read-application.ts';
import { confirmByReads } from '../../tenant/confirm-removal.ts';
import { seenIn } from '../../tenant/optional-read.ts';
import { readDeleted } from '../../tenant/read-inventory.ts';
import type { Io } from '../shared/io.ts';
import type { RunOutcome } from '../shared/run-outcome.ts';
import { chooseMode, confirmTarget, requireRight } from './confirm-target.ts';
import { findTarget, type Target, type TeardownView } from './find-target.ts';
import { planTeardown, type Removal } from './plan-teardown.ts';
import { dropIntent, noteDeactivation, noteIntent, wasOwnDoing } from './record-deactivation.ts';
import { type OwnFile, ownFiles, removeFiles } from './remove-files.ts';
import { showTarget } from './show-target.ts';
import { isKeptInBin, isRefusedForGood, readBack, type TakenBack, takeBack } from './take-back.ts';
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

function showPlan(
  removals: readonly Removal[],
  files: readonly OwnFile[],
  { io, keepFiles }: SignedInTeardown,
): void {
  const { report } = io;
  report.title('Plan');
  for (const removal of removals) report.change(removal);
  for (const { path, what } of files) {
    report.change({ action: 'remove', title: `Remove the ${what} ${path}, last of all` });
  }
  if (keepFiles) report.item('The files of this machine stay.');
}

function endDryRun(
  removals: readonly Removal[],
  files: readonly OwnFile[],
  { outcome, io }: SignedInTeardown,
): ExitCode {
  outcome.changes = [
    ...removals.map(({ action, kind, name, id }) => ({
      action,
      kind,
      name,
      ...(id === undefined ? {} : { id }),
    })),
    ...files.map(({ path, kind }) => ({ action: 'remove' as const, kind, name: path })),
  ];
  io.report.line('Dry run: nothing was written.');
  return exitCodes.done;
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

/** What the reads say of it in the end. */
const confirmed = (title: string): Finding => ({
  id: 'teardown.confirmed',
  title,
  status: 'pass',
  evidence: 'two reads agree, ten seconds apart',
});

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
    return tell(done, [confirmed('Deactivated')], run);
  }
  const purged = purgeFindings(done, deletedAt, have, run);
  // With a right that is missing the same command goes on later, and needs its file.
  const isOpen = purged.some(({ status }) => status === 'fail');
  const cleared = isOpen ? [] : await removeFiles(files, run);
  const isDeleted = mode === 'delete' || isKeptInBin(done);
  const title = done.target.isWhole ? (isDeleted ? 'Deleted' : 'Gone for good') : 'Removed';
  return tell(done, [confirmed(title), ...purged, ...cleared], run);
}

/** Whether neither the directory nor its recycle bin shows the application. */
async function isAbsent({ directory, held, settings }: SignedInTeardown): Promise<boolean> {
  const appId = held?.config.clientId ?? settings.ownedClientId;
  const [application, bin] = await Promise.all([
    readApplication(directory, appId === undefined ? { uniqueName: ownUniqueName } : { appId }),
    readDeleted(directory),
  ]);
  const inBin = (seenIn(bin) ?? []).some((one) =>
    appId === undefined ? one.uniqueName === ownUniqueName : sameId(one.appId, appId),
  );
  return application === undefined && 'value' in bin && !inBin;
}

/** Without an application there is no name to compare with but what the file says. */
function requireConfirmed({ held, settings }: SignedInTeardown): void {
  if (!held || settings.confirm === undefined) return;
  const { clientId, application } = held.config;
  const typed = settings.confirm.trim();
  if (sameId(typed, clientId) || typed === (application.displayName ?? defaultAppName).trim()) return;
  throw new WizardError(
    'invalid-options',
    `${quoted(typed)} is neither the client ID in the file (${clientId}) nor the name that it records. Nothing was changed.`,
    { remedy: `Run it again with --confirm ${clientId}, if the file is the right one.` },
  );
}

/** There is no such application: made sure of by reads that agree, for a copy of the directory may lag. */
async function concludeAbsence(mode: TeardownMode, run: SignedInTeardown): Promise<ExitCode> {
  const { io, held, settings, outcome } = run;
  const task = io.report.task('Make sure that the application is not there');
  await confirmByReads('the application is there', () => isAbsent(run), io);
  task.succeed('The application is not there, in the recycle bin neither: two reads agree');
  if (!held && settings.ownedClientId !== undefined) {
    throw new WizardError(
      'application-not-found',
      `This tenant has no application with client ID ${settings.ownedClientId}, in its recycle bin neither. Nothing was changed.`,
      { remedy: 'Check --client-id and the tenant.' },
    );
  }
  if (mode === 'deactivate') {
    throw new WizardError(
      'application-missing',
      'There is no application to deactivate. Nothing was changed.',
    );
  }
  const files = await ownFiles(run);
  if (files.length > 0) showPlan([], files, run);
  if (run.planOnly) return endDryRun([], files, run);
  if (files.length > 0) {
    requireConfirmed(run);
    if (
      settings.confirm === undefined &&
      !(await io.prompt.confirm({ message: 'Remove these files?', fallback: false }))
    ) {
      throw new WizardError('cancelled', 'Stopped before the first change. Nothing was changed.');
    }
  }
  const cleared = await removeFiles(files, run);
  outcome.checks = [confirmed('Not there'), ...cleared];
  for (const finding of cleared) io.report.finding(finding);
  io.report.title(held ? 'What this file was for is gone.' : 'There is nothing to take back in this tenant.');
  return cleared.some(({ status }) => status === 'warn') ? exitCodes.attention : exitCodes.done;
}
