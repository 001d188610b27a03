import type { Writable } from 'node:stream';
import type { LogRow } from '../../graph/log-page.ts';
import type { LogStream } from '../../tenant/logs/log-streams.ts';
import type { ExploreRun } from './explore-run.ts';
import { createPageFreeing } from './free-pages.ts';
import { clockText, offsetIn, offsetText } from './local-time.ts';
import { openRows, type RowSelection, type StreamRows } from './open-rows.ts';
import { cutPrint, lostOutput } from './print-errors.ts';
import { forTerminal, type RowFormatName, rowFields, rowFormat } from './row-formats.ts';
import { watchColumns } from './row-remarks.ts';
import { rowTable, type TableLines } from './row-table.ts';
import { namedColumns, type TableColumn, tableColumns } from './table-columns.ts';

/** Writes to a stream and waits until there is room again. The write rejects as lostOutput says. */
export function createSink(stream: Writable): (bytes: Uint8Array | string) => Promise<void> {
  // Without a listener a stream that fails ends the process.
  stream.on('error', () => undefined);
  return (bytes) =>
    new Promise((resolve, reject) => {
      stream.write(bytes, (error) => {
        if (!error) resolve();
        else reject(lostOutput(error));
      });
    });
}

/** A row and where it comes from. */
export interface ShownRow {
  readonly row: LogRow;
  readonly stream: LogStream;
  /** What is special about it: `late`, `changed`. */
  readonly mark?: string;
}

/** Lines of a table, with a head or without. Pure but for the machine's time zone. */
export function tableLines(
  shown: readonly ShownRow[],
  columns: readonly TableColumn[],
  { isUtc, room, isMarked, bold, widths }: TableStyle,
): TableLines {
  const offsetOf = offsetIn(isUtc);
  const offsets = [...new Set(shown.map(({ row }) => offsetOf(row.at)))];
  const [only = 0] = offsets;
  const cells = shown.map(({ row, stream, mark = '' }) => {
    const fields = rowFields(row);
    const offset = offsetOf(row.at);
    const time = clockText(row.at, offset) + (offsets.length > 1 ? ` ${offsetText(offset)}` : '');
    const made = columns.map((column) => (column.isTime ? time : column.cell(fields, stream)));
    return isMarked ? [...made, mark] : made;
  });
  const titles = columns.map(({ title, isTime }) =>
    isTime && offsets.length === 1 ? `${title} (${offsetText(only)})` : title,
  );
  return rowTable({ titles: isMarked ? [...titles, ''] : titles, rows: cells }, { room, bold, widths });
}

interface TableStyle {
  readonly isUtc: boolean;
  readonly room: number;
  /** There is a column for marks. */
  readonly isMarked: boolean;
  readonly bold?: (line: string) => string;
  /** Of columns so far: what is added below does not become narrower. */
  readonly widths?: number[];
}

/** The columns of the run's table. */
export const columnsFor = ({ wishes, session }: ExploreRun, streams: readonly LogStream[]) =>
  wishes.columns ? namedColumns(wishes.columns, streams, session.roles) : tableColumns(streams);

/** Up to `limit` rows, and whether there are more. */
export async function takeRows(
  source: AsyncGenerator<StreamRows>,
  limit: number,
): Promise<{ readonly shown: readonly ShownRow[]; readonly hasMore: boolean }> {
  const shown: ShownRow[] = [];
  for await (const { stream, rows } of source) {
    for (const row of rows) {
      if (shown.length === limit) return { shown, hasMore: true };
      shown.push({ row, stream });
    }
  }
  return { shown, hasMore: false };
}

/** Shows the newest rows as a table. */
export async function printTable(run: ExploreRun, selection: RowSelection): Promise<void> {
  const { wishes, style, io } = run;
  const limit = wishes.limit ?? 20;
  // One more tells whether there are more.
  const { shown, hasMore } = await takeRows(openRows(run, { ...selection, limit: limit + 1 }), limit);
  const write = createSink(run.stdout);
  if (shown.length === 0) {
    io.report.line('No rows. A longer --since reaches further back.');
    return;
  }
  const { head, body } = tableLines(shown, columnsFor(run, selection.streams), {
    isUtc: wishes.isUtc,
    room: Math.max(20, style.columns()),
    isMarked: false,
    bold: style.chalk.bold,
  });
  await write(`${[...head, ...body].join('\n')}\n`);
  const named = watchColumns(selection.streams, run);
  if (wishes.columns) for (const { row } of shown) named.see(rowFields(row));
  named.tell();
  const newest = shown.length === 1 ? 'The newest row' : `The newest ${shown.length} rows`;
  if (hasMore) io.report.line(`${newest}; --limit shows more, --output takes all along.`);
}

/** Writes rows to standard output as they come. Gives how many. */
export async function printStream(
  run: ExploreRun,
  selection: RowSelection,
  name: RowFormatName,
): Promise<number> {
  const { limit = Number.POSITIVE_INFINITY } = run.wishes;
  const format = rowFormat(name, selection.streams);
  const write = createSink(run.stdout);
  const text = (bytes: Uint8Array): Uint8Array | string =>
    run.isTerminal ? forTerminal(Buffer.from(bytes).toString('utf8'), name !== 'csv') : bytes;
  let count = 0;
  const freePages = createPageFreeing();
  if (format.head !== '') await write(format.head);
  try {
    for await (const { stream, rows } of openRows(run, selection)) {
      const taken = rows.slice(0, limit - count);
      if (taken.length > 0) await write(text(format.write(taken, stream, count === 0)));
      count += taken.length;
      freePages(taken.length);
      if (count >= limit) break;
    }
  } catch (error) {
    throw count > 0 || format.head !== '' ? cutPrint(error, run) : error;
  }
  if (format.foot !== '') await write(format.foot);
  return count;
}
