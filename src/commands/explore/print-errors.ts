import { exitCodes, fileCode, fileReason, reworded, WizardError } from '../../core/errors.ts';
import { sentence } from '../../core/text.ts';
import { DirectoryError } from '../../graph/directory-error.ts';
import { asWizardError } from '../shared/settle.ts';
import type { ExploreRun } from './explore-run.ts';

/** Nobody reads on: the end of a pipe that was enough for somebody. */
export class NoReader extends Error {}

/** Why a write to standard output failed, as an error with what to do. Pure. */
export function lostOutput(error: Error): Error {
  const code = fileCode(error);
  if (code === 'EPIPE') return new NoReader();
  if (code === undefined) return error;
  const message = `Could not write to standard output: ${fileReason(error)}. What was written is not whole.`;
  const remedy =
    'Free space where standard output goes, or send it elsewhere, then run the same command again: it begins anew.';
  return new WizardError('output-not-saved', message, { remedy, cause: error });
}

const isExpected = (error: unknown): error is WizardError | DirectoryError =>
  error instanceof WizardError || error instanceof DirectoryError;

/** The error of what was cut when a part of it was printed. */
export function cutPrint(error: unknown, { io }: ExploreRun): unknown {
  if (!isExpected(error)) return error;
  const known = asWizardError(error, io.redactor, io.signal);
  if (known.code === 'output-not-saved') return known;
  return reworded(known, { message: `${sentence(known.message)} What was printed is not whole.` }, error);
}

/** What the catalogue promises of runs that leave something behind. */
const promised = 'it continues where this one stopped';
const promise = new RegExp(`\\b${promised}`, 'i');
const promiseBehind = new RegExp(`: ${promised}`, 'i');

/** Does what comes before everything else: there is nothing yet that another run could go on with. Rejects as `work`. */
export async function beforeRows<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof WizardError)) throw error;
    const plain = error.remedy.replace(promiseBehind, '');
    throw plain === error.remedy ? error : reworded(error, { remedy: plain });
  }
}

/** How rows are taken along so that a cut does not matter; empty where the command's other options exclude it. */
function fileInstead({ wishes, settings }: ExploreRun): string {
  const { rowFormat } = settings;
  const excluded = rowFormat === 'table' || rowFormat === 'summary' || wishes.columns || wishes.isUtc;
  if (excluded || wishes.format === 'summary')
    return ' Rows in a file of --output go on where they were cut.';
  return ' In a file, rows go on where they were cut: `reporting-setup explore --output <file>`';
}

/** Does what leaves nothing behind that another run could go on with: its errors say so. Rejects as `work`. */
export async function withoutResuming<T>(run: ExploreRun, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const { io, wishes } = run;
    const known = isExpected(error) ? asWizardError(error, io.redactor, io.signal) : undefined;
    const isLost = known?.code === 'output-not-saved';
    if (!known || !(isLost || (known.exitCode === exitCodes.unavailable && !wishes.follow))) throw error;
    const anew = known.remedy.replace(promise, (words) =>
      words.startsWith('I') ? 'It begins anew' : 'it begins anew',
    );
    throw reworded(known, { remedy: `${anew}${fileInstead(run)}` }, error);
  }
}
