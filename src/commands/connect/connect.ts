import { type ExitCode, exitCodes } from '../../core/errors.ts';
import type { Io } from '../shared/io.ts';
import type { RunOutcome } from '../shared/run-outcome.ts';
import { chooseTarget, listTargets } from './choose-target.ts';
import { type ConnectRequest, goesIntoStore, openRun, requireFit } from './connect-run.ts';
import { makeFiles } from './make-files.ts';
import { putIntoStore } from './put-into-store.ts';
import { record, removeSecret, tell } from './record-and-tell.ts';

/**
 * Turns a config file into what something else takes: lists or chooses the target, looks whether it can use what the file
 * holds, makes its files or puts the credential into the store, notes that in the file, says what to do next, and takes the
 * secret out of the file where that was asked. Throws WizardError; what does not fit is refused before anything is written.
 */
export async function runConnect(request: ConnectRequest, io: Io, outcome: RunOutcome): Promise<ExitCode> {
  const target = request.list ? undefined : await chooseTarget(request, io);
  if (target === undefined) return listTargets(request, outcome);
  const run = await openRun(target, request, io, outcome);
  requireFit(run);
  const handed =
    target.store && goesIntoStore(run) ? await putIntoStore(target.store, run) : await makeFiles(run);
  await record(handed, run);
  await tell(handed, run);
  await removeSecret(handed, run);
  return exitCodes.done;
}
