import type { LogStream } from '../../tenant/logs/log-streams.ts';
import type { ExploreRun } from './explore-run.ts';
import type { ExportFile } from './export-file.ts';
import { columnsFor, createSink, type ShownRow, tableLines } from './print-rows.ts';
import { forTerminal, type RowFormatName, rowFormat } from './row-formats.ts';

/** What was given: the rows that may come again, and the newest time in epoch milliseconds. */
interface GivenRows {
  readonly newest: number;
  readonly entries: () => (readonly [id: string, at: number, digest: string])[];
}

/** Where rows go that are followed. */
export interface FollowOutput {
  readonly write: (rows: readonly ShownRow[]) => Promise<void>;
  /** Notes what was given, where rows go to a file. */
  readonly commit: (seen: GivenRows) => Promise<void>;
  /** Rows in the file. */
  readonly rows: () => number;
}

/** Neighbours of one list together. */
function runsOf(rows: readonly ShownRow[]): ShownRow[][] {
  const runs: ShownRow[][] = [];
  for (const row of rows) {
    const last = runs.at(-1);
    if (last?.[0]?.stream === row.stream) last.push(row);
    else runs.push([row]);
  }
  return runs;
}

/** Rows of a format stay what they are: their marks go where people look. */
function tellMarks(rows: readonly ShownRow[], { io }: ExploreRun): void {
  for (const { mark, row } of rows) {
    if (mark !== undefined) io.report.line(`${mark}: ${row.id} of ${row.time}`);
  }
}

function tableOutput(run: ExploreRun, streams: readonly LogStream[]): FollowOutput {
  const write = createSink(run.stdout);
  const columns = columnsFor(run, streams);
  const widths: number[] = [];
  let hasHead = false;
  return {
    async write(rows) {
      if (rows.length === 0) return;
      const { head, body } = tableLines(rows, columns, {
        isUtc: run.wishes.isUtc,
        room: Math.max(20, run.style.columns()),
        isMarked: true,
        bold: run.style.chalk.bold,
        widths,
      });
      await write(`${[...(hasHead ? [] : head), ...body].join('\n')}\n`);
      hasHead = true;
    },
    commit: async () => undefined,
    rows: () => 0,
  };
}

function fileOutput(run: ExploreRun, streams: readonly LogStream[], file: ExportFile): FollowOutput {
  const format = rowFormat(run.wishes.format as RowFormatName, streams);
  let count = file.journal.rows;
  let isBegun = file.journal.bytes > 0;
  return {
    async write(rows) {
      if (!isBegun && format.head !== '') await file.append(Buffer.from(format.head));
      isBegun = true;
      for (const part of runsOf(rows)) {
        const [first] = part;
        if (!first) continue;
        await file.append(
          format.write(
            part.map(({ row }) => row),
            first.stream,
            count === 0,
          ),
        );
        count += part.length;
      }
      tellMarks(rows, run);
    },
    commit: (seen) =>
      file.commit({ rows: count, known: seen.entries(), positions: [{ second: seen.newest, ids: [] }] }),
    rows: () => count,
  };
}

function streamOutput(run: ExploreRun, streams: readonly LogStream[]): FollowOutput {
  const { format: name } = run.wishes;
  const format = rowFormat(name as RowFormatName, streams);
  const write = createSink(run.stdout);
  let count = 0;
  return {
    async write(rows) {
      if (count === 0 && rows.length > 0 && format.head !== '') await write(format.head);
      for (const part of runsOf(rows)) {
        const [first] = part;
        if (!first) continue;
        const bytes = format.write(
          part.map(({ row }) => row),
          first.stream,
          count === 0,
        );
        await write(
          run.isTerminal ? forTerminal(Buffer.from(bytes).toString('utf8'), name !== 'csv') : bytes,
        );
        count += part.length;
      }
      tellMarks(rows, run);
    },
    commit: async () => undefined,
    rows: () => count,
  };
}

/** The output of this run: a table, a file that is never split, or standard output in a format. */
export function createFollowOutput(
  run: ExploreRun,
  streams: readonly LogStream[],
  file?: ExportFile,
): FollowOutput {
  if (file) return fileOutput(run, streams, file);
  return run.wishes.format === 'table' ? tableOutput(run, streams) : streamOutput(run, streams);
}
