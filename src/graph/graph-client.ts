import {
  AuthenticationHandler,
  Client,
  type Context,
  GraphClientError,
  type Middleware,
  ResponseType,
} from '@microsoft/microsoft-graph-client';
import type { Cloud } from '../entra/clouds.ts';
import type { FetchInit, Transport } from '../http/transport.ts';

/** One exchange with Graph as it came over the wire: never throws for a status. */
export interface GraphReply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** One request to Graph, relative to its versioned root. */
export interface GraphCall {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Begins with a slash; query included and encoded. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** The last link of the client's chain: our own transport, so that trust and proxies are decided once. */
const sendThrough = (transport: Transport): Middleware => ({
  async execute(context: Context): Promise<void> {
    const options = context.options as FetchInit & { headers?: Record<string, string> };
    try {
      context.response = await transport.fetch(String(context.request), {
        method: options.method ?? 'GET',
        headers: { ...options.headers },
        ...(options.body === undefined ? {} : { body: options.body }),
      });
    } catch (error) {
      // The client replaces every other error by one without its cause.
      const carrier = new GraphClientError('No reply from Graph');
      carrier.customError = error;
      throw carrier;
    }
  },
});

/**
 * Graph through Microsoft's client. Its retry and redirect handlers are left out on purpose: the first repeats
 * POSTs, the second would follow other hosts. Rejects only when no reply came.
 */
export function createGraphClient(
  cloud: Cloud,
  transport: Transport,
  token: () => Promise<string>,
  newId: () => string,
): (call: GraphCall) => Promise<GraphReply> {
  const authentication = new AuthenticationHandler({ getAccessToken: token });
  authentication.setNext(sendThrough(transport));
  const client = Client.initWithMiddleware({
    middleware: authentication,
    baseUrl: `${cloud.graphUrl}/`,
    defaultVersion: 'v1.0',
    // A host with its port would match no request, and the token would be left out without an error.
    customHosts: new Set([new URL(cloud.graphUrl).hostname]),
  });
  return async (call) => {
    // Asked for here first: a sign-in error thrown inside the client would lose its details.
    await token();
    const request = client
      .api(call.path)
      .headers({ ...call.headers, 'client-request-id': newId() })
      .responseType(ResponseType.RAW);
    const response = await dispatch(request, call).catch((error: unknown) => {
      throw error instanceof GraphClientError ? (error.customError ?? error) : error;
    });
    return { status: response.status, headers: response.headers, text: await response.text() };
  };
}

function dispatch(request: ReturnType<Client['api']>, { method, body }: GraphCall): Promise<Response> {
  switch (method) {
    case 'GET':
      return request.get();
    case 'POST':
      return request.post(body);
    case 'PATCH':
      return request.patch(body);
    case 'DELETE':
      return request.delete();
  }
}
