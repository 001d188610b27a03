import type { ApplyProgress } from '../../core/engine.ts';
import { apply } from '../../core/engine.ts';
import { WizardError } from '../../core/errors.ts';
import type { Change, Have } from '../../tenant/model.ts';
import type { Task } from '../../terminal/report.ts';
import type { Io } from '../shared/io.ts';
import type { SignedInRun, WaitDisplay } from './setup-run.ts';

function progressOn(
  io: Io,
  waits: WaitDisplay,
  done: (changes: readonly Change[], have: Have) => void | Promise<void>,
): ApplyProgress<Change, Have> {
  let task: Task | undefined;
  return {
    begin([first, ...others]) {
      const more = others.length === 0 ? '' : ` (and ${others.length} more)`;
      task = io.report.task(`${first?.title ?? ''}${more}`);
      waits.show(task);
    },
    async done(changes, have, refused) {
      const [first, ...others] = changes;
      if (first === undefined && refused.length > 0) task?.fail();
      else task?.succeed(first?.title);
      for (const change of others) io.report.task(change.title).succeed();
      for (const { title } of refused) io.report.warn(`${title}: refused to this account`);
      waits.show(undefined);
      await done(changes, have);
    },
  };
}

/** Writes changes, each shown as it happens. Rejects with the first failure; `done` has told what came before, and is waited for. */
export async function write(
  changes: readonly Change[],
  have: Have,
  {
    directory,
    output,
    waits,
    io,
    possession,
  }: Pick<SignedInRun, 'directory' | 'output' | 'waits' | 'io' | 'possession'>,
  done: (changes: readonly Change[], have: Have) => void | Promise<void>,
): Promise<Have> {
  const { now, sleep, random } = io;
  const applyIo = {
    directory,
    output: output.file,
    note: output.note,
    keys: output.keys,
    now,
    sleep,
    random,
    possession,
  };
  const stopWhenCancelled = (): void => {
    if (io.signal.aborted) throw new WizardError('cancelled', 'Stopped between two changes.');
  };
  return apply(changes, have, applyIo, progressOn(io, waits, done), stopWhenCancelled);
}
