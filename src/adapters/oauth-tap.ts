import type { TokenCredentialOptions } from '@azure/identity';
import { type OAuthError, parseOAuthError } from '../core/oauth-error.ts';
import type { Redactor } from '../core/redact.ts';
import { networkCode } from './network-error.ts';
import type { Trace } from './transport.ts';

type PipelinePolicy = NonNullable<TokenCredentialOptions['additionalPolicies']>[number]['policy'];

/**
 * Watches what @azure/identity exchanges with Entra. The SDK turns most refusals into an error with a message
 * only, and drops the AADSTS text of the device code flow: this keeps the last refusal whole. It also hands
 * every secret that passes to the redactor before anything can print it.
 */
export interface OAuthTap {
  readonly policy: PipelinePolicy;
  /** The last refusal that was not "keep polling"; undefined when there was none. */
  lastRefusal(): OAuthError | undefined;
  /** Status of the last reply, or 0; tells a fault of the service from a refusal. */
  lastStatus(): number;
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

/** A tap for one credential object. */
export function createOAuthTap(redactor: Redactor, trace: Trace, now: () => Date): OAuthTap {
  let refusal: OAuthError | undefined;
  let status = 0;
  const policy: PipelinePolicy = {
    name: 'reporting-setup-tap',
    async sendRequest(request, next) {
      registerRequest(request.body, redactor);
      const started = now().getTime();
      const log = (outcome: { status: number; failure?: string }): void =>
        trace({ method: request.method, url: request.url, duration: now().getTime() - started, ...outcome });
      try {
        const response = await next(request);
        status = response.status;
        const text = response.bodyAsText ?? '';
        registerReply(text, redactor);
        const said = status >= 400 ? parseOAuthError(status, text) : undefined;
        if (said && said.error !== 'authorization_pending') refusal = said;
        log({ status });
        return response;
      } catch (error) {
        status = 0;
        log({ status: 0, failure: networkCode(error) ?? 'failed' });
        throw error;
      }
    },
  };
  return { policy, lastRefusal: () => refusal, lastStatus: () => status };
}
