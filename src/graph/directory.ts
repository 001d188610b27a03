import { garbled, garbledReply, networkCode } from '../http/network-error.ts';
import { createPatience, type Failure, type Wait } from '../http/retry.ts';
import { createBatcher } from './batch.ts';
import { DirectoryError, mayHaveActed } from './directory-error.ts';
import type { GraphCall, GraphReply } from './graph-client.ts';
import { failureOf, isSuccess, type ReplyParts } from './graph-error.ts';
import type { Pace } from './pace.ts';

/** One request to Graph, relative to its versioned root. */
export interface DirectoryRequest {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Begins with a slash; query included and encoded. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** For people: what is being done, shown while waiting. */
  readonly purpose: string;
  /** Ids made in this run that the request refers to: their replication is waited for. */
  readonly awaits?: readonly string[];
  /** A POST that Graph refuses the second time, and so may be sent again when its reply was lost. */
  readonly repeatable?: boolean;
  /** Whether a success says what it has to; one that does not counts as a reply that was lost. */
  readonly accepts?: (body: unknown) => boolean;
  /** Tried once: its step reads again before it decides about another try. */
  readonly once?: boolean;
}

/** Microsoft Graph, or whatever stands in for it. Rejects with DirectoryError. */
export interface Directory {
  /** The reply's JSON body (undefined for an empty one). Requests of the same tick travel in one $batch. */
  send(request: DirectoryRequest): Promise<unknown>;
}

/** The reporting application, signed in with its own credential. */
export interface AppSession {
  /** `roles` claim of its token: the application permissions Graph will honour. */
  readonly roles: readonly string[];
  readonly directory: Directory;
}

export interface DirectoryOptions {
  readonly call: (call: GraphCall) => Promise<GraphReply>;
  /** Gets a token that holds these claims; absent where that takes a person. Throws WizardError. */
  readonly renew?: ((claims: string) => Promise<void>) | undefined;
  readonly pace: Pace;
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
    kind: code === garbled ? 'malformed' : 'network',
    code: '',
    message: `No reply from Microsoft Graph (${code})`,
    details: [],
    networkCode: code,
  };
}

/** GETs, PATCHes and DELETEs may be repeated; a POST only where its step says that a second one is refused. */
const isRepeatable = (request: DirectoryRequest): boolean =>
  request.method !== 'POST' || request.repeatable === true;

/** What an earlier try may have deleted is not waited for. */
const isAwaited = ({ awaits = [], method }: DirectoryRequest, uncertain: boolean): boolean =>
  awaits.length > 0 && !(uncertain && method === 'DELETE');

interface Outcome {
  readonly body?: unknown;
  readonly failure?: Failure;
  readonly cause?: unknown;
}

/** Microsoft Graph as the core sees it: batching, retrying and reading errors happen here and nowhere else. */
export function createDirectory(options: DirectoryOptions): Directory {
  const { call, renew, pace, now, sleep, random, onWait } = options;
  const send = createBatcher((request) => exchange(call, request));
  const attemptOnce = async (request: DirectoryRequest): Promise<Outcome> => {
    await pace(request.path);
    const reply = await send(request);
    if ('lost' in reply) return { failure: lostReply(reply.lost), cause: reply.lost };
    if (!isSuccess(reply)) return { failure: failureOf(reply, now()) };
    if (request.accepts?.(reply.body) === false)
      return { failure: lostReply(garbledReply('The reply lacks what it is for')) };
    return { body: reply.body };
  };
  const mayRetry = (request: DirectoryRequest, { claims }: Failure): boolean =>
    !request.once && (claims === undefined || renew !== undefined);
  /** Also for a step that decides itself about another try: only here a new token can be had. */
  const answer = async ({ claims }: Failure): Promise<void> => {
    if (claims !== undefined) await renew?.(claims);
  };
  return {
    async send(request) {
      const patience = createPatience({ now, random });
      const repeatable = isRepeatable(request);
      let uncertain = false;
      for (;;) {
        const { body, failure, cause } = await attemptOnce(request);
        if (!failure) return body;
        const fresh = isAwaited(request, uncertain);
        const wait = mayRetry(request, failure) ? patience.after({ failure, repeatable, fresh }) : undefined;
        if (wait || request.once) await answer(failure);
        if (!wait) throw new DirectoryError(failure, request.purpose, { cause, uncertain });
        uncertain ||= mayHaveActed(failure);
        onWait(request.purpose, wait);
        await sleep(wait.delay);
      }
    },
  };
}
