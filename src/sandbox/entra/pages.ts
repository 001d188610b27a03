import { createHash } from 'node:crypto';
import type { OAuth2PermissionScope, ServicePrincipal, User } from '../model.ts';
import type { SandboxReply } from '../world.ts';
import { type Entra, OAuthRefusal, type PendingPage } from './call.ts';
import { requireUser } from './directory.ts';

const pageLifetime = 15 * 60_000;
const mostPages = 1000;

/** A page with a form: where the form posts to, and what happens then. */
export interface Step {
  readonly entra: Entra;
  /** Path and query are this server's. */
  readonly path: string;
  readonly formTargets: readonly string[];
}

function forgetOld(pages: Map<string, PendingPage>, now: number): void {
  for (const [flow, { expiresAt }] of pages) {
    if (expiresAt <= now || pages.size > mostPages) pages.delete(flow);
  }
}

/** Shows a page once: its form carries a value that `resume` accepts a single time. */
export function ask(
  step: Step,
  content: { readonly title: string; readonly fields: Html; readonly status?: number },
  resume: PendingPage['resume'],
): SandboxReply {
  const { world, sessions } = step.entra;
  forgetOld(sessions.pages, world.now());
  const flow = world.randomBytes(24).toString('base64url');
  sessions.pages.set(flow, { path: step.path, expiresAt: world.now() + pageLifetime, resume });
  const body = html`<form method="post" action="${step.path}">
<input type="hidden" name="flow" value="${flow}">
${content.fields}
</form>`;
  return page({ ...content, body, formTargets: step.formTargets });
}

/** Hands a submitted form to the page it belongs to; a page that is too old or was already sent says so. */
export async function resumePage(entra: Entra, path: string, form: URLSearchParams): Promise<SandboxReply> {
  const flow = form.get('flow') ?? '';
  const pending = entra.sessions.pages.get(flow);
  if (pending === undefined || pending.path !== path || pending.expiresAt <= entra.world.now()) {
    const body = html`<p>It was already sent, or is too old. Start again from the application.</p>`;
    return page({ title: 'This page is no longer valid', body, status: 400 });
  }
  entra.sessions.pages.delete(flow);
  return pending.resume(form);
}

/** The last page of a flow. */
export function messagePage(title: string, text: string, status = 200): SandboxReply {
  return page({ title, body: html`<p>${text}</p>`, status });
}

/** A refusal that stays on this page, with a way back. */
export function refusalPage(
  step: Step,
  refusal: { readonly title: string; readonly text: string; readonly back: string },
  goBack: () => SandboxReply | Promise<SandboxReply>,
): SandboxReply {
  const fields = html`<p class="notice" role="alert">${refusal.text}</p>
<button type="submit">${refusal.back}</button>`;
  return ask(step, { title: refusal.title, fields }, goBack);
}

function accountButton(user: User): Html {
  const kind = user.userType === 'Guest' ? ' (guest)' : '';
  return html`<li><button type="submit" name="user" value="${user.id}">${user.displayName}${kind}
<small>${user.userPrincipalName}</small></button></li>`;
}

function hinted(user: User, hint: string | undefined): boolean {
  const name = hint?.toLowerCase();
  return name === user.userPrincipalName.toLowerCase() || name === user.mail?.toLowerCase();
}

/** Lets a person be picked, the hinted one first; who may not sign in is told so and may pick another. */
export function pickAccount(
  step: Step,
  purpose: { readonly application: string; readonly hint: string | undefined },
  chosen: (user: User) => SandboxReply | Promise<SandboxReply>,
): SandboxReply {
  const { world } = step.entra;
  const people = [...world.tenant.users].sort(
    (left, right) => Number(hinted(right, purpose.hint)) - Number(hinted(left, purpose.hint)),
  );
  const fields = html`<p>to continue to ${purpose.application}</p>
<ul class="accounts">
${people.map(accountButton)}
</ul>`;
  return ask(step, { title: 'Pick an account', fields }, (form) => {
    const again = (): SandboxReply => pickAccount(step, purpose, chosen);
    let user: User;
    try {
      user = requireUser(world, form.get('user') ?? '');
    } catch (error) {
      if (!(error instanceof OAuthRefusal)) throw error;
      const text = error.message;
      return refusalPage(step, { title: 'Sign-in failed', text, back: 'Use another account' }, again);
    }
    return chosen(user);
  });
}

/** What the consent page is about. */
interface ConsentText {
  readonly client: ServicePrincipal;
  readonly user: User;
  readonly scopes: readonly OAuth2PermissionScope[];
  /** Whether the person may answer for everybody. */
  readonly admin: boolean;
}

/** The fields of the consent page: what is asked, for whom, and the two answers. */
export function consentFields({ client, user, scopes, admin }: ConsentText): Html {
  const everybody = html`<p><label><input type="checkbox" name="organisation" value="yes">
Consent on behalf of your organization</label></p>`;
  return html`<p>${user.userPrincipalName}</p>
<p><strong>${client.displayName}</strong> would like to:</p>
<ul>
${scopes.map((scope) => html`<li>${scope.userConsentDisplayName ?? scope.adminConsentDisplayName} <small>${scope.value}</small></li>`)}
</ul>
${admin ? everybody : html``}
<button type="submit" name="answer" value="accept" class="main">Accept</button>
<button type="submit" name="answer" value="decline">Cancel</button>`;
}

/** Markup that is safe to send as it is. Only `html` makes it. */
export interface Html {
  readonly markup: string;
}

type Value = string | number | Html | readonly Html[];

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escapeText(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? '');
}

function render(value: Value): string {
  if (typeof value === 'string' || typeof value === 'number') return escapeText(String(value));
  return 'markup' in value ? value.markup : value.map(({ markup }) => markup).join('');
}

/** Template tag: every value is escaped, in text and in quoted attributes, unless it is markup itself. */
export function html(parts: TemplateStringsArray, ...values: readonly Value[]): Html {
  const rendered = values.map(render);
  return { markup: parts.map((part, index) => part + (rendered[index] ?? '')).join('') };
}

const style = `
:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; }
body { margin: 0; background: #eef1f5; color: #1b1b1b; }
main { max-width: 27rem; margin: 8vh auto; padding: 2rem; background: #fff; border: 1px solid #c8ccd2; }
h1 { font-size: 1.4rem; margin: 0 0 1rem; }
ul { padding-left: 1.2rem; }
ul.accounts { list-style: none; padding: 0; }
button, input[type=text] { font: inherit; padding: .6rem .8rem; border: 1px solid #5f6670; background: #fff; color: inherit; }
ul.accounts button { width: 100%; text-align: left; margin-bottom: .4rem; }
button.main { background: #0b5cad; border-color: #0b5cad; color: #fff; }
button:hover, button:focus-visible { outline: 3px solid #0b5cad; outline-offset: 1px; }
small { display: block; color: #4a4f57; }
footer { max-width: 27rem; margin: -6vh auto 0; padding: 0 2rem; }
.notice { border-left: 4px solid #b3261e; padding-left: .8rem; overflow-wrap: anywhere; }
@media (prefers-color-scheme: dark) {
  body { background: #16181c; color: #f2f2f2; }
  main, button, input[type=text] { background: #22252b; }
  small { color: #c2c6cd; }
}
`;

const submitScript = 'document.forms[0].submit();';

/** Sends a page's only form by itself; without scripts, its button does. */
export const submitAtOnce: Html = { markup: `<script>${submitScript}</script>` };

function hash(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}

/** `formTargets`: origins to which the page's forms may lead in the end, this server aside. */
interface PageOptions {
  readonly title: string;
  readonly body: Html;
  readonly status?: number;
  readonly formTargets?: readonly string[];
}

function securityPolicy(formTargets: readonly string[]): string {
  return [
    "default-src 'none'",
    `style-src ${hash(style)}`,
    `script-src ${hash(submitScript)}`,
    // Browsers hold redirects after a form to this list too.
    `form-action 'self' ${formTargets.join(' ')}`.trimEnd(),
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}

/** A whole page. It works without scripts and loads nothing. */
export function page({ title, body, status = 200, formTargets = [] }: PageOptions): SandboxReply {
  const document = html`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} - sandbox tenant</title>
<style>${{ markup: style }}</style>
</head>
<body>
<main>
<h1>${title}</h1>
${body}
</main>
<footer><small>A sandbox tenant on this machine: no account here is real.</small></footer>
</body>
</html>
`;
  return {
    status,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': securityPolicy(formTargets),
      'cache-control': 'no-store, no-cache',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
    },
    body: document.markup,
  };
}
