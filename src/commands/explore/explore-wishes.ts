import { extname } from 'node:path';
import type { ExploreFormat } from '../../cli/explore-options.ts';
import type { Flags, Settings } from '../../cli/settings.ts';
import { WizardError } from '../../core/errors.ts';
import type { Moment } from '../../core/moment.ts';
import { quoted } from '../../core/text.ts';
import { type LogName, logNames, type SignInType, signInTypes } from '../../tenant/logs/log-streams.ts';
import type { RowWishes } from '../../tenant/logs/row-conditions.ts';

/** What was asked for on the command line, and where it goes. */
export interface ExploreCall {
  readonly settings: Settings;
  readonly flags: Pick<Flags, 'failed' | 'follow' | 'restart' | 'utc' | 'json'>;
  /** The log as it was named. */
  readonly word: string | undefined;
  /** Standard output is a terminal. */
  readonly isTerminal: boolean;
}

/** What is wanted, complete and free of contradictions. */
export interface ExploreWishes {
  /** Undefined for a summary of sign-ins and audits. */
  readonly log: LogName | undefined;
  readonly types: readonly SignInType[];
  readonly format: ExploreFormat;
  /** Rows at most. */
  readonly limit: number | undefined;
  readonly output: string | undefined;
  readonly follow: boolean;
  readonly restart: boolean;
  readonly isUtc: boolean;
  /** One JSON document on standard output. */
  readonly isDocument: boolean;
  readonly columns: readonly string[] | undefined;
  readonly since: Moment;
  /** Somebody said since when. */
  readonly isSinceGiven: boolean;
  readonly until: Moment | undefined;
  readonly rows: RowWishes;
  /** A page to write; undefined where none is wanted. */
  readonly page: PageWishes | undefined;
}

/** What is wanted of the page. */
export interface PageWishes {
  readonly path: string;
  /** Rows of each log at most. */
  readonly limit: number | undefined;
  /** Nothing else is wanted: no rows are shown. */
  readonly isAlone: boolean;
}

/** Rows of a table, and of the one document of `--json`, where nobody says how many. */
const mostInTable = 20;
const mostInDocument = 1_000;

const day: Moment = { kind: 'ago', duration: { months: 0, days: 1, seconds: 0 } };

const byExtension: Readonly<Record<string, ExploreFormat>> = { '.csv': 'csv', '.json': 'json' };

function requireLogName(word: string | undefined): LogName | undefined {
  const found = logNames.find((name) => name === word);
  if (word === undefined || found !== undefined) return found;
  throw new WizardError('invalid-options', `${quoted(word)} is no log: name one of ${logNames.join(', ')}`);
}

function pageOf({ settings }: ExploreCall): PageWishes | undefined {
  const { pageFile, limit, rowFormat, exportFile } = settings;
  if (pageFile === undefined) return undefined;
  return { path: pageFile, limit, isAlone: rowFormat === undefined && exportFile === undefined };
}

function formatOf({ settings, flags, isTerminal }: ExploreCall, log: LogName | undefined): ExploreFormat {
  const { rowFormat, exportFile } = settings;
  if (rowFormat !== undefined) return rowFormat;
  if (settings.pageFile !== undefined && exportFile === undefined) return 'summary';
  if (exportFile !== undefined) return byExtension[extname(exportFile).toLowerCase()] ?? 'ndjson';
  if (flags.json) return 'json';
  if (!isTerminal) return 'ndjson';
  return log === undefined ? 'summary' : 'table';
}

function limitOf({ settings, flags }: ExploreCall, format: ExploreFormat): number | undefined {
  const { limit, exportFile } = settings;
  if (limit !== undefined) return limit;
  if (format === 'table') return mostInTable;
  return flags.json && exportFile === undefined && format !== 'summary' ? mostInDocument : undefined;
}

function typesOf({ signInType = ['interactive'] }: Settings): readonly SignInType[] {
  return signInType.includes('all') ? signInTypes : signInTypes.filter((type) => signInType.includes(type));
}

type Contradiction = readonly [isWrong: boolean, sentence: string];

function aboutRows(
  { settings }: ExploreCall,
  { log, format, types, columns, isUtc, rows, page }: ExploreWishes,
) {
  const readsSignIns = log === 'sign-ins' || log === undefined;
  const ofApplications = types.includes('service-principal') || types.includes('managed-identity');
  return [
    [
      format === 'summary' && log === 'provisioning' && !page?.isAlone,
      'a summary is of sign-ins and audits: choose another --format for provisioning',
    ],
    [settings.signInType !== undefined && !readsSignIns, `--type goes with sign-ins, not with ${log}`],
    [
      rows.user !== undefined && readsSignIns && ofApplications,
      '--user goes with sign-ins of people: leave service-principal, managed-identity and all out of --type',
    ],
    [
      columns !== undefined && format !== 'table' && page === undefined,
      '--columns goes with --format table and with --html',
    ],
    [
      columns !== undefined && page !== undefined && log === undefined,
      '--columns are those of one log: name a log',
    ],
    [
      isUtc && format !== 'table' && format !== 'summary' && page === undefined,
      '--utc goes with --format table or summary, and with --html: the others have times as Graph has them, in UTC',
    ],
  ] as const satisfies readonly Contradiction[];
}

function aboutFiles({ format, output, restart, isDocument, page }: ExploreWishes) {
  const isOneByOne = format === 'ndjson' || format === 'csv' || format === 'table';
  return [
    [
      output !== undefined && (format === 'summary' || format === 'table'),
      '--output takes --format json, ndjson or csv',
    ],
    [page !== undefined && page.path === output, '--html and --output name the same file'],
    [restart && output === undefined, '--restart goes with --output'],
    [
      isDocument && output === undefined && isOneByOne,
      `--json is one document: leave --format ${format} out, or name a file with --output`,
    ],
  ] as const satisfies readonly Contradiction[];
}

function aboutFollowing({ settings }: ExploreCall, { format, follow, isDocument, page }: ExploreWishes) {
  return [
    [follow && page !== undefined, '--follow never ends, and so makes no page: leave --html out'],
    [follow && format === 'summary' && page === undefined, '--follow shows rows: name a log'],
    [follow && settings.until !== undefined, '--follow and --until exclude each other'],
    [
      follow && (format === 'json' || isDocument),
      '--follow never ends, and so is no one JSON document: use --format ndjson, without --json',
    ],
    [
      follow && settings.limit !== undefined && format !== 'table',
      '--follow goes on without an end: leave --limit out',
    ],
  ] as const satisfies readonly Contradiction[];
}

/** What does not go together, one sentence each. */
function contradictions(call: ExploreCall, wishes: ExploreWishes): string[] {
  const all: readonly Contradiction[] = [
    ...aboutRows(call, wishes),
    ...aboutFiles(wishes),
    ...aboutFollowing(call, wishes),
  ];
  return all.flatMap(([isWrong, sentence]) => (isWrong ? [sentence] : []));
}

/** What the words of the command line ask for. Throws WizardError naming everything that is wrong or missing. Pure. */
export function wishesOf(call: ExploreCall): ExploreWishes {
  const { settings, flags, word } = call;
  const log = requireLogName(word);
  const format = formatOf(call, log);
  const wishes: ExploreWishes = {
    log,
    types: typesOf(settings),
    format,
    limit: limitOf(call, format),
    output: settings.exportFile,
    follow: flags.follow,
    restart: flags.restart,
    isUtc: flags.utc,
    isDocument: flags.json,
    columns: settings.columns,
    since: settings.since ?? day,
    isSinceGiven: settings.since !== undefined,
    until: settings.until,
    rows: {
      user: settings.user,
      app: settings.app,
      failed: flags.failed,
      id: settings.rowId,
      filter: settings.rowFilter,
    },
    page: pageOf(call),
  };
  const wrong = contradictions(call, wishes);
  if (wrong.length > 0) throw new WizardError('invalid-options', wrong.join('\n'));
  if (log === undefined && format !== 'summary') {
    throw new WizardError(
      'missing-options',
      `Nobody said which log. Missing: one of ${logNames.join(', ')}, or --format summary`,
    );
  }
  return wishes;
}
