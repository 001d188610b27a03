import { createHash } from 'node:crypto';
import { type ExitCode, exitCodes, WizardError } from '../../core/errors.ts';
import { isoSeconds } from '../../core/moment.ts';
import { spelledInRemedy } from '../../core/remedy.ts';
import { commandLine, safeText, sentence } from '../../core/text.ts';
import { DirectoryError } from '../../graph/directory-error.ts';
import type { LogRow } from '../../graph/log-page.ts';
import { secondOf } from '../../tenant/logs/read-rows.ts';
import { asWizardError } from '../shared/settle.ts';
import type { ExploreRun } from './explore-run.ts';
import { type ExportFile, openExportFile } from './export-file.ts';
import { cutError, exportKey } from './export-rows.ts';
import { createFollowOutput, type FollowOutput } from './follow-output.ts';
import { openRows, type RowSelection } from './open-rows.ts';
import type { ShownRow } from './print-rows.ts';

/** Milliseconds. Rows come up to minutes late, rarely up to two hours; what is read again is cut accordingly. */
const overlap = { always: 15 * 60_000, sometimes: 120 * 60_000 } as const;

/** Milliseconds between two looks at one list, and between two that go further back. */
const pause = { look: 30_000, wideLook: 15 * 60_000 } as const;

/** Milliseconds for each request: below a tenth of 5 requests in 10 seconds. */
const shareOfRequest = 22_000;

/** Milliseconds after a look that failed because nothing could be reached, at most. */
const longestPause = 10 * 60_000;

/** Rows between two notes of how far it is, within one look. */
const rowsBetweenNotes = 5_000;

/** A row that may come again. */
interface Known {
  readonly at: number;
  readonly digest: string;
}

const digestOf = (json: Uint8Array): string => createHash('sha1').update(json).digest('base64').slice(0, 16);

/** What was given, as far as it may come again. */
export class SeenRows {
  private readonly known: Map<string, Known>;
  /** Epoch milliseconds of the newest row. */
  newest: number;
  late = 0;
  changed = 0;
  total = 0;

  constructor(known: readonly (readonly [string, number, string])[], newest: number) {
    this.known = new Map(known.map(([id, at, digest]) => [id, { at, digest }]));
    this.newest = newest;
  }

  /** Those of some rows that are new or changed, late ones marked where `marksLate`; they count as given from now on. */
  take(rows: readonly ShownRow[], marksLate: boolean): ShownRow[] {
    const before = this.newest;
    return rows.flatMap((shown) => {
      const { id, at, json } = shown.row;
      const digest = digestOf(json);
      const seen = this.known.get(id);
      if (seen?.digest === digest) return [];
      this.known.set(id, { at, digest });
      this.total += 1;
      if (seen) this.changed += 1;
      const isLate = seen === undefined && marksLate && at < before;
      if (isLate) this.late += 1;
      if (at > this.newest) this.newest = at;
      return [seen ? { ...shown, mark: 'changed' } : isLate ? { ...shown, mark: 'late' } : shown];
    });
  }

  /** Knows a row from now on that was there before, and is not given. */
  skip({ id, at, json }: LogRow): void {
    this.known.set(id, { at, digest: digestOf(json) });
  }

  /** Forgets what does not come again. */
  forget(): void {
    const oldest = this.newest - overlap.sometimes - overlap.always;
    for (const [id, { at }] of this.known) if (at < oldest) this.known.delete(id);
  }

  entries(): (readonly [string, number, string])[] {
    return [...this.known].map(([id, { at, digest }]) => [id, at, digest] as const);
  }
}

/** The words of a command with another `--since`. Pure. */
export function withSince(argv: readonly string[], since: string): string[] {
  const kept = argv.filter((word, index) => !/^--since(?:=|$)/.test(word) && argv[index - 1] !== '--since');
  return [...kept, '--since', since];
}

/** Passing troubles, which a look after a while gets over. */
const isPassing = ({ exitCode, code }: WizardError): boolean =>
  exitCode === exitCodes.unavailable && code !== 'timed-out';

/** Looks again and again, until the run is stopped. */
class Follower {
  private requests = 0;
  private wideAt: number;
  private failures = 0;
  private isFirst = true;
  /** Rows since it was noted how far it is. */
  private unnoted = 0;
  /** Epoch milliseconds: nothing before is read again. */
  private floor: number;
  private readonly run: ExploreRun;
  private readonly selection: RowSelection;
  private readonly seen: SeenRows;
  private readonly output: FollowOutput;

  constructor(run: ExploreRun, selection: RowSelection, seen: SeenRows, output: FollowOutput) {
    this.run = run;
    this.selection = selection;
    this.seen = seen;
    this.output = output;
    this.wideAt = run.io.now().getTime();
    this.floor = selection.from;
  }

  async goOn(start: number, marksLate: boolean): Promise<never> {
    let from = start;
    for (let marks = marksLate; ; marks = true) {
      const isDone = await this.tryLook(from, marks);
      await this.run.io.sleep(this.pauseAfter(isDone));
      if (isDone) from = this.nextFrom();
    }
  }

  private async tryLook(from: number, marksLate: boolean): Promise<boolean> {
    const { io } = this.run;
    this.requests = 0;
    try {
      await this.look(from, marksLate);
      if (this.failures > 0) io.report.line('It answers again.');
      this.failures = 0;
      return true;
    } catch (error) {
      const known =
        error instanceof DirectoryError || error instanceof WizardError
          ? asWizardError(error, io.redactor, io.signal)
          : undefined;
      if (known === undefined || !isPassing(known)) throw error;
      this.failures += 1;
      if (this.failures === 1)
        io.report.warn(`${sentence(known.message)} It is tried again; nothing is lost.`);
      return false;
    }
  }

  private async look(from: number, marksLate: boolean): Promise<void> {
    const until = secondOf(this.run.io.now().getTime());
    const { limit } = this.run.wishes;
    // Of a table that nobody said more of, the end alone.
    const isTail = this.isFirst && limit !== undefined && !this.run.wishes.isSinceGiven;
    if (isTail) await this.showTail(until, limit);
    else {
      const selection = { ...this.selection, from: secondOf(from), until, newestFirst: false };
      for await (const { stream, rows } of this.open(selection)) {
        const shown = rows.map((row) => ({ row, stream }));
        await this.output.write(this.seen.take(shown, marksLate));
        await this.noteIfMany(rows.length);
      }
    }
    this.isFirst = false;
    await this.noteIfMany(Number.POSITIVE_INFINITY);
  }

  /** A first look may go through weeks: what cannot come again is let go, and what was given is noted, on the way too. */
  private async noteIfMany(added: number): Promise<void> {
    this.unnoted += added;
    if (this.unnoted < rowsBetweenNotes) return;
    this.unnoted = 0;
    this.seen.forget();
    await this.output.commit(this.seen);
  }

  private open(selection: RowSelection): ReturnType<typeof openRows> {
    return openRows(this.run, { ...selection, limit: undefined }, () => {
      this.requests += 1;
    });
  }

  /** The newest rows. Others that the next look meets are known from now on: they are not late. */
  private async showTail(until: number, limit: number): Promise<void> {
    const reach = until - overlap.always;
    const tail: ShownRow[] = [];
    reading: for await (const { stream, rows } of this.open({
      ...this.selection,
      until,
      newestFirst: true,
    })) {
      for (const row of rows) {
        if (tail.length < limit) tail.push({ row, stream });
        else if (row.at >= reach) this.seen.skip(row);
        else {
          this.floor = Math.min(reach, secondOf(tail.at(-1)?.row.at ?? reach) + 1_000);
          break reading;
        }
      }
    }
    await this.output.write(this.seen.take(tail.reverse(), false));
  }

  private nextFrom(): number {
    const now = this.run.io.now().getTime();
    const isWide = now - this.wideAt >= pause.wideLook;
    if (isWide) this.wideAt = now;
    const reach = isWide ? overlap.sometimes : overlap.always;
    return Math.max(this.floor, Math.min(this.seen.newest, now) - reach);
  }

  private pauseAfter(isDone: boolean): number {
    const share = Math.max(
      pause.look,
      this.requests * shareOfRequest,
      this.selection.streams.length * shareOfRequest,
    );
    return isDone ? share : Math.min(longestPause, share * 2 ** Math.min(this.failures, 5));
  }
}

/** How it ended, and how to go on from there. */
function ended(error: unknown, seen: SeenRows, from: number, run: ExploreRun): unknown {
  const { io } = run;
  if (!io.signal.aborted) return error;
  const known = asWizardError(error, io.redactor, io.signal);
  const since = isoSeconds(Math.max(from, secondOf(seen.newest - overlap.always)));
  const counts = `${seen.total} rows, of which ${seen.late} came late and ${seen.changed} changed`;
  const message = `${known.code === 'cancelled' ? 'Following was stopped' : known.message}: ${counts}.`;
  const remedy = `Go on from there, the last minutes once more: ${spelledInRemedy(commandLine(withSince(run.argv, since), io))}`;
  return new WizardError(known.code, message, { remedy, cause: error });
}

async function followToStdout(run: ExploreRun, selection: RowSelection): Promise<never> {
  const seen = new SeenRows([], selection.from);
  const follower = new Follower(run, selection, seen, createFollowOutput(run, selection.streams));
  try {
    return await follower.goOn(selection.from, false);
  } catch (error) {
    throw ended(error, seen, selection.from, run);
  }
}

async function followToFile(run: ExploreRun, selection: RowSelection, file: ExportFile): Promise<never> {
  const { journal } = file;
  const newest = journal.positions[0]?.second ?? journal.from;
  const seen = new SeenRows(journal.known ?? [], newest);
  const own = { ...selection, from: journal.from };
  const output = createFollowOutput(run, selection.streams, file);
  const start = file.isResumed ? Math.max(journal.from, newest - overlap.sometimes) : journal.from;
  run.io.report.line(
    `Rows go to ${safeText(file.partPath, 500)} until Ctrl-C; the same command goes on with it then.`,
  );
  try {
    return await new Follower(run, own, seen, output).goOn(start, file.isResumed);
  } catch (error) {
    throw cutError(error, file, output.rows(), run);
  }
}

/**
 * Shows rows as they come, until the run is stopped: the last minutes are read again and again, what is new comes once,
 * what came late or changed is marked. Throws WizardError, `cancelled` with how to go on.
 */
export async function followRows(run: ExploreRun, selection: RowSelection): Promise<ExitCode> {
  const { wishes, io } = run;
  io.report.line(
    `Following the ${selection.streams.map(({ title }) => title).join(' and ')}; Ctrl-C ends it.`,
  );
  if (wishes.output === undefined) return followToStdout(run, selection);
  const { from, until } = selection;
  const plan = { path: wishes.output, key: exportKey(run), from, until, restart: wishes.restart };
  const file = await openExportFile(plan, io);
  try {
    return await followToFile(run, selection, file);
  } finally {
    await file.close();
  }
}
