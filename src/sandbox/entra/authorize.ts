import type { ServicePrincipal, User } from '../model.ts';
import type { SandboxReply } from '../world.ts';
import {
  badRequest,
  type Call,
  type Challenge,
  describe,
  OAuthRefusal,
  readParameter,
  requireParameter,
} from './call.ts';
import {
  adminConsentRequired,
  type ConsentQuestion,
  consentDeclined,
  isConsentAdmin,
  mayConsent,
  missingConsent,
  recordConsent,
} from './consent.ts';
import { requireUsableClient, requireUser } from './directory.ts';
import { ask, consentFields, pickAccount, refusalPage, type Step } from './pages.ts';
import { formTargetOf, type RedirectTarget, redirect, requireRedirect } from './redirects.ts';
import { parseScope, type Resource, requireResource, type ScopeRequest } from './resources.ts';

const codeLifetime = 10 * 60_000;

type Missing = ReturnType<typeof missingConsent>;

/** One sign-in under way. */
interface SignIn {
  readonly call: Call;
  readonly request: AuthorizeRequest;
  readonly step: Step;
}

function errorRedirect(call: Call, target: RedirectTarget, error: OAuthRefusal): SandboxReply {
  const { refusal } = error;
  const { world } = call.entra;
  return redirect(target, {
    error: refusal.error,
    error_description: describe(refusal, world, world.randomUUID(), call.correlation),
    error_uri: `${world.origin}/error?code=${refusal.code}`,
    ...(refusal.suberror === undefined ? {} : { error_subcode: refusal.suberror }),
  });
}

/** Runs one part of a sign-in and sends what it refuses to the application. */
async function orRedirect(
  call: Call,
  target: RedirectTarget,
  run: () => SandboxReply | Promise<SandboxReply>,
): Promise<SandboxReply> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof OAuthRefusal) return errorRedirect(call, target, error);
    throw error;
  }
}

function sendCode({ call, request }: SignIn, user: User): SandboxReply {
  const { world, sessions } = call.entra;
  const code = world.issue(`1.${world.randomBytes(96).toString('base64url')}`);
  sessions.codes.set(code, {
    clientId: request.client.appId,
    userId: user.id,
    scope: request.scopeText,
    publicClient: request.publicClient,
    redirectUri: request.target.uri,
    expiresAt: world.now() + codeLifetime,
    redeemed: false,
    ...(request.nonce === undefined ? {} : { nonce: request.nonce }),
    ...(request.challenge === undefined ? {} : { challenge: request.challenge }),
  });
  return redirect(request.target, { code, session_state: world.randomUUID() });
}

function needAdmin(signIn: SignIn): SandboxReply {
  const { step, request, call } = signIn;
  const text = `${request.client.displayName} needs permission to access resources in your organization that only an admin can grant. Please ask an admin to grant permission to this app before you can use it.`;
  const refused = adminConsentRequired();
  const content = {
    title: 'Need admin approval',
    text: `${text} (${refused.message})`,
    back: 'Return to the application without granting consent',
  };
  return refusalPage(step, content, () => errorRedirect(call, request.target, refused));
}

function askConsent(signIn: SignIn, user: User, question: ConsentQuestion, missing: Missing): SandboxReply {
  const { call, request, step } = signIn;
  const { world } = call.entra;
  const admin = isConsentAdmin(world, user.id);
  const fields = consentFields({ client: request.client, user, scopes: missing, admin });
  return ask(step, { title: 'Permissions requested', fields }, (form) =>
    orRedirect(call, request.target, () => {
      if (form.get('answer') !== 'accept') throw consentDeclined('access_denied');
      const everybody = admin && form.get('organisation') === 'yes';
      recordConsent(world, question, missing, everybody ? 'AllPrincipals' : 'Principal');
      return sendCode(signIn, user);
    }),
  );
}

function proceed(signIn: SignIn, user: User): SandboxReply {
  const { call, request } = signIn;
  const { world, autoApprove } = call.entra;
  const question = { ...request, userId: user.id };
  const missing = missingConsent(world, question);
  if (missing.length === 0) return sendCode(signIn, user);
  const allowed = mayConsent(world, user.id, missing);
  if (autoApprove === undefined) {
    return allowed ? askConsent(signIn, user, question, missing) : needAdmin(signIn);
  }
  if (!allowed) throw adminConsentRequired();
  recordConsent(world, question, missing, 'Principal');
  return sendCode(signIn, user);
}

function begin(signIn: SignIn): SandboxReply {
  const { call, request, step } = signIn;
  const { world, autoApprove } = call.entra;
  if (autoApprove !== undefined) return proceed(signIn, requireUser(world, autoApprove));
  if (request.prompt === 'none') throw loginRequired();
  const purpose = { application: request.client.displayName, hint: request.hint };
  return pickAccount(step, purpose, (user) => orRedirect(call, request.target, () => proceed(signIn, user)));
}

/**
 * The authorization endpoint: checks the request, lets a person be picked and asked for consent, and redirects with
 * a code. Throws OAuthRefusal for what must not be redirected: a client or an address that is not registered.
 */
export function authorize(call: Call): Promise<SandboxReply> {
  const parameters = call.request.method === 'POST' ? call.form : call.request.url.searchParams;
  const known = readClient(call, parameters);
  return orRedirect(call, known.target, () => {
    const request = readAuthorizeRequest(call, parameters, known);
    const step = {
      entra: call.entra,
      path: call.request.url.pathname,
      formTargets: [formTargetOf(known.target.uri)],
    };
    return begin({ call, request, step });
  });
}

/** Who asks, and where the answer goes: without these nothing may be redirected. */
interface KnownClient {
  readonly client: ServicePrincipal;
  readonly publicClient: boolean;
  readonly target: RedirectTarget;
}

/** A valid authorization request. */
interface AuthorizeRequest extends KnownClient {
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
function readClient(call: Call, parameters: URLSearchParams): KnownClient {
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
function readAuthorizeRequest(call: Call, parameters: URLSearchParams, known: KnownClient): AuthorizeRequest {
  checkForm(parameters);
  const scopeText = requireParameter(parameters, 'scope');
  const scope = parseScope(scopeText);
  return {
    ...known,
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
function loginRequired(): OAuthRefusal {
  return new OAuthRefusal({
    status: 400,
    error: 'login_required',
    code: 50058,
    text: "Session information isn't sufficient for single-sign-on.",
  });
}
