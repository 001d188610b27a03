import type { TokenCredentialOptions } from '@azure/identity';
import type { Transport } from '../http/transport.ts';

type HttpClient = NonNullable<TokenCredentialOptions['httpClient']>;
type Request = Parameters<HttpClient['sendRequest']>[0];
type Response = Awaited<ReturnType<HttpClient['sendRequest']>>;

const openId = /^(\/[^/]+)\/v2\.0\/\.well-known\/openid-configuration$/;

/**
 * Where a tenant's endpoints are (entra-docs v2-protocols-oidc, v2-oauth2-auth-code-flow), as an OpenID configuration
 * has them; undefined for any other request. MSAL knows this by heart for Microsoft's own hosts and asks all others
 * first: one wait more, and an answer that could lead a secret somewhere else.
 */
function knownEndpoints({ method, url }: Request): string | undefined {
  const { origin, pathname } = new URL(url);
  const tenant = method === 'GET' ? openId.exec(pathname)?.[1] : undefined;
  if (tenant === undefined) return undefined;
  const at = `${origin}${tenant}`;
  return JSON.stringify({
    issuer: `${at}/v2.0`,
    authorization_endpoint: `${at}/oauth2/v2.0/authorize`,
    token_endpoint: `${at}/oauth2/v2.0/token`,
    jwks_uri: `${at}/discovery/v2.0/keys`,
  });
}

/** Headers in the shape of @azure/core-rest-pipeline, which tells of absent ones by `undefined`. */
function headersOf(headers: Headers): Response['headers'] {
  return {
    get: (name) => headers.get(name) ?? undefined,
    has: (name) => headers.has(name),
    set: (name, value) => headers.set(name, String(value)),
    delete: (name) => headers.delete(name),
    toJSON: () => Object.fromEntries(headers),
    [Symbol.iterator]: () => headers[Symbol.iterator](),
  };
}

/** Sends what @azure/identity asks for the way that everything else goes: one trust, one proxy, one pool. */
export function createIdentityHttp(transport: Transport): HttpClient {
  return {
    async sendRequest(request) {
      const known = knownEndpoints(request);
      if (known !== undefined) {
        // Nobody looks at the headers of this reply: those of the request stand in.
        return { request, status: 200, headers: request.headers, bodyAsText: known };
      }
      const { method, url, body, abortSignal } = request;
      const response = await transport.fetch(url, {
        method,
        headers: request.headers.toJSON(),
        ...(typeof body === 'string' ? { body } : {}),
        ...(abortSignal ? { until: abortSignal } : {}),
      });
      const { status, headers } = response;
      return { request, status, headers: headersOf(headers), bodyAsText: await response.text() };
    },
  };
}
