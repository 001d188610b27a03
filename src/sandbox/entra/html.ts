import { createHash } from 'node:crypto';
import type { SandboxReply } from '../world.ts';

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
export interface PageOptions {
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
