import { readConfig, resolvePath } from '../../config/config-file.ts';
import { createGitStanding } from '../../config/git.ts';
import { type ExitCode, exitCodes, WizardError } from '../../core/errors.ts';
import type { Finding } from '../../core/findings.ts';
import { worstOf } from '../../core/findings.ts';
import type { TableRow } from '../../terminal/table.ts';
import { openConnectionPool } from '../shared/connection.ts';
import type { Io } from '../shared/io.ts';
import type { RunOutcome } from '../shared/run-outcome.ts';
import {
  cleanDocument,
  documentOf,
  type FileResults,
  type Outcome,
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

const told = ({ title, evidence }: Finding): string => `${title}: ${evidence}`;

/** In a few words what is wrong, the gravest first. */
function noteOf({ checks, error, exitCode }: Outcome): string {
  if (error) return error.message;
  const loud = ['fail', 'warn'].flatMap((status) => checks.filter((finding) => finding.status === status));
  const [first] = loud;
  if (!first || exitCode === exitCodes.done) return 'in order';
  return loud.length === 1 ? told(first) : `${told(first)} (and ${loud.length - 1} more)`;
}

function rowOf(file: string, outcome: Outcome, redact: (text: string) => string): TableRow {
  const { exitCode, tenant, credential } = outcome;
  const statuses: Readonly<Record<number, Finding['status']>> = {
    [exitCodes.done]: 'pass',
    [exitCodes.attention]: 'warn',
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
  const { outcome, redact } = await io.alone((own, filled) => runVerify(single, own, filled));
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
  const task = io.report.task(`Verifying ${files.length} files`);
  const pool = openConnectionPool(io);
  const common: Common = { reach: pool.reach, askGit: createGitStanding(), announce };
  let done = 0;
  let failed = 0;
  const show = (): void =>
    task.progress({ done, total: files.length, failed, elapsed: io.clock.local().getTime() - began });
  try {
    show();
    await eachOf(files, concurrency, async (file, index) => {
      if (io.signal.aborted) return;
      const one = await verifyOne(request, file, common, io);
      if (io.signal.aborted) return;
      verified[index] = one;
      done += 1;
      if (one.result.exitCode !== exitCodes.done) failed += 1;
      show();
    });
  } finally {
    await pool.close();
  }
  if (io.signal.aborted) task.fail(`Stopped after ${done} of ${files.length} files`);
  else task.succeed(`Looked at ${files.length} files`);
  return verified.filter((one) => one !== undefined);
}

/** `991 in order, 6 need attention, 3 not in order`. */
function summaryLine(results: FileResults): string {
  const { pass, attention, fail, unavailable } = summarise(results);
  const parts: readonly (readonly [count: number, text: string])[] = [
    [pass, 'in order'],
    [attention, attention === 1 ? 'needs attention' : 'need attention'],
    [fail, 'not in order'],
    [unavailable, 'not reachable now'],
  ];
  return parts
    .filter(([count]) => count > 0)
    .map(([count, text]) => `${count} ${text}`)
    .join(', ');
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
  if (verified.length > 0) {
    io.report.title('Files');
    io.report.table(verified.map(({ row }) => row));
    io.report.title(summaryLine(results));
  }
  if (io.signal.aborted) throw new WizardError('cancelled', 'Cancelled.');
  const code = worstOf(results.results.map(({ exitCode }) => exitCode));
  if (code !== exitCodes.done)
    io.report.line('Everything about one of them: reporting-setup verify --config <file>');
  return code;
}
