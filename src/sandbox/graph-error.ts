import type { SandboxReply } from './world.ts';

/** `now` is in epoch milliseconds. */
interface Context {
  readonly now: () => number;
  readonly randomUUID: () => string;
}

/** An error that stands in front of Microsoft Graph's own code: a fault, or a failure of this server. */
export function graphError(
  context: Context,
  status: number,
  code: string,
  message: string,
  clientRequestId?: string,
): SandboxReply {
  const requestId = context.randomUUID();
  const clientId = clientRequestId ?? requestId;
  const date = new Date(context.now()).toISOString().slice(0, 19);
  const innerError = { date, 'request-id': requestId, 'client-request-id': clientId };
  return {
    status,
    headers: {
      'content-type': 'application/json',
      'request-id': requestId,
      'client-request-id': clientId,
    },
    body: JSON.stringify({ error: { code, message, innerError } }),
  };
}
