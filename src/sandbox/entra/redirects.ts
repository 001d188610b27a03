import type { Application, ServicePrincipal } from '../model.ts';
import { appIds } from '../seed/well-known.ts';
import type { SandboxReply, World } from '../world.ts';
import { badRequest, type OAuthRefusal } from './call.ts';
import { findApplication } from './directory.ts';
import { html, page, submitAtOnce } from './pages.ts';

/** Where the answer to an authorization request goes, and in what form. */
export interface RedirectTarget {
  readonly uri: string;
  readonly mode: 'query' | 'fragment' | 'form_post';
  readonly state: string | undefined;
}

/** A redirect address of a client, and whether clients that use it hold a credential of their own. */
interface RegisteredRedirect {
  readonly uri: string;
  readonly publicClient: boolean;
}

const publicFirstParty = new Set<string>([appIds.azureCli, appIds.graphTools]);

/** Whether the client is one of Microsoft's that hold no credential. */
export function isFirstPartyPublic(client: ServicePrincipal): boolean {
  return publicFirstParty.has(client.appId);
}

function redirectsIn(platform: unknown): string[] {
  if (typeof platform !== 'object' || platform === null || !('redirectUris' in platform)) return [];
  const { redirectUris } = platform;
  return Array.isArray(redirectUris) ? redirectUris.filter((uri) => typeof uri === 'string') : [];
}

function redirectsOf(application: Application | undefined): RegisteredRedirect[] {
  const platform = (name: string, publicClient: boolean): RegisteredRedirect[] =>
    redirectsIn(application?.properties[name]).map((uri) => ({ uri, publicClient }));
  return [...platform('web', false), ...platform('publicClient', true), ...platform('spa', true)];
}

function withoutPort(uri: string): string | undefined {
  if (!URL.canParse(uri)) return undefined;
  const url = new URL(uri);
  const loopback = url.hostname === 'localhost' || url.hostname === '127.0.0.1';
  if (
    url.protocol !== 'http:' ||
    !loopback ||
    url.hash !== '' ||
    url.username !== '' ||
    url.password !== ''
  ) {
    return undefined;
  }
  url.port = '';
  return url.href;
}

function matches(registered: string, asked: string): boolean {
  const loopback = withoutPort(registered);
  return (
    (registered === asked && URL.canParse(asked)) ||
    (loopback !== undefined && loopback === withoutPort(asked))
  );
}

/** What a page's policy calls the place behind a redirect address: its origin, or the scheme of an app's own. */
export function formTargetOf(uri: string): string {
  const { origin, protocol } = new URL(uri);
  return origin === 'null' ? protocol : origin;
}

/** AADSTS50011, which is never sent to the address it is about. */
function unknownRedirect(uri: string, appId: string): OAuthRefusal {
  return badRequest(
    'invalid_request',
    50011,
    `The redirect URI '${uri}' specified in the request does not match the redirect URIs configured for the ` +
      `application '${appId}'. Make sure the redirect URI sent in the request matches one added to your ` +
      'application in the Azure portal.',
  );
}

function pick(registered: readonly RegisteredRedirect[], uri: string, appId: string): RegisteredRedirect {
  const found = registered.find((candidate) => matches(candidate.uri, uri));
  if (found === undefined) throw unknownRedirect(uri, appId);
  return found;
}

/** The client's registration of this address; the port of http://localhost does not count. Throws 50011. */
export function requireRedirect(world: World, client: ServicePrincipal, uri: string): RegisteredRedirect {
  const own = isFirstPartyPublic(client)
    ? [{ uri: 'http://localhost', publicClient: true }]
    : redirectsOf(findApplication(world, client.appId));
  return pick(own, uri, client.appId);
}

/** As requireRedirect, for an application that may not have its service principal yet. */
export function requireApplicationRedirect(application: Application, uri: string): RegisteredRedirect {
  return pick(redirectsOf(application), uri, application.appId);
}

function formPost(uri: string, answer: readonly (readonly [string, string])[]): SandboxReply {
  const inputs = answer.map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`);
  const body = html`<form method="post" action="${uri}">
${inputs}
<button type="submit" class="main">Continue</button>
</form>
${submitAtOnce}`;
  return page({ title: 'Working...', body, formTargets: [formTargetOf(uri)] });
}

/** Sends the browser back to the application with the answer and the application's own state. */
export function redirect(target: RedirectTarget, answer: Readonly<Record<string, string>>): SandboxReply {
  const all = Object.entries(target.state === undefined ? answer : { ...answer, state: target.state });
  if (target.mode === 'form_post') return formPost(target.uri, all);
  const url = new URL(target.uri);
  if (target.mode === 'fragment') url.hash = new URLSearchParams(all).toString();
  else for (const [name, value] of all) url.searchParams.set(name, value);
  const headers = {
    location: url.href,
    'cache-control': 'no-store, no-cache',
    'referrer-policy': 'no-referrer',
  };
  return { status: 302, headers, body: '' };
}
