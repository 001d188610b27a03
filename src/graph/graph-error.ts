import { type Fields, fieldsOf, textOf } from '../core/fields.ts';
import type { Failure } from '../http/retry.ts';
import { parseRetryAfter } from '../http/retry.ts';

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
  try {
    const inner = fieldsOf(JSON.parse(message));
    return textOf(inner['message']) || textOf(fieldsOf(inner['error'])['message']) || message;
  } catch {
    return message;
  }
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
  const details = Array.isArray(error['details']) ? error['details'] : [];
  const isGraph = Object.keys(error).length > 0;
  return {
    status: reply.status,
    // An error inside a success may be a gateway's word: nobody can tell whether Graph acted.
    kind: reply.status >= 300 ? 'http' : 'malformed',
    code,
    message:
      readableMessage(textOf(error['message'])) ||
      `HTTP ${reply.status}${isGraph ? '' : ' without an explanation'}`,
    details: details.map((detail) => textOf(fieldsOf(detail)['code'])).filter(Boolean),
    requestId: textOf(innermost['request-id']) || reply.header('request-id') || undefined,
    claims: claimsIn(reply),
    retryAfter: parseRetryAfter(reply.header('retry-after'), now),
  };
}

/** A success's body may still be an error, or not be JSON at all (msgraph-sdk-python #1359). */
export function isSuccess(reply: ReplyParts): boolean {
  if (reply.status < 200 || reply.status > 299) return false;
  return typeof reply.body !== 'string' && fieldsOf(reply.body)['error'] === undefined;
}
