import { recordConnected, type SecretRemoval } from '../../config/connected.ts';
import { WizardError } from '../../core/errors.ts';
import { isReadableByMeAlone } from '../shared/file-checks.ts';
import type { ConnectRun, Handed } from './connect-run.ts';
import { withSecret } from './put-into-store.ts';

/** What `--remove-file` takes out: what the store was seen to have. Throws WizardError where that could not be seen. */
function removalFor(
  { confirmed }: Handed,
  { config, removeFile, target, io }: ConnectRun,
): SecretRemoval | undefined {
  const { clientSecret: stored } = withSecret(config, io);
  if (!removeFile || !stored) return undefined;
  if (confirmed !== undefined) return { stored, reveal: io.reveal };
  throw new WizardError(
    'store-unconfirmed',
    `${target.title} took the secret, and does not let it be read back: it stays in the file.`,
  );
}

async function note(handed: Handed, removal: SecretRemoval | undefined, run: ConnectRun): Promise<void> {
  const { target, config, configPath, io } = run;
  const { keyId } = config.credential;
  const entry = { target: target.name, at: io.now().toISOString(), where: handed.where };
  const { sleep, report } = io;
  const whole = keyId === undefined ? entry : { ...entry, keyId };
  await recordConnected(configPath, whole, { sleep, report }, undefined, removal);
}

/**
 * Notes in the config file what has to follow a new credential; where it cannot be written, that is said. Throws
 * WizardError where the secret was to go out of it as well.
 */
export async function record(handed: Handed, run: ConnectRun): Promise<void> {
  const { target, dryRun, removeFile, io } = run;
  if (!target.ages || dryRun) return;
  try {
    await note(handed, undefined, run);
  } catch (error) {
    if (!(error instanceof WizardError) || removeFile) throw error;
    io.report.warn(
      `Not noted in the config file, so nothing will remind you of ${target.name} when the credential changes: ${error.message}`,
    );
  }
}

/** Takes the secret out of the config file where `--remove-file` says so. Throws WizardError where it has to stay. */
export async function removeSecret(handed: Handed, run: ConnectRun): Promise<void> {
  const { target, dryRun, outcome, io } = run;
  const removal = dryRun ? undefined : removalFor(handed, run);
  if (!removal) return;
  await note(handed, removal, run);
  outcome.details = { ...outcome.details, secretIn: { target: target.name, where: handed.where } };
  io.report.line(
    'The secret is out of the config file: its commands take it from AZURE_CLIENT_SECRET from now on, with AZURE_TENANT_ID and AZURE_CLIENT_ID beside it.',
  );
}

/** Says where it is now, what to do with it, and what is not known. */
export async function tell(
  { files, steps, stored, where, confirmed }: Handed,
  { target, io, config }: ConnectRun,
): Promise<void> {
  const { report } = io;
  report.title(target.title);
  for (const file of files) {
    const isPrivate = await isReadableByMeAlone(file, io);
    report.fact('Written', isPrivate ? `${file}, readable by you alone` : file);
  }
  if (stored) {
    report.fact('Stored', where);
    report.fact('Read back', confirmed ?? 'not possible here: the store said that it took it');
  }
  const missing = target.permissions.filter((name) => !config.permissions.includes(name));
  if (missing.length > 0) {
    report.item(`What else it can read needs more application permissions: ${missing.join(', ')}.`);
  }
  if (target.unconfirmed !== undefined) report.warn(target.unconfirmed);
  if (steps.length > 0) report.title('Next');
  for (const { does, run: line } of steps) {
    report.item(does);
    if (line !== undefined) report.code(line);
  }
}
