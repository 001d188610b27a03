import type { IncomingMessage } from 'node:http';
import { Agent, request as open } from 'node:https';
import { buffer } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { HttpsProxyAgent } from 'https-proxy-agent';
import { proxyFor } from './proxy.ts';

/** Milliseconds a connection may lie idle: one that is used goes on, and those of many servers do not pile up. */
const idle = 2_000;

const kept = { keepAlive: true, timeout: idle } as const;

/**
 * Connections that are kept as long as they are of use. A cloud with its own certificate authority (PEM) is on this
 * machine: it is trusted alone and never reached through a proxy. Any other is reached as HTTPS_PROXY, NO_PROXY and
 * NODE_EXTRA_CA_CERTS say. `to` gives those that lead to an address, and throws WizardError where the proxy's own is none.
 */
export function openConnections(ca: string | undefined, env: Readonly<Record<string, string | undefined>>) {
  const direct = new Agent(ca === undefined ? kept : { ...kept, ca });
  let proxied: Agent | undefined;
  return {
    to(url: string): Agent {
      const proxy = ca === undefined ? proxyFor(url, env) : undefined;
      if (proxy === undefined) return direct;
      // The environment names one for all addresses.
      proxied ??= new HttpsProxyAgent(proxy, kept);
      return proxied;
    },
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
  /** Called once it is on its way. */
  readonly onSent: () => void;
}

function headersOf({ headersDistinct }: IncomingMessage): Headers {
  const pairs = Object.entries(headersDistinct).flatMap(([name, values = []]) =>
    values.map((value): [string, string] => [name, value]),
  );
  return new Headers(pairs);
}

/** Rejects for a compression that was not asked for, and for one that is broken. */
async function textOf(reply: IncomingMessage): Promise<string> {
  const body = await buffer(reply);
  const coding = reply.headers['content-encoding'] ?? 'identity';
  if (coding === 'identity' || body.length === 0) return body.toString('utf8');
  if (coding !== 'gzip')
    throw new Error(`The reply is compressed in a way that was not asked for: ${coding}`);
  return (await promisify(gunzip)(body)).toString('utf8');
}

/**
 * One request and the whole of its reply. Rejects where either is cut or cannot be read; redirects are replies like any
 * other.
 */
export function exchange(url: string, { body, onSent, ...sent }: Sent): Promise<Response> {
  const options = { ...sent, headers: { ...sent.headers, 'accept-encoding': 'gzip' } };
  return new Promise((resolve, reject) => {
    const request = open(url, options, async (reply) => {
      try {
        const whole = await textOf(reply);
        const status = reply.statusCode ?? 0;
        if (status === 407) {
          // No server says this: it is the proxy's, in place of any reply.
          throw Object.assign(new Error('The proxy wants a user name and a password'), {
            code: 'EPROXYAUTH',
          });
        }
        resolve(new Response(whole === '' ? null : whole, { status, headers: headersOf(reply) }));
      } catch (error) {
        reject(error);
      }
    });
    request.on('error', reject);
    request.on('finish', onSent);
    request.end(body);
  });
}
