import type { Draft } from './commands/shared/draft.ts';
import { plainError, WizardError } from './core/errors.ts';
import type { Redactor } from './core/redact.ts';
import { safeText } from './core/text.ts';
import { DirectoryError } from './graph/directory-error.ts';
import { graphProblem } from './graph/graph-problem.ts';

/** Any error as one that a person can act on. */
function asWizardError(error: unknown, redactor: Redactor, { aborted, reason }: AbortSignal): WizardError {
  // Whatever was stopped says "cancelled": only the signal knows by what.
  const stopped =
    reason instanceof WizardError && (!(error instanceof WizardError) || error.code === 'cancelled');
  if (aborted && stopped) return reason;
  if (error instanceof WizardError) return error;
  if (aborted) return new WizardError('cancelled', 'Cancelled.', { cause: error });
  if (error instanceof DirectoryError) return graphProblem(error);
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

/** Runs something to its end and notes in `draft` how it ended. Never rejects. */
export async function settle(
  run: () => Promise<number>,
  draft: Draft,
  redactor: Redactor,
  signal: AbortSignal,
): Promise<void> {
  try {
    draft.exitCode = await run();
  } catch (error) {
    draft.error = purged(asWizardError(error, redactor, signal), redactor);
    draft.exitCode = draft.error.exitCode;
  }
}
