import type { ReportingConfig } from '../../config/config.ts';
import { WizardError } from '../../core/errors.ts';
import type { TeardownRun } from './teardown-run.ts';

type Application = ReportingConfig['application'];

/** Writes what is known of the deactivation into the file; where it cannot be written, that is said. */
async function save(application: Application, { held, io }: TeardownRun): Promise<boolean> {
  if (!held) return false;
  try {
    await held.files.file.save({ ...held.config, application });
    return true;
  } catch (error) {
    if (!(error instanceof WizardError)) throw error;
    io.report.warn(
      `It cannot be recorded in the config file that teardown deactivates the application, so setup is going to ask before it activates it again: ${error.message}`,
    );
    return false;
  }
}

const plain = ({ application }: ReportingConfig): Application => {
  const { deactivatedAt: _at, deactivatingAt: _since, ...rest } = application;
  return rest;
};

/**
 * Notes that it is about to be deactivated: a run that is cut between the request and the note of its success would leave
 * nobody to say who did it.
 */
export async function noteIntent(run: TeardownRun): Promise<boolean> {
  const { held, io } = run;
  return held ? save({ ...plain(held.config), deactivatingAt: io.now().toISOString() }, run) : false;
}

/** Takes that back, where Graph refused. */
export async function dropIntent(run: TeardownRun): Promise<void> {
  if (run.held) await save(plain(run.held.config), run);
}

/** Whether what the tenant shows as deactivated was this installation's doing, as far as the file tells. Pure. */
export const wasOwnDoing = ({ held }: TeardownRun): boolean => {
  const { deactivatedAt, deactivatingAt } = held?.config.application ?? {};
  return deactivatedAt !== undefined || deactivatingAt !== undefined;
};

/** Notes when it was deactivated, by the servers' clock. */
export async function noteDeactivation(run: TeardownRun): Promise<void> {
  const { held, io } = run;
  if (!held) {
    io.report.warn(
      'There is no config file to record it in: setup is going to ask before it activates the application again.',
    );
    return;
  }
  const { deactivatedAt, deactivatingAt } = held.config.application;
  const at = deactivatedAt ?? deactivatingAt ?? io.now().toISOString();
  await save({ ...plain(held.config), deactivatedAt: at }, run);
}
