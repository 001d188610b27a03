import { readConfig, resolvePath } from '../../config/config-file.ts';
import { createGitStanding } from '../../config/git.ts';
import { catalogue, type ExitCode, exitCodes, WizardError } from '../../core/errors.ts';
import type { Finding } from '../../core/findings.ts';
import { worstOf } from '../../core/findings.ts';
import { timeLeft } from '../../terminal/progress.ts';
import type { TableRow } from '../../terminal/table.ts';
import { openConnectionPool } from '../shared/connection.ts';
import type { Io } from '../shared/io.ts';
import type { RunOutcome } from '../shared/run-outcome.ts';
import {
  cleanDocument,
  documentOf,
  type FileResults,
  type Outcome,
  spelledOutcome,
  summarise,
} from '../shared/run-outcome.ts';
import { describeForeignEndpoints, runVerify, type VerifyRequest } from './verify.ts';

/** What a look at several files is about. */
export interface VerifyFilesRequest {
  readonly verify: Pick<VerifyRequest, 'settings' | 'cloudFor'>;
  /** As they were given. */
  readonly files: readonly string[];
  /** How many are verified at at the same time. */
  readonly concurrency: number;
}

/** What became of one file. */
interface VerifiedFile {
  readonly row: TableRow;
  readonly result: FileResults['results'][number];
}

/** Hands every item out once, to so many workers at a time. */
async function eachOf<T>(
  items: readonly T[],
  workers: number,
  work: (item: T, index: number) => Promise<void>,
): Promise<void> {
  const queue = items.entries();
  const worker = async (): Promise<void> => {
    for (const [index, item] of queue) await work(item, index);
  };
  await Promise.all(Array.from({ length: Math.min(workers, items.length) }, worker));
}

const told = ({ title, evidence, code }: Finding): string =>
  `${title}: ${evidence}${code === undefined ? '' : ` [${code}]`}`;

/** What passes by itself: the network, the service, too many requests. */
const isPassing = ({ code }: Finding): boolean =>
  code !== undefined && catalogue[code].exitCode === exitCodes.unavailable;

/** What asks for somebody: the gravest first, and what passes by itself after what lasts. */
function loudIn(checks: readonly Finding[]): Finding[] {
  const loud = ['fail', 'warn'].flatMap((status) => checks.filter((finding) => finding.status === status));
  return [...loud.filter((finding) => !isPassing(finding)), ...loud.filter(isPassing)];
}

/** In a few words what is wrong. */
function noteOf({ checks, error, exitCode }: Outcome): string {
  const untold = exitCode === exitCodes.unavailable ? 'could not be checked: ' : '';
  if (error) return `${untold}${error.message} [${error.code}]`;
  const loud = exitCode === exitCodes.unavailable ? loudIn(checks).filter(isPassing) : loudIn(checks);
  const [first] = loud;
  if (!first) return 'in order';
  const remark = exitCode === exitCodes.done ? 'works; ' : '';
  const more = loud.length === 1 ? '' : ` (and ${loud.length - 1} more)`;
  return `${untold}${remark}${told(first)}${more}`;
}

function rowOf(file: string, outcome: Outcome, redact: (text: string) => string): TableRow {
  const { exitCode, tenant, credential } = outcome;
  const statuses: Readonly<Record<number, Finding['status']>> = {
    [exitCodes.done]: 'pass',
    [exitCodes.attention]: 'warn',
    // Nothing is known of it: it is not said to be broken.
    [exitCodes.unavailable]: 'skip',
  };
  return {
    status: statuses[exitCode] ?? 'fail',
    cells: [file, tenant?.domain ?? '', credential?.expires?.slice(0, 10) ?? ''].map(redact),
    note: redact(noteOf(outcome)),
  };
}

/** What they all use. */
type Common = Required<Pick<VerifyRequest, 'reach' | 'askGit' | 'announce'>>;

async function verifyOne(
  request: VerifyFilesRequest,
  file: string,
  common: Common,
  io: Io,
): Promise<VerifiedFile> {
  const single: VerifyRequest = { ...request.verify, ...common, file, methods: undefined };
  const { outcome: raw, redact } = await io.alone((own, filled) => runVerify(single, own, filled));
  const outcome = spelledOutcome(raw, io.spellerFor({ file }));
  const document = { path: resolvePath(file, io.cwd), ...documentOf('verify', outcome) };
  return {
    row: rowOf(file, outcome, redact),
    result: { ...cleanDocument(document, redact), exitCode: outcome.exitCode },
  };
}

function announceOnce({ report }: Io): (text: string) => void {
  const told = new Set<string>();
  return (text) => {
    if (!told.has(text)) report.warn(text);
    told.add(text);
  };
}

/** Each file is looked at where nobody sees it: what has to be seen before is told here, ahead of all of them. */
async function announceEndpoints(
  { files, verify: { cloudFor } }: VerifyFilesRequest,
  announce: (text: string) => void,
  io: Io,
): Promise<void> {
  for (const file of files) {
    try {
      const reading = await readConfig(resolvePath(file, io.cwd));
      if (reading.status !== 'ok' || reading.config.cloud !== 'custom') continue;
      const cloud = cloudFor(reading.config);
      if (cloud.isFromFile) announce(describeForeignEndpoints(cloud));
    } catch (error) {
      // It is told with the file.
      if (!(error instanceof WizardError)) throw error;
    }
  }
}

/** Looks at every file whatever the others say, telling how far it is. Those that were stopped are left out. */
async function verifyAll(request: VerifyFilesRequest, io: Io): Promise<readonly VerifiedFile[]> {
  const { files, concurrency } = request;
  const announce = announceOnce(io);
  await announceEndpoints(request, announce, io);
  const verified: (VerifiedFile | undefined)[] = files.map(() => undefined);
  const began = io.clock.local().getTime();
  const ends: number[] = [];
  const task = io.report.task(`Verifying ${files.length} files`);
  const pool = openConnectionPool(io);
  const common: Common = { reach: pool.reach, askGit: createGitStanding(), announce };
  let failed = 0;
  const show = (): void =>
    task.progress({
      done: ends.length,
      total: files.length,
      failed,
      left: timeLeft(ends, files.length, io.clock.local().getTime() - began),
    });
  try {
    show();
    await eachOf(files, concurrency, async (file, index) => {
      if (io.signal.aborted) return;
      const one = await verifyOne(request, file, common, io);
      if (io.signal.aborted) return;
      verified[index] = one;
      ends.push(io.clock.local().getTime() - began);
      if (one.row.status === 'fail') failed += 1;
      show();
    });
  } finally {
    await pool.close();
  }
  if (io.signal.aborted) task.fail(`Stopped after ${ends.length} of ${files.length} files`);
  else task.succeed(`Looked at ${files.length} files`);
  return verified.filter((one) => one !== undefined);
}

/** `3 do not pass, 6 need attention, 2 could not be checked, 991 pass`. */
function summaryLine(results: FileResults): string {
  const { pass, attention, fail, unavailable } = summarise(results);
  const parts: readonly (readonly [count: number, text: string])[] = [
    [fail, fail === 1 ? 'does not pass' : 'do not pass'],
    [attention, attention === 1 ? 'needs attention' : 'need attention'],
    [unavailable, 'could not be checked'],
    [pass, pass === 1 ? 'passes' : 'pass'],
  ];
  return parts
    .filter(([count]) => count > 0)
    .map(([count, text]) => `${count} ${text}`)
    .join(', ');
}

/** Where rows stand: what lasts and asks for somebody comes first, then what passes by itself, then what is well. */
const order: readonly Finding['status'][] = ['fail', 'warn', 'skip', 'pass'];

const lastingFirst = (rows: readonly TableRow[]): TableRow[] =>
  order.flatMap((status) => rows.filter((row) => row.status === status));

/**
 * The command that tells everything about the file that most needs somebody: the first of those that could be read, since
 * of others the table tells all there is.
 */
function showCommand(rows: readonly TableRow[], io: Io): void {
  const worst = rows.filter(({ status }) => status === rows[0]?.status && status !== 'pass');
  const [file] = (worst.find(({ cells: [, domain] }) => domain !== '') ?? worst[0])?.cells ?? [];
  if (file === undefined) return;
  io.report.line('Everything about one of them:');
  io.report.code(io.spellerFor({ file })(['verify']));
}

/**
 * Verifies several files at once, each as if it were the only one, and tells of all together. The exit code is that of
 * the file which most needs somebody to act. Throws WizardError where the run is stopped.
 */
export async function runVerifyFiles(
  request: VerifyFilesRequest,
  io: Io,
  outcome: RunOutcome,
): Promise<ExitCode> {
  const verified = await verifyAll(request, io);
  const results = { total: request.files.length, results: verified.map(({ result }) => result) };
  outcome.files = results;
  const rows = lastingFirst(verified.map(({ row }) => row));
  if (verified.length > 0) {
    io.report.title('Files');
    io.report.table(rows);
    io.report.title(summaryLine(results));
  }
  if (io.signal.aborted) throw new WizardError('cancelled', 'Cancelled.');
  showCommand(rows, io);
  return worstOf(results.results.map(({ exitCode }) => exitCode));
}
