import { type Reading, WizardError } from '../core/errors.ts';
import { safeText } from '../core/text.ts';
import type { Failure } from '../http/retry.ts';
import type { DirectoryError } from './directory-error.ts';
import { graphReadings, graphTexts, statusReadings } from './graph-readings.ts';

const policyReading: Reading = {
  code: 'policy-refuses',
  cause: "the tenant's app management policy does not allow it",
};

/** The most exact code that is known: the error's own, else one of its details'. */
function byCode({ code, details }: Failure): Reading | undefined {
  const known = [code, ...details].find((candidate) => Object.hasOwn(graphReadings, candidate));
  if (known !== undefined) return graphReadings[known];
  return /AsPerAppPolicy$/.test(code) ? policyReading : undefined;
}

function byText({ status, message }: Failure): Reading | undefined {
  if (status < 400 || status > 499) return undefined;
  return graphTexts.find(({ text }) => text.test(message));
}

function byStatus({ status }: Failure): Reading | undefined {
  if (status < 500) return statusReadings[status];
  return (
    statusReadings[status] ?? { code: 'service-unavailable', cause: `it is not available (HTTP ${status})` }
  );
}

/**
 * What a failure of Microsoft Graph means: no reply, the code, the words of the message where the code says too
 * little, the status; undefined where none of them is known. Pure.
 */
export function readFailure(failure: Failure): Reading | undefined {
  if (failure.kind === 'network') {
    return { code: 'unreachable', cause: `no reply came (${failure.networkCode ?? 'connection lost'})` };
  }
  if (failure.status === 429) return statusReadings[429];
  if (failure.kind === 'malformed') {
    return { code: 'service-unavailable', cause: 'its reply was not what Microsoft Graph sends' };
  }
  // Text first: one code stands for both a lack of rights and a replica that lags behind.
  return byText(failure) ?? byCode(failure) ?? byStatus(failure);
}

/** A wait that was too long to be sat out here is passed on. */
function remedyFor({ retryAfter = 0 }: Failure, reading: Reading | undefined): { remedy?: string } {
  const minutes = Math.min(Math.ceil(retryAfter / 60_000), 24 * 60);
  if (minutes > 1) {
    const remedy = `Microsoft asks to wait ${minutes} minutes: run the same command again then. It continues where this one stopped.`;
    return { remedy };
  }
  return reading?.remedy === undefined ? {} : { remedy: reading.remedy };
}

/** Graph's refusal as an error of ours; one that is not known is told in Graph's own words. */
export function graphProblem(error: DirectoryError): WizardError {
  const { failure, purpose } = error;
  const requestId = failure.requestId === undefined ? undefined : safeText(failure.requestId, 80);
  const reading = readFailure(failure);
  const label = failure.code === '' ? '' : ` (${safeText(failure.code, 80)})`;
  const reason = reading?.cause ?? safeText(failure.message, 400);
  const message = `Could not ${purpose}: ${reason}${reading ? `${label}.` : label}`;
  return new WizardError(reading?.code ?? 'graph-refused', message, {
    requestId,
    cause: error,
    ...remedyFor(failure, reading),
  });
}
