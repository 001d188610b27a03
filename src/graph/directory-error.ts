import type { Reading } from '../core/errors.ts';
import { WizardError } from '../core/errors.ts';
import { type Fields, fieldsIn, fieldsOf, listOf, textOf } from '../core/fields.ts';
import { safeText } from '../core/text.ts';
import { type Failure, parseRetryAfter, replyDate } from '../http/retry.ts';
import { graphReadings, graphTexts, quotaText, statusReadings, unavailable } from './graph-readings.ts';

/** A request to Graph that failed for good: retried as far as the policy allows, or not retryable. */
export class DirectoryError extends Error {
  readonly failure: Failure;
  /** What was being done, for people. */
  readonly purpose: string;
  /** An earlier try of the same request may have been carried out. */
  readonly uncertain: boolean;

  constructor(
    failure: Failure,
    purpose: string,
    { cause, uncertain = false }: { readonly cause?: unknown; readonly uncertain?: boolean } = {},
  ) {
    super(failure.message, { cause });
    this.name = 'DirectoryError';
    this.failure = failure;
    this.purpose = purpose;
    this.uncertain = uncertain;
  }
}

/** True for a DirectoryError that a predicate over its failure accepts. */
export function failedWith(error: unknown, test: (failure: Failure) => boolean): error is DirectoryError {
  return error instanceof DirectoryError && test(error.failure);
}

/** Graph says the object is not there (or not yet). Facts: graph-docs concepts/errors.md. */
export const isNotFound = (failure: Failure): boolean => failure.status === 404;

/** Graph says that the caller lacks the right: by role, by permission, or as no owner; which of them it does not say. */
export const isDenied = (failure: Failure): boolean =>
  failure.status === 403 &&
  failure.code === 'Authorization_RequestDenied' &&
  !quotaText.test(failure.message);

/** Graph says the caller may not. */
export const isForbidden = (failure: Failure): boolean => failure.status === 403;

/**
 * The object of a POST is there already, in the wordings seen for applications, service principals and
 * app role assignments (terraform-provider-azuread, msgraph-bicep-types #161).
 */
export function isAlreadyThere(failure: Failure): boolean {
  if (failure.code === 'Request_MultipleObjectsWithSameKeyValue') return true;
  return failure.status === 400 && /already exists|same value for property/i.test(failure.message);
}

/** Nobody can tell whether the server acted: no reply, a broken one, or a failure inside the server. */
export function isOutcomeUnknown(failure: Failure): boolean {
  return failure.kind !== 'http' || failure.status >= 500 || failure.status === 408;
}

/** As isOutcomeUnknown, and where a request was turned away before Graph looked at it, which is as sure as whoever says so. */
export const mayHaveActed = (failure: Failure): boolean =>
  isOutcomeUnknown(failure) || failure.status === 429 || failure.claims !== undefined;

/** Graph answered, and would answer the same if it were asked again. */
export const isFinal = ({ kind, status }: Failure): boolean =>
  kind === 'http' && status >= 400 && status < 500 && ![401, 408, 429].includes(status);

/** What a request gives; `fallback` where it fails in a way that is an answer too. Rejects as the request does otherwise. */
export async function withFallback<T, F>(
  request: Promise<T>,
  isAnswer: (failure: Failure) => boolean,
  fallback: F,
): Promise<T | F> {
  try {
    return await request;
  } catch (error) {
    if (failedWith(error, isAnswer)) return fallback;
    throw error;
  }
}

/** A reply of Graph, whole or as one item of a $batch. */
export interface ReplyParts {
  readonly status: number;
  readonly header: (name: string) => string | null | undefined;
  /** Parsed JSON, or undefined where the body was empty; a string where it was no JSON. */
  readonly body: unknown;
}

/** Error bodies nest: the deepest `code` is the most exact one (graph-docs concepts/errors.md). */
function deepest(error: Fields): { code: string; innermost: Fields } {
  let code = textOf(error['code']);
  let at = error;
  for (let depth = 0; depth < 8; depth += 1) {
    const inner = fieldsOf(at['innerError'] ?? at['innererror']);
    if (Object.keys(inner).length === 0) break;
    code = textOf(inner['code']) || code;
    at = inner;
  }
  return { code, innermost: at };
}

/** The reporting service sometimes puts JSON into the message; its own message is the readable one. */
function readableMessage(message: string): string {
  if (!message.trimStart().startsWith('{')) return message;
  const inner = fieldsIn(message);
  return textOf(inner['message']) || textOf(fieldsOf(inner['error'])['message']) || message;
}

/** The claims of a challenge (entra-docs claims-challenge): base64 of JSON in a `WWW-Authenticate` header. */
function claimsIn({ status, header }: ReplyParts): string | undefined {
  const encoded =
    status === 401 ? /\bclaims="([^"]+)"/.exec(header('www-authenticate') ?? '')?.[1] : undefined;
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  try {
    JSON.parse(text);
    return text;
  } catch {
    return undefined;
  }
}

/** What went wrong, from a reply that is no success; also from a 200 that carries an error. Never throws. */
export function failureOf(reply: ReplyParts, now: Date): Failure {
  const error = fieldsOf(fieldsOf(reply.body)['error']);
  const { code, innermost } = deepest(error);
  const isGraph = Object.keys(error).length > 0;
  return {
    status: reply.status,
    // An error inside a success may be a gateway's word: nobody can tell whether Graph acted.
    kind: reply.status >= 300 ? 'http' : 'malformed',
    code,
    message:
      readableMessage(textOf(error['message'])) ||
      `HTTP ${reply.status}${isGraph ? '' : ' without an explanation'}`,
    details: listOf(error['details'])
      .map((detail) => textOf(detail['code']))
      .filter(Boolean),
    requestId: textOf(innermost['request-id']) || reply.header('request-id') || undefined,
    claims: claimsIn(reply),
    retryAfter: parseRetryAfter(reply.header('retry-after'), replyDate(reply.header('date'), now)),
  };
}

/** A success's body may still be an error, or not be JSON at all (msgraph-sdk-python #1359). */
export function isSuccess(reply: ReplyParts): boolean {
  if (reply.status < 200 || reply.status > 299) return false;
  return typeof reply.body !== 'string' && fieldsOf(reply.body)['error'] === undefined;
}

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
  return statusReadings[status] ?? (status < 500 ? undefined : unavailable(status));
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
export function graphError(error: DirectoryError): WizardError {
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
