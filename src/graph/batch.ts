import { type Fields, fieldsOf, listOf } from '../core/fields.ts';
import { garbledReply } from '../http/network-error.ts';
import type { ReplyParts } from './directory-error.ts';
import type { GraphCall } from './graph-client.ts';

/** The most requests one $batch may hold (graph-docs json-batching.md). */
const mostPerBatch = 20;

/** No reply, or none to this request; `instead` is the whole that came in its place. */
interface LostReply {
  readonly lost: unknown;
  readonly instead?: ReplyParts;
}

export type Reply = ReplyParts | LostReply;

interface Queued {
  readonly request: GraphCall;
  readonly resolve: (reply: Reply) => void;
  readonly reject: (error: unknown) => void;
}

/** The reply that an item of a batch holds; undefined where it has no status. */
function replyOf({ status, headers, body }: Fields): ReplyParts | undefined {
  if (typeof status !== 'number') return undefined;
  const byName = new Map(
    Object.entries(fieldsOf(headers)).map(([name, value]) => [name.toLowerCase(), String(value)]),
  );
  return { status, header: (name) => byName.get(name.toLowerCase()), body: body ?? undefined, isItem: true };
}

/** Each version of Graph has a $batch of its own. */
function batchCall(requests: readonly GraphCall[]): GraphCall {
  const version = requests[0]?.version;
  return {
    ...(version === undefined ? {} : { version }),
    method: 'POST',
    path: '/$batch',
    body: {
      requests: requests.map(({ method, path, headers, body }, index) => ({
        id: String(index + 1),
        method,
        url: path,
        ...(body === undefined
          ? headers && { headers }
          : { headers: { ...headers, 'Content-Type': 'application/json' }, body }),
      })),
    },
  };
}

/** Hands each queued request its own item; an item that is missing counts as a reply that was lost. */
function distribute(queue: readonly Queued[], outer: Reply): void {
  // A success of another kind, or without a body, is none: nothing tells what became of the items.
  const failedWhole = 'lost' in outer || outer.status < 200 || outer.status > 299;
  const items = failedWhole ? [] : listOf(fieldsOf(outer.body)['responses']);
  queue.forEach(({ resolve }, index) => {
    const item = items.find(({ id }) => id === String(index + 1));
    const reply = item && replyOf(item);
    if (reply) resolve(reply);
    else if (failedWhole) resolve(outer);
    else resolve({ lost: garbledReply('The batch reply lacks this item'), instead: outer });
  });
}

/**
 * Collects what is asked for in one tick: a lone request travels as it is, several travel as one $batch, and
 * equal reads are sent once. Rejects only as `exchange` does.
 */
export function createBatcher(
  exchange: (call: GraphCall) => Promise<Reply>,
  writesAlone = false,
): (request: GraphCall) => Promise<Reply> {
  let queue: Queued[] = [];
  let reads = new Map<string, Promise<Reply>>();

  const deliver = async (part: readonly Queued[]): Promise<void> => {
    const [only] = part;
    try {
      if (part.length === 1 && only) only.resolve(await exchange(only.request));
      else distribute(part, await exchange(batchCall(part.map(({ request }) => request))));
    } catch (error) {
      for (const { reject } of part) reject(error);
    }
  };
  const flush = (): void => {
    const due = queue;
    queue = [];
    reads = new Map();
    for (const version of new Set(due.map(({ request }) => request.version))) {
      const alike = due.filter(({ request }) => request.version === version);
      for (let at = 0; at < alike.length; at += mostPerBatch)
        void deliver(alike.slice(at, at + mostPerBatch));
    }
  };
  const enqueue = (request: GraphCall): Promise<Reply> =>
    new Promise((resolve, reject) => {
      if (queue.length === 0) setImmediate(flush);
      queue.push({ request, resolve, reject });
    });

  return (request) => {
    // A batch is of one version: what is asked of another travels by itself.
    if (request.version !== undefined || (writesAlone && request.method !== 'GET')) return exchange(request);
    if (request.method !== 'GET') return enqueue(request);
    const key = JSON.stringify([request.version, request.path, request.headers]);
    const reply = reads.get(key) ?? enqueue(request);
    reads.set(key, reply);
    return reply;
  };
}
