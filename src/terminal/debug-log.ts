import { stackLines } from '../core/errors.ts';
import { fieldsOf, listOf, parseJson, textOf } from '../core/fields.ts';
import type { Redactor } from '../core/redact.ts';
import { safeText } from '../core/text.ts';
import type { Trace } from '../http/transport.ts';
import type { PeopleStream } from './style.ts';

/** What `--debug` adds to stderr. */
export interface DebugLog {
  readonly exchange: Trace;
  /** The stacks of an error that nobody expected. */
  readonly failure: (error: unknown) => void;
}

/** The most characters of a line, and of one with what was sent: certificates are long. */
const most = 1_000;
const mostOfBody = 8_000;

/** Parameters of a sign-in that are no secret (RFC 6749, RFC 8628); all others may be one. */
const plainParameters: ReadonlySet<string> = new Set(['grant_type', 'client_id', 'scope', 'redirect_uri']);
/** As the redactor writes it, which may come upon it once more. */
const leftOut = '[redacted]';

/** Names of texts that nobody may read. */
const secretName = /secret|token|assertion|proof|password$/i;

function jsonText(value: unknown): string {
  const shown = (key: string, part: unknown): unknown =>
    typeof part === 'string' && secretName.test(key) ? leftOut : part;
  return JSON.stringify(value, shown);
}

/** What was sent, without secrets: a line for each request, of those inside a `$batch` too. */
function bodyLines(body: string): string[] {
  const value = parseJson(body);
  if (typeof value !== 'object' || value === null) {
    const parameters = [...new URLSearchParams(body)].map(
      ([name, text]) => `${name}=${plainParameters.has(name) ? text : leftOut}`,
    );
    return [parameters.join(' ')];
  }
  const inside = listOf(fieldsOf(value)['requests']);
  if (inside.length === 0) return [jsonText(value)];
  return inside.map(({ id, method, url, body: part }) =>
    [textOf(id), textOf(method), textOf(url), part === undefined ? '' : jsonText(part)].join(' ').trimEnd(),
  );
}

/** Writes nothing unless `enabled`; whatever it writes is redacted and escaped. */
export function createDebugLog(stream: PeopleStream, redactor: Redactor, enabled: boolean): DebugLog {
  const line = (text: string, length = most): void => {
    if (enabled) stream.write(`debug: ${safeText(redactor.redact(text), length)}\n`);
  };
  return {
    exchange({ method, url, body, status, duration, requestId, failure }) {
      if (!enabled) return;
      const traced = requestId === undefined ? '' : ` request-id ${requestId}`;
      line(`${method} ${url} ${failure ?? status} ${duration} ms${traced}`);
      for (const sent of body === undefined || body === '' ? [] : bodyLines(body))
        line(`  ${sent}`, mostOfBody);
    },
    failure(error) {
      for (const part of stackLines(error)) line(part);
    },
  };
}
