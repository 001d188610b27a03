import type { TokenCredentialOptions } from '@azure/identity';
import type { Redactor } from '../core/redact.ts';
import { authorityHosts, type Cloud } from './clouds.ts';
import { type OAuthError, parseOAuthError } from './oauth-error.ts';

type PipelinePolicy = NonNullable<TokenCredentialOptions['additionalPolicies']>[number]['policy'];

/**
 * Watches what @azure/identity exchanges with Entra. The SDK turns most refusals into an error with a message
 * only, and drops the AADSTS text of the device code flow: this keeps the last refusal whole. It also hands
 * every secret that passes to the redactor before anything can print it.
 */
export interface OAuthTap {
  readonly policy: PipelinePolicy;
  /** What became of the last request: tells a fault of the way or of the service from a refusal. */
  last(): LastExchange;
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

/** Every success of Entra's endpoints is a JSON object without `error`; everything else they say is an OAuth error. */
export function isForeign(status: number, text: string): boolean {
  if (status >= 400) return parseOAuthError(status, text) === undefined;
  try {
    const body: unknown = JSON.parse(text);
    return typeof body !== 'object' || body === null || 'error' in body;
  } catch {
    return true;
  }
}

function registerReply(text: string, redactor: Redactor): void {
  try {
    const body = JSON.parse(text) as Record<string, unknown>;
    for (const field of secretFields) {
      const value = body[field];
      if (typeof value === 'string') redactor.add(value);
    }
  } catch {
    // Not JSON, so it holds no token.
  }
}

function registerRequest(body: unknown, redactor: Redactor): void {
  if (typeof body !== 'string') return;
  const form = new URLSearchParams(body);
  for (const name of secretParameters) {
    const value = form.get(name);
    if (value) redactor.add(value);
  }
}

/** The address to which a device code would send people, where it is no https address (RFC 8628, 3.2). */
function unsafeAddress(url: string, text: string): string | undefined {
  if (!new URL(url).pathname.endsWith('/devicecode')) return undefined;
  try {
    const { verification_uri: address } = JSON.parse(text) as Record<string, unknown>;
    if (typeof address !== 'string') return undefined;
    const { protocol, username } = URL.canParse(address) ? new URL(address) : { protocol: '', username: '' };
    return protocol === 'https:' && username === '' ? undefined : address;
  } catch {
    return undefined;
  }
}

/**
 * A tap for one credential object. It refuses every request to a host that is not the cloud's, so that an address
 * from the network is never followed with a secret or a person.
 */
export function createOAuthTap(redactor: Redactor, cloud: Pick<Cloud, 'authorityHost'>): OAuthTap {
  let last: LastExchange = { status: 0, foreign: false };
  const own = authorityHosts(cloud);
  const refuse = (stray: string | undefined): void => {
    if (stray === undefined) return;
    last = { status: 0, foreign: false, stray };
    throw new Error('The sign-in was led to a host that is not the authority.');
  };
  const policy: PipelinePolicy = {
    name: 'reporting-setup-tap',
    async sendRequest(request, next) {
      registerRequest(request.body, redactor);
      const { host } = new URL(request.url);
      refuse(own.includes(host) ? undefined : host);
      try {
        const response = await next(request);
        const { status } = response;
        const text = response.bodyAsText ?? '';
        registerReply(text, redactor);
        const said = status >= 400 ? parseOAuthError(status, text) : undefined;
        const refusal = said?.error === 'authorization_pending' ? undefined : said;
        last = { status, refusal, foreign: isForeign(status, text) };
        refuse(unsafeAddress(request.url, text));
        return response;
      } catch (error) {
        if (last.stray !== undefined) throw error;
        last = { status: 0, loss: error, foreign: false };
        throw error;
      }
    },
  };
  return { policy, last: () => last };
}
