export type { Graph } from './context.ts';

import { pickReplica } from '../replication.ts';
import type { SandboxReply, SandboxRequest, World } from '../world.ts';
import { auditChanges, beforeChanges } from './audit-changes.ts';
import { authenticate } from './authenticate.ts';
import { answerBatch } from './batch.ts';
import { type Call, type Graph, type Outcome, type RequestIds, versionOf } from './context.ts';
import { parseQuery } from './odata/query.ts';
import { GraphRefusal, methodNotAllowed, unknownSegment } from './refusal.ts';
import { applicationRoutes } from './resources/applications.ts';
import { assignmentRoutes } from './resources/assignments.ts';
import { auditLogRoutes } from './resources/audit-logs.ts';
import { credentialActivityRoutes } from './resources/credential-activity.ts';
import { credentialRoutes } from './resources/credentials.ts';
import { deletedRoutes } from './resources/deleted.ts';
import { federatedRoutes } from './resources/federated.ts';
import { grantRoutes } from './resources/grants.ts';
import { ownersRoutes } from './resources/owners.ts';
import { directoryObjectRoutes, meRoutes, peopleRoutes } from './resources/people.ts';
import { pimRoutes } from './resources/pim.ts';
import { policyRoutes } from './resources/policies.ts';
import { roleRoutes } from './resources/roles.ts';
import { servicePrincipalRoutes } from './resources/service-principals.ts';
import { tenantRoutes } from './resources/tenant.ts';
import { createRouter, nameOf, parsePath } from './router.ts';

/** Microsoft Graph v1.0 of one sandbox tenant. */
export function createGraph(world: World): Graph {
  return {
    world,
    startedAt: world.now(),
    cursors: new Map(),
    logCursors: new Map(),
    reportRequests: new Map(),
    revisions: new Map(),
  };
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
  await authenticate(graph.world, request, pickReplica(graph.world));
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
  const [, , ...rest] = request.url.pathname.split('/');
  const replica = pickReplica(world);
  const caller = await authenticate(world, request, replica);
  const segments = parsePath(rest.join('/'));
  const [first] = segments;
  const route = routers.get(versionOf(request));
  if (route === undefined || first === undefined)
    throw unknownSegment(first === undefined ? '' : nameOf(first));
  const handler = route(request.method, segments);
  const query = parseQuery(request.url, request.headers['consistencylevel']);
  const call: Call = { graph, world, tenant: world.tenant, caller, request, query, ids, replica };
  return request.method === 'GET' ? handler(call) : writing(call, handler);
}

/** Answers a request that may change the tenant, and has the audit log tell what it changed. */
function writing(call: Call, handler: (call: Call) => Outcome): Outcome {
  const before = beforeChanges(call.tenant);
  const outcome = handler(call);
  auditChanges(call, before);
  return outcome;
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

/** Answers one request to `/v1.0/…` or `/beta/…`, whatever it is; everything it refuses, it refuses in Graph's error envelope. */
export function handleGraph(graph: Graph, request: SandboxRequest): Promise<SandboxReply> {
  const isBatch = /^\/(v1\.0|beta)\/\$batch\/?$/i.test(request.url.pathname);
  return reply(graph, request, isBatch ? serveBatch : serve);
}

/** Every resource of v1.0 that this tenant serves. */
const stable = createRouter({
  ...meRoutes,
  ...tenantRoutes,
  ...peopleRoutes,
  ...applicationRoutes,
  ...credentialRoutes,
  ...federatedRoutes,
  ...ownersRoutes,
  ...servicePrincipalRoutes,
  ...assignmentRoutes,
  ...grantRoutes,
  ...deletedRoutes,
  ...directoryObjectRoutes,
  ...roleRoutes,
  ...pimRoutes,
  ...policyRoutes,
  ...auditLogRoutes,
});

/** By version: beta has little more than what v1.0 lacks. */
const routers: ReadonlyMap<string, typeof stable> = new Map([
  ['v1.0', stable],
  ['beta', createRouter({ ...applicationRoutes, ...auditLogRoutes, ...credentialActivityRoutes })],
]);

const jsonType =
  'application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8';

/** A request's ids: the client's own is echoed, or the server's stands in for it. */
function requestIds(world: World, request: SandboxRequest): RequestIds {
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
    'strict-transport-security': 'max-age=31536000',
    'x-ms-ags-diagnostic': diagnostic,
    'x-ms-resource-unit': '1',
    date: new Date(world.now()).toUTCString(),
  };
}

/** The reply to a request that was served. */
function successReply(world: World, ids: RequestIds, outcome: Outcome): SandboxReply {
  const { status, body, headers } = outcome;
  const base = { ...commonHeaders(world, ids), ...headers };
  if (body === undefined) return { status, headers: base, body: '' };
  const text = typeof body === 'string';
  const type = text ? 'text/plain' : jsonType;
  return {
    status,
    headers: { ...base, vary: 'Accept-Encoding', 'odata-version': '4.0', 'content-type': type },
    body: text ? body : JSON.stringify(body),
  };
}

/** What a detail of an error says of refused words: nothing, as a rule. */
const noWords = { blockedWord: null, prefix: null, suffix: null };

/** The reply to a request that was refused: Graph's error envelope (graph-docs concepts/errors.md). */
function refusalReply(world: World, ids: RequestIds, { refusal }: GraphRefusal): SandboxReply {
  const error = {
    code: refusal.code,
    message: refusal.message,
    ...(refusal.details === undefined
      ? {}
      : { details: refusal.details.map((detail) => ({ ...noWords, ...detail })) }),
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
      vary: 'Accept-Encoding',
      'content-type': 'application/json',
      ...refusal.headers,
    },
    body: JSON.stringify({ error }),
  };
}
