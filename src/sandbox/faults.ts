import type { SandboxReply, SandboxRequest } from './world.ts';

/** What becomes of a request on its way: `reply` is the whole answer, or what is cut short. */
export type Delivery =
  | { readonly kind: 'reply'; readonly reply: SandboxReply }
  /** The headers and half of the body, then the connection ends. */
  | { readonly kind: 'truncated'; readonly reply: SandboxReply }
  /** The connection ends without an answer. */
  | { readonly kind: 'reset' }
  /** No answer until the client or the server closes the connection. */
  | { readonly kind: 'hang' }
  /** What goes over the wire in place of a reply; then the connection ends. */
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array };

/** `Retry-After`: seconds, written as such or as the HTTP date that lies as far ahead. */
type RetryAfter = { readonly seconds: number } | { readonly dateAfterSeconds: number };

/** One way in which a request goes wrong. */
export type Fault =
  | {
      readonly kind: 'status';
      readonly status: 429 | 500 | 502 | 503 | 504;
      readonly retryAfter?: RetryAfter;
    }
  /** The error page of a proxy. */
  | { readonly kind: 'html'; readonly status: 502 | 503 }
  /** 200 and JSON's content type, but no JSON. */
  | { readonly kind: 'not-json' }
  | { readonly kind: 'error-in-200' }
  /** The challenge of continuous access evaluation: 401 with claims for the next token. */
  | { readonly kind: 'cae' }
  | { readonly kind: 'reset' | 'truncated' | 'hang' }
  /** Another answer; it gets the server's own, if it acted. */
  | { readonly kind: 'answer'; readonly answer: (own: SandboxReply | undefined) => SandboxReply }
  /** Something in the place of a whole HTTP reply. */
  | { readonly kind: 'bytes'; readonly bytes: () => Uint8Array };

/** Which service a request went to. */
export type Kind = 'entra' | 'graph';

/** A request that a rule may spoil. */
export interface FaultTarget {
  readonly kind: Kind;
  readonly request: SandboxRequest;
  /** The server's own answer; only for rules that apply after it acted. */
  readonly reply?: SandboxReply;
}

/** When and how requests go wrong. */
export interface FaultRule {
  /** `ordinal` is 1 for the first request of its kind that this rule sees. */
  readonly matches: (target: FaultTarget, ordinal: number) => boolean;
  readonly fault: Fault;
  /** Before the server acted, or after: then what it did stays done and only its answer is lost. */
  readonly when: 'before' | 'after';
}

/** Rules in force; the first that matches applies. */
export interface FaultControl {
  add(rule: FaultRule): void;
  /** Removes the rules that were added; those of the scenario stay. */
  clear(): void;
}

/** One fault of every kind, by a name that a report can show. */
export const everyFault = {
  'status-500': { kind: 'status', status: 500 },
  'status-502': { kind: 'status', status: 502 },
  'status-503': { kind: 'status', status: 503 },
  'status-503-retry-after': { kind: 'status', status: 503, retryAfter: { seconds: 1 } },
  'status-504': { kind: 'status', status: 504 },
  'status-429': { kind: 'status', status: 429 },
  'status-429-seconds': { kind: 'status', status: 429, retryAfter: { seconds: 1 } },
  'status-429-date': { kind: 'status', status: 429, retryAfter: { dateAfterSeconds: 2 } },
  'html-502': { kind: 'html', status: 502 },
  'html-503': { kind: 'html', status: 503 },
  reset: { kind: 'reset' },
  truncated: { kind: 'truncated' },
  'not-json': { kind: 'not-json' },
  'error-in-200': { kind: 'error-in-200' },
  hang: { kind: 'hang' },
  cae: { kind: 'cae' },
} as const satisfies Record<string, Fault>;

const errors = {
  429: ['TooManyRequests', 'Too Many Requests'],
  500: ['InternalServerError', ''],
  502: ['UnknownError', ''],
  503: ['UnknownError', ''],
  504: ['UnknownError', ''],
} as const;

/** What making a faulty reply needs. `now` is in epoch milliseconds. */
export interface FaultContext {
  readonly origin: string;
  readonly now: () => number;
  readonly randomUUID: () => string;
}

function retryAfterHeader(retryAfter: RetryAfter | undefined, now: number): Record<string, string> {
  if (retryAfter === undefined) return {};
  if ('seconds' in retryAfter) return { 'retry-after': String(retryAfter.seconds) };
  return { 'retry-after': new Date(now + retryAfter.dateAfterSeconds * 1000).toUTCString() };
}

function htmlPage(status: 502 | 503): SandboxReply {
  const title = status === 502 ? '502 Bad Gateway' : '503 Service Temporarily Unavailable';
  return {
    status,
    headers: { 'content-type': 'text/html' },
    body: `<html>\r\n<head><title>${title}</title></head>\r\n<body>\r\n<center><h1>${title}</h1></center>\r\n</body>\r\n</html>\r\n`,
  };
}

/** A challenge as Microsoft Graph words it (entra-docs app-resilience-continuous-access-evaluation). */
function challenge(context: FaultContext, clientRequestId: string | undefined): SandboxReply {
  const value = String(Math.floor(context.now() / 1000));
  const claims = JSON.stringify({ access_token: { nbf: { essential: true, value } } });
  const text =
    'Continuous access evaluation resulted in challenge with result: InteractionRequired and code: ' +
    'TokenIssuedBeforeRevocationTimestamp';
  const reply = graphError(context, 401, 'InvalidAuthenticationToken', text, clientRequestId);
  const authenticate =
    `Bearer realm="", authorization_uri="${context.origin}/common/oauth2/authorize", ` +
    'client_id="00000003-0000-0000-c000-000000000000", error="insufficient_claims", ' +
    `errorDescription="${text}", claims="${Buffer.from(claims).toString('base64')}"`;
  return { ...reply, headers: { ...reply.headers, 'www-authenticate': authenticate } };
}

function faultyReply(
  fault: Exclude<Fault, { kind: 'reset' | 'truncated' | 'hang' | 'answer' | 'bytes' }>,
  context: FaultContext,
  clientRequestId: string | undefined,
): SandboxReply {
  switch (fault.kind) {
    case 'status': {
      const [code, message] = errors[fault.status];
      const reply = graphError(context, fault.status, code, message, clientRequestId);
      return {
        ...reply,
        headers: { ...reply.headers, ...retryAfterHeader(fault.retryAfter, context.now()) },
      };
    }
    case 'html':
      return htmlPage(fault.status);
    case 'not-json':
      return {
        status: 200,
        headers: { 'content-type': 'application/json' },
        body: '{"value":[<upstream reset>',
      };
    case 'error-in-200':
      return { ...graphError(context, 500, 'InternalServerError', '', clientRequestId), status: 200 };
    case 'cae':
      return challenge(context, clientRequestId);
  }
}

/** What the client gets under a fault. `reply` is the server's own answer, if it acted. */
function deliverFault(fault: Fault, context: FaultContext, target: FaultTarget): Delivery {
  switch (fault.kind) {
    case 'reset':
    case 'hang':
      return { kind: fault.kind };
    case 'truncated': {
      const whole = target.reply ?? { status: 200, headers: {}, body: '{"@odata.context":"","value":[]}' };
      return { kind: 'truncated', reply: whole };
    }
    case 'answer':
      return { kind: 'reply', reply: fault.answer(target.reply) };
    case 'bytes':
      return { kind: 'bytes', bytes: fault.bytes() };
    default:
      return {
        kind: 'reply',
        reply: faultyReply(fault, context, target.request.headers['client-request-id']),
      };
  }
}

/** `now` is in epoch milliseconds. */
interface Context {
  readonly now: () => number;
  readonly randomUUID: () => string;
}

/** An error that stands in front of Microsoft Graph's own code: a fault, or a failure of this server. */
export function graphError(
  context: Context,
  status: number,
  code: string,
  message: string,
  clientRequestId?: string,
): SandboxReply {
  const requestId = context.randomUUID();
  const clientId = clientRequestId ?? requestId;
  const date = new Date(context.now()).toISOString().slice(0, 19);
  const innerError = { date, 'request-id': requestId, 'client-request-id': clientId };
  return {
    status,
    headers: {
      'content-type': 'application/json',
      'request-id': requestId,
      'client-request-id': clientId,
    },
    body: JSON.stringify({ error: { code, message, innerError } }),
  };
}

/** The rules in force, and the question that each request puts to them. */
export interface FaultRules {
  readonly control: FaultControl;
  /** What the client gets instead, or undefined where the request goes its way. */
  readonly find: (when: FaultRule['when'], target: FaultTarget) => Delivery | undefined;
}

interface Counted {
  readonly rule: FaultRule;
  readonly seen: Record<Kind, number>;
}

function counted(rule: FaultRule): Counted {
  return { rule, seen: { entra: 0, graph: 0 } };
}

function applies({ rule, seen }: Counted, target: FaultTarget): boolean {
  seen[target.kind] += 1;
  return rule.matches(target, seen[target.kind]);
}

/** Starts with a scenario's own rules, which no one can remove. */
export function createFaultRules(permanent: readonly FaultRule[], context: FaultContext): FaultRules {
  const standing = permanent.map(counted);
  let added: Counted[] = [];
  return {
    control: {
      add: (rule) => {
        added = [...added, counted(rule)];
      },
      clear: () => {
        added = [];
      },
    },
    find: (when, target) => {
      // Every rule counts every request, also one that another rule spoils.
      const matching = [...added, ...standing]
        .filter(({ rule }) => rule.when === when)
        .filter((held) => applies(held, target));
      const fault = matching[0]?.rule.fault;
      return fault === undefined ? undefined : deliverFault(fault, context, target);
    },
  };
}
