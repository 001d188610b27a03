import { type ExitCode, exitCodes, WizardError } from '../../core/errors.ts';
import { safeText, sentence } from '../../core/text.ts';
import { DirectoryError } from '../../graph/directory-error.ts';
import type { LogRow } from '../../graph/log-page.ts';
import { PositionNote, type RowPosition } from '../../tenant/logs/read-rows.ts';
import { aboutTime } from '../../terminal/progress.ts';
import type { Task } from '../../terminal/report.ts';
import { isReadableByMeAlone } from '../shared/file-checks.ts';
import { asWizardError } from '../shared/settle.ts';
import type { ExploreRun } from './explore-run.ts';
import {
  type CountedStretch,
  type ExportEstimate,
  estimateExport,
  estimateText,
  longestExport,
} from './export-estimate.ts';
import { type ExportFile, openExportFile } from './export-file.ts';
import { createPageFreeing } from './free-pages.ts';
import { openRows, type RowSelection } from './open-rows.ts';
import { type RowFormat, type RowFormatName, rowFormat } from './row-formats.ts';

/** Milliseconds between two notes of how far it is: what a killed run reads once more. */
const commitEvery = 1_000;

/** Where between from and until rows are counted, to tell how many there are. */
const probes = [0.25, 0.5, 0.75] as const;

/** What an export is of: another key is another export. Pure. */
export function exportKey({ wishes, config }: Pick<ExploreRun, 'wishes' | 'config'>): string {
  const { log, types, format, limit, rows, since, until, follow } = wishes;
  const tenant = [config.tenantId.toLowerCase(), config.clientId.toLowerCase()];
  return JSON.stringify([1, ...tenant, log, types, format, limit, rows, since, until, follow]);
}

const goesOn = 'The same command goes on with it; with --restart it begins anew.';
const beginsAnew = 'No journal tells how far it is: move it away, and the same command begins anew.';

/** The error of an export that was cut, with how to go on with it. */
export function cutError(error: unknown, file: ExportFile, count: number, { io }: ExploreRun): WizardError {
  const known = asWizardError(error, io.redactor, io.signal);
  const rest = known.code === 'cancelled' || known.code === 'timed-out' ? '' : `${known.remedy} `;
  return new WizardError(
    known.code,
    `${sentence(known.message)} ${safeText(file.partPath, 500)} holds ${count.toLocaleString('en-US')} rows, and is not whole.`,
    {
      remedy: `${rest}${file.isJournaled ? goesOn : beginsAnew}`,
      requestId: known.requestId,
      cause: error,
    },
  );
}

/** Rows of one list at a point of the range, as a stretch. */
async function countAt(at: number, selection: RowSelection, run: ExploreRun): Promise<CountedStretch> {
  const source = openRows(run, { ...selection, from: at, newestFirst: false, limit: 999, positions: [] });
  const first = await source.next();
  await source.return(undefined);
  const rows: readonly LogRow[] = first.done ? [] : first.value.rows;
  const last = rows.at(-1);
  const end = rows.length < 900 || last === undefined ? selection.until : last.at;
  return { rows: rows.length, duration: end - at };
}

/** How much is left to read, told before the long part begins. */
async function estimate(
  selection: RowSelection,
  first: readonly LogRow[],
  run: ExploreRun,
): Promise<ExportEstimate> {
  const [oldest, newest] = [first[0], first.at(-1)];
  const begin = oldest && newest ? { rows: first.length, duration: newest.at - selection.from } : undefined;
  const counted: CountedStretch[] = begin === undefined ? [] : [begin];
  const range = selection.until - selection.from;
  for (const part of probes) {
    const at = Math.floor((selection.from + part * range) / 1_000) * 1_000;
    counted.push(await countAt(at, selection, run));
  }
  const reckoned = estimateExport(range, counted);
  const { report } = run.io;
  report.line(`That is ${estimateText(reckoned)}.`);
  if (reckoned.outruns || reckoned.duration > longestExport) {
    const why = reckoned.outruns
      ? 'A day has more rows than can be read in a day'
      : 'That is a job for diagnostic settings, which send logs on by themselves';
    report.warn(`${why}. This says how to have them sent:`);
    report.code(run.io.spellerFor({})(['connect', 'diagnostic-settings']));
  }
  return reckoned;
}

/** One export under way. */
class Export {
  readonly file: ExportFile;
  rows: number;
  private readonly run: ExploreRun;
  private readonly selection: RowSelection;
  private readonly format: RowFormat;
  private readonly notes: readonly PositionNote[];
  private readonly task: Task;
  private readonly began: number;
  private committed: number;
  private expected: ExportEstimate | undefined;
  private isEstimated = false;
  private readonly before: number;

  constructor(file: ExportFile, selection: RowSelection, run: ExploreRun) {
    this.file = file;
    this.run = run;
    this.rows = file.journal.rows;
    this.before = this.rows;
    this.selection = selection;
    this.format = rowFormat(run.wishes.format as RowFormatName, selection.streams);
    this.notes = selection.streams.map(
      (_stream, index) => new PositionNote(selection.newestFirst, selection.positions?.[index]),
    );
    this.task = run.io.report.task('Reading rows');
    this.began = this.now();
    // Long ago: what comes first is noted at once, so that a run gets on however soon it is killed.
    this.committed = Number.NEGATIVE_INFINITY;
    run.onWait.tell = (text) => this.task.wait(text);
  }

  private now(): number {
    return this.run.io.clock.local().getTime();
  }

  get progress() {
    const positions = this.notes.map(({ position }): RowPosition | null => position ?? null);
    return { rows: this.rows, positions };
  }

  async readAll(): Promise<void> {
    const { limit = Number.POSITIVE_INFINITY } = this.run.wishes;
    if (this.file.journal.bytes === 0 && this.format.head !== '') {
      await this.file.append(Buffer.from(this.format.head));
    }
    if (this.rows >= limit) return;
    const freePages = createPageFreeing();
    for await (const { stream, index, rows } of openRows(this.run, this.selection)) {
      const taken = rows.slice(0, limit - this.rows);
      if (taken.length === 0) continue;
      const from = this.remaining();
      await this.file.append(this.format.write(taken, stream, this.rows === 0));
      for (const row of taken) this.notes[index]?.add(row);
      this.rows += taken.length;
      await this.commitIfDue();
      await this.estimateOnce(from, taken);
      this.tell();
      freePages(taken.length);
      if (this.rows >= limit) return;
    }
  }

  async finish(): Promise<void> {
    if (this.format.foot !== '') await this.file.append(Buffer.from(this.format.foot));
    await this.file.finish(this.progress);
    const isPrivate = await isReadableByMeAlone(this.file.path, this.run.io);
    this.task.succeed(
      `${this.rows.toLocaleString('en-US')} rows in ${safeText(this.file.path, 500)}${isPrivate ? ', readable by you alone' : ''}`,
    );
  }

  /** Keeps what is written by now for another run, as far as that can be. */
  async keep(): Promise<void> {
    this.task.fail(`Stopped after ${this.rows.toLocaleString('en-US')} rows`);
    try {
      await this.file.commit(this.progress);
    } catch (error) {
      // What was noted before holds: only rows since then are read once more.
      if (!(error instanceof WizardError)) throw error;
    }
  }

  /** A short list needs no estimate: a page that is not full is its end, as a rule. */
  private async estimateOnce(left: RowSelection, first: readonly LogRow[]): Promise<void> {
    if (this.isEstimated || first.length < 900 || this.run.wishes.limit !== undefined) return;
    this.isEstimated = true;
    try {
      this.expected = await estimate(left, first, this.run);
    } catch (error) {
      // The job can do without; where nothing answers any more, the next page says so.
      if (!(error instanceof DirectoryError)) throw error;
    }
  }

  private remaining(): RowSelection {
    const seconds = this.notes.flatMap(({ position }) => (position ? [position.second] : []));
    return seconds.length === 0 ? this.selection : { ...this.selection, from: Math.min(...seconds) };
  }

  private tell(): void {
    const elapsed = Math.max(1, this.now() - this.began);
    const read = this.rows - this.before;
    const rate = (read / elapsed) * 1_000;
    const left = Math.max(0, (this.expected?.rows ?? read) - read);
    const time = left === 0 ? '' : `, about ${aboutTime((left / Math.min(rate, 1e9)) * 1_000)} left`;
    const text = `${this.rows.toLocaleString('en-US')} rows, ${Math.round(rate).toLocaleString('en-US')} a second${time}`;
    this.task.progress({ done: read, total: read + left, failed: 0, left: undefined, text });
  }

  private async commitIfDue(): Promise<void> {
    if (this.now() - this.committed < commitEvery) return;
    await this.file.commit(this.progress);
    this.committed = this.now();
  }
}

/**
 * Takes rows along in a file, or goes on with one that was begun. Throws WizardError; what is written by then is kept, and
 * the error says how to go on.
 */
export async function exportRows(run: ExploreRun, selection: RowSelection): Promise<ExitCode> {
  const { wishes, io, outcome } = run;
  const plan = {
    path: wishes.output ?? '',
    key: exportKey(run),
    from: selection.from,
    until: selection.until,
    restart: wishes.restart,
  };
  const file = await openExportFile(plan, io);
  const { from, until, positions } = file.journal;
  const tell = (rows: number, isWhole: boolean): void => {
    const range = { from: new Date(from).toISOString(), until: new Date(until).toISOString() };
    outcome.details = { ...outcome.details, output: { path: file.path, rows, ...range, isWhole } };
  };
  try {
    if (file.isComplete) {
      io.report.line(`${safeText(file.path, 500)} is whole: another run was stopped just before it said so.`);
      tell(file.journal.rows, true);
      return exitCodes.done;
    }
    if (file.isResumed) {
      io.report.line(
        `Going on with ${safeText(file.partPath, 500)} behind ${file.journal.rows.toLocaleString('en-US')} rows.`,
      );
    }
    const own = { ...selection, from, until, positions: positions.map((one) => one ?? undefined) };
    const under = new Export(file, own, run);
    try {
      await under.readAll();
      await under.finish();
      tell(under.rows, true);
    } catch (error) {
      await under.keep();
      tell(under.rows, false);
      throw cutError(error, file, under.rows, run);
    }
  } finally {
    await file.close();
  }
  return exitCodes.done;
}
