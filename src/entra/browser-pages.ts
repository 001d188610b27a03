import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { type PipelinePolicy, redeemsCode } from './identity-pipeline.ts';

/** A page for msal-node's loopback server, which sends it without a content type: browsers tell by its first tag. */
function page(title: string, text: string): string {
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} - reporting-setup</title>
<style>
:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; }
main { max-width: 30rem; margin: 15vh auto; padding: 0 1rem; }
h1 { font-size: 1.4rem; }
</style>
</head>
<body>
<main>
<h1>${title}</h1>
<p>${text}</p>
</main>
</body>
</html>
`;
}

/**
 * What the browser shows last. It shows `successMessage` before the token is fetched, so that does not promise that
 * all is well. The shape is that of @azure/identity's `browserCustomizationOptions`.
 */
export const browserPages = {
  successMessage: page(
    'You can close this window',
    'The sign-in goes on in the terminal where you started reporting-setup.',
  ),
  errorMessage: page(
    'The sign-in did not succeed',
    'The terminal where you started reporting-setup says why. You can close this window.',
  ),
} as const;

/** Milliseconds that a browser gets to ask for the last page; one on this machine takes a few. */
const longest = 2_000;

/** Node's own, with `{ request, response }` of a reply that is on its way (Node.js docs, Diagnostics Channel). */
const answered = 'http.server.response.finish';

const pathOf = (message: unknown): unknown =>
  (message as { request?: { url?: unknown } } | undefined)?.request?.url;

/**
 * msal-node's loopback server sends the browser from the address with the code to `/`, for a page that says one can
 * close the window, and is gone as soon as there is a token: a browser that is slower than Entra would show that the
 * connection was refused. So the code is held until that page is out.
 */
export function createPageWait(sleep: (delay: number) => Promise<void>): PipelinePolicy {
  let shown: () => void = () => undefined;
  const seen = new Promise<void>((resolve) => {
    shown = resolve;
  });
  const look = (message: unknown): void => {
    if (pathOf(message) === '/') shown();
  };
  subscribe(answered, look);
  return {
    name: 'reporting-setup-last-page',
    async sendRequest(request, next) {
      if (!redeemsCode(request)) return next(request);
      try {
        await Promise.race([seen, sleep(longest)]);
      } finally {
        unsubscribe(answered, look);
      }
      return next(request);
    },
  };
}
