import { type ExitCode, exitCodes, WizardError } from '../../core/errors.ts';
import { resolveMoment } from '../../core/moment.ts';
import { streamsOf } from '../../tenant/logs/log-streams.ts';
import type { Io } from '../shared/io.ts';
import type { RunOutcome } from '../shared/run-outcome.ts';
import {
  type ExploreRequest,
  type ExploreRun,
  type LeftOut,
  openExplore,
  requireOffered,
} from './explore-run.ts';
import { type ExploreWishes, wishesOf } from './explore-wishes.ts';
import { exportRows } from './export-rows.ts';
import { followRows } from './follow-rows.ts';
import { writePage } from './html/write-page.ts';
import { clockText } from './local-time.ts';
import { openRows, type RowSelection } from './open-rows.ts';
import { beforeRows, NoReader, withoutResuming } from './print-errors.ts';
import { printStream, printTable, takeRows } from './print-rows.ts';
import { tellRetention } from './retention.ts';
import { exactFields, type RowFormatName } from './row-formats.ts';
import { tellBeta, tellHiddenPolicies, tellUnnamedActors } from './row-remarks.ts';
import { showSummary } from './show-summary.ts';

const wholeSecond = (at: number): number => Math.floor(at / 1_000) * 1_000;

/** The time that rows are wanted of, by the server's clock. Throws WizardError where it is none. */
function rangeOf(
  { since, until }: ExploreWishes,
  now: number,
): { readonly from: number; readonly until: number } {
  const from = wholeSecond(resolveMoment(since, new Date(now)));
  const end = until === undefined ? now : Math.min(now, wholeSecond(resolveMoment(until, new Date(now))));
  if (from < end) return { from, until: end };
  const utc = (at: number): string => clockText(at, 0);
  throw new WizardError(
    'invalid-options',
    `--since has to lie before --until, and before now: ${utc(from)} UTC does not lie before ${utc(end)} UTC.`,
  );
}

async function fillDocument(run: ExploreRun, selection: RowSelection): Promise<void> {
  const limit = run.wishes.limit ?? 1_000;
  const { shown, hasMore } = await takeRows(openRows(run, { ...selection, limit: limit + 1 }), limit);
  const rows = shown.map(({ row }) => exactFields(row));
  run.outcome.details = { ...run.outcome.details, rows, hasMore };
}

/** Shows rows of one log in the way that was asked for. */
async function showRows(
  run: ExploreRun,
  range: { readonly from: number; readonly until: number },
): Promise<ExitCode> {
  const { wishes } = run;
  const { log = 'sign-ins', format, limit } = wishes;
  requireOffered({ log }, run);
  await tellRetention(range.from, log, run);
  const streams = streamsOf(log, wishes.types);
  tellBeta(streams, run);
  tellHiddenPolicies(streams, run);
  const newestFirst = format === 'table' || limit !== undefined;
  const selection: RowSelection = { ...range, streams, newestFirst, limit };
  if (wishes.follow) return followRows(run, selection);
  if (wishes.output !== undefined) return exportRows(run, selection);
  if (wishes.isDocument) await fillDocument(run, selection);
  else if (format === 'table') await printTable(run, selection);
  else await printStream(run, selection, format as RowFormatName);
  if (run.sandbox !== undefined && run.io.interactive) run.io.report.line('SANDBOX: these rows are made up.');
  return exitCodes.done;
}

/** A page and rows beside it miss the same. */
const toldOnce = (leftOut: readonly LeftOut[]): LeftOut[] =>
  leftOut.filter((one, at) => leftOut.findIndex(({ message }) => message === one.message) === at);

function show(run: ExploreRun, range: { readonly from: number; readonly until: number }): Promise<ExitCode> {
  const { format, output } = run.wishes;
  if (output !== undefined) return showRows(run, range);
  return withoutResuming(run, () => (format === 'summary' ? showSummary(run, range) : showRows(run, range)));
}

/**
 * Shows the logs with the credential in the config file: a summary, rows, a file of them, or what comes from now on.
 * Throws WizardError; what was left out of what was asked for makes exit code 6.
 */
export async function runExplore(request: ExploreRequest, io: Io, outcome: RunOutcome): Promise<ExitCode> {
  const wishes = wishesOf(request);
  const run = await beforeRows(() => openExplore(request, wishes, io, outcome));
  try {
    const range = rangeOf(wishes, run.startedAt);
    tellUnnamedActors(run);
    const { page } = wishes;
    if (page) await withoutResuming(run, () => writePage(run, range, page));
    const code = page?.isAlone ? exitCodes.done : await show(run, range);
    outcome.details = { ...outcome.details, leftOut: toldOnce(run.leftOut) };
    return run.leftOut.length > 0 ? exitCodes.attention : code;
  } catch (error) {
    // A reader that has seen enough, such as head, is no error.
    if (error instanceof NoReader) return exitCodes.done;
    throw error;
  } finally {
    io.report.stop('succeed');
    await run.connection.close();
  }
}
