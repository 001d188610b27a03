import type { ServicePrincipal } from '../model.ts';
import { requireUsableClient } from './clients.ts';
import type { Call, Challenge } from './context.ts';
import { badRequest, OAuthRefusal } from './errors.ts';
import { readParameter, requireParameter } from './parameters.ts';
import { type RedirectTarget, requireRedirect } from './redirects.ts';
import { parseScope, type Resource, requireResource, type ScopeRequest } from './resources.ts';

/** Who asks, and where the answer goes: without these nothing may be redirected. */
export interface Asker {
  readonly client: ServicePrincipal;
  readonly publicClient: boolean;
  readonly target: RedirectTarget;
}

/** A valid authorization request. */
export interface AuthorizeRequest extends Asker {
  readonly scope: ScopeRequest;
  /** The scope parameter as it came. */
  readonly scopeText: string;
  readonly resource: Resource;
  readonly challenge: Challenge | undefined;
  readonly nonce: string | undefined;
  readonly prompt: string | undefined;
  readonly hint: string | undefined;
}

const modes = ['query', 'fragment', 'form_post'] as const;
const prompts = new Set(['login', 'none', 'consent', 'select_account', 'create']);

/** Reads the client and its redirect address. Throws what must stay on a page of this server. */
export function readAsker(call: Call, parameters: URLSearchParams): Asker {
  const client = requireUsableClient(call, requireParameter(parameters, 'client_id'));
  const uri = readParameter(parameters, 'redirect_uri');
  if (uri === undefined) throw badRequest('invalid_request', 900971, 'No reply address provided.');
  const { publicClient } = requireRedirect(call.entra.world, client, uri);
  const mode = modes.find((candidate) => candidate === parameters.get('response_mode')) ?? 'query';
  return { client, publicClient, target: { uri, mode, state: parameters.get('state') ?? undefined } };
}

function readChallenge(parameters: URLSearchParams): Challenge | undefined {
  const value = readParameter(parameters, 'code_challenge');
  if (value === undefined) return undefined;
  const method = parameters.get('code_challenge_method') ?? 'plain';
  if (method !== 'S256' && method !== 'plain') {
    throw badRequest('invalid_request', 90100, 'code_challenge_method parameter is empty or not valid.');
  }
  const wellFormed = method === 'S256' ? /^[\w-]{43}$/ : /^[\w.~-]{43,128}$/;
  if (!wellFormed.test(value)) {
    throw badRequest('invalid_request', 501491, 'Invalid size of Code_Challenge parameter.');
  }
  return { value, method };
}

function checkForm(parameters: URLSearchParams): void {
  const type = requireParameter(parameters, 'response_type');
  if (type !== 'code') {
    const text = `The app returned an unsupported response type: response type '${type}' isn't enabled for the app.`;
    throw badRequest('unsupported_response_type', 70005, text);
  }
  const mode = readParameter(parameters, 'response_mode');
  if (mode !== undefined && !modes.some((known) => known === mode)) {
    throw badRequest('invalid_request', 70007, `'${mode}' is not a supported value of 'response_mode'.`);
  }
  const prompt = readParameter(parameters, 'prompt');
  if (prompt !== undefined && !prompts.has(prompt)) {
    throw badRequest('invalid_request', 90023, `Unsupported 'prompt' value.`);
  }
}

/** Reads the rest. What it throws may be sent to the redirect address. */
export function readAuthorizeRequest(
  call: Call,
  parameters: URLSearchParams,
  asker: Asker,
): AuthorizeRequest {
  checkForm(parameters);
  const scopeText = requireParameter(parameters, 'scope');
  const scope = parseScope(scopeText);
  return {
    ...asker,
    scope,
    scopeText,
    resource: requireResource(call.entra.world, scope.resource),
    challenge: readChallenge(parameters),
    nonce: readParameter(parameters, 'nonce'),
    prompt: readParameter(parameters, 'prompt'),
    hint: readParameter(parameters, 'login_hint'),
  };
}

/** AADSTS50058, the answer to prompt=none of somebody who is not signed in. */
export function loginRequired(): OAuthRefusal {
  return new OAuthRefusal({
    status: 400,
    error: 'login_required',
    code: 50058,
    text: "Session information isn't sufficient for single-sign-on.",
  });
}
