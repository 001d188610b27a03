import type { Reading } from '../core/errors.ts';
import { WizardError } from '../core/errors.ts';
import { type Fields, fieldsOf, listOf, parseJson, textOf } from '../core/fields.ts';
import { safeText } from '../core/text.ts';
import { isHandshake, isPage, lossOf, originOfForeign } from '../http/network-error.ts';
import {
  type Failure,
  failedReply,
  parseRetryAfter,
  quotaText,
  replyDate,
  waitRemedy,
} from '../http/retry.ts';
import { graphReadings, graphTexts, statusReadings, unavailable } from './graph-readings.ts';

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
export const isNotFound = ({ kind, status }: Failure): boolean => kind === 'http' && status === 404;

/** Graph says that the caller lacks the right: by role, by permission, or as no owner; which of them it does not say. */
export const isDenied = (failure: Failure): boolean =>
  failure.status === 403 &&
  failure.code === 'Authorization_RequestDenied' &&
  !quotaText.test(failure.message);

/** Graph says the caller may not. */
export const isForbidden = ({ kind, status }: Failure): boolean => kind === 'http' && status === 403;

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
  /** It came inside of a reply of Graph's own. */
  readonly isItem?: boolean;
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

/** Where errors of Microsoft's older services have their words and their code, in any case. */
const messageNames = [
  'message',
  'value',
  'error_description',
  'errormessage',
  'detail',
  'description',
  'title',
];
const codeNames = ['code', 'errorcode', 'odata.error', 'error', 'innererror'];

/** The first text under one of the names, however deep. */
function textUnder(names: readonly string[], value: unknown, depth = 0): string {
  if (depth > 5) return '';
  const fields = Object.entries(fieldsOf(value)).map(([name, inner]) => [name.toLowerCase(), inner] as const);
  for (const name of names) {
    const own = fields.find(([key, inner]) => key === name && textOf(inner) !== '');
    if (own) return textOf(own[1]);
  }
  for (const [, inner] of fields) {
    const found = textUnder(names, Array.isArray(inner) ? inner[0] : inner, depth + 1);
    if (found !== '') return found;
  }
  return '';
}

/** What an error's message says; JSON in it, as the reporting service has it, is read: people are not shown it. */
function readMessage(message: string): { readonly words: string; readonly code: string } {
  const at = message.search(/\{|^\s*\[/);
  const whole = parseJson(message);
  // A text in quotes of its own, which JSON makes of JSON that is sent twice.
  if (typeof whole === 'string') return readMessage(whole);
  const end = Math.max(message.lastIndexOf('}'), message.lastIndexOf(']')) + 1;
  const parsed = at < 0 ? undefined : (parseJson(message.slice(at)) ?? parseJson(message.slice(at, end)));
  const inner = Array.isArray(parsed) ? parsed[0] : parsed;
  if (typeof inner !== 'object' || inner === null) return { words: message, code: '' };
  const words = textUnder(messageNames, inner);
  // A message in a message: what it holds may be JSON again.
  const nested = /^\s*[{[]/.test(words) ? readMessage(words) : { words, code: '' };
  return {
    words: nested.words || message.slice(0, at).replace(/[\s:]+$/, ''),
    code: nested.code || textUnder(codeNames, inner),
  };
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

/** A refusal that says with which claims it would not have been one (entra-docs protected-actions-overview). */
const asksForMore = ({ status, header }: ReplyParts): boolean =>
  status === 403 && /\bclaims="/.test(header('www-authenticate') ?? '');

/** Graph's own error: an object with a code and a message, which may be empty (graph-docs concepts/errors.md). */
const isOwnError = ({ code, message }: Fields): boolean =>
  typeof code === 'string' && (message === undefined || message === null || typeof message === 'string');

/** Headers of which each reply of Graph's has been seen to have several (recorded; graph-docs errors.md). */
const ownHeaders = ['request-id', 'x-ms-ags-diagnostic', 'x-ms-resource-unit'];

/** The text of a body that was read as JSON, as bytes or not at all. */
const textIn = (body: unknown): string =>
  body instanceof Uint8Array ? new TextDecoder().decode(body.subarray(0, 20_000)) : textOf(body);

/**
 * Where a reply came from that cannot be used, if not from Graph: a page for people, or what has none of Graph's headers;
 * undefined for one that may be Graph's own. Not made safe to print.
 */
export function foreignOrigin(reply: ReplyParts, proxy?: string): string | undefined {
  if (reply.isItem) return undefined;
  const body = textIn(reply.body);
  const isOwn = !isPage(body) && ownHeaders.some((name) => (reply.header(name) ?? '') !== '');
  return isOwn ? undefined : originOfForeign({ ...reply, body }, proxy);
}

/** Codes that say nothing. */
const emptyCodes = ['', 'UnknownError'];

/**
 * What went wrong, from a reply that is no success; also from a 200 that carries an error. Never throws. `proxy` is the
 * one on the way, for where it was not Graph that answered.
 */
export function failureOf(reply: ReplyParts, now: Date, proxy?: string): Failure {
  const error = fieldsOf(fieldsOf(reply.body)['error']);
  const { code, innermost } = deepest(error);
  const retryAfter = parseRetryAfter(reply.header('retry-after'), replyDate(reply.header('date'), now));
  if (reply.status >= 300 && !reply.isItem && !isOwnError(error)) {
    const message = `HTTP ${reply.status} without an explanation`;
    const origin = originOfForeign({ ...reply, body: textIn(reply.body) }, proxy);
    return { ...failedReply(reply.status, 'foreign', retryAfter), message, origin };
  }
  const said = readMessage(textOf(error['message']));
  const origin = reply.status < 300 ? foreignOrigin(reply, proxy) : undefined;
  return {
    status: reply.status,
    // An error inside a success may be a gateway's word: nobody can tell whether Graph acted.
    kind: reply.status >= 300 ? 'http' : 'malformed',
    code: emptyCodes.includes(code) ? said.code || code : code,
    message: said.words || `HTTP ${reply.status} without an explanation`,
    details: listOf(error['details'])
      .map((detail) => textOf(detail['code']))
      .filter(Boolean),
    requestId: textOf(innermost['request-id']) || reply.header('request-id') || undefined,
    claims: claimsIn(reply),
    ...(asksForMore(reply) && { stepUp: true }),
    retryAfter,
    ...(origin !== undefined && { origin }),
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

/** A gateway's page may be Microsoft's own; any other reply in Graph's place is somebody else's. */
const readForeign = (status: number, origin = ''): Reading =>
  (status >= 500 && status !== 511) || status === 408
    ? {
        code: 'service-unavailable',
        cause: `it is not available, or a proxy or filter in between cannot reach it (${safeText(origin, 200)})`,
      }
    : {
        code: 'reply-intercepted',
        cause: `a proxy or filter in between answered in place of Microsoft Graph (${safeText(origin, 200)})`,
      };

const malformedCause = ({ detail }: Failure): string =>
  `its reply was not what Microsoft Graph sends${detail === undefined ? '' : `: ${safeText(detail, 200)}`}`;

/** Whoever it was: nobody in between says how long Microsoft wants to be left alone. */
const slowedByForeign = (origin = ''): Reading => ({
  code: 'throttled',
  cause: `it, or a proxy or filter in between, asks to slow down (${safeText(origin, 200)})`,
});

/** No reply, and why. */
function readLoss({ networkCode, proxy, status, message }: Failure): Reading {
  const loss =
    networkCode === undefined ? undefined : lossOf(networkCode, proxy, status || undefined, message);
  if (loss === undefined || (loss.code === 'unreachable' && proxy === undefined && !isHandshake(networkCode)))
    return { code: 'unreachable', cause: `no reply came (${networkCode ?? 'connection lost'})` };
  const { code, cause, remedy } = loss;
  return { code, cause: cause('Microsoft Graph'), ...(remedy === undefined ? {} : { remedy }) };
}

/**
 * What a failure of Microsoft Graph means: no reply, the code, the words of the message where the code says too
 * little, the status; undefined where none of them is known. Pure.
 */
export function readFailure(failure: Failure): Reading | undefined {
  const { kind, status, origin } = failure;
  if (kind === 'network') return readLoss(failure);
  if (status === 429) return kind === 'foreign' ? slowedByForeign(origin) : statusReadings[429];
  if (kind === 'foreign') return readForeign(status, origin);
  if (kind === 'malformed') {
    return origin === undefined
      ? { code: 'service-unavailable', cause: malformedCause(failure) }
      : readForeign(status, origin);
  }
  // Text first: one code stands for both a lack of rights and a replica that lags behind.
  return byText(failure) ?? byCode(failure) ?? byStatus(failure);
}

/** Graph's refusal as an error of ours; one that is not known is told in Graph's own words. */
export function graphError(error: DirectoryError): WizardError {
  const { failure, purpose } = error;
  const requestId = failure.requestId === undefined ? undefined : safeText(failure.requestId, 80);
  const reading = readFailure(failure);
  const label = failure.code === '' ? '' : ` (${safeText(failure.code, 80)})`;
  const reason = reading?.cause ?? safeText(failure.message, 400);
  const message = `Could not ${purpose}: ${reason}${reading ? `${label}.` : label}`;
  // A wait that was too long to be sat out here is passed on.
  const asks = failure.kind === 'foreign' ? 'The answer' : 'Microsoft';
  const remedy = waitRemedy(failure.retryAfter, undefined, asks) ?? reading?.remedy;
  return new WizardError(reading?.code ?? 'graph-refused', message, {
    requestId,
    cause: error,
    ...(remedy === undefined ? {} : { remedy }),
  });
}
