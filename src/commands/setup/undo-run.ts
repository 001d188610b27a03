import type { RestoreOutcome } from '../../config/config-output.ts';
import type { SecretMarker } from '../../config/secret-note.ts';
import { DirectoryError, graphError, isOutcomeUnknown } from '../../graph/directory-error.ts';
import { removeLostSecret } from '../../tenant/credential/password-credentials.ts';
import type { Change, Have } from '../../tenant/model.ts';
import { savedConfig } from '../../tenant/saved-config.ts';
import { undoPlan } from '../../tenant/undo.ts';
import { connect, openDirectory } from '../shared/connection.ts';
import { noteWritten } from './setup-outcome.ts';
import type { SignedInRun } from './setup-run.ts';
import { write } from './write.ts';

/** Where a run was cut while it wrote, or proved what it had written. */
interface Cut {
  readonly error: unknown;
  /** What was there when it began, and what is there now. */
  readonly before: Have;
  readonly have: Have;
}

/** A run that was cut, with an `io` that still works. */
type CutRun = Cut & SignedInRun;

function sentenceOf(error: unknown): string {
  if (error instanceof DirectoryError) return graphError(error).message;
  return error instanceof Error ? error.message : String(error);
}

/** The failure may hide that the last step was done. */
const leavesOpen = (error: unknown): boolean =>
  error instanceof DirectoryError && (error.uncertain || isOutcomeUnknown(error.failure));

/** Marks of secrets that this run may have made without learning of it: no reply tells, or it was stopped before. */
function secretsInDoubt({ error, have, output }: CutRun): readonly SecretMarker[] {
  const refused = error instanceof DirectoryError && !leavesOpen(error);
  return refused || have.created ? [] : output.note.written();
}

const nouns: Partial<Record<Change['kind'], string>> = {
  application: 'Application',
  servicePrincipal: 'Service principal',
  appRoleAssignment: 'Permission',
  passwordCredential: 'Client secret',
  keyCredential: 'Certificate',
  federatedIdentityCredential: 'Federated credential',
};

/** Everything that this run wrote, oldest first, and what of it is older than the run. */
function showWritten(removals: readonly Change[], { error, outcome, io }: CutRun): void {
  const written = (outcome.changes ?? []).filter(({ kind, action }) => nouns[kind] && action !== 'keep');
  io.report.title('What this run has made so far');
  for (const { kind, name, id } of written) {
    const stays = removals.some((removal) => removal.id === id) ? '' : ' (it may be older: it stays)';
    io.report.item(`${nouns[kind]} "${name}"${id === undefined ? '' : `, ID ${id}`}${stays}`);
  }
  if (written.length === 0) io.report.item('Nothing');
  if (leavesOpen(error)) {
    io.report.item('Perhaps what it was about to do last: no reply tells. The next run finds out.');
  }
}

/** Asked only where `--on-failure` does not say; nobody's answer is "keep". */
async function decide({ settings, error, io }: CutRun): Promise<'keep' | 'undo'> {
  if (settings.onFailure !== undefined) return settings.onFailure;
  if (!io.interactive) return 'keep';
  io.report.warn(sentenceOf(error));
  try {
    const undo = await io.prompt.confirm({ message: 'Remove all of that again?', fallback: false });
    return undo ? 'undo' : 'keep';
  } catch {
    return 'keep';
  }
}

const restorations: Readonly<Record<Exclude<RestoreOutcome, 'unsaved'>, string>> = {
  restored: 'Put the file back as it was',
  removed: 'Removed the file that this run wrote',
};

/** The file first: it must not name a credential that is gone. False where that failed. */
async function restoreFile({ output, io }: CutRun): Promise<boolean> {
  try {
    const done = await output.file.restore();
    if (done !== 'unsaved') io.report.task(restorations[done]).succeed();
    return true;
  } catch (error) {
    io.report.warn(`Nothing was removed. ${sentenceOf(error)}`);
    return false;
  }
}

/** Each on its own, so that one that cannot be removed does not keep the others. Gives those that stay. */
async function removeAll(removals: readonly Change[], run: CutRun): Promise<Change[]> {
  const { io, have, outcome } = run;
  const stay: Change[] = [];
  for (const removal of removals) {
    try {
      await write([removal], have, run, (done) => noteWritten(done, have, outcome));
    } catch (error) {
      io.report.stop('fail');
      io.report.warn(sentenceOf(error));
      stay.push(removal);
    }
  }
  return stay;
}

/** Removes what the marks lead to, the secret that the file held before apart. Gives the marks of what may still be there. */
async function sweepAll(
  inDoubt: readonly SecretMarker[],
  { before, directory, io }: CutRun,
): Promise<SecretMarker[]> {
  const left: SecretMarker[] = [];
  for (const marker of inDoubt) {
    const task = io.report.task(`Look for a client secret "${marker.displayName}" whose reply was lost`);
    try {
      const found = await removeLostSecret(marker, savedConfig(before)?.credential.keyId, [], {
        directory,
        sleep: io.sleep,
      });
      task.succeed(found.length > 0 ? `Remove client secret "${marker.displayName}"` : undefined);
    } catch (error) {
      task.fail();
      io.report.warn(sentenceOf(error));
      left.push(marker);
    }
  }
  return left;
}

function forget({ outcome }: CutRun, gone: readonly Change[]): void {
  const isGone = (kind: Change['kind']): boolean => gone.some((removal) => removal.kind === kind);
  if (isGone('application')) delete outcome.application;
  if (isGone('passwordCredential') || isGone('keyCredential') || isGone('federatedIdentityCredential')) {
    delete outcome.credential;
  }
}

/** The note outlives an undo that was not complete, and what earlier runs left in it. */
async function concludeUndo(stay: number, all: number, run: CutRun): Promise<void> {
  const { report } = run.io;
  if (stay > 0) {
    report.line(`${stay} of ${all} could not be removed.`);
    return showHowToGoOn(run);
  }
  if (run.have.markers.length === 0) await run.output.note.clear();
  report.line('Everything that this run made is gone again.');
}

function showHowToGoOn({ invocation, io }: CutRun): void {
  io.report.line('The same command goes on from here:');
  io.report.code(invocation.again);
}

/** On a connection of its own: that of the run ends every read when the run is stopped. */
async function undo(
  removals: readonly Change[],
  inDoubt: readonly SecretMarker[],
  cut: CutRun,
): Promise<void> {
  const { io, session, waits } = cut;
  io.report.title('Undoing');
  if (!(await restoreFile(cut))) return;
  const connection = connect(cut.cloud, io);
  try {
    const run = { ...cut, directory: openDirectory(connection, session, io, waits.onWait) };
    const stay = await removeAll(removals, run);
    const gone = removals.filter((removal) => !stay.includes(removal));
    forget(run, gone);
    // What an application held went with it.
    const left = inDoubt.filter(({ applicationId }) => !gone.some(({ id }) => id === applicationId));
    const unswept = await sweepAll(left, run);
    await concludeUndo(stay.length + unswept.length, removals.length + left.length, run);
  } finally {
    await connection.close();
  }
}

/**
 * Says what a run that was cut has made, and removes it again where that is wanted. Always rejects with the failure of
 * the run itself, whatever could not be removed.
 */
export async function settleCutRun(cut: Cut, interrupted: SignedInRun): Promise<never> {
  const run = { ...interrupted, ...cut, io: interrupted.io.afterwards() };
  run.io.report.stop('fail');
  const removals = undoPlan(run.have, run.before);
  showWritten(removals, run);
  const inDoubt = secretsInDoubt(run);
  const choice = removals.length + inDoubt.length === 0 ? 'keep' : await decide(run);
  if (choice === 'undo') await undo(removals, inDoubt, run);
  else showHowToGoOn(run);
  throw cut.error;
}
