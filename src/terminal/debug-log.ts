import { stackLines } from '../core/errors.ts';
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

/** The most characters of a line. */
const most = 1_000;

/** Writes nothing unless `enabled`; whatever it writes is redacted and escaped. */
export function createDebugLog(stream: PeopleStream, redactor: Redactor, enabled: boolean): DebugLog {
  const line = (text: string): void => {
    if (enabled) stream.write(`debug: ${safeText(redactor.redact(text), most)}\n`);
  };
  return {
    exchange({ method, url, status, duration, requestId, failure }) {
      const traced = requestId === undefined ? '' : ` request-id ${requestId}`;
      line(`${method} ${url} ${failure ?? status} ${duration} ms${traced}`);
    },
    failure(error) {
      for (const part of stackLines(error)) line(part);
    },
  };
}
