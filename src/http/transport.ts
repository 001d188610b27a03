import { exchange, openConnections } from './https.ts';
import { garbledReply, isPage, networkCode, originOfForeign } from './network-error.ts';
import {
  attemptUntilFinal,
  type Failure,
  failedReply,
  lostReply,
  parseRetryAfter,
  type RetryClock,
  replyDate,
} from './retry.ts';
import type { ServerClock } from './server-clock.ts';

/** Milliseconds one HTTPS request may take, connection and body included. */
export const requestTimeout = 30_000;

/** Bytes that a reply may have, as it comes and unpacked; a page of a log may have more. */
const largestReply = 8 * 1_024 * 1_024;
export const largestLogPage = 64 * 1_024 * 1_024;

/** How this run reaches the network: one trust and proxy decision for every client in it. */
export interface Transport {
  /** Like the global fetch, never following redirects: a token must not travel to another host. */
  readonly fetch: (url: string, init?: FetchInit) => Promise<Response>;
  /** Reads without a token until `accepts` takes a reply or the policy gives up: then it gives the last one, or rejects. */
  readonly read: (url: string, accepts?: (reply: PlainReply) => boolean) => Promise<PlainReply>;
  /** Host and port of the proxy on the way to an address; undefined where there is none. */
  readonly via: (url: string) => string | undefined;
  close(): Promise<void>;
}

export interface FetchInit {
  /** Anything but GET is let finish when the run is cancelled: its reply may hold what is never shown again. */
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Bytes that the reply may have, where that is another number than for most. */
  readonly most?: number;
  /** The reply is a WholeResponse. */
  readonly inBytes?: boolean;
  /** Ends it, whatever the method. */
  readonly until?: Abortable;
}

/** A reply as it came over the wire. */
export interface PlainReply {
  readonly status: number;
  readonly body: string;
  readonly header: (name: string) => string | null;
  /** Milliseconds, from `Retry-After`. */
  readonly retryAfter: number | undefined;
}

/** Called after each exchange; `status` is 0 and `failure` set when no reply came. Times in milliseconds. */
export type Trace = (exchange: {
  readonly method: string;
  readonly url: string;
  /** What was sent, secrets and all: whoever shows it leaves them out. */
  readonly body?: string | undefined;
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

async function readReply(response: Response, now: Date): Promise<PlainReply> {
  const header = (name: string): string | null => response.headers.get(name);
  const retryAfter = parseRetryAfter(header('retry-after'), replyDate(header('date'), now));
  return { status: response.status, body: await response.text(), header, retryAfter };
}

/** The failure of a reply that is not what was asked for. */
function failureOfReply(reply: PlainReply): Failure {
  const { status, body, retryAfter } = reply;
  const origin = isPage(body) ? originOfForeign(reply, undefined) : undefined;
  return failedReply(status, status === 200 ? 'malformed' : 'http', retryAfter, origin);
}

function createRead(fetch: Transport['fetch'], clock: RetryClock): Transport['read'] {
  return (url, accepts = isAnswer) =>
    attemptUntilFinal(async () => {
      try {
        const reply = await readReply(await fetch(url), clock.now());
        if (accepts(reply)) return { value: reply };
        return { failure: failureOfReply(reply), repeatable: true, giveUp: () => reply };
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
  const connections = openConnections(ca, options.env, options.timeoutSignal);
  // A proxy that cannot be is told of here: a library in between would turn it into something else.
  connections.to(authorityHost);
  const onSent = options.meanwhile ?? ((): void => undefined);
  const fetch = async (url: string, init: FetchInit = {}): Promise<Response> => {
    const started = options.now().getTime();
    const { method = 'GET', headers = {}, body, most = largestReply, inBytes = false, until } = init;
    const log = (outcome: { status: number; requestId?: string | undefined; failure?: string }): void =>
      options.trace({ method, url, body, duration: options.now().getTime() - started, ...outcome });
    const timeout = options.timeoutSignal(requestTimeout);
    const { signal, end } = joined([timeout, until, method === 'GET' ? options.signal : undefined]);
    try {
      const agent = connections.to(url);
      const via = connections.via(url);
      const response = await exchange(url, {
        method,
        headers,
        body,
        agent,
        via,
        most,
        inBytes,
        signal,
        onSent,
      });
      const { headers: replied } = response;
      options.clock?.observe({
        host: new URL(url).host,
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
  return {
    fetch,
    read: createRead(fetch, options),
    via: connections.via,
    close: async () => connections.close(),
  };
}
