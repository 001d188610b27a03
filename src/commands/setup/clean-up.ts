import type { Finding } from '../../core/findings.ts';
import { sweep } from '../../tenant/credential/password-credentials.ts';
import type { Change, Have } from '../../tenant/model.ts';
import type { Run } from './setup-run.ts';
import { write } from './write.ts';

/** Replaced and lost secrets go last, and only once the new credential is shown to work. */
export async function cleanUp(
  run: Run,
  have: Have,
  removals: readonly Change[],
  findings: readonly Finding[],
): Promise<void> {
  const { io, target, waits, directory, outcome } = run;
  const token = findings.find(({ id }) => id === 'credential.token');
  if (token?.status !== 'pass') return;
  await write(removals, have, { directory, target, waits }, io, (done) => {
    outcome.changes = [...(outcome.changes ?? []), ...done];
  });
  const kept = have.created?.keyId ?? have.saved?.keyId;
  const own = have.markers.filter(({ applicationId }) => applicationId === have.application?.id);
  if (own.length > 0) {
    const task = io.report.task('Looking for client secrets whose reply was lost');
    waits.show(task);
    // At once, so that they share their reads.
    const swept = await Promise.all(
      own.map((marker) => sweep(marker, kept, [], { directory, sleep: io.sleep })),
    );
    waits.show(undefined);
    const removed = swept.flat().length;
    task.succeed(
      `Looked for client secrets whose reply was lost: ${removed === 0 ? 'none is left' : `${removed} removed`}`,
    );
  }
  await target.note.clear();
}
