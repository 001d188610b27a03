import { recordConnected } from '../../config/connected.ts';
import { WizardError } from '../../core/errors.ts';
import type { ConnectRun, Handed } from './connect-run.ts';

/** Notes in the config file what has to follow a new credential; where it cannot be written, that is said. */
export async function record({ where }: Handed, run: ConnectRun): Promise<void> {
  const { target, config, configPath, dryRun, io } = run;
  const { keyId } = config.credential;
  if (!target.ages || dryRun) return;
  try {
    const entry = { target: target.name, at: io.now().toISOString(), where };
    const { sleep, report } = io;
    await recordConnected(configPath, keyId === undefined ? entry : { ...entry, keyId }, { sleep, report });
  } catch (error) {
    if (!(error instanceof WizardError)) throw error;
    io.report.warn(
      `Not noted in the config file, so nothing will remind you of ${target.name} when the credential changes: ${error.message}`,
    );
  }
}

/** Says where it is now, what to do with it, and what is not known. */
export function tell({ files, steps }: Handed, { target, io, config }: ConnectRun): void {
  const { report } = io;
  report.title(target.title);
  for (const file of files) report.fact('Written', `${file}, readable by you alone`);
  const missing = target.permissions.filter((name) => !config.permissions.includes(name));
  if (missing.length > 0) {
    report.item(`What else it can read needs more application permissions: ${missing.join(', ')}.`);
  }
  if (target.unconfirmed !== undefined) report.warn(target.unconfirmed);
  if (steps.length > 0) report.title('Next');
  for (const { does, run } of steps) {
    report.item(does);
    if (run !== undefined) report.code(run);
  }
}
