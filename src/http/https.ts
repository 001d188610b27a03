import { request as askProxy, type IncomingMessage, type RequestOptions } from 'node:http';
import { Agent, request as askSecureProxy, request as open } from 'node:https';
import type { Duplex } from 'node:stream';
import { DEFAULT_MIN_VERSION } from 'node:tls';
import { gunzipSync } from 'node:zlib';
import {
  garbledReply,
  networkCode,
  oversized,
  ProxyError,
  proxyAuth,
  proxyGateway,
  proxyRefused,
} from './network-error.ts';
import { proxyFor } from './proxy.ts';

/** Milliseconds a connection may lie idle: one that is used goes on, and those of many servers do not pile up. */
const idle = 2_000;

/** Whatever the process was told: certificates are checked, by a protocol that is fit for it. */
const secure = {
  rejectUnauthorized: true,
  minVersion: DEFAULT_MIN_VERSION === 'TLSv1.3' ? 'TLSv1.3' : 'TLSv1.2',
} as const;
const kept = { ...secure, keepAlive: true, timeout: idle } as const;

/** Milliseconds in which a proxy leads somewhere or says that it does not. */
const proxyTimeout = 20_000;

/** A proxy that cannot get there may get there later; any other answer stays what it is. */
const gatewayStatuses = new Set([408, 429, 500, 502, 503, 504]);

function proxyAnswer(proxy: string, status: number): ProxyError {
  const code = status === 407 ? proxyAuth : gatewayStatuses.has(status) ? proxyGateway : proxyRefused;
  return new ProxyError(proxy, code, { status });
}

/**
 * TLS through a proxy's tunnel. What goes wrong before the tunnel stands is a ProxyError. A library would hand over
 * what the proxy says instead as a reply of the target's, and wait without end for one that says nothing.
 */
class TunnelAgent extends Agent {
  readonly #proxy: URL;
  readonly #timeoutSignal: (delay: number) => AbortSignal;

  constructor(proxy: URL, timeoutSignal: (delay: number) => AbortSignal) {
    super(kept);
    this.#proxy = proxy;
    this.#timeoutSignal = timeoutSignal;
  }

  override createConnection(
    options: RequestOptions,
    callback?: (error: Error | null, connection: Duplex) => void,
  ): undefined {
    const secured = (tunnel: Duplex): void => {
      const connection = super.createConnection({ ...options, ...{ socket: tunnel } });
      if (connection) callback?.(null, connection);
    };
    // Node's type wants a connection beside an error; Node does not.
    const failed = callback as ((error: unknown) => void) | undefined;
    this.#openTunnel(options).then(secured).catch(failed);
  }

  #openTunnel({ host, port }: RequestOptions): Promise<Duplex> {
    const { protocol, hostname, host: name, port: itsPort, username, password } = this.#proxy;
    const path = `${host?.includes(':') ? `[${host}]` : host}:${port}`;
    const credentials = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`);
    const authorization = { 'proxy-authorization': `Basic ${credentials.toString('base64')}` };
    const isSecure = protocol === 'https:';
    const options = {
      ...secure,
      host: hostname.replace(/^\[|\]$/g, ''),
      port: itsPort || (isSecure ? 443 : 80),
      method: 'CONNECT',
      path,
      headers: { host: path, ...(username === '' && password === '' ? {} : authorization) },
      agent: false,
      signal: this.#timeoutSignal(proxyTimeout),
    } as const;
    return new Promise((resolve, reject) => {
      const fail = (cause: unknown): void =>
        reject(new ProxyError(name, networkCode(cause) ?? proxyRefused, { cause }));
      const request = isSecure ? askSecureProxy(options) : askProxy(options);
      request.on('connect', ({ statusCode: status = 0 }, tunnel, early) => {
        // A server speaks second: what is there already is not its own.
        if (status >= 200 && status < 300 && early.length === 0) {
          resolve(tunnel);
          return;
        }
        tunnel.destroy();
        reject(proxyAnswer(name, status));
      });
      request.on('error', fail);
      request.on('close', () => fail(garbledReply('The proxy hung up', undefined, 'ECONNRESET')));
      request.end();
    });
  }
}

/**
 * Connections that are kept as long as they are of use. A cloud with its own certificate authority (PEM) is on this
 * machine: it is trusted alone and never reached through a proxy. Any other is reached as HTTPS_PROXY, NO_PROXY and
 * NODE_EXTRA_CA_CERTS say. `to` gives those that lead to an address, and throws WizardError where the proxy's own is none.
 */
export function openConnections(
  ca: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
  timeoutSignal: (delay: number) => AbortSignal,
) {
  const direct = new Agent(ca === undefined ? kept : { ...kept, ca });
  let proxied: Agent | undefined;
  const proxyOf = (url: string): URL | undefined => {
    const proxy = ca === undefined ? proxyFor(url, env) : undefined;
    return proxy === undefined ? undefined : new URL(proxy);
  };
  return {
    to(url: string): Agent {
      const proxy = proxyOf(url);
      if (proxy === undefined) return direct;
      // The environment names one for all addresses.
      proxied ??= new TunnelAgent(proxy, timeoutSignal);
      return proxied;
    },
    /** Host and port of the proxy on the way to an address. */
    via: (url: string): string | undefined => proxyOf(url)?.host,
    close(): void {
      direct.destroy();
      proxied?.destroy();
    },
  };
}

interface Sent {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  readonly agent: Agent;
  readonly signal: AbortSignal;
  /** Host and port of the proxy in between, if there is one. */
  readonly via: string | undefined;
  /** Bytes that a reply may have, as it comes and unpacked. */
  readonly most: number;
  /** The reply is a WholeResponse. */
  readonly inBytes: boolean;
  /** Called once it is on its way. */
  readonly onSent: () => void;
}

function headersOf({ headersDistinct }: IncomingMessage): Headers {
  const pairs = Object.entries(headersDistinct).flatMap(([name, values = []]) =>
    values.map((value): [string, string] => [name, value]),
  );
  return new Headers(pairs);
}

const tooLarge = (most: number, cause?: unknown): Error =>
  garbledReply(`The reply has more than ${most} bytes`, cause, oversized);

/** A reply whose body is there in bytes: nothing is copied for whoever needs them as they are. */
export class WholeResponse extends Response {
  #whole: Uint8Array;

  constructor(whole: Uint8Array, init: ResponseInit) {
    super(null, init);
    this.#whole = whole;
  }

  /** Gives the bytes away: what keeps a reply in memory longer than it is needed does not keep its body. */
  take(): Uint8Array {
    const whole = this.#whole;
    this.#whole = new Uint8Array();
    return whole;
  }

  override async text(): Promise<string> {
    return new TextDecoder().decode(this.take());
  }
}

/** Reads a body to its end, and not further than it may go. */
async function bytesOf(reply: IncomingMessage, most: number): Promise<Buffer<ArrayBuffer>> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of reply) {
    const bytes: Buffer = chunk;
    length += bytes.length;
    if (length > most) throw tooLarge(most);
    chunks.push(bytes);
  }
  return Buffer.concat(chunks, length);
}

/** Bytes that zlib unpacks at once where nobody says more. */
const smallestChunk = 2 ** 14;

/**
 * Bytes for all of it at once, as far as its own end tells how many there are (RFC 1952, ISIZE): each piece would cost a
 * copy. A little more than these, or zlib looks for a piece more.
 */
const chunkFor = (packed: Buffer, most: number): number =>
  Math.min(
    most,
    Math.max(smallestChunk, packed.length < 18 ? 0 : packed.readUInt32LE(packed.length - 4) + 64),
  );

/** Rejects for a compression that was not asked for, one that is broken, and more than a reply may have. */
async function unpacked(reply: IncomingMessage, most: number): Promise<Buffer<ArrayBuffer>> {
  const body = await bytesOf(reply, most);
  const coding = reply.headers['content-encoding'] ?? 'identity';
  if (coding === 'identity' || body.length === 0) return body;
  if (coding !== 'gzip')
    throw new Error(`The reply is compressed in a way that was not asked for: ${coding}`);
  try {
    return gunzipSync(body, { maxOutputLength: most, chunkSize: chunkFor(body, most) });
  } catch (error) {
    if (error instanceof RangeError) throw tooLarge(most, error);
    throw error;
  }
}

/** Notices before a reply (RFC 9110, 15.2) that nobody asked for: a few may come, and not without end. */
const mostNotices = 8;

/**
 * One request and the whole of its reply. Rejects where either is cut or cannot be read, where the connection turns into
 * something else, and where a reply is too large; redirects are replies like any other. It settles with the connection
 * at the latest.
 */
export function exchange(
  url: string,
  { body, onSent, most, via, inBytes, ...sent }: Sent,
): Promise<Response> {
  const headers = { ...sent.headers, 'accept-encoding': 'gzip' };
  const options = { ...sent, ...secure, headers, insecureHTTPParser: false };
  return new Promise((resolve, reject) => {
    const request = open(url, options);
    const fail = (error: unknown): void => {
      reject(error);
      request.destroy();
    };
    let notices = 0;
    let replied = false;
    request.on('response', async (reply) => {
      replied = true;
      try {
        // No server says this: it is the word of somebody in between, in place of any reply.
        if (reply.statusCode === 407) throw proxyAnswer(via ?? 'in between', 407);
        const whole = await unpacked(reply, most);
        const init = { status: reply.statusCode ?? 0, headers: headersOf(reply) };
        resolve(
          inBytes ? new WholeResponse(whole, init) : new Response(whole.length === 0 ? null : whole, init),
        );
      } catch (error) {
        fail(error);
      }
    });
    request.on('information', () => {
      notices += 1;
      if (notices > mostNotices) fail(garbledReply('Notices come, and no reply'));
    });
    // Without a listener Node would end the connection and say nothing.
    request.on('upgrade', (_reply, socket) => {
      socket.destroy();
      fail(garbledReply('The connection turned into something else'));
    });
    request.on('error', reject);
    request.on('close', () => {
      if (!replied) reject(garbledReply('The connection ended without a reply', undefined, 'ECONNRESET'));
    });
    request.on('finish', onSent);
    request.end(body);
  });
}
