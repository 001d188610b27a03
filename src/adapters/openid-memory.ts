import type { TokenCredentialOptions } from '@azure/identity';
import type { Transport } from './transport.ts';

type PipelinePolicy = NonNullable<TokenCredentialOptions['additionalPolicies']>[number]['policy'];

/** What a run knows of its tenant's OpenID configuration, so that it is asked for once whoever needs it. */
export interface OpenIdMemory {
  /** The same transport, with every configuration that it reads kept. */
  readonly keeping: (transport: Transport) => Transport;
  /** Asks ahead, once and without a word: what comes of it is looked at by whoever needs it. */
  readonly prefetch: (url: string, transport: Transport) => void;
  /** Answers in place of the network where an answer is known or on its way. */
  readonly policy: PipelinePolicy;
}

const isConfiguration = (url: string): boolean =>
  new URL(url).pathname.endsWith('/.well-known/openid-configuration');

/** Anything else than a configuration is to be asked for again. */
function usable(status: number, text: string): string | undefined {
  if (status !== 200) return undefined;
  try {
    const { token_endpoint: endpoint } = JSON.parse(text) as { token_endpoint?: unknown };
    return typeof endpoint === 'string' ? text : undefined;
  } catch {
    return undefined;
  }
}

/** An empty memory. */
export function createOpenIdMemory(): OpenIdMemory {
  const known = new Map<string, Promise<string | undefined>>();
  const keep = (url: string, reply: Promise<{ status: number; body: string }>): void => {
    const text = reply.then(({ status, body }) => usable(status, body)).catch(() => undefined);
    known.set(url, text);
  };
  const once = async (url: string, transport: Transport): Promise<{ status: number; body: string }> => {
    const response = await transport.fetch(url);
    return { status: response.status, body: await response.text() };
  };
  return {
    keeping: (transport) => ({
      ...transport,
      read(url, accepts) {
        const reply = transport.read(url, accepts);
        if (isConfiguration(url) && !known.has(url)) keep(url, reply);
        return reply;
      },
    }),
    prefetch(url, transport) {
      if (!known.has(url)) keep(url, once(url, transport));
    },
    policy: {
      name: 'reporting-setup-openid-memory',
      async sendRequest(request, next) {
        const { url } = request;
        if (request.method !== 'GET' || !isConfiguration(url)) return next(request);
        const text = await known.get(url);
        // Nobody looks at the headers of this reply: those of the request stand in.
        if (text !== undefined) return { request, status: 200, headers: request.headers, bodyAsText: text };
        const response = await next(request);
        keep(url, Promise.resolve({ status: response.status, body: response.bodyAsText ?? '' }));
        return response;
      },
    },
  };
}
