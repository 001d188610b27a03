import { isPending } from '../../core/engine.ts';
import { sameId } from '../../core/fields.ts';
import { fullSearch, lostSecrets, removeLostSecret } from '../../tenant/credential/password-credentials.ts';
import { namedKeyIds } from '../../tenant/credential/previous-credentials.ts';
import type { Change, Have, LostMarker } from '../../tenant/model.ts';
import { plannedConfig, recordGrants, savedConfig } from '../../tenant/saved-config.ts';
import type { AppliedPlan, ProvenPlan, SetupPlan } from './plan-setup.ts';
import { planAgain } from './plan-setup.ts';
import { noteApplication, noteKept, noteWritten } from './setup-outcome.ts';
import type { SignedInRun } from './setup-run.ts';
import { showPlan } from './show-plan.ts';
import { settleCutRun } from './undo-run.ts';
import { wantedInstead } from './wanted-credential.ts';
import { write } from './write.ts';

/**
 * Writes an approved plan, its removals apart. Where policy refuses the credential, another is chosen, planned and
 * written. Rejects with what stopped it, once it is told what exists, or taken back.
 */
export async function applyPlan(plan: SetupPlan, run: SignedInRun): Promise<AppliedPlan> {
  const { io, outcome } = run;
  const removals = plan.changes.filter(({ action }) => action === 'remove');
  const writes = plan.changes.filter(({ action }) => action !== 'remove');
  noteKept(plan.changes, outcome);
  if (writes.some(isPending)) {
    await run.output.file.proveWritable(plannedConfig(plan.want, plan.have));
    io.report.title('Working');
  }
  let now = plan.have;
  const applied = { note: run.output.note, output: run.output.file, now: io.now };
  try {
    now = await write(writes, now, run, async (done, reached) => {
      now = reached;
      noteWritten(done, now, outcome);
      noteApplication(now, outcome);
      if (done.some(({ kind }) => kind === 'appRoleAssignment')) await recordGrants(plan.want, now, applied);
    });
  } catch (error) {
    const want = await wantedInstead(error, plan.want, io);
    if (!want) return settleCutRun({ error, before: plan.have, have: now }, run);
    const other = planAgain(plan, want, now, io.now());
    await showPlan(other, run);
    return applyPlan(other, run);
  }
  return { ...plan, before: plan.have, have: now, removals };
}

/** Whether a removal was of this mark's secret. */
function isRemoved(marker: LostMarker, removals: readonly Change[], { application }: Have): boolean {
  const [found] = lostSecrets(marker, application?.passwordCredentials ?? []);
  return removals.some(({ kind, id }) => kind === 'passwordCredential' && sameId(id, found?.keyId));
}

/** Replaced and lost secrets go last, and only once the new credential is shown to work. Gives what is left. */
export async function cleanUp(
  { have, removals, proof, listed }: ProvenPlan,
  run: SignedInRun,
): Promise<Have> {
  const { io, output, waits, directory, outcome } = run;
  const token = proof.find(({ id }) => id === 'credential.token');
  if (token?.status !== 'pass') return have;
  const left = await write(removals, have, run, (done) => noteWritten(done, have, outcome));
  const held = have.created?.keyId ?? have.saved?.keyId;
  const kept = [...namedKeyIds(savedConfig(have)), ...(held === undefined ? [] : [held])];
  const own = have.markers.filter(
    (marker) =>
      marker.applicationId === have.application?.id &&
      !isRemoved(marker, removals, have) &&
      !(marker.denied && listed && lostSecrets(marker, listed).length === 0),
  );
  if (own.length > 0) {
    const task = io.report.task('Looking for client secrets whose reply was lost');
    waits.show(task);
    // At once, so that they share their reads.
    const swept = await Promise.all(
      own.map((marker) =>
        removeLostSecret(
          marker,
          kept,
          [],
          { directory, now: io.now, sleep: io.sleep },
          fullSearch,
          marker.at,
        ),
      ),
    );
    waits.show(undefined);
    const removed = swept.flat().length;
    task.succeed(
      `Looked for client secrets whose reply was lost: ${removed === 0 ? 'none is left' : `${removed} removed`}`,
    );
  }
  await output.note.clear();
  return left;
}
