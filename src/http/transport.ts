import { exchange, openConnections } from './https.ts';
import { garbledReply, networkCode } from './network-error.ts';
import {
  attemptUntilFinal,
  failedReply,
  lostReply,
  parseRetryAfter,
  type RetryClock,
  replyDate,
} from './retry.ts';
import type { ServerClock } from './server-clock.ts';

/** Milliseconds one HTTPS request may take, connection and body included. */
export const requestTimeout = 30_000;

/** How this run reaches the network: one trust and proxy decision for every client in it. */
export interface Transport {
  /** Like the global fetch, never following redirects: a token must not travel to another host. */
  readonly fetch: (url: string, init?: FetchInit) => Promise<Response>;
  /** Reads without a token until `accepts` takes a reply or the policy gives up: then it gives the last one, or rejects. */
  readonly read: (url: string, accepts?: (reply: PlainReply) => boolean) => Promise<PlainReply>;
  close(): Promise<void>;
}

export interface FetchInit {
  /** Anything but GET is let finish when the run is cancelled: its reply may hold what is never shown again. */
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Ends it, whatever the method. */
  readonly until?: Abortable;
}

/** A reply as it came over the wire. */
export interface PlainReply {
  readonly status: number;
  readonly body: string;
}

/** Called after each exchange; `status` is 0 and `failure` set when no reply came. Times in milliseconds. */
export type Trace = (exchange: {
  readonly method: string;
  readonly url: string;
  readonly status: number;
  readonly duration: number;
  readonly requestId?: string | undefined;
  readonly failure?: string | undefined;
}) => void;

interface TransportOptions extends RetryClock {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly trace: Trace;
  /** Aborts after that many milliseconds with a `TimeoutError`. */
  readonly timeoutSignal: (delay: number) => AbortSignal;
  /** Ends every read under way. */
  readonly signal: AbortSignal;
  /** Told when each reply was written. */
  readonly clock?: Pick<ServerClock, 'observe'>;
  /** Called whenever a request is on its way: what is going to be needed can be got ready meanwhile. */
  readonly meanwhile?: () => void;
}

/** An AbortSignal, or what an SDK has in its place. */
interface Abortable {
  readonly aborted: boolean;
  readonly reason?: unknown;
  addEventListener(type: 'abort', listener: () => void): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

/**
 * Aborts when any of the signals does, and for its reason, until `end` is called. Unlike AbortSignal.any it leaves
 * nothing behind on a signal that lives as long as the run.
 */
function joined(signals: readonly (Abortable | undefined)[]) {
  const either = new AbortController();
  const links = signals.flatMap((signal) => {
    if (signal === undefined) return [];
    const abort = (): void => either.abort(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort);
    return [() => signal.removeEventListener('abort', abort)];
  });
  const end = (): void => {
    for (const unlink of links) unlink();
  };
  return { signal: either.signal, end };
}

/** What no code is known for is a reply that nobody can read: a broken compression, a status that there is not. */
function withCode(error: unknown): unknown {
  return networkCode(error) === undefined ? garbledReply('The reply cannot be read', error) : error;
}

/** What is to be reached: the first address that is asked, and a certificate authority to trust alone. */
export interface Destination {
  readonly authorityHost: string;
  /** PEM. */
  readonly ca?: string;
}

const isAnswer = ({ status }: PlainReply): boolean => status < 500 && status !== 429;

function createRead(fetch: Transport['fetch'], clock: RetryClock): Transport['read'] {
  return (url, accepts = isAnswer) =>
    attemptUntilFinal(async () => {
      try {
        const response = await fetch(url);
        const { status } = response;
        const reply = { status, body: await response.text() };
        if (accepts(reply)) return { value: reply };
        const retryAfter = parseRetryAfter(
          response.headers.get('retry-after'),
          replyDate(response.headers.get('date'), clock.now()),
        );
        const failure = failedReply(status, status < 400 ? 'malformed' : 'http', retryAfter);
        return { failure, repeatable: true, giveUp: () => reply };
      } catch (error) {
        const code = networkCode(error);
        if (code === undefined) throw error;
        const giveUp = (): never => {
          throw error;
        };
        return { failure: lostReply(code), repeatable: true, giveUp };
      }
    }, clock);
}

/** Builds the transport for one cloud. Throws WizardError `invalid-options` where HTTPS_PROXY is no address. */
export function createTransport({ authorityHost, ca }: Destination, options: TransportOptions): Transport {
  const connections = openConnections(ca, options.env);
  // A proxy that cannot be is told of here: a library in between would turn it into something else.
  connections.to(authorityHost);
  const onSent = options.meanwhile ?? ((): void => undefined);
  const fetch = async (url: string, init: FetchInit = {}): Promise<Response> => {
    const started = options.now().getTime();
    const { method = 'GET', headers = {}, body, until } = init;
    const log = (outcome: { status: number; requestId?: string | undefined; failure?: string }): void =>
      options.trace({ method, url, duration: options.now().getTime() - started, ...outcome });
    const timeout = options.timeoutSignal(requestTimeout);
    const { signal, end } = joined([timeout, until, method === 'GET' ? options.signal : undefined]);
    try {
      const agent = connections.to(url);
      const response = await exchange(url, { method, headers, body, agent, signal, onSent });
      const { headers: replied } = response;
      options.clock?.observe({
        date: replied.get('date'),
        age: replied.get('age'),
        sent: started,
        received: options.now().getTime(),
      });
      log({ status: response.status, requestId: response.headers.get('request-id') ?? undefined });
      return response;
    } catch (error) {
      log({ status: 0, failure: networkCode(error) ?? String(error) });
      throw signal.aborted ? error : withCode(error);
    } finally {
      end();
    }
  };
  return { fetch, read: createRead(fetch, options), close: async () => connections.close() };
}
