import type { TokenCredentialOptions } from '@azure/identity';
import type { INetworkModule, NetworkRequestOptions, NetworkResponse } from '@azure/msal-node';
import { type Fields, fieldsIn, fieldsOf, parseJson, textOf } from '../core/fields.ts';
import type { Redactor } from '../core/redact.ts';
import { isPage, networkCode, originOfForeign } from '../http/network-error.ts';
import {
  type Attempted,
  attemptUntilFinal,
  failedReply,
  lostReply,
  parseRetryAfter,
  type RetryClock,
  replyDate,
} from '../http/retry.ts';
import type { Transport } from '../http/transport.ts';
import { authorityHosts, type Cloud } from './clouds.ts';
import { codeLifetimeIn, type OAuthError, parseOAuthError } from './oauth-error.ts';

/** What every credential of a run shares. */
export interface SignInContext extends RetryClock {
  readonly cloud: Cloud;
  readonly transport: Transport;
  readonly redactor: Redactor;
  readonly signal: AbortSignal;
  /** Aborts after that many milliseconds. */
  readonly timeoutSignal: (delay: number) => AbortSignal;
}

/** One of the functions through which @azure/identity sends each request. */
export type PipelinePolicy = NonNullable<TokenCredentialOptions['additionalPolicies']>[number]['policy'];
type HttpClient = NonNullable<TokenCredentialOptions['httpClient']>;
type PipelineRequest = Parameters<HttpClient['sendRequest']>[0];
type PipelineResponse = Awaited<ReturnType<HttpClient['sendRequest']>>;

const openId = /^(\/[^/]+)\/v2\.0\/\.well-known\/openid-configuration$/;

/**
 * Where a tenant's endpoints are (entra-docs v2-protocols-oidc, v2-oauth2-auth-code-flow), as an OpenID configuration
 * has them; undefined for any other request. MSAL knows this by heart for Microsoft's own hosts and asks all others
 * first: one wait more, and an answer that could lead a secret somewhere else.
 */
function knownEndpoints({ method, url }: PipelineRequest): string | undefined {
  const { origin, pathname } = new URL(url);
  const tenant = method === 'GET' ? openId.exec(pathname)?.[1] : undefined;
  if (tenant === undefined) return undefined;
  const at = `${origin}${tenant}`;
  return JSON.stringify({
    issuer: `${at}/v2.0`,
    authorization_endpoint: `${at}/oauth2/v2.0/authorize`,
    token_endpoint: `${at}/oauth2/v2.0/token`,
    jwks_uri: `${at}/discovery/v2.0/keys`,
  });
}

/** Headers in the shape of @azure/core-rest-pipeline, which tells of absent ones by `undefined`. */
function headersOf(headers: Headers): PipelineResponse['headers'] {
  return {
    get: (name) => headers.get(name) ?? undefined,
    has: (name) => headers.has(name),
    set: (name, value) => headers.set(name, String(value)),
    delete: (name) => headers.delete(name),
    toJSON: () => Object.fromEntries(headers),
    [Symbol.iterator]: () => headers[Symbol.iterator](),
  };
}

/** Sends what @azure/identity asks for the way that everything else goes: one trust, one proxy, one pool. */
export function createIdentityHttp(transport: Transport): HttpClient {
  return {
    async sendRequest(request) {
      const known = knownEndpoints(request);
      if (known !== undefined) {
        // Nobody looks at the headers of this reply: those of the request stand in.
        return { request, status: 200, headers: request.headers, bodyAsText: known };
      }
      const { method, url, body, abortSignal } = request;
      const response = await transport.fetch(url, {
        method,
        headers: request.headers.toJSON(),
        ...(typeof body === 'string' ? { body } : {}),
        ...(abortSignal ? { until: abortSignal } : {}),
      });
      const { status, headers } = response;
      return { request, status, headers: headersOf(headers), bodyAsText: await response.text() };
    },
  };
}

const unavailable = new Set([408, 429, 500, 502, 503, 504]);

const formOf = ({ body }: PipelineRequest): URLSearchParams =>
  new URLSearchParams(typeof body === 'string' ? body : '');

/** True for the request that turns the code of a browser's sign-in into tokens. */
const redeemsCode = (request: PipelineRequest): boolean =>
  formOf(request).get('grant_type') === 'authorization_code';

async function attemptOnce(
  request: PipelineRequest,
  send: () => Promise<PipelineResponse>,
  now: Date,
): Promise<Attempted<PipelineResponse>> {
  // A code can be redeemed once: after a lost reply another try would only be told so.
  const repeatable = !redeemsCode(request);
  try {
    const reply = await send();
    const { status, bodyAsText } = reply;
    const date = replyDate(reply.headers.get('date'), now);
    const retryAfter = parseRetryAfter(reply.headers.get('retry-after'), date);
    if (unavailable.has(status)) {
      return { failure: failedReply(status, 'http', retryAfter), repeatable: true, giveUp: () => reply };
    }
    if (!isForeign(request.url, status, bodyAsText ?? '')) return { value: reply };
    const giveUp = (): never => {
      // The SDK would take what a garbled reply lacks for the text "undefined" and go on, and poll by its words.
      throw new Error('The reply is not what Entra sends.');
    };
    const kind = status === 200 ? 'malformed' : 'foreign';
    // What is whole and of another kind was not spoilt on the way, and stays so.
    const text = bodyAsText ?? '';
    const origin = isPage(text) || parseJson(text) !== undefined ? 'another reply' : undefined;
    return { failure: failedReply(status, kind, retryAfter, origin), repeatable, giveUp };
  } catch (error) {
    const lost = networkCode(error);
    if (lost === undefined || request.abortSignal?.aborted) throw error;
    const giveUp = (): never => {
      throw error;
    };
    return { failure: lostReply(lost), repeatable, giveUp };
  }
}

/** Repeats requests to Entra by the same table as those to Graph, in place of the SDK's own policy. */
export function createOAuthRetry(clock: RetryClock): PipelinePolicy {
  return {
    name: 'reporting-setup-retry',
    sendRequest: (request, next) =>
      attemptUntilFinal(() => attemptOnce(request, () => next(request), clock.now()), clock),
  };
}

/**
 * Watches what @azure/identity exchanges with Entra. The SDK turns most refusals into an error with a message
 * only, and drops the AADSTS text of the device code flow: this keeps the last refusal whole. It also hands
 * every secret that passes to the redactor before anything can print it.
 */
export interface OAuthMonitor {
  readonly policy: PipelinePolicy;
  /** What became of the last request: tells a fault of the way or of the service from a refusal. */
  last(): LastExchange;
  /** Seconds that the device code lives of which the last reply told, if it did. */
  codeLifetime(): number | undefined;
}

/** What became of a request. */
export interface LastExchange {
  /** HTTP status; 0 where no reply came. */
  readonly status: number;
  /** Entra's refusal, unless it was "keep polling". */
  readonly refusal?: OAuthError | undefined;
  /** The error instead of a reply. */
  readonly loss?: unknown;
  /** A reply came, and Entra does not write such. */
  readonly foreign: boolean;
  /** What is known of whoever wrote that. */
  readonly origin?: string | undefined;
  /** Milliseconds that Entra asks to wait. */
  readonly retryAfter?: number | undefined;
  /** The host to which the sign-in would have gone although it is none of the cloud's; the request was not sent. */
  readonly stray?: string | undefined;
}

const secretFields = ['access_token', 'refresh_token', 'id_token', 'device_code'];
const secretParameters = [
  'client_secret',
  'client_assertion',
  'code',
  'refresh_token',
  'device_code',
  'code_verifier',
];

/** What an HTTP header takes: a token with a line break in it is none (RFC 6750, 2.1). */
export const isToken = (value: unknown): value is string =>
  typeof value === 'string' && /^[\x21-\x7e]+$/.test(value);

const isBetween = (value: unknown, least: number, most: number): boolean =>
  typeof value === 'number' && value >= least && value <= most;

/** Seconds: what Entra's own device codes stay below by far (900 and 5). */
const longestCode = 3_600;
const longestInterval = 300;

/** What a success of an endpoint has to hold (RFC 6749, 5.1; RFC 8628, 3.2, where Entra always names the interval). */
const contents: readonly (readonly [path: RegExp, holds: (body: Fields) => boolean])[] = [
  [
    /\/oauth2\/v2\.0\/devicecode$/,
    ({ user_code, device_code, verification_uri, expires_in, interval }) =>
      [user_code, verification_uri].every((text) => textOf(text).trim() !== '') &&
      isToken(device_code) &&
      isBetween(expires_in, 1, longestCode) &&
      isBetween(interval, 1, longestInterval),
  ],
  [/\/oauth2\/v2\.0\/token$/, ({ access_token }) => isToken(access_token)],
];

/**
 * Every success of Entra's endpoints is a JSON object without `error` that holds what was asked for; everything else they
 * say is an OAuth error.
 */
export function isForeign(url: string, status: number, text: string): boolean {
  if (status >= 400) return parseOAuthError(status, text) === undefined;
  const body = parseJson(text);
  if (status !== 200 || typeof body !== 'object' || body === null || 'error' in body) return true;
  const { pathname } = new URL(url);
  const [, holds] = contents.find(([path]) => path.test(pathname)) ?? [];
  return holds?.(fieldsOf(body)) === false;
}

/** The address to which a device code would send people, where it is no https address (RFC 8628, 3.2). */
function unsafeAddress(url: string, text: string): string | undefined {
  const { verification_uri: address } = fieldsIn(text);
  if (!new URL(url).pathname.endsWith('/devicecode') || typeof address !== 'string') return undefined;
  const { protocol, username } = URL.canParse(address) ? new URL(address) : { protocol: '', username: '' };
  return protocol === 'https:' && username === '' ? undefined : address;
}

interface MonitorContext extends Pick<RetryClock, 'now'> {
  readonly redactor: Redactor;
  readonly cloud: Pick<Cloud, 'authorityHost'>;
  readonly transport: Pick<Transport, 'via'>;
}

/**
 * A monitor for one credential object. It refuses every request to a host that is not the cloud's, so that an address
 * from the network is never followed with a secret or a person.
 */
export function createOAuthMonitor({ redactor, cloud, transport, now }: MonitorContext): OAuthMonitor {
  const proxy = transport.via(cloud.authorityHost);
  let last: LastExchange = { status: 0, foreign: false };
  let codeLifetime: number | undefined;
  const own = authorityHosts(cloud);
  const refuse = (stray: string | undefined): void => {
    if (stray === undefined) return;
    last = { status: 0, foreign: false, stray };
    throw new Error('The sign-in was led to a host that is not the authority.');
  };
  const registerAll = (names: readonly string[], values: Fields): void => {
    for (const name of names) redactor.add(textOf(values[name]));
  };
  const policy: PipelinePolicy = {
    name: 'reporting-setup-monitor',
    async sendRequest(request, next) {
      registerAll(secretParameters, Object.fromEntries(formOf(request)));
      const { host } = new URL(request.url);
      refuse(own.includes(host) ? undefined : host);
      try {
        const response = await next(request);
        const { status } = response;
        const text = response.bodyAsText ?? '';
        registerAll(secretFields, fieldsIn(text));
        const said = status >= 400 ? parseOAuthError(status, text) : undefined;
        const refusal = said?.error === 'authorization_pending' ? undefined : said;
        const foreign = isForeign(request.url, status, text);
        const header = (name: string): string | undefined => response.headers.get(name);
        last = {
          status,
          refusal,
          foreign,
          origin: foreign ? originOfForeign({ status, header, body: text }, proxy) : undefined,
          retryAfter: parseRetryAfter(header('retry-after'), now()),
        };
        refuse(unsafeAddress(request.url, text));
        codeLifetime = codeLifetimeIn(text);
        return response;
      } catch (error) {
        if (last.stray !== undefined) throw error;
        last = { status: 0, loss: error, foreign: false };
        throw error;
      }
    },
  };
  return { policy, last: () => last, codeLifetime: () => codeLifetime };
}

/** What MSAL sends its requests through. */
type MsalNetwork = Pick<INetworkModule, 'sendGetRequestAsync' | 'sendPostRequestAsync'>;

/**
 * Sends what MSAL asks for without @azure/identity in between, by the same policies: tried again by the same table, and
 * watched by the monitor. `until` is asked with each request for what ends it.
 */
export function createMsalNetwork(
  context: SignInContext,
  monitor: OAuthMonitor,
  until: () => AbortSignal,
): MsalNetwork {
  const http = createIdentityHttp(context.transport);
  const retry = createOAuthRetry(context);
  const send = async <T>(
    method: 'GET' | 'POST',
    url: string,
    { headers = {}, body }: NetworkRequestOptions = {},
  ): Promise<NetworkResponse<T>> => {
    const request: PipelineRequest = {
      method,
      url,
      headers: headersOf(new Headers(headers)),
      ...(body === undefined ? {} : { body }),
      abortSignal: until(),
      requestId: '',
      timeout: 0,
      withCredentials: false,
    };
    const reply = await retry.sendRequest(request, (again) =>
      monitor.policy.sendRequest(again, http.sendRequest),
    );
    const { status, bodyAsText } = reply;
    // MSAL names the shape that it expects, and looks at what came itself.
    return { status, headers: reply.headers.toJSON(), body: JSON.parse(bodyAsText || '{}') as T };
  };
  return {
    sendGetRequestAsync: (url, options) => send('GET', url, options),
    sendPostRequestAsync: (url, options) => send('POST', url, options),
  };
}
