import { exitCodes, WizardError } from '../../core/errors.ts';
import { spellRemedy } from '../../core/remedy.ts';
import { joinWords, sentence } from '../../core/text.ts';
import { DirectoryError } from '../../graph/directory-error.ts';
import type { LogRow } from '../../graph/log-page.ts';
import type { LogStream } from '../../tenant/logs/log-streams.ts';
import { mergeLists } from '../../tenant/logs/merge-lists.ts';
import { refusedLog } from '../../tenant/logs/read-log.ts';
import { largestPage, type RowPosition, type RowReaderIo, readRows } from '../../tenant/logs/read-rows.ts';
import { conditionsFor, ownTest } from '../../tenant/logs/row-conditions.ts';
import type { ExploreRun } from './explore-run.ts';

/** Which rows of which lists are read, and from where on. */
export interface RowSelection {
  readonly streams: readonly LogStream[];
  /** Epoch milliseconds in whole seconds, both ends included. */
  readonly from: number;
  readonly until: number;
  readonly newestFirst: boolean;
  /** Rows that are wanted at most, as far as that is known. */
  readonly limit?: number | undefined;
  /** By list, in the order of `streams`. */
  readonly positions?: readonly (RowPosition | undefined)[];
}

/** Rows of one list. */
export interface StreamRows {
  readonly stream: LogStream;
  /** Of the stream in the selection. */
  readonly index: number;
  readonly rows: readonly LogRow[];
}

const isRefused = ({ failure }: DirectoryError): boolean =>
  failure.kind === 'http' && [400, 403, 404].includes(failure.status);

/** A list that Graph refuses, as an error with what to do. */
function refusal({ title }: LogStream, error: DirectoryError): WizardError {
  const { failure } = error;
  if (failure.status === 400) {
    const message = `Microsoft Graph refuses to read the ${title} like that: ${sentence(failure.message)}`;
    return new WizardError('invalid-options', message, {
      remedy: 'Correct --filter, or leave it out; it is OData as Microsoft Graph has it for this log.',
      requestId: failure.requestId,
      cause: error,
    });
  }
  const { code, evidence, remedy } = refusedLog({ id: '', title }, failure, 'unknown');
  return new WizardError(
    (code ?? 'api-refused') as ConstructorParameters<typeof WizardError>[0],
    `Could not read the ${title}: ${evidence}.`,
    { ...(remedy === undefined ? {} : { remedy }), requestId: failure.requestId, cause: error },
  );
}

/** Notes what is left out; the run ends with exit code 6 for it. */
export function leaveOut(run: ExploreRun, what: string, error: WizardError): void {
  const reason = error.code === 'licence-missing' ? 'licence' : 'refused';
  run.leftOut.push({ what, reason, message: error.message });
  const { text } = spellRemedy(error.remedy, run.io.spellerFor({}));
  run.io.report.warn(`Left out: ${sentence(error.message)} ${text}`);
}

/** A list as it is; where others are left, one that Graph refuses is left out and said. Rejects with WizardError. */
async function* unlessRefused(
  list: AsyncGenerator<readonly LogRow[]>,
  stream: LogStream,
  left: Set<LogStream>,
  run: ExploreRun,
): AsyncGenerator<readonly LogRow[]> {
  try {
    yield* list;
  } catch (error) {
    if (!(error instanceof DirectoryError) || !isRefused(error)) throw error;
    const refused = refusal(stream, error);
    left.delete(stream);
    // Rows of no list at all would look like a log without any.
    if (left.size === 0 || refused.exitCode === exitCodes.usage) throw refused;
    leaveOut(run, stream.title, refused);
  }
}

function readerIo(run: ExploreRun, onRequest: (() => void) | undefined): RowReaderIo {
  const { session, io } = run;
  return {
    directory: session.directory,
    renew: session.renew,
    sleep: io.sleep,
    ...(onRequest && { onRequest }),
    onRefused: ({ title }, conditions) => {
      const options = joinWords([...new Set(conditions.map(({ from }) => from))]);
      io.report.warn(
        `Microsoft Graph does not filter the ${title} by ${options}: they are filtered here, so more of them are read than shown.`,
      );
    },
  };
}

/** Rows of all lists of a selection, in its order; `onRequest` is called before each request. Rejects with WizardError and DirectoryError. */
export async function* openRows(
  run: ExploreRun,
  selection: RowSelection,
  onRequest?: () => void,
): AsyncGenerator<StreamRows> {
  const { streams, from, until, newestFirst, limit, positions = [] } = selection;
  const io = readerIo(run, onRequest);
  const left = new Set(streams);
  const lists = streams.map((stream, index) => {
    const query = {
      stream,
      from,
      until,
      newestFirst,
      conditions: conditionsFor(stream, run.wishes.rows),
      test: ownTest(stream, run.wishes.rows),
      pageSize: Math.min(largestPage, limit ?? largestPage),
      ahead: limit === undefined,
    };
    return unlessRefused(readRows(query, io, positions[index]), stream, left, run);
  });
  for await (const { index, rows } of mergeLists(lists, newestFirst)) {
    const stream = streams[index];
    if (stream) yield { stream, index, rows };
  }
}
