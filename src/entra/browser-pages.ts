import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { TokenCredentialOptions } from '@azure/identity';

type PipelinePolicy = NonNullable<TokenCredentialOptions['additionalPolicies']>[number]['policy'];

/** Milliseconds that a browser gets to ask for the last page; one on this machine takes a few. */
const patience = 2_000;

/** Node's own, with `{ request, response }` of a reply that is on its way (Node.js docs, Diagnostics Channel). */
const answered = 'http.server.response.finish';

const pathOf = (message: unknown): unknown =>
  (message as { request?: { url?: unknown } } | undefined)?.request?.url;

/**
 * msal-node's loopback server sends the browser from the address with the code to `/`, for a page that says one can
 * close the window, and is gone as soon as there is a token: a browser that is slower than Entra would show that the
 * connection was refused. So the code is held until that page is out.
 */
export function createLastPage(sleep: (delay: number) => Promise<void>): PipelinePolicy {
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
      const { body } = request;
      const redeems =
        typeof body === 'string' && new URLSearchParams(body).get('grant_type') === 'authorization_code';
      if (!redeems) return next(request);
      try {
        await Promise.race([seen, sleep(patience)]);
      } finally {
        unsubscribe(answered, look);
      }
      return next(request);
    },
  };
}
