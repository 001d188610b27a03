import type { TeardownMode } from '../../cli/teardown-options.ts';
import { type ExitCode, exitCodes, WizardError } from '../../core/errors.ts';
import { sameId } from '../../core/fields.ts';
import { quoted } from '../../core/text.ts';
import { defaultAppName, ownUniqueName, readApplication } from '../../tenant/application/read-application.ts';
import { confirmByReads } from '../../tenant/confirm-removal.ts';
import { heldIn } from '../../tenant/credential/held-credential.ts';
import { isRefusal } from '../../tenant/logs/prove-credential.ts';
import { seenIn } from '../../tenant/optional-read.ts';
import { readDeleted } from '../../tenant/read-inventory.ts';
import { openApplication } from '../shared/connection.ts';
import { openIdentity } from '../shared/open-credential.ts';
import { ownFiles, removeFiles } from './remove-files.ts';
import { endDryRun, showPlan } from './show-removals.ts';
import { confirmedFinding } from './take-back.ts';
import type { SignedInTeardown } from './teardown-run.ts';

/** Whether neither the directory nor its recycle bin shows the application. */
async function isAbsent({ directory, held, settings }: SignedInTeardown): Promise<boolean> {
  const appId = held?.config.clientId ?? settings.ownedClientId;
  const [application, bin] = await Promise.all([
    readApplication(directory, appId === undefined ? { uniqueName: ownUniqueName } : { appId }),
    readDeleted(directory),
  ]);
  const inBin = (seenIn(bin) ?? []).some((one) =>
    appId === undefined ? one.uniqueName === ownUniqueName : sameId(one.appId, appId),
  );
  return application === undefined && 'value' in bin && !inBin;
}

/** Without an application there is no name to compare with but what the file says. */
function requireConfirmed({ held, settings }: SignedInTeardown): void {
  if (!held || settings.confirm === undefined) return;
  const { clientId, application } = held.config;
  const typed = settings.confirm.trim();
  if (sameId(typed, clientId) || typed === (application.displayName ?? defaultAppName).trim()) return;
  throw new WizardError(
    'invalid-options',
    `${quoted(typed)} is neither the client ID in the file (${clientId}) nor the name that it records. Nothing was changed.`,
    { remedy: `If the file is the right one: \`reporting-setup … --confirm ${clientId}\`` },
  );
}

/**
 * Whether Entra still gives a token for the file's credential: then the application is there, whatever the directory says.
 * A refusal, and no answer, say nothing against that.
 */
async function stillSignsIn({ held, connection, io }: SignedInTeardown): Promise<boolean> {
  if (!held) return false;
  try {
    const own = heldIn(held.config, held.files.certificates.saved);
    const opened = await openIdentity(held.config, own, { anySubject: false }, connection, io);
    if ('absent' in opened) return false;
    await openApplication(connection, opened.identity, io, () => undefined);
    return true;
  } catch (error) {
    if (isRefusal(error)) return false;
    throw error;
  }
}

/** There is no such application: made sure of by reads that agree, for a copy of the directory may lag. */
export async function concludeAbsence(mode: TeardownMode, run: SignedInTeardown): Promise<ExitCode> {
  const { io, held, settings, outcome } = run;
  const task = io.report.task('Make sure that the application is not there');
  await confirmByReads('the application is there', () => isAbsent(run), {
    now: io.clock.local,
    sleep: io.sleep,
  });
  if (await stillSignsIn(run)) {
    throw new WizardError(
      'removal-unconfirmed',
      'The directory does not show the application, and yet Entra gives a token for the credential in the file.',
    );
  }
  task.succeed('The application is not there, in the recycle bin neither: two reads agree');
  if (!held && settings.ownedClientId !== undefined) {
    throw new WizardError(
      'application-not-found',
      `This tenant has no application with client ID ${settings.ownedClientId}, in its recycle bin neither. Nothing was changed.`,
      { remedy: 'Check --client-id and the tenant.' },
    );
  }
  if (mode === 'deactivate') {
    throw new WizardError(
      'application-missing',
      'There is no application to deactivate. Nothing was changed.',
    );
  }
  const files = await ownFiles(run);
  if (files.length > 0) showPlan([], files, run);
  if (run.planOnly) return endDryRun([], files, run);
  if (files.length > 0) {
    requireConfirmed(run);
    if (
      settings.confirm === undefined &&
      !(await io.prompt.confirm({ message: 'Remove these files?', fallback: false }))
    ) {
      throw new WizardError('cancelled', 'Stopped before the first change. Nothing was changed.');
    }
  }
  const cleared = await removeFiles(files, run);
  outcome.checks = [confirmedFinding('Not there'), ...cleared];
  for (const finding of cleared) io.report.finding(finding);
  io.report.title(held ? 'What this file was for is gone.' : 'There is nothing to take back in this tenant.');
  return cleared.some(({ status }) => status === 'warn') ? exitCodes.attention : exitCodes.done;
}
