import type { RestoreOutcome } from '../../config/config-output.ts';
import type { SecretMarker } from '../../config/secret-note.ts';
import { DirectoryError, graphError, isOutcomeUnknown } from '../../graph/directory-error.ts';
import { isUnconfirmed } from '../../tenant/confirm-removal.ts';
import {
  creationPurpose,
  fullSearch,
  removeLostSecret,
} from '../../tenant/credential/password-credentials.ts';
import { namedKeyIds } from '../../tenant/credential/previous-credentials.ts';
import type { Change, CreatedCredential, Have } from '../../tenant/model.ts';
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

const isMarkOf = (marker: SecretMarker, created: CreatedCredential | undefined): boolean =>
  created?.kind === 'secret' && Date.parse(created.expires) === Date.parse(marker.endDateTime);

/**
 * Marks of secrets that this run may have made without learning of it: no reply tells, or it was stopped before. The one
 * that it holds is none of them, nor is the last where Graph refused to make it.
 */
function secretsInDoubt({ error, have, output }: CutRun): readonly SecretMarker[] {
  const marks = output.note.written().filter((marker) => !isMarkOf(marker, have.created));
  const refused = isOfSecret(error) && !leavesOpen(error);
  return refused ? marks.slice(0, -1) : marks;
}

/** Whether it was the making of a secret that failed: what that may have left is looked for by its mark. */
const isOfSecret = (error: unknown): error is DirectoryError =>
  error instanceof DirectoryError && error.purpose === creationPurpose;

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

/** What is not seen to be gone: it stays for certain, or nobody can tell. */
interface Left<T> {
  readonly it: T;
  readonly isUnknown: boolean;
}

/** Each on its own, so that one that cannot be removed does not keep the others. Gives those that are not gone. */
async function removeAll(removals: readonly Change[], run: CutRun): Promise<Left<Change>[]> {
  const { io, have, outcome } = run;
  const left: Left<Change>[] = [];
  for (const removal of removals) {
    try {
      await write([removal], have, run, (done) => noteWritten(done, have, outcome));
    } catch (error) {
      io.report.stop('fail');
      io.report.warn(sentenceOf(error));
      left.push({ it: removal, isUnknown: isUnconfirmed(error) });
    }
  }
  return left;
}

/** Removes what the marks lead to, the secret that the file held before apart. Gives the marks of what may still be there. */
async function sweepAll(
  inDoubt: readonly SecretMarker[],
  { before, directory, io }: CutRun,
): Promise<Left<SecretMarker>[]> {
  const left: Left<SecretMarker>[] = [];
  for (const marker of inDoubt) {
    const task = io.report.task(`Look for a client secret "${marker.displayName}" whose reply was lost`);
    try {
      const kept = namedKeyIds(savedConfig(before));
      const clock = { directory, now: io.now, sleep: io.sleep };
      const found = await removeLostSecret(marker, kept, [], clock, fullSearch);
      task.succeed(found.length > 0 ? `Remove client secret "${marker.displayName}"` : undefined);
    } catch (error) {
      task.fail();
      io.report.warn(sentenceOf(error));
      left.push({ it: marker, isUnknown: isUnconfirmed(error) });
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
async function concludeUndo(
  left: readonly Left<unknown>[],
  all: number,
  run: CutRun,
  gone: readonly Change[],
): Promise<void> {
  const { report } = run.io;
  if (left.length > 0) {
    const unknown = left.filter(({ isUnknown }) => isUnknown).length;
    const stay = left.length - unknown;
    if (stay > 0) report.line(`${stay} of ${all} could not be removed.`);
    if (unknown > 0) report.line(`${unknown} of ${all}: nobody can tell yet whether it is gone.`);
    return showHowToGoOn(run);
  }
  const earlier = run.have.markers.filter(({ at }) => at === undefined);
  if (earlier.length === 0) await run.output.note.clear();
  // An application takes along what hangs on it.
  const isCovered = isOfSecret(run.error) || gone.some(({ kind }) => kind === 'application');
  if (leavesOpen(run.error) && !isCovered) {
    report.line('Everything that this run is known to have made is gone again.');
    report.line('What it was about to do last may be there: no reply tells. The next run finds out.');
  } else report.line('Everything that this run made is gone again.');
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
    const gone = removals.filter((removal) => !stay.some(({ it }) => it === removal));
    forget(run, gone);
    // What an application held went with it.
    const left = inDoubt.filter(({ applicationId }) => !gone.some(({ id }) => id === applicationId));
    const unswept = await sweepAll(left, run);
    await concludeUndo([...stay, ...unswept], removals.length + left.length, run, gone);
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
