import { textOf, valuesOf } from '../../core/fields.ts';
import type { Answer, Finding } from '../../core/findings.ts';
import type { AppSession } from '../../graph/directory.ts';
import { DirectoryError } from '../../graph/directory-error.ts';
import type { Failure } from '../../http/retry.ts';
import { type LogName, refusedLog } from './log-finding.ts';

/** Rows asked of each log: enough to show that there are several, few enough never to time out. */
const sampleSize = 10;

interface Sample {
  readonly rows: number;
  readonly more: boolean;
  /** ISO 8601. */
  readonly newest: string | undefined;
}

/** Rows of a log, or why there are none. */
export type Read = { readonly sample: Sample } | { readonly failure: Failure };

/** A log of the reporting API, and where it is read. */
export interface Log extends LogName {
  readonly path: string;
  readonly date: string;
}

export const audits: Log = {
  id: 'api.directoryAudits',
  title: 'Directory audit logs',
  path: `/auditLogs/directoryAudits?$top=${sampleSize}`,
  date: 'activityDateTime',
};
export const signIns: Log = {
  id: 'api.signIns',
  title: 'Sign-in logs',
  path: `/auditLogs/signIns?$top=${sampleSize}`,
  date: 'createdDateTime',
};

function sampleOf(body: unknown, date: string): Sample {
  const rows = valuesOf(body);
  const dates = rows.map((row) => textOf(row[date])).filter((text) => !Number.isNaN(Date.parse(text)));
  dates.sort((a, b) => Date.parse(b) - Date.parse(a));
  const more = typeof body === 'object' && body !== null && '@odata.nextLink' in body;
  return { rows: rows.length, more, newest: dates[0] };
}

/** The newest rows of a log. `awaits` are ids made in this run. Rejects with whatever is no answer of Graph's. */
export async function readLog(log: Log, session: AppSession, awaits: readonly string[]): Promise<Read> {
  try {
    const body = await session.directory.send({
      method: 'GET',
      path: log.path,
      purpose: `read the ${log.title.toLowerCase()}`,
      awaits,
    });
    return { sample: sampleOf(body, log.date) };
  } catch (error) {
    if (error instanceof DirectoryError) return { failure: error.failure };
    throw error;
  }
}

/** `2026-11-24 23:07 UTC`. */
const inMinutes = (date: string): string =>
  `${new Date(date).toISOString().slice(0, 16).replace('T', ' ')} UTC`;

function describeSample({ rows, more, newest }: Sample): string {
  if (rows === 0) return more ? 'readable; the first page is empty' : 'readable; there are no entries yet';
  const count = `${rows}${more ? ' or more' : ''} ${rows === 1 && !more ? 'row' : 'rows'} read`;
  return newest === undefined ? count : `${count}, newest ${inMinutes(newest)}`;
}

/** What reading a log showed. Pure. */
export function logFinding(log: Log, read: Read, premium: Answer): Finding {
  if ('failure' in read) return refusedLog(log, read.failure, premium);
  return { id: log.id, title: log.title, status: 'pass', evidence: describeSample(read.sample) };
}

/** A log that was not read, and why. */
export const skipped = (log: Log, reason: string): Finding => ({
  id: log.id,
  title: log.title,
  status: 'skip',
  evidence: reason,
});
