import * as z from 'zod';
import type { Kind } from './faults.ts';
import type { SandboxReply, SandboxRequest } from './world.ts';

/** One item of a `$batch`; `status` is undefined where the server gave no answer to it. */
export interface LoggedItem {
  readonly method: string;
  /** As the client wrote it. */
  readonly url: string;
  readonly body: unknown;
  readonly status?: number;
}

/** One request that reached the server. */
export interface LoggedRequest {
  readonly kind: Kind;
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  /** Lower-case names, without those that carry credentials. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: string;
  /** Epoch milliseconds. */
  readonly at: number;
  /** What the client was told; 0 while it has no answer, and for ever where it never got one. */
  readonly status: number;
  /** What the server itself answered; undefined where a fault kept the request from it. */
  readonly handled?: number;
  /** The items of a `$batch`. */
  readonly items: readonly LoggedItem[];
}

/** A call to Microsoft Graph that may change the tenant. */
export interface Write {
  readonly method: string;
  readonly url: string;
  /** The server's own answer, whether or not it reached the client. */
  readonly status: number;
}

type Entry = { -readonly [Key in keyof LoggedRequest]: LoggedRequest[Key] };

/** Fills in a log entry as its request goes on. */
export interface LogHandle {
  readonly handled: (reply: SandboxReply) => void;
  readonly delivered: (status: number) => void;
}

const credentialHeaders = new Set(['authorization', 'proxy-authorization', 'cookie']);

const batchRequest = z.object({
  requests: z.array(
    z.object({ id: z.string(), method: z.string(), url: z.string(), body: z.unknown().optional() }),
  ),
});
const batchReply = z.object({ responses: z.array(z.object({ id: z.string(), status: z.number() })) });

function parseAs<T>(schema: z.ZodType<T>, text: string): T | undefined {
  try {
    return schema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

function itemsOf(body: string, reply?: SandboxReply): LoggedItem[] {
  const answers = parseAs(batchReply, reply?.body ?? '')?.responses ?? [];
  const statuses = new Map(answers.map(({ id, status }) => [id, status]));
  return (parseAs(batchRequest, body)?.requests ?? []).map(({ id, method, url, body: content }) => {
    const status = statuses.get(id);
    return { method, url, body: content, ...(status === undefined ? {} : { status }) };
  });
}

/** Notes a request as it arrives. `at` is in epoch milliseconds. */
export function logRequest(log: LoggedRequest[], kind: Kind, request: SandboxRequest, at: number): LogHandle {
  const { method, url, body } = request;
  const isBatch = kind === 'graph' && url.pathname.endsWith('/$batch');
  const headers = Object.entries(request.headers).filter(([name]) => !credentialHeaders.has(name));
  const entry: Entry = {
    kind,
    method,
    url: url.pathname + url.search,
    headers: Object.fromEntries(headers),
    body,
    at,
    status: 0,
    items: isBatch ? itemsOf(body) : [],
  };
  log.push(entry);
  return {
    handled: (reply) => {
      entry.handled = reply.status;
      if (isBatch) entry.items = itemsOf(body, reply);
    },
    delivered: (status) => {
      entry.status = status;
    },
  };
}

const readMethods = new Set(['GET', 'HEAD']);

function callsOf(request: LoggedRequest): Write[] {
  if (request.kind !== 'graph' || request.handled === undefined) return [];
  const { method, url, handled: status } = request;
  if (!/\/\$batch(\?|$)/.test(url)) return [{ method, url, status }];
  return request.items.map((item) => ({ method: item.method, url: item.url, status: item.status ?? status }));
}

/**
 * Every call that asked Microsoft Graph for a change, inside a `$batch` or not, refused ones included (see `status`).
 * What a fault kept from the server is not among them.
 */
export function writes(requests: readonly LoggedRequest[]): Write[] {
  return requests.flatMap(callsOf).filter(({ method }) => !readMethods.has(method.toUpperCase()));
}

/** Form fields of the token endpoint (RFC 6749, 7521, 7636, 8628) whose values are secrets. */
const secretFields = [
  'client_secret',
  'client_assertion',
  'assertion',
  'code',
  'code_verifier',
  'device_code',
  'refresh_token',
  'password',
];

function basicPassword(encoded: string): string[] {
  const text = Buffer.from(encoded, 'base64').toString();
  const at = text.indexOf(':');
  return at < 0 ? [] : [text.slice(at + 1)];
}

function authorizationSecrets(header: string | undefined): string[] {
  const [scheme = '', value = ''] = (header ?? '').trim().split(/\s+/);
  if (scheme.toLowerCase() === 'bearer') return [value];
  return scheme.toLowerCase() === 'basic' ? [value, ...basicPassword(value)] : [];
}

function formSecrets(request: SandboxRequest): string[] {
  if (!request.headers['content-type']?.startsWith('application/x-www-form-urlencoded')) return [];
  const form = new URLSearchParams(request.body);
  return secretFields.flatMap((field) => form.getAll(field));
}

/** Every secret that a client shows in this request, right or wrong. */
export function presentedSecrets(request: SandboxRequest): string[] {
  const shown = [...authorizationSecrets(request.headers['authorization']), ...formSecrets(request)];
  return shown.filter((secret) => secret !== '');
}
