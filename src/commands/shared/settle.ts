import { plainError, reworded, WizardError } from '../../core/errors.ts';
import type { Redactor } from '../../core/redact.ts';
import { safeText } from '../../core/text.ts';
import { DirectoryError, graphError } from '../../graph/directory-error.ts';
import type { ServerClock } from '../../http/server-clock.ts';
import type { Report } from '../../terminal/report.ts';
import { checkClock } from './clock-check.ts';
import type { RunOutcome } from './run-outcome.ts';

/** Runs something to its end and notes in `outcome` how it ended. Never rejects. */
export async function settle(
  run: () => Promise<number>,
  outcome: RunOutcome,
  redactor: Redactor,
  signal: AbortSignal,
): Promise<void> {
  try {
    outcome.exitCode = await run();
  } catch (error) {
    outcome.error = purged(asWizardError(error, redactor, signal), redactor);
    outcome.exitCode = outcome.error.exitCode;
  }
}

/** Any error as one that a person can act on. */
export function asWizardError(
  error: unknown,
  redactor: Redactor,
  { aborted, reason }: AbortSignal,
): WizardError {
  // Whatever was stopped says "cancelled": only the signal knows by what.
  const stopped =
    reason instanceof WizardError && (!(error instanceof WizardError) || error.code === 'cancelled');
  if (aborted && stopped) return reason;
  if (error instanceof WizardError) return error;
  if (aborted) return new WizardError('cancelled', 'Cancelled.', { cause: error });
  if (error instanceof DirectoryError) return graphError(error);
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return new WizardError('unexpected', `Unexpected: ${safeText(redactor.redact(message), 400)}`, {
    cause: error,
  });
}

/** The error as it is kept: what libraries hang on to theirs may hold secrets. */
function purged({ code, message, remedy, requestId, cause }: WizardError, redactor: Redactor): WizardError {
  const { redact } = redactor;
  const plain = plainError(cause, redact);
  return new WizardError(code, redact(message), {
    remedy: redact(remedy),
    requestId,
    ...(plain && { cause: plain }),
  });
}

/** A wrong clock may be why a run failed: it is told with any error, unless it was told before. */
export function noteClock({ ahead }: ServerClock, outcome: RunOutcome, report: Report): void {
  const { checks = [] } = outcome;
  const told = checks.some(({ id }) => id === 'network.clock');
  const [finding] = told ? [] : checkClock(ahead());
  if (!finding) return;
  outcome.checks = [...checks, finding];
  report.finding(finding);
}

/** An error of a file that another option than --output names, told with that option; anything else as it is. */
export const aboutOption = (error: unknown, flag: string): unknown =>
  error instanceof WizardError && error.code.startsWith('output-')
    ? reworded(error, { remedy: error.remedy.replaceAll('--output', flag) })
    : error;
