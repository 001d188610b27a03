import type { Reading } from '../../core/errors.ts';
import { catalogue } from '../../core/errors.ts';
import { fieldsOf, textOf, valuesOf } from '../../core/fields.ts';
import type { Answer, Finding } from '../../core/findings.ts';
import { utcMinutes } from '../../core/moment.ts';
import { safeText } from '../../core/text.ts';
import type { AppSession } from '../../graph/directory.ts';
import { DirectoryError, readFailure } from '../../graph/directory-error.ts';
import { reportingReadings } from '../../graph/graph-readings.ts';
import { isPage, isResource } from '../../graph/resource-schemas.ts';
import { type Failure, waitRemedy } from '../../http/retry.ts';
import { type Check, pass, skip, warn } from '../verdict.ts';

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
export interface Log extends Check {
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

/** Rows of the other log would prove nothing of this one: each has its own time, and a context names its set. */
function isPageOf({ path, date }: Log, shown: unknown): boolean {
  if (!isPage(shown, (row) => isResource('logRow')(row) && textOf(fieldsOf(row)[date]) !== '')) return false;
  const context = textOf(fieldsOf(shown)['@odata.context']);
  const [, others = ''] = /#(auditLogs\/\w+)/.exec(context) ?? [];
  return others === '' || path.startsWith(`/${others}?`);
}

function sampleOf(body: unknown, date: string): Sample {
  const rows = valuesOf(body);
  const dates = rows.map((row) => textOf(row[date])).filter((text) => !Number.isNaN(Date.parse(text)));
  dates.sort((a, b) => Date.parse(b) - Date.parse(a));
  const more = typeof body === 'object' && body !== null && '@odata.nextLink' in body;
  return { rows: rows.length, more, newest: dates[0] };
}

/**
 * The newest rows of a log. `awaits` are ids made in this run; with `once` nothing is tried again. Rejects with whatever
 * is no answer of Graph's.
 */
export async function readLog(
  log: Log,
  session: AppSession,
  awaits: readonly string[],
  once = false,
): Promise<Read> {
  try {
    const body = await session.directory.send({
      method: 'GET',
      path: log.path,
      purpose: `read the ${log.title.toLowerCase()}`,
      awaits,
      // Its token was seen to hold the permission.
      permitted: true,
      once,
      accepts: (shown) => isPageOf(log, shown),
    });
    return { sample: sampleOf(body, log.date) };
  } catch (error) {
    if (error instanceof DirectoryError) return { failure: error.failure };
    throw error;
  }
}

function describeSample({ rows, more, newest }: Sample): string {
  if (rows === 0) return more ? 'readable; the first page is empty' : 'readable; there are no entries yet';
  const count = `${rows}${more ? ' or more' : ''} ${rows === 1 && !more ? 'row' : 'rows'} read`;
  return newest === undefined ? count : `${count}, newest ${utcMinutes(newest)}`;
}

const nonPremium = 'Authentication_RequestFromNonPremiumTenantOrB2CTenant';

/** The licence check said no; at times it does so in a tenant that has one. */
export const isNonPremium = (failure: Failure | undefined): boolean => failure?.code === nonPremium;

const hasPremium: Reading = {
  code: 'licence-check-failed',
  cause: 'the tenant has a premium plan, and yet the licence check of this log says that it has none',
};

/** What these mean to an administrator does not concern an application that reads a log. */
const ofObjects: readonly string[] = [
  'Authorization_RequestDenied',
  'Request_ResourceNotFound',
  'ResourceNotFound',
];
const unexplained: Reading = { code: 'api-refused', cause: '' };

function readingOf(failure: Failure, premium: Answer): Reading {
  if (isNonPremium(failure)) {
    return premium === 'yes' ? hasPremium : reportingReadings[nonPremium];
  }
  const read = readFailure(failure);
  const isOffered = read?.code !== 'sign-ins-not-offered' && read?.code !== 'audit-logs-not-offered';
  return read === undefined || (isOffered && ofObjects.includes(failure.code)) ? unexplained : read;
}

/** What the tenant or the cloud does not have, while the other log can be read. */
const warnings: readonly Reading['code'][] = [
  'licence-missing',
  'licence-check-failed',
  'sign-ins-not-offered',
];

const again: Partial<Record<Reading['code'], string>> = {
  throttled: 'Wait a minute, then: `reporting-setup verify`',
  'service-unavailable': 'Wait a few minutes, then: `reporting-setup verify`',
};

/** Why a log could not be read, with what to do. Pure. */
export function refusedLog({ id, title }: Check, failure: Failure, premium: Answer): Finding {
  const { code, cause, remedy } = readingOf(failure, premium);
  const longer = waitRemedy(failure.retryAfter, 'then run `reporting-setup verify`');
  const named = failure.code === '' ? '' : ` (${safeText(failure.code, 80)})`;
  const traced = failure.requestId === undefined ? '' : `; request-id ${safeText(failure.requestId, 80)}`;
  return {
    id,
    title,
    status: warnings.includes(code) ? 'warn' : 'fail',
    evidence: `${cause || safeText(failure.message, 400)}${named}${traced}`,
    remedy: longer ?? again[code] ?? remedy ?? catalogue[code].remedy,
    code,
  };
}

/** What reading a log showed. Pure. */
export function logFinding(log: Log, read: Read, premium: Answer): Finding {
  if ('failure' in read) return refusedLog(log, read.failure, premium);
  return { id: log.id, title: log.title, ...pass(describeSample(read.sample)) };
}

/** A log that was not read, and why. */
export const skipped = ({ id, title }: Check, reason: string): Finding => ({ id, title, ...skip(reason) });

/** A log that is known not to be there, so that nobody asked. */
export const notOffered = ({ id, title }: Check): Finding => ({
  id,
  title,
  ...warn(
    'sign-ins-not-offered',
    'this cloud does not offer them through Microsoft Graph v1.0',
    catalogue['sign-ins-not-offered'].remedy,
  ),
});
