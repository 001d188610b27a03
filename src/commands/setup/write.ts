import { type ApplyProgress, apply } from '../../core/engine.ts';
import { WizardError } from '../../core/errors.ts';
import type { Directory } from '../../graph/directory.ts';
import type { Wait } from '../../http/retry.ts';
import type { ApplyIo, Change, Have } from '../../tenant/model.ts';
import { describeWait } from '../../terminal/progress.ts';
import type { Task } from '../../terminal/report.ts';
import type { Io } from '../shared/io.ts';
import type { Target } from './output.ts';

/** The administrator's directory, whose waits show on whatever task is under way. */
export interface Waits {
  onWait(purpose: string, wait: Wait): void;
  show(task: Task | undefined): void;
}

export function createWaits(): Waits {
  let current: Task | undefined;
  return {
    onWait: (_purpose, wait) => current?.wait(describeWait(wait)),
    show: (task) => {
      current = task;
    },
  };
}

function progressOn(
  io: Io,
  waits: Waits,
  done: (changes: readonly Change[], have: Have) => void,
): ApplyProgress<Change, Have> {
  let task: Task | undefined;
  return {
    begin([first, ...others]) {
      const more = others.length === 0 ? '' : ` (and ${others.length} more)`;
      task = io.report.task(`${first?.title ?? ''}${more}`);
      waits.show(task);
    },
    done(changes, have, refused) {
      const [first, ...others] = changes;
      if (first === undefined && refused.length > 0) task?.fail();
      else task?.succeed(first?.title);
      for (const change of others) io.report.task(change.title).succeed();
      for (const { title } of refused) io.report.warn(`${title}: refused to this account`);
      waits.show(undefined);
      done(changes, have);
    },
  };
}

/** Where changes are written to. */
export interface Writing {
  readonly directory: Directory;
  readonly target: Target;
  readonly waits: Waits;
}

/** Writes the changes, each shown as it happens. Rejects with the first failure; `done` has told what came before. */
export async function write(
  changes: readonly Change[],
  have: Have,
  place: Writing,
  io: Io,
  done: (changes: readonly Change[], have: Have) => void,
): Promise<Have> {
  const applyIo: ApplyIo = {
    directory: place.directory,
    output: place.target.output,
    note: place.target.note,
    keys: place.target.keys,
    now: io.now,
    sleep: io.sleep,
    random: io.random,
  };
  const stopWhenCancelled = (): void => {
    if (io.signal.aborted) throw new WizardError('cancelled', 'Stopped between two changes.');
  };
  return apply(changes, have, applyIo, progressOn(io, place.waits, done), stopWhenCancelled);
}
