import { meetReplica } from '../replicas.ts';
import type { SandboxReply, SandboxRequest, World } from '../world.ts';
import { authenticate } from './authenticate.ts';
import { answerBatch } from './batch.ts';
import type { Call, Graph, Outcome, RequestIds } from './context.ts';
import { parseQuery } from './odata/query.ts';
import { nameOf, parsePath } from './path.ts';
import { GraphRefusal, methodNotAllowed, unknownSegment } from './refusal.ts';
import { refusalReply, requestIds, successReply } from './reply.ts';
import { route } from './routes.ts';

export type { Graph } from './context.ts';

/** Microsoft Graph v1.0 of one sandbox tenant. */
export function createGraph(world: World): Graph {
  return { world, cursors: new Map(), reportRequests: new Map(), revisions: new Map() };
}

/** Replies come in no order that a client may rely on. */
function shuffled<T>(graph: Graph, values: readonly T[]): T[] {
  const keys = graph.world.randomBytes(values.length);
  return values
    .map((value, index) => ({ value, key: keys.readUInt8(index) }))
    .sort((left, right) => left.key - right.key)
    .map(({ value }) => value);
}

async function serveBatch(graph: Graph, request: SandboxRequest): Promise<Outcome> {
  await authenticate(graph.world, request, meetReplica(graph.world));
  if (request.method !== 'POST') throw methodNotAllowed();
  const { itemFault } = graph.world;
  const responses = await answerBatch(request, async (item) => {
    const fault = itemFault?.(item.method, item.url.pathname + item.url.search);
    return fault ?? reply(graph, item, serve);
  });
  return { status: 200, body: { responses: shuffled(graph, responses) } };
}

async function serve(graph: Graph, request: SandboxRequest, ids: RequestIds): Promise<Outcome> {
  const { world } = graph;
  const [, version = '', ...rest] = request.url.pathname.split('/');
  const replica = meetReplica(world);
  const caller = await authenticate(world, request, replica);
  const segments = parsePath(rest.join('/'));
  const [first] = segments;
  if (version !== 'v1.0' || first === undefined)
    throw unknownSegment(first === undefined ? '' : nameOf(first));
  const handler = route(request.method, segments);
  const query = parseQuery(request.url, request.headers['consistencylevel']);
  const call: Call = { graph, world, tenant: world.tenant, caller, request, query, ids, replica };
  return handler(call);
}

async function reply(graph: Graph, request: SandboxRequest, answer: typeof serve): Promise<SandboxReply> {
  const { world } = graph;
  const ids = requestIds(world, request);
  try {
    return successReply(world, ids, await answer(graph, request, ids));
  } catch (error) {
    if (error instanceof GraphRefusal) return refusalReply(world, ids, error);
    throw error;
  }
}

/** Answers one request to `/v1.0/…`, whatever it is; everything it refuses, it refuses in Graph's error envelope. */
export function handleGraph(graph: Graph, request: SandboxRequest): Promise<SandboxReply> {
  const isBatch = /^\/v1\.0\/\$batch\/?$/i.test(request.url.pathname);
  return reply(graph, request, isBatch ? serveBatch : serve);
}
