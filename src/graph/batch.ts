import { garbledReply } from '../http/network-error.ts';
import type { DirectoryRequest } from './directory.ts';
import type { GraphCall } from './graph-client.ts';
import type { ReplyParts } from './graph-error.ts';

/** The most requests one $batch may hold (graph-docs json-batching.md). */
const mostPerBatch = 20;

export type Reply = ReplyParts | { readonly lost: unknown };

interface Queued {
  readonly request: DirectoryRequest;
  readonly resolve: (reply: Reply) => void;
  readonly reject: (error: unknown) => void;
}

interface BatchItem {
  readonly id: string;
  readonly status: number;
  readonly headers?: Record<string, string>;
  readonly body?: unknown;
}

function itemOf(value: unknown): BatchItem | undefined {
  const item = value as Partial<BatchItem> | null;
  return item && typeof item.id === 'string' && typeof item.status === 'number'
    ? (item as BatchItem)
    : undefined;
}

function replyOf(item: BatchItem): ReplyParts {
  const headers = new Map(
    Object.entries(item.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]),
  );
  return {
    status: item.status,
    header: (name) => headers.get(name.toLowerCase()),
    body: item.body ?? undefined,
  };
}

function batchCall(requests: readonly DirectoryRequest[]): GraphCall {
  return {
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
  const responses = failedWhole ? undefined : (outer.body as { responses?: unknown })?.responses;
  const items = Array.isArray(responses) ? responses.map(itemOf) : [];
  queue.forEach(({ resolve }, index) => {
    const item = items.find((candidate) => candidate?.id === String(index + 1));
    if (item) resolve(replyOf(item));
    else if (failedWhole) resolve(outer);
    else resolve({ lost: garbledReply('The batch reply lacks this item') });
  });
}

/**
 * Collects what is asked for in one tick: a lone request travels as it is, several travel as one $batch, and
 * equal reads are sent once. Rejects only as `exchange` does.
 */
export function createBatcher(
  exchange: (call: GraphCall) => Promise<Reply>,
): (request: DirectoryRequest) => Promise<Reply> {
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
    for (let at = 0; at < due.length; at += mostPerBatch) void deliver(due.slice(at, at + mostPerBatch));
  };
  const enqueue = (request: DirectoryRequest): Promise<Reply> =>
    new Promise((resolve, reject) => {
      if (queue.length === 0) setImmediate(flush);
      queue.push({ request, resolve, reject });
    });

  return (request) => {
    if (request.method !== 'GET') return enqueue(request);
    const key = JSON.stringify([request.path, request.headers]);
    const reply = reads.get(key) ?? enqueue(request);
    reads.set(key, reply);
    return reply;
  };
}
