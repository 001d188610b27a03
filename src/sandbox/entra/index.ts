import type { SandboxReply, SandboxRequest } from '../world.ts';
import { adminConsent } from './admin-consent.ts';
import { authorize } from './authorize.ts';
import { badRequest, type Call, describe, type Entra, OAuthRefusal, refusalReply } from './call.ts';
import { deviceAuth, deviceCode, deviceLogin } from './device-code.ts';
import { discoverInstance, openidConfiguration, openidConfigurationV1, signingKeys } from './discovery.ts';
import { html, messagePage, page, resumePage } from './pages.ts';
import { listSubscriptions, listTenants } from './resource-manager.ts';
import { token, tokenV1 } from './token-endpoint.ts';

/** One endpoint: which methods it takes, whether a person looks at it, what it does. */
interface Route {
  readonly methods: readonly string[];
  readonly page: boolean;
  readonly run: (call: Call) => SandboxReply | Promise<SandboxReply>;
}

const document = (run: Route['run']): Route => ({ methods: ['GET'], page: false, run });
const endpoint = (run: Route['run']): Route => ({ methods: ['POST'], page: false, run });
const view = (run: Route['run'], methods = ['GET', 'POST']): Route => ({ methods, page: true, run });

function explainCode({ request }: Call): SandboxReply {
  const code = /^\d{1,10}$/.exec(request.url.searchParams.get('code') ?? '')?.[0] ?? '';
  const text = `AADSTS${code}: see https://login.microsoftonline.com/error?code=${code} for what it means.`;
  return messagePage('Error lookup', code === '' ? 'No error code was given.' : text);
}

function logout(): SandboxReply {
  return messagePage('You signed out of your account', "It's a good idea to close all browser windows.");
}

const rootRoutes = new Map<string, Route>([
  ['/common/discovery/instance', document(discoverInstance)],
  ['/devicelogin', view(deviceLogin, ['GET'])],
  ['/error', view(explainCode, ['GET'])],
  ['/subscriptions', document(listSubscriptions)],
  ['/tenants', document(listTenants)],
]);

/** By the path that follows the tenant. */
const tenantRoutes = new Map<string, Route>([
  ['v2.0/.well-known/openid-configuration', document(openidConfiguration)],
  ['.well-known/openid-configuration', document(openidConfigurationV1)],
  ['discovery/v2.0/keys', document(signingKeys)],
  ['discovery/keys', document(signingKeys)],
  ['oauth2/v2.0/authorize', view(authorize)],
  ['oauth2/v2.0/devicecode', endpoint(deviceCode)],
  ['oauth2/deviceauth', view(deviceAuth)],
  ['oauth2/v2.0/token', endpoint(token)],
  ['oauth2/token', endpoint(tokenV1)],
  ['oauth2/v2.0/logout', view(logout)],
  ['adminconsent', view(adminConsent)],
]);

function findRoute(path: string): Route | undefined {
  const lower = path.toLowerCase().replace(/\/+$/, '');
  const [, , ...rest] = lower.split('/');
  return rootRoutes.get(lower) ?? tenantRoutes.get(rest.join('/'));
}

function readForm({ headers, body }: SandboxRequest): URLSearchParams {
  const type = headers['content-type']?.split(';')[0]?.trim().toLowerCase();
  return new URLSearchParams(type === 'application/x-www-form-urlencoded' ? body : '');
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

const guid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

function readCall(entra: Entra, request: SandboxRequest): Call {
  const own = request.headers['client-request-id'];
  return {
    entra,
    request,
    tenant: decoded(request.url.pathname.split('/')[1] ?? ''),
    form: readForm(request),
    correlation: own !== undefined && guid.test(own) ? own : entra.world.randomUUID(),
  };
}

function errorPage({ entra, correlation }: Call, { refusal }: OAuthRefusal): SandboxReply {
  const text = describe(refusal, entra.world, entra.world.randomUUID(), correlation);
  const body = html`<p>Sorry, but we're having trouble signing you in.</p>
<p class="notice" role="alert">${text}</p>`;
  return page({ title: 'Sign in', body, status: refusal.status });
}

async function run(route: Route, call: Call): Promise<SandboxReply> {
  const { method, url } = call.request;
  if (!route.methods.includes(method)) {
    const text = `The endpoint only accepts ${route.methods.join(', ')} requests. Received a ${method} request.`;
    throw badRequest('invalid_request', 900561, text);
  }
  if (route.page && method === 'POST' && call.form.has('flow')) {
    return resumePage(call.entra, url.pathname, call.form);
  }
  return route.run(call);
}

function withIds(reply: SandboxReply, call: Call): SandboxReply {
  const ids = {
    'x-ms-request-id': call.entra.world.randomUUID(),
    'client-request-id': call.correlation,
  };
  return { ...reply, headers: { ...ids, ...reply.headers } };
}

/**
 * Answers a request to Entra: discovery, sign-in pages, device codes, tokens, administrator's consent. Undefined where
 * the path is none of Entra's. Bad input never throws: it becomes a JSON error, a redirect with an error, or a page.
 */
export async function handleEntra(entra: Entra, request: SandboxRequest): Promise<SandboxReply | undefined> {
  const route = findRoute(request.url.pathname);
  if (route === undefined) return undefined;
  const call = readCall(entra, request);
  try {
    return withIds(await run(route, call), call);
  } catch (error) {
    if (!(error instanceof OAuthRefusal)) throw error;
    const reply = route.page
      ? errorPage(call, error)
      : refusalReply(error.refusal, entra.world, call.correlation);
    return withIds(reply, call);
  }
}
