import { timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileCode } from '../core/errors.ts';

/** What Entra sends the browser back with (RFC 6749, 4.1.2 and 4.1.2.1). */
export type AuthorizationResponse =
  | { readonly code: string }
  | { readonly error: string; readonly description: string };

/** Listens on this machine for the browser to come back from Entra, once. */
export interface LoopbackListener {
  /** Where Entra is to send the browser: `http://localhost:<port>`. */
  readonly redirectUri: string;
  /** The one response that carried the state of this sign-in; whatever else comes is refused and changes nothing. */
  readonly response: Promise<AuthorizationResponse>;
  /** Resolves when the browser has got the page that it shows last. */
  readonly shown: Promise<void>;
  close(): void;
}

/** Whole HTML documents. */
interface LastPages {
  readonly successMessage: string;
  readonly errorMessage: string;
}

function settleable<T>(): { readonly promise: Promise<T>; readonly resolve: (value: T) => void } {
  let settle: (value: T) => void = () => undefined;
  const promise = new Promise<T>((resolve) => {
    settle = resolve;
  });
  return { promise, resolve: (value) => settle(value) };
}

const sameText = (a: string, b: string): boolean => {
  const [one, other] = [Buffer.from(a), Buffer.from(b)];
  return one.length === other.length && timingSafeEqual(one, other);
};

/** The response in a redirect's query: undefined unless it has the state, each parameter once, and a code or an error. */
function readResponse(query: URLSearchParams, state: string): AuthorizationResponse | undefined {
  const once = ['state', 'code', 'error', 'error_description'].every((name) => query.getAll(name).length < 2);
  if (!once || !sameText(query.get('state') ?? '', state)) return undefined;
  const [code, error] = [query.get('code') ?? '', query.get('error') ?? ''];
  if ((code === '') === (error === '')) return undefined;
  return code !== '' ? { code } : { error, description: query.get('error_description') ?? '' };
}

/** A page of ours: nothing in it comes from elsewhere, nothing is kept, and the address it had goes nowhere. */
const headers = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  connection: 'close',
};

/** Milliseconds that a request may take to come in whole. */
const requestTimeout = 10_000;

/** What answers the browser. */
interface Answering {
  readonly handle: (request: IncomingMessage, reply: ServerResponse) => void;
  readonly response: Promise<AuthorizationResponse>;
  readonly shown: Promise<void>;
}

/** What a request is answered with: a status alone, with a header, or the page that is shown last. */
type Answer = { readonly status: number; readonly header?: Readonly<Record<string, string>> } | 'last page';

/** What is wrong with a request before anybody looks for a response in it. */
function misplaced(
  { method, url = '', headers: { host } }: IncomingMessage,
  own: string,
): Answer | undefined {
  // A page elsewhere whose name was made to lead here (DNS rebinding) still says its own name.
  if (host !== own) return { status: 421 };
  if (method !== 'GET') return { status: 405, header: { allow: 'GET' } };
  return url === '/' || url.startsWith('/?') ? undefined : { status: 404 };
}

/** `own` is the only host that the browser can have been sent to, port and all. */
function createAnswering(state: string, pages: LastPages, own: () => string): Answering {
  const response = settleable<AuthorizationResponse>();
  const shown = settleable<void>();
  let came: AuthorizationResponse | undefined;
  const judge = (request: IncomingMessage): Answer => {
    const wrong = misplaced(request, own());
    if (wrong) return wrong;
    const { url = '' } = request;
    if (url === '/') return came ? 'last page' : { status: 404 };
    // A state counts once (RFC 9700, 4.7.1).
    if (came) return { status: 410 };
    came = readResponse(new URLSearchParams(url.slice(2)), state);
    if (!came) return { status: 400 };
    response.resolve(came);
    // The code leaves the address line, and with it the browser's history.
    return { status: 303, header: { location: `http://${own()}/` } };
  };
  const handle = (request: IncomingMessage, reply: ServerResponse): void => {
    const answer = judge(request);
    if (answer !== 'last page') {
      reply.writeHead(answer.status, { ...headers, ...answer.header }).end();
      return;
    }
    reply.once('finish', () => shown.resolve());
    const page = came && 'error' in came ? pages.errorMessage : pages.successMessage;
    reply.writeHead(200, { ...headers, 'content-type': 'text/html; charset=utf-8' }).end(page);
  };
  return { handle, response: response.promise, shown: shown.promise };
}

function listen(server: Server, port: number, address: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, host: address, exclusive: true }, () => {
      server.off('error', reject);
      server.on('error', () => undefined);
      resolve((server.address() as AddressInfo).port);
    });
  });
}

/** Another program has the port on the other loopback address: a browser could go there instead. */
const isTaken = (error: unknown): boolean => fileCode(error) === 'EADDRINUSE';

/** Tries at a port that is free on both loopback addresses. */
const mostTries = 20;

/**
 * Takes one port on both loopback addresses: `localhost` may mean either, and whoever had the other would be sent the
 * code. Where there is no IPv6 nobody can have it.
 */
async function listenOnBoth(servers: readonly [Server, Server]): Promise<number> {
  for (let attempt = 1; ; attempt += 1) {
    const port = await listen(servers[0], 0, '127.0.0.1');
    try {
      return await listen(servers[1], port, '::1');
    } catch (error) {
      if (!isTaken(error)) return port;
      if (attempt === mostTries) throw error;
      await new Promise<void>((resolve) => servers[0].close(() => resolve()));
    }
  }
}

/**
 * Listens on a free port of the loopback interface for the response to an authorization request with this `state`
 * (RFC 8252, 7.3 and 8.3; RFC 9700, 2.1 and 4.7). The name is `localhost`, under which Entra takes any port
 * (entra-docs, reply-url, "Localhost exceptions"). Rejects with the system's error where no port can be had.
 */
export async function listenForResponse(state: string, pages: LastPages): Promise<LoopbackListener> {
  let port = 0;
  const { handle, response, shown } = createAnswering(state, pages, () => `localhost:${port}`);
  const make = (): Server => createServer({ requestTimeout, headersTimeout: requestTimeout }, handle);
  const servers = [make(), make()] as const;
  const close = (): void => {
    for (const server of servers) {
      server.close();
      server.closeAllConnections();
    }
  };
  try {
    port = await listenOnBoth(servers);
  } catch (error) {
    close();
    throw error;
  }
  return { redirectUri: `http://localhost:${port}`, response, shown, close };
}
