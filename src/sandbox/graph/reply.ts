import type { SandboxReply, SandboxRequest, World } from '../world.ts';
import type { Outcome, RequestIds } from './context.ts';
import type { GraphRefusal } from './refusal.ts';

const jsonType =
  'application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8';

/** A request's ids: the client's own is echoed, or the server's stands in for it. */
export function requestIds(world: World, request: SandboxRequest): RequestIds {
  const id = world.randomUUID();
  return { request: id, client: request.headers['client-request-id'] ?? id };
}

const diagnostic = JSON.stringify({
  ServerInfo: {
    DataCenter: 'West Europe',
    Slice: 'E',
    Ring: '5',
    ScaleUnit: '001',
    RoleInstance: 'AM1PEPF00000000',
  },
});

function commonHeaders(world: World, ids: RequestIds): Record<string, string> {
  return {
    'cache-control': 'no-cache',
    'request-id': ids.request,
    'client-request-id': ids.client,
    'x-ms-ags-diagnostic': diagnostic,
    date: new Date(world.now()).toUTCString(),
  };
}

/** The reply to a request that was served. */
export function successReply(world: World, ids: RequestIds, outcome: Outcome): SandboxReply {
  const { status, body, headers } = outcome;
  const base = { ...commonHeaders(world, ids), 'odata-version': '4.0', ...headers };
  if (body === undefined) return { status, headers: base, body: '' };
  const text = typeof body === 'string';
  return {
    status,
    headers: { ...base, 'content-type': text ? 'text/plain' : jsonType },
    body: text ? body : JSON.stringify(body),
  };
}

/** The reply to a request that was refused: Graph's error envelope (graph-docs concepts/errors.md). */
export function refusalReply(world: World, ids: RequestIds, { refusal }: GraphRefusal): SandboxReply {
  const error = {
    code: refusal.code,
    message: refusal.message,
    ...(refusal.details === undefined ? {} : { details: refusal.details }),
    innerError: {
      date: new Date(world.now()).toISOString().slice(0, 19),
      'request-id': ids.request,
      'client-request-id': ids.client,
    },
  };
  return {
    status: refusal.status,
    headers: {
      ...commonHeaders(world, ids),
      'odata-version': '4.0',
      'content-type': 'application/json',
      ...refusal.headers,
    },
    body: JSON.stringify({ error }),
  };
}
