import { type ExitCode, exitCodes, WizardError } from '../../core/errors.ts';
import type { Fields } from '../../core/fields.ts';
import { commandLine } from '../../core/text.ts';
import { auditStream, type LogStream, streamsOf } from '../../tenant/logs/log-streams.ts';
import { type ExploreRun, requireOffered } from './explore-run.ts';
import { offsetIn } from './local-time.ts';
import { leaveOut, openRows } from './open-rows.ts';
import { createSink } from './print-rows.ts';
import { rowFields } from './row-formats.ts';
import { type Summary, type Summing, summingAudits, summingSignIns } from './summary.ts';
import { summaryScreen } from './summary-screen.ts';

/** Rows that are read at most where nobody says how many: pages that Microsoft gives at once, without a wait. */
const mostSignIns = 2_997;
const mostAudits = 1_998;

/** Gets each row that is summed up. */
export interface SummedRows {
  readonly add: (fields: Fields, at: number, stream: LogStream) => void;
  /** Called when a batch has been added, with its length and with how many there are by now. */
  readonly batchDone: (added: number, count: number) => Promise<void>;
}

/** Reads the newest rows of some lists, and sums them up; `most` may be infinite. Rejects as openRows. */
export async function sumUp<T>(
  summing: Summing<T>,
  streams: readonly LogStream[],
  most: number,
  range: { readonly from: number; readonly until: number },
  run: ExploreRun,
  summed?: SummedRows,
): Promise<T> {
  let count = 0;
  let oldest = range.until;
  let isComplete = true;
  const limit = Number.isFinite(most) ? most + 1 : undefined;
  for await (const { stream, rows } of openRows(run, { ...range, streams, newestFirst: true, limit })) {
    const taken = rows.slice(0, most - count);
    for (const row of taken) {
      const fields = rowFields(row);
      summing.add(fields, row.at, stream);
      summed?.add(fields, row.at, stream);
      oldest = row.at;
    }
    count += taken.length;
    await summed?.batchDone(taken.length, count);
    isComplete = taken.length === rows.length;
    if (!isComplete) break;
  }
  return summing.value({ ...range, from: isComplete ? range.from : oldest, isComplete });
}

/** The same, or null where there is another log to show and this one is refused, which is said. */
export async function unlessRefused<T>(
  what: string,
  isAlone: boolean,
  run: ExploreRun,
  read: () => Promise<T>,
): Promise<T | null> {
  try {
    return await read();
  } catch (error) {
    const isPassing =
      !(error instanceof WizardError) ||
      error.exitCode > exitCodes.attention ||
      error.exitCode < exitCodes.prerequisite;
    if (isAlone || isPassing) throw error;
    leaveOut(run, what, error);
    return null;
  }
}

/** What one may do from here. */
function tellNext({ settings, sandbox, io }: ExploreRun): void {
  const place = [
    ...(settings.configFile === undefined ? [] : ['--config', settings.configFile]),
    ...(sandbox === undefined ? [] : ['--sandbox']),
  ];
  const call = (...words: readonly string[]): string => commandLine(['explore', ...words, ...place], io);
  io.report.title('Next');
  io.report.command('What failed', call('sign-ins', '--failed'));
  io.report.command('All of it', call('sign-ins', '--since', '7d', '--output', 'sign-ins.csv'));
}

/** Reads what fits into a moment, and shows what happened in numbers. Throws WizardError. */
export async function showSummary(
  run: ExploreRun,
  range: { readonly from: number; readonly until: number },
): Promise<ExitCode> {
  const { wishes, io, style, outcome } = run;
  const task = io.report.task('Reading the logs');
  run.onWait.tell = (text) => task.wait(text);
  const summary: Summary = {
    signIns:
      wishes.log === 'audits'
        ? null
        : await unlessRefused('sign-ins', wishes.log !== undefined, run, () => {
            const streams = streamsOf('sign-ins', wishes.types);
            requireOffered({ log: 'sign-ins' }, run);
            return sumUp(summingSignIns(), streams, wishes.limit ?? mostSignIns, range, run);
          }),
    audits:
      wishes.log === 'sign-ins'
        ? null
        : await unlessRefused('audits', wishes.log !== undefined, run, () =>
            sumUp(summingAudits(), [auditStream], wishes.limit ?? mostAudits, range, run),
          ),
  };
  task.succeed('Read the logs');
  outcome.details = { ...outcome.details, ...summary };
  if (wishes.isDocument) return exitCodes.done;
  const write = createSink(run.stdout);
  const lines = summaryScreen(summary, {
    room: Math.max(24, style.columns() - 1),
    offsetOf: offsetIn(wishes.isUtc),
    hasUnicode: style.symbols.pass !== 'ok',
    bold: style.chalk.bold,
  });
  await write(`${lines.join('\n')}\n`);
  if (io.interactive) tellNext(run);
  return exitCodes.done;
}
