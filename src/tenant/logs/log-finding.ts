import { catalogue, type Reading } from '../../core/errors.ts';
import type { Answer, Finding } from '../../core/findings.ts';
import { safeText } from '../../core/text.ts';
import { readFailure } from '../../graph/graph-problem.ts';
import { reportingReadings } from '../../graph/graph-readings.ts';
import type { Failure } from '../../http/retry.ts';

/** A log of the reporting API, as findings name it. */
export interface LogName {
  readonly id: 'api.directoryAudits' | 'api.signIns';
  readonly title: string;
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
const unknown: Reading = { code: 'api-refused', cause: '' };

function readingOf(failure: Failure, premium: Answer): Reading {
  if (isNonPremium(failure)) {
    return premium === 'yes' ? hasPremium : reportingReadings[nonPremium];
  }
  const read = readFailure(failure);
  const isOffered = read?.code !== 'sign-ins-not-offered' && read?.code !== 'audit-logs-not-offered';
  return read === undefined || (isOffered && ofObjects.includes(failure.code)) ? unknown : read;
}

/** What the tenant or the cloud does not have, while the other log can be read. */
const warnings: readonly Reading['code'][] = [
  'licence-missing',
  'licence-check-failed',
  'sign-ins-not-offered',
];

const again: Partial<Record<Reading['code'], string>> = {
  throttled: 'Wait a minute, then run reporting-setup verify.',
  'service-unavailable': 'Wait a few minutes, then run reporting-setup verify.',
};

/** Why a log could not be read, with what to do. Pure. */
export function refusedLog({ id, title }: LogName, failure: Failure, premium: Answer): Finding {
  const { code, cause, remedy } = readingOf(failure, premium);
  const named = failure.code === '' ? '' : ` (${safeText(failure.code, 80)})`;
  const traced = failure.requestId === undefined ? '' : `; request-id ${safeText(failure.requestId, 80)}`;
  return {
    id,
    title,
    status: warnings.includes(code) ? 'warn' : 'fail',
    evidence: `${cause || safeText(failure.message, 400)}${named}${traced}`,
    remedy: again[code] ?? remedy ?? catalogue[code].remedy,
    code,
  };
}

/** A log that is known not to be there, so that nobody asked. */
export function notOffered({ id, title }: LogName): Finding {
  return {
    id,
    title,
    status: 'warn',
    evidence: 'this cloud does not offer them through Microsoft Graph v1.0',
    remedy: catalogue['sign-ins-not-offered'].remedy,
    code: 'sign-ins-not-offered',
  };
}
