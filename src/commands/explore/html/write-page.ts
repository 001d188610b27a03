import type { Fields } from '../../../core/fields.ts';
import { textOf } from '../../../core/fields.ts';
import { safeText } from '../../../core/text.ts';
import { auditStream, type LogName, type LogStream, streamsOf } from '../../../tenant/logs/log-streams.ts';
import { outcomeOf, type RowOutcome } from '../../../tenant/logs/row-conditions.ts';
import { isReadableByMeAlone } from '../../shared/file-checks.ts';
import { aboutOption } from '../../shared/settle.ts';
import { type ExploreRun, requireOffered } from '../explore-run.ts';
import type { PageWishes } from '../explore-wishes.ts';
import { createPageFreeing } from '../free-pages.ts';
import { offsetIn, offsetText } from '../local-time.ts';
import { columnsFor } from '../print-rows.ts';
import { tellRetention } from '../retention.ts';
import { valueAt } from '../row-columns.ts';
import { watchColumns } from '../row-remarks.ts';
import { sumUp, unlessRefused } from '../show-summary.ts';
import {
  type Summary,
  type SummaryRange,
  type Summing,
  summingAudits,
  summingProvisioning,
  summingSignIns,
} from '../summary.ts';
import { seesPolicies, type TableColumn } from '../table-columns.ts';
import { numberText } from './html-text.ts';
import {
  type LogSection,
  type PageSubject,
  pageFoot,
  pageHead,
  type RowResult,
  rowsEnd,
  rowsStart,
  rowText,
  timeText,
} from './log-page-text.ts';
import { openPageFile, type PageFile } from './page-file.ts';
import { auditCharts, type PageTimes, provisioningCharts, signInCharts } from './page-sections.ts';

/** Rows of a log in the page at most: a browser holds and sorts so many with ease. All are counted. */
const mostRows = 50_000;

interface Range {
  readonly from: number;
  readonly until: number;
}

const text =
  (name: string) =>
  (row: Fields): string =>
    textOf(valueAt(row, name));

const risk = (row: Fields): string => {
  const level = text('riskLevelDuringSignIn')(row);
  return level === 'hidden' ? 'not permitted to see' : level;
};

/** What a page has besides the columns of a terminal, which has less room. */
const furtherColumns: Readonly<Record<LogName, readonly TableColumn[]>> = {
  'sign-ins': [
    { title: 'Client', cell: text('clientAppUsed') },
    { title: 'Risk', cell: risk },
    { title: 'Request ID', cell: text('id') },
  ],
  audits: [
    { title: 'Category', cell: text('category') },
    { title: 'Correlation ID', cell: text('correlationId') },
  ],
  provisioning: [{ title: 'ID', cell: text('id') }],
};

const resultNames = {
  success: 'succeeded',
  failure: 'failed',
  interrupted: 'interrupted',
  unknown: 'unknown',
} as const satisfies Record<RowOutcome, RowResult>;

const titles: Readonly<Record<LogName, string>> = {
  'sign-ins': 'Sign-ins',
  audits: 'Changes in the directory',
  provisioning: 'Provisioning',
};

/** Times of the page, in this machine's zone or UTC; where the offset changes within the range, rows name theirs. */
function timesOf({ from, until }: Range, isUtc: boolean): PageTimes & { readonly changes: boolean } {
  const offsetOf = offsetIn(isUtc);
  const offsets = [...new Set([from, until].map(offsetOf))];
  return { offsetOf, zone: offsets.map(offsetText).join(' and '), changes: offsets.length > 1 };
}

function subjectOf(run: ExploreRun, range: Range, logs: readonly LogName[], times: PageTimes): PageSubject {
  const { config, wishes, startedAt } = run;
  const { user, app, id, filter, failed } = wishes.rows;
  const clock = (at: number): string => `${timeText(at, times)} ${offsetText(times.offsetOf(at))}`;
  const conditions = [
    ...(user === undefined ? [] : [`--user ${user}`]),
    ...(app === undefined ? [] : [`--app ${app}`]),
    ...(failed ? ['--failed'] : []),
    ...(id === undefined ? [] : [`--id ${id}`]),
    ...(filter === undefined ? [] : [`--filter ${filter}`]),
  ];
  const domain = config.domain === '' ? config.tenantId : config.domain;
  return {
    title: `${logs.map((log, index) => (index === 0 ? titles[log] : titles[log].toLowerCase())).join(' and ')}: ${domain}`,
    isSandbox: config.cloud === 'sandbox',
    facts: [
      ['Tenant', config.domain === '' ? config.tenantId : `${config.domain}, ${config.tenantId}`],
      ['From', clock(range.from)],
      ['Until', clock(range.until)],
      ...(logs.includes('sign-ins') ? ([['Kinds of sign-in', wishes.types.join(', ')]] as const) : []),
      ...(conditions.length === 0 ? [] : ([['Only', conditions.join(', ')]] as const)),
      ['Read', clock(startedAt)],
    ],
  };
}

/** One log on its way into the page. */
interface LogPart<T extends SummaryRange & { readonly total: number; readonly unknown: number }> {
  readonly log: LogName;
  readonly summing: Summing<T>;
  readonly charts: (summary: T, times: PageTimes) => string;
  readonly results: readonly RowResult[];
}

/** What writing the page is done with. */
interface PageWriting {
  readonly run: ExploreRun;
  readonly range: Range;
  readonly page: PageWishes;
  readonly file: PageFile;
  readonly times: ReturnType<typeof timesOf>;
  readonly tell: (added: number, rows: number) => void;
}

interface WrittenLog<T> {
  readonly summary: T;
  readonly section: LogSection;
}

/** Writes the rows of a log into the page as they come, and gives what they amount to. Rejects as sumUp. */
async function writeLog<T extends SummaryRange & { readonly total: number; readonly unknown: number }>(
  { log, summing, charts, results }: LogPart<T>,
  { run, range, page, file, times, tell }: PageWriting,
): Promise<WrittenLog<T>> {
  const streams = streamsOf(log, run.wishes.types);
  const columns = [
    ...columnsFor(run, streams),
    ...(run.wishes.columns === undefined ? furtherColumns[log] : []),
  ];
  let [pending, rows]: [string[], number] = [[], 0];
  const named = watchColumns(streams, run);
  const add = (fields: Fields, at: number, stream: LogStream): void => {
    named.see(fields);
    if (rows === mostRows) return;
    const time = timeText(at, times) + (times.changes ? ` ${offsetText(times.offsetOf(at))}` : '');
    const cells = columns.map((column) => (column.isTime ? time : column.cell(fields, stream)));
    pending.push(rowText(at, resultNames[outcomeOf(log, fields)], cells, rows === 0));
    rows += 1;
  };
  await file.append(rowsStart(log));
  const batchDone = async (added: number, count: number): Promise<void> => {
    await file.append(pending.join(''));
    pending = [];
    tell(added, count);
  };
  const most = page.limit ?? Number.POSITIVE_INFINITY;
  const read = (): Promise<T> => sumUp(summing, streams, most, range, run, { add, batchDone });
  // The list ends as well where a log is refused and the page goes on without it.
  const summary = await read().finally(() => file.append(rowsEnd));
  const heads = columns.map(({ title, isTime = false }) => ({
    title: isTime ? `${title} (${times.zone})` : title,
    isTime,
  }));
  const section: LogSection = {
    log,
    title: titles[log],
    charts: charts(summary, times),
    columns: heads,
    rows,
    total: summary.total,
    results: summary.unknown > 0 ? [...results, 'unknown'] : results,
  };
  named.tell();
  await tellRetention(range.from, log, run);
  return { summary, section };
}

const twoResults = ['succeeded', 'failed'] as const;

const signInPart = {
  log: 'sign-ins',
  charts: signInCharts,
  results: ['succeeded', 'interrupted', 'failed'],
} as const;
const auditPart = { log: auditStream.log, charts: auditCharts, results: twoResults } as const;
const provisioningPart = { log: 'provisioning', charts: provisioningCharts, results: twoResults } as const;

/** What was asked for and is not in the page, one sentence each. */
function leftOutOf({ run, times }: PageWriting, written: readonly WrittenLog<SummaryRange>[]): string[] {
  const { leftOut, io } = run;
  const samples = written.flatMap(({ summary: { from, isComplete }, section: { title } }) => {
    const since = `${timeText(Date.parse(from), times)} (${times.zone})`;
    return isComplete ? [] : [`${title}: a sample, the newest rows alone, from ${since} on.`];
  });
  return [...leftOut.map(({ what, message }) => `${what}: ${io.redactor.redact(message)}`), ...samples];
}

/** What a page cannot say, one sentence each. */
function unsaidOf({ session }: ExploreRun, hasSignIns: boolean): string[] {
  const policies =
    seesPolicies(session.roles) === true
      ? 'Which Conditional Access policies were applied is not shown here: the column appliedConditionalAccessPolicies has it (--columns).'
      : 'Which Conditional Access policies were applied: not permitted to see. That takes the permission Policy.Read.All.';
  return [
    ...(hasSignIns ? [policies] : []),
    'Rows come late, mostly within 15 minutes: what had not arrived when this was read is not here.',
  ];
}

async function fillPage(writing: PageWriting): Promise<Summary & { readonly rows: number }> {
  const { run, file, range, times } = writing;
  const { log } = run.wishes;
  const logs: readonly LogName[] = log === undefined ? ['sign-ins', 'audits'] : [log];
  await file.append(pageHead(subjectOf(run, range, logs, times)));
  const read = <T>(name: LogName, work: () => Promise<WrittenLog<T>>): Promise<WrittenLog<T> | null> =>
    logs.includes(name)
      ? unlessRefused(name, log !== undefined, run, () => {
          requireOffered({ log: name }, run);
          return work();
        })
      : Promise.resolve(null);
  const signIns = await read('sign-ins', () =>
    writeLog({ ...signInPart, summing: summingSignIns() }, writing),
  );
  const audits = await read('audits', () => writeLog({ ...auditPart, summing: summingAudits() }, writing));
  const provisioning = await read('provisioning', () =>
    writeLog({ ...provisioningPart, summing: summingProvisioning() }, writing),
  );
  const written = [signIns, audits, provisioning].flatMap((one) => (one === null ? [] : [one]));
  const sections = written.map(({ section }) => section);
  await file.append(
    pageFoot(sections, { leftOut: leftOutOf(writing, written), unsaid: unsaidOf(run, signIns !== null) }),
  );
  const rows = written.reduce((sum, { section }) => sum + section.total, 0);
  return { signIns: signIns?.summary ?? null, audits: audits?.summary ?? null, rows };
}

/**
 * Reads every row of a range, and writes the page that was asked for. Throws WizardError; nothing is there then that was not
 * there before.
 */
export async function writePage(run: ExploreRun, range: Range, page: PageWishes): Promise<void> {
  const { io, outcome, wishes } = run;
  const file = await openPageFile(page.path, io).catch((error: unknown) => {
    throw aboutOption(error, '--html');
  });
  const task = io.report.task('Reading the logs for the page');
  run.onWait.tell = (words) => task.wait(words);
  const freePages = createPageFreeing();
  const tell = (added: number, rows: number): void => {
    freePages(added);
    task.progress({
      done: rows,
      total: rows,
      failed: 0,
      left: undefined,
      text: `${numberText(rows)} ${rows === 1 ? 'row' : 'rows'}`,
    });
  };
  try {
    const times = timesOf(range, wishes.isUtc);
    const { rows, ...summary } = await fillPage({ run, range, page, file, times, tell });
    await file.finish();
    const alone = (await isReadableByMeAlone(file.path, io)) ? ', readable by you alone' : '';
    task.succeed(`${numberText(rows)} rows in the page ${safeText(file.path, 500)}${alone}`);
    const html = { path: file.path, rows };
    outcome.details = { ...outcome.details, ...(page.isAlone ? summary : {}), html };
  } catch (error) {
    task.fail('The page was not written');
    throw aboutOption(error, '--html');
  } finally {
    await file.close();
  }
}
