import { DirectoryError, type Failure } from '../core/directory-error.ts';
import { failureOf, isSuccess, type ReplyParts } from '../core/graph-error.ts';
import type { Directory, DirectoryRequest } from '../core/model.ts';
import { nextAttempt, type Wait } from '../core/retry.ts';
import { createBatcher } from './batch.ts';
import type { GraphCall, GraphReply } from './graph-client.ts';
import { networkCode } from './network-error.ts';

export interface DirectoryOptions {
  readonly call: (call: GraphCall) => Promise<GraphReply>;
  readonly now: () => Date;
  /** Resolves after that many milliseconds, or rejects when the run is cancelled. */
  readonly sleep: (delay: number) => Promise<void>;
  readonly random: () => number;
  /** Told before each wait: what is being done, and why it waits. */
  readonly onWait: (purpose: string, wait: Wait) => void;
}

function parseBody(text: string): unknown {
  if (text.trim() === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** One exchange, never rejecting: a missing reply becomes a failure like any other. */
async function exchange(
  call: DirectoryOptions['call'],
  request: GraphCall,
): Promise<ReplyParts | { readonly lost: unknown }> {
  try {
    const reply = await call(request);
    return { status: reply.status, header: (name) => reply.headers.get(name), body: parseBody(reply.text) };
  } catch (error) {
    if (networkCode(error) === undefined) throw error;
    return { lost: error };
  }
}

function lostReply(error: unknown): Failure {
  const code = networkCode(error);
  return {
    status: 0,
    kind: 'network',
    code: '',
    message: `No reply from Microsoft Graph (${code})`,
    details: [],
    networkCode: code,
  };
}

/** GETs, PATCHes and DELETEs may be repeated; a POST only where its step says that a second one is refused. */
const isRepeatable = (request: DirectoryRequest): boolean =>
  request.method !== 'POST' || request.repeatable === true;

/** Microsoft Graph as the core sees it: batching, retrying and reading errors happen here and nowhere else. */
export function createDirectory(options: DirectoryOptions): Directory {
  const send = createBatcher((request) => exchange(options.call, request));
  const attemptOnce = async (
    request: DirectoryRequest,
  ): Promise<{ body: unknown } | { error: DirectoryError }> => {
    const reply = await send(request);
    if ('lost' in reply)
      return { error: new DirectoryError(lostReply(reply.lost), request.purpose, reply.lost) };
    if (isSuccess(reply)) return { body: reply.body };
    return { error: new DirectoryError(failureOf(reply, options.now()), request.purpose) };
  };
  return {
    async send(request) {
      const started = options.now().getTime();
      for (let attempt = 1; ; attempt += 1) {
        const outcome = await attemptOnce(request);
        if ('body' in outcome) return outcome.body;
        const wait = nextAttempt({
          failure: outcome.error.failure,
          repeatable: isRepeatable(request),
          fresh: (request.awaits?.length ?? 0) > 0,
          attempt,
          elapsed: options.now().getTime() - started,
          random: options.random(),
        });
        if (!wait) throw outcome.error;
        options.onWait(request.purpose, wait);
        await options.sleep(wait.delay);
      }
    },
  };
}
