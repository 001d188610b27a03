import type { JSONWebKeySet } from 'jose';
import type { SandboxReply, SandboxRequest, World } from '../world.ts';

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

/** A signed-in person's consent to one client, from which tokens are minted. */
export interface Authorization {
  readonly clientId: string;
  readonly userId: string;
  readonly scope: string;
  /** Whether the client redeems it without a credential of its own. */
  readonly publicClient: boolean;
  readonly nonce?: string;
}

export interface Challenge {
  readonly value: string;
  readonly method: 'S256' | 'plain';
}

export interface AuthorizationCode extends Authorization {
  readonly redirectUri: string;
  readonly challenge?: Challenge;
  readonly expiresAt: number;
  redeemed: boolean;
}

interface RefreshToken extends Authorization {
  readonly issuedAt: number;
}

/** A device that waits for a person; `outcome` stays undefined until one has decided. */
export interface DeviceRequest {
  readonly clientId: string;
  readonly scope: string;
  readonly userCode: string;
  readonly expiresAt: number;
  outcome: { readonly userId: string } | { readonly refusal: Refusal } | 'redeemed' | undefined;
}

/** What happens when the form of a page comes back. */
export interface PendingPage {
  readonly path: string;
  readonly expiresAt: number;
  readonly resume: (form: URLSearchParams) => SandboxReply | Promise<SandboxReply>;
}

/** What Entra remembers between requests. It dies with the process: no code or token is ever written down. */
interface Sessions {
  readonly codes: Map<string, AuthorizationCode>;
  readonly devices: Map<string, DeviceRequest>;
  readonly refreshTokens: Map<string, RefreshToken>;
  /** Pages shown, by the value that their form must bring back once. */
  readonly pages: Map<string, PendingPage>;
  /** Key sets of the external identity providers that a federated credential may name, by issuer. */
  readonly issuers: Map<string, JSONWebKeySet>;
}

/** What every handler of this folder receives. */
export interface Entra {
  readonly world: World;
  readonly sessions: Sessions;
  /** Object id of the person on whose behalf every sign-in is approved at once. */
  readonly autoApprove?: string;
}

/** One request to a tenant's endpoint: `https://host/{tenant}/…`. */
export interface Call {
  readonly entra: Entra;
  readonly request: SandboxRequest;
  /** The first path segment as the client wrote it. */
  readonly tenant: string;
  /** The parsed form body, empty unless it is a form. */
  readonly form: URLSearchParams;
  /** The client's id of the request, echoed in errors. */
  readonly correlation: string;
}

export function createSessions(): Sessions {
  return {
    codes: new Map(),
    devices: new Map(),
    refreshTokens: new Map(),
    pages: new Map(),
    issuers: new Map(),
  };
}

/** A parameter's value, or undefined where it is missing or empty. */
export function readParameter(parameters: URLSearchParams, name: string): string | undefined {
  const value = parameters.get(name);
  return value === null || value === '' ? undefined : value;
}

/** A parameter's value. Throws 900144 where it is missing or empty. */
export function requireParameter(parameters: URLSearchParams, name: string): string {
  const value = readParameter(parameters, name);
  if (value === undefined) {
    const text = `The request body must contain the following parameter: '${name}'.`;
    throw badRequest('invalid_request', 900144, text);
  }
  return value;
}

function capabilities(claims: unknown): unknown[] {
  if (typeof claims !== 'object' || claims === null || !('access_token' in claims)) return [];
  const token = claims.access_token;
  if (typeof token !== 'object' || token === null || !('xms_cc' in token)) return [];
  const asked = token.xms_cc;
  if (typeof asked !== 'object' || asked === null || !('values' in asked)) return [];
  return Array.isArray(asked.values) ? asked.values : [];
}

/**
 * Whether the `claims` parameter declares the client capability CP1, that is, that it handles continuous access
 * evaluation. Throws 9002313 where the parameter is no JSON object.
 */
export function declaresCapability(parameters: URLSearchParams): boolean {
  const text = readParameter(parameters, 'claims');
  if (text === undefined) return false;
  const malformed = badRequest(
    'invalid_request',
    9002313,
    'Invalid request. Request is malformed or invalid.',
  );
  let claims: unknown;
  try {
    claims = JSON.parse(text);
  } catch {
    throw malformed;
  }
  if (typeof claims !== 'object' || claims === null || Array.isArray(claims)) throw malformed;
  return capabilities(claims).some((value) => typeof value === 'string' && value.toLowerCase() === 'cp1');
}
