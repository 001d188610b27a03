import { exchange, openConnections } from './https.ts';
import { garbledReply, networkCode } from './network-error.ts';
import { createRead, type PlainReply } from './plain-read.ts';
import { type Abortable, joined } from './signals.ts';

/** Milliseconds one HTTPS request may take, connection and body included. */
export const requestTimeout = 30_000;

/** How this run reaches the network: one trust and proxy decision for every client in it. */
export interface Transport {
  /** Like the global fetch, never following redirects: a token must not travel to another host. */
  readonly fetch: (url: string, init?: FetchInit) => Promise<Response>;
  /** Reads without a token, trying again as the policy allows. Rejects as `fetch` does. */
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

/** Called after each exchange; `status` is 0 and `failure` set when no reply came. Times in milliseconds. */
export type Trace = (exchange: {
  readonly method: string;
  readonly url: string;
  readonly status: number;
  readonly duration: number;
  readonly requestId?: string | undefined;
  readonly failure?: string | undefined;
}) => void;

interface TransportOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly trace: Trace;
  readonly now: () => Date;
  /** Milliseconds; rejects when the run is cancelled. */
  readonly sleep: (delay: number) => Promise<void>;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  /** Aborts after that many milliseconds with a `TimeoutError`. */
  readonly timeoutSignal: (delay: number) => AbortSignal;
  /** Ends every read under way. */
  readonly signal: AbortSignal;
  /** Called whenever a request is on its way: what is going to be needed can be got ready meanwhile. */
  readonly meanwhile?: () => void;
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

/** Builds the transport for one cloud. Throws WizardError `invalid-options` where HTTPS_PROXY is no address. */
export function createTransport(destination: Destination, options: TransportOptions): Transport {
  const connections = openConnections(destination, options.env);
  // A proxy that cannot be is told of here: a library in between would turn it into something else.
  connections.to(destination.authorityHost);
  const onSent = options.meanwhile ?? ((): void => undefined);
  const send = async (url: string, init: FetchInit = {}): Promise<Response> => {
    const started = options.now().getTime();
    const { method = 'GET', headers = {}, body, until } = init;
    const timeout = options.timeoutSignal(requestTimeout);
    const log = (outcome: { status: number; requestId?: string | undefined; failure?: string }): void =>
      options.trace({ method, url, duration: options.now().getTime() - started, ...outcome });
    const ends = joined([timeout, until, ...(method === 'GET' ? [options.signal] : [])]);
    try {
      const agent = connections.to(url);
      const response = await exchange(url, { method, headers, body, agent, signal: ends.signal, onSent });
      log({ status: response.status, requestId: response.headers.get('request-id') ?? undefined });
      return response;
    } catch (error) {
      log({ status: 0, failure: networkCode(error) ?? String(error) });
      throw ends.signal.aborted ? error : withCode(error);
    } finally {
      ends.end();
    }
  };
  return { fetch: send, read: createRead(send, options), close: async () => connections.close() };
}
