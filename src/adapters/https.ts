import type { IncomingMessage } from 'node:http';
import { Agent, request as open } from 'node:https';
import { text } from 'node:stream/consumers';
import { HttpsProxyAgent } from 'https-proxy-agent';
import type { Cloud } from '../core/clouds.ts';
import { proxyFor } from '../core/proxy.ts';

/** Milliseconds a connection may lie idle: one that is used goes on, and those of many servers do not pile up. */
const idle = 2_000;

const kept = { keepAlive: true, timeout: idle } as const;

/** Connections that are kept as long as they are of use. */
export interface Connections {
  /** Those that lead to an address. Throws WizardError where the proxy's own address is none. */
  readonly to: (url: string) => Agent;
  readonly close: () => void;
}

/**
 * A cloud with its own certificate authority is on this machine: it is trusted alone and never reached through
 * a proxy. Any other is reached as HTTPS_PROXY, NO_PROXY and NODE_EXTRA_CA_CERTS say.
 */
export function openConnections(
  { ca }: Pick<Cloud, 'ca'>,
  env: Readonly<Record<string, string | undefined>>,
): Connections {
  const direct = new Agent(ca === undefined ? kept : { ...kept, ca });
  const proxied = new Map<string, Agent>();
  const through = (proxy: string): Agent => {
    const agent = proxied.get(proxy) ?? new HttpsProxyAgent(proxy, kept);
    proxied.set(proxy, agent);
    return agent;
  };
  return {
    to(url) {
      const proxy = ca === undefined ? proxyFor(url, env) : undefined;
      return proxy === undefined ? direct : through(proxy);
    },
    close() {
      for (const agent of [direct, ...proxied.values()]) agent.destroy();
    },
  };
}

interface Sent {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  readonly agent: Agent;
  readonly signal: AbortSignal;
}

function headersOf({ headersDistinct }: IncomingMessage): Headers {
  const pairs = Object.entries(headersDistinct).flatMap(([name, values = []]) =>
    values.map((value): [string, string] => [name, value]),
  );
  return new Headers(pairs);
}

/** One request and the whole of its reply. Rejects where either is cut; redirects are replies like any other. */
export function exchange(url: string, { body, ...options }: Sent): Promise<Response> {
  return new Promise((resolve, reject) => {
    const request = open(url, options, async (reply) => {
      try {
        const whole = await text(reply);
        const status = reply.statusCode ?? 0;
        resolve(new Response(whole === '' ? null : whole, { status, headers: headersOf(reply) }));
      } catch (error) {
        reject(error);
      }
    });
    request.on('error', reject);
    request.end(body);
  });
}
