import {
  Client,
  type Context,
  GraphClientError,
  type Middleware,
  ResponseType,
} from '@microsoft/microsoft-graph-client';
import { fieldsOf, listOf, textOf } from '../core/fields.ts';
import type { Cloud } from '../entra/clouds.ts';
import { WholeResponse } from '../http/https.ts';
import { type FetchInit, largestLogPage, type Transport } from '../http/transport.ts';

/** One exchange with Graph as it came over the wire: never throws for a status. */
export interface GraphReply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body of a success as it came, where that was asked for; then there is no text. */
  readonly bytes?: Uint8Array;
}

/** One request to Graph, relative to its versioned root. */
export interface GraphCall {
  /** Where that is not v1.0. */
  readonly version?: 'beta';
  /** A success is given as bytes: nothing is spent on a text that nobody needs. */
  readonly inBytes?: boolean;
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** The root that the path is relative to, where it is not v1.0. */
  /** Begins with a slash; query included and encoded. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** For people: what is being done. */
  readonly purpose?: string;
}

/** A request that may change something, as it is kept for a receipt: no body, so no secret. */
export interface SentWrite {
  readonly method: GraphCall['method'];
  /** With the version before it, without a query. */
  readonly path: string;
  /** Completes "could not …". */
  readonly purpose: string;
  /** When it was sent, ISO 8601. */
  readonly at: string;
  /** Our own id of it. */
  readonly clientRequestId: string;
  /** Graph's id of it, and its status: absent where no reply came. */
  requestId?: string;
  status?: number;
}

/** Where the writes of a run are noted as they are sent; with it each travels by itself, for a batch hides its ids. */
export interface WriteLog {
  readonly now: () => Date;
  readonly sent: SentWrite[];
}

const logs = /^\/(?:beta\/)?auditLogs\//;

/** Whether the reply is a page of a log, or a batch with one in it. */
function readsLogs({ path, body }: GraphCall): boolean {
  return logs.test(path) || listOf(fieldsOf(body)['requests']).some(({ url }) => logs.test(textOf(url)));
}

/**
 * The only link of the client's chain: our own transport, so that trust and proxies are decided once. The token goes to
 * Graph's own address and nowhere else. The client's handler for it would leave it out, without an error, where that
 * is an IPv6 address.
 */
const sendThrough = (transport: Transport, graphUrl: string): Middleware => ({
  async execute(context: Context): Promise<void> {
    const options = context.options as FetchInit & { headers?: Record<string, string>; token: string };
    const url = String(context.request);
    try {
      if (new URL(url).origin !== new URL(graphUrl).origin) throw new Error('This is no address of Graph.');
      context.response = await transport.fetch(url, {
        method: options.method ?? 'GET',
        headers: { ...options.headers, authorization: `Bearer ${options.token}` },
        ...(options.most === undefined ? {} : { most: options.most }),
        ...(options.inBytes && { inBytes: true }),
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
  log?: WriteLog,
): (call: GraphCall) => Promise<GraphReply> {
  const client = Client.initWithMiddleware({
    middleware: sendThrough(transport, cloud.graphUrl),
    baseUrl: `${cloud.graphUrl}/`,
    defaultVersion: 'v1.0',
  });
  return async (call) => {
    // Asked for here: a sign-in error thrown inside the client would lose its details.
    const held = await token();
    const id = newId();
    const written = log && noteWrite(call, id, log);
    const request = client
      .api(call.path)
      .headers({ ...call.headers, 'client-request-id': id })
      .option('token', held)
      .responseType(ResponseType.RAW);
    if (call.version !== undefined) request.version(call.version);
    if (readsLogs(call)) request.option('most', largestLogPage);
    if (call.inBytes) request.option('inBytes', true);
    const response = await dispatch(request, call).catch((error: unknown) => {
      throw error instanceof GraphClientError ? (error.customError ?? error) : error;
    });
    if (written) Object.assign(written, outcomeOf(response));
    const { status, headers } = response;
    const isWhole = response instanceof WholeResponse && response.ok;
    return isWhole
      ? { status, headers, text: '', bytes: response.take() }
      : { status, headers, text: await response.text() };
  };
}

function noteWrite(call: GraphCall, clientRequestId: string, log: WriteLog): SentWrite | undefined {
  const { method, version = 'v1.0', purpose = '' } = call;
  const path = call.path.replace(/\?.*$/, '');
  if (method === 'GET' || path.endsWith('/$batch')) return undefined;
  const written = {
    method,
    path: `/${version}${path}`,
    purpose,
    at: log.now().toISOString(),
    clientRequestId,
  };
  log.sent.push(written);
  return written;
}

function outcomeOf({ status, headers }: Response): Pick<SentWrite, 'status' | 'requestId'> {
  const requestId = headers.get('request-id');
  return { status, ...(requestId === null ? {} : { requestId }) };
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
