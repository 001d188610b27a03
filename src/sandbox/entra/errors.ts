import type { SandboxReply, World } from '../world.ts';

/** What a refusal is made of; `code` is the AADSTS number, `text` its description without the tail. */
export interface Refusal {
  readonly status: 400 | 401;
  readonly error: string;
  readonly code: number;
  readonly text: string;
  readonly suberror?: string;
  /** A JSON string for the client's next request. */
  readonly claims?: string;
}

/** Thrown by any handler that refuses; turned into a reply, a redirect or a page where it is caught. */
export class OAuthRefusal extends Error {
  readonly refusal: Refusal;

  constructor(refusal: Refusal) {
    super(`AADSTS${refusal.code}: ${refusal.text}`);
    this.refusal = refusal;
  }
}

/** A refusal of the client's authentication: 401 invalid_client. */
export function invalidClient(code: number, text: string): OAuthRefusal {
  return new OAuthRefusal({ status: 401, error: 'invalid_client', code, text });
}

/** A refusal of the grant, or of policy: 400 invalid_grant. */
export function invalidGrant(code: number, text: string, suberror?: string): OAuthRefusal {
  return new OAuthRefusal({
    status: 400,
    error: 'invalid_grant',
    code,
    text,
    ...(suberror === undefined ? {} : { suberror }),
  });
}

/** 400 with any OAuth error. */
export function badRequest(error: string, code: number, text: string): OAuthRefusal {
  return new OAuthRefusal({ status: 400, error, code, text });
}

/** `2026-11-01 10:00:00Z`, as Entra writes a time. */
export function timestamp(milliseconds: number): string {
  return new Date(milliseconds)
    .toISOString()
    .replace('T', ' ')
    .replace(/\.\d+Z$/, 'Z');
}

/** The text of a refusal with the tail by which Microsoft's support finds the request. */
export function describe(refusal: Refusal, world: World, trace: string, correlation: string): string {
  const tail = `Trace ID: ${trace} Correlation ID: ${correlation} Timestamp: ${timestamp(world.now())}`;
  return `AADSTS${refusal.code}: ${refusal.text} ${tail}`;
}

/** The JSON reply to a refused request (entra-docs reference-error-codes.md). `correlation` is the client's own id. */
export function refusalReply(refusal: Refusal, world: World, correlation: string): SandboxReply {
  const trace = world.randomUUID();
  const body = {
    error: refusal.error,
    error_description: describe(refusal, world, trace, correlation),
    error_codes: [refusal.code],
    timestamp: timestamp(world.now()),
    trace_id: trace,
    correlation_id: correlation,
    error_uri: `${world.origin}/error?code=${refusal.code}`,
    ...(refusal.suberror === undefined ? {} : { suberror: refusal.suberror }),
    ...(refusal.claims === undefined ? {} : { claims: refusal.claims }),
  };
  return json(body, refusal.status, { 'x-ms-request-id': trace });
}

/** A JSON reply that no cache keeps. */
export function json(body: unknown, status = 200, headers: Record<string, string> = {}): SandboxReply {
  return {
    status,
    headers: {
      'content-type': 'application/json; charset=utf-8',
      'cache-control': 'no-store, no-cache',
      pragma: 'no-cache',
      'x-content-type-options': 'nosniff',
      ...headers,
    },
    body: JSON.stringify(body),
  };
}
