import type { Settings } from '../../cli/options.ts';
import type { RestoreOutcome } from '../../config/config-output.ts';
import type { SecretMarker } from '../../config/secret-note.ts';
import type { Cloud } from '../../entra/clouds.ts';
import type { Session } from '../../entra/sign-in.ts';
import type { Directory } from '../../graph/directory.ts';
import { DirectoryError, isOutcomeUnknown } from '../../graph/directory-error.ts';
import { graphProblem } from '../../graph/graph-problem.ts';
import { sweep } from '../../tenant/credential/password-credentials.ts';
import type { Change, Have } from '../../tenant/model.ts';
import { savedConfig } from '../../tenant/saved-config.ts';
import { undoPlan } from '../../tenant/undo.ts';
import { connect, openDirectory } from '../shared/connection.ts';
import type { Draft } from '../shared/draft.ts';
import type { Io } from '../shared/io.ts';
import type { Target } from './output.ts';
import { type Waits, type Writing, write } from './write.ts';

/** A run that failed or was stopped while it wrote. */
export interface CutRun {
  readonly error: unknown;
  /** What was there when it began, and what is there now. */
  readonly before: Have;
  readonly have: Have;
  readonly draft: Draft;
  readonly settings: Pick<Settings, 'onFailure'>;
  /** The command that goes on from here. */
  readonly invocation: { readonly again: string };
  readonly cloud: Cloud;
  readonly session: Session;
  readonly target: Target;
  readonly waits: Waits;
}

function sentenceOf(error: unknown): string {
  if (error instanceof DirectoryError) return graphProblem(error).message;
  return error instanceof Error ? error.message : String(error);
}

/** The failure may hide that the last step was done. */
const leavesOpen = (error: unknown): boolean =>
  error instanceof DirectoryError && (error.uncertain || isOutcomeUnknown(error.failure));

/** Marks of secrets that this run may have made without learning of it: no reply tells, or it was stopped before. */
function secretsInDoubt({ error, have, target }: CutRun): readonly SecretMarker[] {
  const refused = error instanceof DirectoryError && !leavesOpen(error);
  return refused || have.created ? [] : target.note.written();
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
function showWritten(removals: readonly Change[], { error, draft }: CutRun, io: Io): void {
  const written = (draft.changes ?? []).filter(({ kind, action }) => nouns[kind] && action !== 'keep');
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
async function decide({ settings, error }: CutRun, io: Io): Promise<'keep' | 'undo'> {
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
async function restoreFile({ output }: Target, io: Io): Promise<boolean> {
  try {
    const done = await output.restore();
    if (done !== 'unsaved') io.report.task(restorations[done]).succeed();
    return true;
  } catch (error) {
    io.report.warn(`Nothing was removed. ${sentenceOf(error)}`);
    return false;
  }
}

/** Each on its own, so that one that cannot be removed does not keep the others. Gives those that stay. */
async function removeAll(
  removals: readonly Change[],
  run: CutRun,
  writing: Writing,
  io: Io,
): Promise<Change[]> {
  const stay: Change[] = [];
  for (const removal of removals) {
    try {
      await write([removal], run.have, writing, io, (done) => {
        run.draft.changes = [...(run.draft.changes ?? []), ...done];
      });
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
  { before }: CutRun,
  directory: Directory,
  io: Io,
): Promise<SecretMarker[]> {
  const left: SecretMarker[] = [];
  for (const marker of inDoubt) {
    const task = io.report.task(`Look for a client secret "${marker.displayName}" whose reply was lost`);
    try {
      const found = await sweep(marker, savedConfig(before)?.credential.keyId, [], {
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

function forget({ draft }: CutRun, gone: readonly Change[]): void {
  const isGone = (kind: Change['kind']): boolean => gone.some((removal) => removal.kind === kind);
  if (isGone('application')) delete draft.application;
  if (isGone('passwordCredential') || isGone('keyCredential') || isGone('federatedIdentityCredential')) {
    delete draft.credential;
  }
}

/** On a connection of its own: that of the run ends every read when the run is stopped. */
async function undo(
  removals: readonly Change[],
  inDoubt: readonly SecretMarker[],
  run: CutRun,
  io: Io,
): Promise<void> {
  const { cloud, session, target, waits } = run;
  io.report.title('Undoing');
  if (!(await restoreFile(target, io))) return;
  const connection = connect(cloud, io);
  try {
    const directory = openDirectory(connection, session, io, waits.onWait);
    const stay = await removeAll(removals, run, { directory, target, waits }, io);
    const gone = removals.filter((removal) => !stay.includes(removal));
    forget(run, gone);
    // What an application held went with it.
    const left = inDoubt.filter(({ applicationId }) => !gone.some(({ id }) => id === applicationId));
    const unswept = await sweepAll(left, run, directory, io);
    await concludeUndo(stay.length + unswept.length, removals.length + left.length, run, io);
  } finally {
    await connection.close();
  }
}

/** The note outlives an undo that was not complete, and what earlier runs left in it. */
async function concludeUndo(stay: number, all: number, run: CutRun, io: Io): Promise<void> {
  if (stay > 0) {
    io.report.line(`${stay} of ${all} could not be removed.`);
    return goOn(run, io);
  }
  if (run.have.markers.length === 0) await run.target.note.clear();
  io.report.line('Everything that this run made is gone again.');
}

function goOn({ invocation }: CutRun, { report }: Io): void {
  report.line('The same command goes on from here:');
  report.code(invocation.again);
}

/**
 * Says what a run that was cut has made, and removes it again where that is wanted. Never rejects for what it could
 * not remove: the failure of the run itself is what counts.
 */
export async function settleCutRun(run: CutRun, cut: Io): Promise<void> {
  const io = cut.afterwards();
  io.report.stop('fail');
  const removals = undoPlan(run.have, run.before);
  showWritten(removals, run, io);
  const inDoubt = secretsInDoubt(run);
  const choice = removals.length + inDoubt.length === 0 ? 'keep' : await decide(run, io);
  if (choice === 'undo') await undo(removals, inDoubt, run, io);
  else goOn(run, io);
}
