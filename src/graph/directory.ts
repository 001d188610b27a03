import { type Fields, fieldsOf, textOf, valuesOf } from '../core/fields.ts';
import {
  garbled,
  garbledReply,
  isCertificateProblem,
  networkCode,
  proxyFault,
  wordsOf,
} from '../http/network-error.ts';
import { createRetryPolicy, type Failure, lostReply, type RetryClock, type Wait } from '../http/retry.ts';
import { createBatcher, type Reply } from './batch.ts';
import {
  DirectoryError,
  failureOf,
  foreignOrigin,
  isSuccess,
  mayHaveActed,
  type ReplyParts,
} from './directory-error.ts';
import type { GraphCall, GraphReply } from './graph-client.ts';
import { isPage } from './resource-schemas.ts';

/** A request and what sending it takes into account. */
export interface DirectoryRequest extends GraphCall {
  /** For people: what is being done, shown while waiting. */
  readonly purpose: string;
  /** Ids made in this run that the request refers to: their replication is waited for. */
  readonly awaits?: readonly string[];
  /** A POST that Graph refuses the second time, and so may be sent again when its reply was lost. */
  readonly repeatable?: boolean;
  /** The account's rights for it were read as sufficient: that an object of this run is denied to it may pass. */
  readonly permitted?: boolean;
  /** Failures that tell the caller what it asked: they are not waited for. */
  readonly answers?: (failure: Failure) => boolean;
  /** Whether a success is of the resource and about what was asked; one that is not counts as a reply that was lost. */
  readonly accepts?: (body: unknown, header: ReplyParts['header']) => boolean;
  /** The job can do without: a reply that is not accepted is not asked for again. */
  readonly isOptional?: boolean;
  /** Tried once: its step reads again before it decides about another try. */
  readonly once?: boolean;
  /**
   * Makes what `send` gives of the bytes of a success, which then are no JSON to anybody else and travel in no $batch;
   * undefined where they are not what was asked for.
   */
  readonly parse?: (bytes: Uint8Array) => unknown;
}

/** The same for requests whose right the account was read to have. */
export const asPermitted = (directory: Directory): Directory => ({
  send: (request) => directory.send({ ...request, permitted: true }),
});

/** Microsoft Graph, or whatever stands in for it. Rejects with DirectoryError. */
export interface Directory {
  /** The reply's JSON body (undefined for an empty one). Requests of the same tick travel in one $batch. */
  send(request: DirectoryRequest): Promise<unknown>;
}

/** The reporting application, signed in with its own credential. */
export interface AppSession {
  /** `roles` claim of its token: the application permissions Graph will honour. Undefined where it cannot be read. */
  readonly roles: readonly string[] | undefined;
  readonly directory: Directory;
}

/** The reporting API's limit per application and tenant (graph-docs throttling-limits.md). Window in milliseconds. */
const limit = { requests: 5, window: 10_000 } as const;

/** Milliseconds more: what is sent later may be there sooner. Each hundred of them costs a percent of what may be read. */
const leeway = 100;

/** Resolves when a request of that path may be sent. */
export type Pace = (path: string) => Promise<void>;

/** Keeps requests to the reporting API within its limit beforehand; all others go at once. */
export function createPace({ now, sleep }: Pick<RetryClock, 'now' | 'sleep'>): Pace {
  let sent: number[] = [];
  return async (path) => {
    if (!path.startsWith('/auditLogs/')) return;
    for (;;) {
      const at = now().getTime();
      // Times ahead of now are left from before the clock was set back.
      sent = sent.filter((earlier) => earlier > at - limit.window - leeway && earlier <= at);
      const [oldest] = sent;
      if (oldest === undefined || sent.length < limit.requests) {
        sent.push(at);
        return;
      }
      await sleep(oldest + limit.window + leeway - at);
    }
  };
}

interface DirectoryOptions extends RetryClock {
  readonly call: (call: GraphCall) => Promise<GraphReply>;
  /** Gets a token that holds these claims; absent where that takes a person. Throws WizardError. */
  readonly renew?: ((claims: string) => Promise<void>) | undefined;
  readonly pace: Pace;
  /** Each write travels by itself. */
  readonly writesAlone?: boolean;
  /** Host and port of the proxy on the way, if there is one. */
  readonly proxy?: string | undefined;
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

/** One exchange, in which a missing reply is an outcome like any other. */
async function exchange(call: DirectoryOptions['call'], request: GraphCall): Promise<Reply> {
  try {
    const reply = await call(request);
    const body = reply.bytes ?? parseBody(reply.text);
    return { status: reply.status, header: (name) => reply.headers.get(name), body };
  } catch (error) {
    if (networkCode(error) === undefined) throw error;
    return { lost: error };
  }
}

/** No reply, or none that can be used; `origin` where somebody else wrote what came. */
function failureWithout(error: unknown, origin?: string): Failure {
  const code = networkCode(error);
  const fault = proxyFault(error);
  const failure = {
    ...lostReply(
      code,
      (isCertificateProblem(code) ? wordsOf(error, code) : undefined) ??
        `No reply from Microsoft Graph (${code})`,
    ),
    ...(fault && { proxy: fault.proxy, status: fault.status ?? 0 }),
  };
  return code === garbled
    ? { ...failure, kind: 'malformed', ...(origin !== undefined && { origin }) }
    : failure;
}

/** GETs, PATCHes and DELETEs may be repeated; a POST only where its step says that a second one is refused. */
const isRepeatable = (request: DirectoryRequest): boolean =>
  request.method !== 'POST' || request.repeatable === true;

/** What an earlier try may have deleted is not waited for. */
const isAwaited = ({ awaits = [], method }: DirectoryRequest, uncertain: boolean): boolean =>
  awaits.length > 0 && !(uncertain && method === 'DELETE');

/** Microsoft Graph as the core sees it: batching, retrying and reading errors happen here and nowhere else. */
export function createDirectory(options: DirectoryOptions): Directory {
  const { call, renew, pace, now, sleep, random, onWait } = options;
  const send = createBatcher((request) => exchange(call, request), options.writesAlone);
  // What cannot be read at all, such as a broken compression, is of nobody who is known.
  const originOf = (instead: ReplyParts | undefined): string | undefined =>
    instead ? foreignOrigin(instead, options.proxy) : 'nothing that can be read';
  const attemptOnce = async (
    request: DirectoryRequest,
  ): Promise<{ body?: unknown; failure?: Failure; cause?: unknown; isUnaccepted?: boolean }> => {
    await pace(request.path);
    const reply = request.parse ? await exchange(call, { ...request, inBytes: true }) : await send(request);
    if ('lost' in reply)
      return { failure: failureWithout(reply.lost, originOf(reply.instead)), cause: reply.lost };
    if (!isSuccess(reply)) return { failure: failureOf(reply, now(), options.proxy) };
    const body = request.parse && reply.body instanceof Uint8Array ? request.parse(reply.body) : reply.body;
    const isParsed = !request.parse || body !== undefined;
    // What is read is there at once: another success says that it is not shown, or not yet.
    const isShown = request.method !== 'GET' || reply.status === 200;
    if (!isParsed || !isShown || request.accepts?.(body, reply.header) === false)
      return {
        failure: failureWithout(
          garbledReply('The reply is not what was asked for'),
          foreignOrigin(reply, options.proxy),
        ),
        isUnaccepted: true,
      };
    return { body };
  };
  const mayRetry = (request: DirectoryRequest, failure: Failure, isUnaccepted = false): boolean =>
    !request.once &&
    !(request.isOptional && isUnaccepted) &&
    request.answers?.(failure) !== true &&
    (failure.claims === undefined || renew !== undefined);
  /** Also for a step that decides itself about another try: only here a new token can be had. */
  const answer = async ({ claims }: Failure): Promise<void> => {
    if (claims !== undefined) await renew?.(claims);
  };
  return {
    async send(request) {
      const policy = createRetryPolicy({ now, random });
      const repeatable = isRepeatable(request);
      let uncertain = false;
      for (;;) {
        const { body, failure, cause, isUnaccepted } = await attemptOnce(request);
        if (!failure) return body;
        const fresh = isAwaited(request, uncertain);
        const attempt = { failure, repeatable, fresh, permitted: request.permitted };
        const wait = mayRetry(request, failure, isUnaccepted) ? policy.after(attempt) : undefined;
        if (wait || request.once) await answer(failure);
        if (!wait) throw new DirectoryError(failure, request.purpose, { cause, uncertain });
        uncertain ||= mayHaveActed(failure);
        onWait(request.purpose, wait);
        await sleep(wait.delay);
      }
    },
  };
}

/** More pages than any list of ours has: an end for a server that has none. */
const mostPages = 100;

/** The next page relative to Graph's versioned root, wherever its address claims to be; undefined where there is none. */
function nextPath(body: unknown): string | undefined {
  const link = textOf(fieldsOf(body)['@odata.nextLink']);
  if (link === '') return undefined;
  const { pathname, search } = new URL(link);
  return pathname.replace(/^\/(v1\.0|beta)(?=\/)/, '') + search;
}

/**
 * All items of a collection, page by page (graph-docs paging.md), each of which `isItem` accepts. Only path and query of
 * a next link count: it is asked for where the first page was, so that no token goes to another host. Rejects with
 * DirectoryError, also where the list has no end: part of it would be taken for all.
 */
export async function listAll(
  directory: Directory,
  request: Omit<DirectoryRequest, 'accepts'>,
  isItem: (item: unknown) => boolean,
): Promise<Fields[]> {
  const items: Fields[] = [];
  const accepts = (body: unknown): boolean => isPage(body, isItem);
  let path: string | undefined = request.path;
  for (let page = 1; path !== undefined; page += 1) {
    if (page > mostPages) {
      throw new DirectoryError(failureWithout(garbledReply('The list has no end')), request.purpose);
    }
    const body: unknown = await directory.send({ ...request, path, accepts });
    items.push(...valuesOf(body));
    path = nextPath(body);
  }
  return items;
}
