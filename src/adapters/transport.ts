import { Agent as HttpsAgent } from 'node:https';
import { Agent, type Dispatcher, EnvHttpProxyAgent, fetch, Response as WholeResponse } from 'undici';
import type { Cloud } from '../core/clouds.ts';
import { WizardError } from '../core/errors.ts';
import { garbled, networkCode } from './network-error.ts';
import { createRead, type PlainReply } from './plain-read.ts';
import { joined } from './signals.ts';

/** Milliseconds one HTTPS request may take, connection and body included. */
export const requestTimeout = 30_000;

/**
 * Milliseconds a connection may lie idle, whatever the server offers: one that is used goes on, and those of many servers
 * do not pile up.
 */
const keepAliveMaxTimeout = 10_000;

/** How this run reaches the network: one trust and proxy decision for every client in it. */
export interface Transport {
  /** Like the global fetch, never following redirects: a token must not travel to another host. */
  readonly fetch: (url: string, init?: FetchInit) => Promise<Response>;
  /** Reads without a token, trying again as the policy allows. Rejects as `fetch` does. */
  readonly read: (url: string, accepts?: (reply: PlainReply) => boolean) => Promise<PlainReply>;
  /** Agent for @azure/identity where its own defaults will not do; undefined leaves them. */
  readonly agent: HttpsAgent | undefined;
  close(): Promise<void>;
}

export interface FetchInit {
  /** Anything but GET is let finish when the run is cancelled: its reply may hold what is never shown again. */
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
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
}

/**
 * A cloud with its own certificate authority is on this machine: it is trusted alone and never reached through
 * a proxy. Any other is reached as HTTPS_PROXY, NO_PROXY and NODE_EXTRA_CA_CERTS say.
 */
function dispatcherFor(cloud: Cloud, env: TransportOptions['env']): Dispatcher {
  if (cloud.ca) return new Agent({ keepAliveMaxTimeout, connect: { ca: cloud.ca } });
  const httpsProxy = proxyOf(env);
  if (!httpsProxy) return new Agent({ keepAliveMaxTimeout });
  return new EnvHttpProxyAgent({ httpsProxy, noProxy: noProxyOf(env) });
}

const noProxyOf = (env: TransportOptions['env']): string => (env['NO_PROXY'] ?? env['no_proxy'] ?? '').trim();

/** Throws WizardError `invalid-options` for what is no proxy's address. It may hold a password: it is not repeated. */
function proxyOf(env: TransportOptions['env']): string | undefined {
  const name = env['HTTPS_PROXY'] === undefined ? 'https_proxy' : 'HTTPS_PROXY';
  const address = env[name];
  if (!address || /^https?:$/.test(URL.canParse(address) ? new URL(address).protocol : '')) return address;
  throw new WizardError('invalid-options', `${name} is no http or https address.`, {
    remedy: `Write it with its scheme, such as ${name}=http://proxy.example:8080, or unset it.`,
  });
}

/** @azure/identity finds proxies by itself, but does not know the star that means every host. */
function agentFor(cloud: Cloud, env: TransportOptions['env']): HttpsAgent | undefined {
  if (cloud.ca) return new HttpsAgent({ ca: cloud.ca, keepAlive: false });
  return noProxyOf(env) === '*' ? new HttpsAgent({ keepAlive: false }) : undefined;
}

/** What no code is known for is a reply that nobody can read: a broken compression, a status that there is not. */
function withCode(error: unknown): unknown {
  if (networkCode(error) !== undefined) return error;
  return Object.assign(new Error('The reply cannot be read', { cause: error }), { code: garbled });
}

/** Builds the transport for one cloud. */
export function createTransport(cloud: Cloud, options: TransportOptions): Transport {
  const dispatcher = dispatcherFor(cloud, options.env);
  const send = async (url: string, init: FetchInit = {}): Promise<Response> => {
    const started = options.now().getTime();
    const method = init.method ?? 'GET';
    const timeout = options.timeoutSignal(requestTimeout);
    const log = (outcome: { status: number; requestId?: string | undefined; failure?: string }): void =>
      options.trace({ method, url, duration: options.now().getTime() - started, ...outcome });
    const ends = joined(method === 'GET' ? [options.signal, timeout] : [timeout]);
    try {
      const response = await fetch(url, { ...init, redirect: 'manual', dispatcher, signal: ends.signal });
      // Read here, so that the time limit covers the body and nothing is left to hold on to afterwards.
      const text = await response.text();
      const { status, headers } = response;
      log({ status, requestId: headers.get('request-id') ?? undefined });
      return new WholeResponse(text === '' ? null : text, { status, headers }) as unknown as Response;
    } catch (error) {
      log({ status: 0, failure: networkCode(error) ?? String(error) });
      throw ends.signal.aborted ? error : withCode(error);
    } finally {
      ends.end();
    }
  };
  const agent = agentFor(cloud, options.env);
  return {
    fetch: send,
    read: createRead(send, options),
    agent,
    close: async () => {
      agent?.destroy();
      await dispatcher.destroy();
    },
  };
}
