import type { TeardownMode } from '../../cli/teardown-options.ts';
import { isPending } from '../../core/engine.ts';
import { WizardError } from '../../core/errors.ts';
import { sameId } from '../../core/fields.ts';
import type { Finding } from '../../core/findings.ts';
import { DirectoryError, isFinal, isNotFound, withFallback } from '../../graph/directory-error.ts';
import { readActivation } from '../../tenant/application/activation.ts';
import { readCredentialIds } from '../../tenant/application/read-application.ts';
import { deletionOf, isInBin, readDeletedPrincipals } from '../../tenant/application/recycle-bin.ts';
import { confirmByReads, listItems } from '../../tenant/confirm-removal.ts';
import { seenIn } from '../../tenant/optional-read.ts';
import type { RunOutcome } from '../shared/run-outcome.ts';
import type { Target } from './find-target.ts';
import type { Removal } from './plan-teardown.ts';
import { type SignedInTeardown, sameCommand } from './teardown-run.ts';

/** What was taken back, as it was done. */
export interface TakenBack {
  readonly target: Target;
  readonly mode: TeardownMode;
  readonly removals: readonly Removal[];
  /** What Graph does not let go of yet, with its reason. */
  readonly refused: readonly {
    readonly removal: Removal;
    readonly words: string;
    readonly stepUp: boolean;
  }[];
}

function note({ action, kind, name, id }: Removal, outcome: RunOutcome): void {
  const change = { action, kind, name, ...(id === undefined ? {} : { id }) };
  outcome.changes = [...(outcome.changes ?? []), change];
}

function showHowToGoOn(run: SignedInTeardown): void {
  const { report } = run.io;
  report.stop('fail');
  if ((run.outcome.changes ?? []).some(({ action }) => action !== 'keep')) {
    report.line('What is listed above is done. The same command goes on from here:');
    report.code(sameCommand(run));
  }
}

type Refused = TakenBack['refused'][number];

/** Does one thing, and gives what Graph does not let go of. Rejects as the removal does. */
async function removeOne(removal: Removal, run: SignedInTeardown): Promise<Refused | undefined> {
  const { io, directory, outcome } = run;
  const { sleep, random } = io;
  // How long it takes is measured by a clock that no reply sets meanwhile.
  const now = io.clock.local;
  if (io.signal.aborted) throw new WizardError('cancelled', 'Stopped between two changes.');
  const task = removal.apply ? io.report.task(removal.title) : undefined;
  run.showOn(task);
  const remark = await removal.apply?.({ directory, now, sleep, random });
  run.showOn(undefined);
  if (!remark) {
    task?.succeed(removal.title);
    note(removal, outcome);
    return undefined;
  }
  if ('left' in remark) {
    task?.fail(`${removal.title}: ${remark.left}`);
    return undefined;
  }
  task?.fail(`${removal.title}: refused`);
  return { removal, words: remark.refusal.words, stepUp: remark.refusal.stepUp };
}

/**
 * Removes what was planned, one after the other. Rejects with what stopped it, once it is told how to go on: what was
 * done until then stays done.
 */
export async function takeBack(
  target: Target,
  mode: TeardownMode,
  removals: readonly Removal[],
  run: SignedInTeardown,
): Promise<TakenBack> {
  const refused: Refused[] = [];
  if (removals.some(isPending)) run.io.report.title('Working');
  for (const removal of removals) {
    try {
      const left = await removeOne(removal, run);
      if (left) refused.push(left);
    } catch (error) {
      showHowToGoOn(run);
      throw error;
    }
  }
  return { target, mode, removals, refused };
}

/** Whether an object is there no more. Rejects with DirectoryError where Graph does not say. */
const isAbsent = (path: string, { directory }: SignedInTeardown): Promise<boolean> =>
  withFallback(
    directory
      .send({ method: 'GET', path, purpose: 'see whether it is gone', answers: isNotFound })
      .then(() => false),
    isNotFound,
    true,
  );

/** Of an application that stays: whether its lists show nothing any more of what was removed. */
async function areRemovalsGone({ target, removals }: TakenBack, run: SignedInTeardown): Promise<boolean> {
  const { directory } = run;
  const idsOf = (isKind: (kind: Removal['kind']) => boolean): string[] =>
    removals.flatMap(({ kind, action, id }) => (action === 'remove' && isKind(kind) && id ? [id] : []));
  const principal = seenIn(target.inventory.servicePrincipal)?.id;
  const grants = idsOf((kind) => kind === 'appRoleAssignment');
  const trusts = idsOf((kind) => kind === 'federatedIdentityCredential').length > 0;
  const [listed, granted] = await Promise.all([
    readCredentialIds(directory, target.id, trusts),
    principal === undefined || grants.length === 0
      ? []
      : listItems(
          directory,
          `/servicePrincipals/${principal}/appRoleAssignments`,
          'appRoleAssignment',
          'they',
        ),
  ]);
  const keys = idsOf((kind) => kind !== 'appRoleAssignment');
  return (
    !keys.some((id) => listed.some((one) => sameId(one, id))) &&
    !granted.some((item) => grants.some((id) => item['id'] === id))
  );
}

/** Whether the recycle bin has nothing more of it, but what Graph does not let go of. */
async function isPurged({ target, removals, refused }: TakenBack, run: SignedInTeardown): Promise<boolean> {
  const { directory } = run;
  const isRefused = (removal: Removal): boolean => refused.some((one) => one.removal === removal);
  const ids = removals.flatMap((removal) =>
    removal.kind === 'deletedItem' && removal.id !== undefined && !isRefused(removal) ? [removal.id] : [],
  );
  const isWhole = refused.length === 0;
  const [inBin, principals] = await Promise.all([
    Promise.all(ids.map((id) => isInBin(id, directory))),
    isWhole ? readDeletedPrincipals(directory, target.appId) : [],
  ]);
  return !inBin.some(Boolean) && principals.length === 0;
}

async function isGone(done: TakenBack, run: SignedInTeardown): Promise<boolean> {
  const { target, mode } = done;
  if (!target.isWhole) return areRemovalsGone(done, run);
  const principal = seenIn(target.inventory.servicePrincipal)?.id;
  const paths = [
    `/applications/${target.id}`,
    ...(principal === undefined ? [] : [`/servicePrincipals/${principal}`]),
  ];
  const [absent, purged] = await Promise.all([
    Promise.all(paths.map((path) => isAbsent(path, run))),
    mode === 'purge' ? isPurged(done, run) : true,
  ]);
  return absent.every(Boolean) && purged;
}

async function isDeactivated({ target }: TakenBack, { directory }: SignedInTeardown): Promise<boolean> {
  return (await readActivation(directory, { id: target.id }))?.deactivated === 'yes';
}

/**
 * Reads back that it is as it was made: two reads that agree, ten seconds apart at least. Gives when the application was
 * deleted, ISO 8601, where the recycle bin tells. Rejects with WizardError `removal-unconfirmed`.
 */
export async function readBack(done: TakenBack, run: SignedInTeardown): Promise<string | undefined> {
  const { target, mode } = done;
  const { io, directory } = run;
  const task = io.report.task('Make sure of it: two reads that agree, ten seconds apart');
  run.showOn(task);
  const what = mode === 'deactivate' ? 'the application is deactivated' : 'what was removed is gone';
  try {
    await confirmByReads(what, () => (mode === 'deactivate' ? isDeactivated : isGone)(done, run), {
      now: io.clock.local,
      sleep: io.sleep,
    });
  } catch (error) {
    showHowToGoOn(run);
    throw error;
  }
  run.showOn(undefined);
  task.succeed('Made sure of it: two reads agree');
  return target.isWhole && mode !== 'deactivate' ? deletionOf(target.id, directory) : undefined;
}

/** Whether the application itself is still in the recycle bin, since Graph does not let go of it. Pure. */
export const isKeptInBin = ({ target, refused }: TakenBack): boolean =>
  refused.some(({ removal }) => removal.id === target.id);

/** Whether Graph certainly did not do what was asked. */
export const isRefusedForGood = (error: unknown): boolean =>
  error instanceof DirectoryError && !error.uncertain && isFinal(error.failure);

/** What the reads say of it in the end. */
export const confirmedFinding = (title: string): Finding => ({
  id: 'teardown.confirmed',
  title,
  status: 'pass',
  evidence: 'two reads agree, ten seconds apart',
});
