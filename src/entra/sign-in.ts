import type { TokenCredential } from '@azure/identity';
import type { AuthMethod } from '../core/choices.ts';
import { WizardError } from '../core/errors.ts';
import type { Redactor } from '../core/redact.ts';
import type { Secret } from '../core/secret.ts';
import type { Transport } from '../http/transport.ts';
import {
  type ApplicationIdentity,
  buildApplicationCredential,
  explainMismatch,
} from './azure-credentials.ts';
import { createLastPage } from './browser-pages.ts';
import { type Cloud, defaultScope, signInScopes } from './clouds.ts';
import { createIdentityHttp } from './identity-http.ts';
import { createOAuthTap, type OAuthTap } from './identity-pipeline.ts';
import { createOAuthRetry } from './oauth-retry.ts';
import { translateSignInFailure } from './sign-in-failure.ts';
import { signInPages } from './sign-in-pages.ts';
import { readClaims, type TokenClaims } from './token-claims.ts';

/** Somebody or something that is signed in. */
export interface Session {
  /**
   * A valid access token for Graph; refreshed silently when it is about to end. `during` stands in for the run's own
   * signal where something is done after that. Throws WizardError.
   */
  readonly token: (during?: AbortSignal) => Promise<string>;
  /** Gets a token that holds these claims, for `token` to give from then on; absent where that takes a person. */
  readonly renew?: ((claims: string) => Promise<void>) | undefined;
  /** What the token of the sign-in says; a hint, since Graph tokens are opaque in principle. */
  readonly claims: TokenClaims;
}

/** What every credential of a run shares. */
export interface SignInContext {
  readonly cloud: Cloud;
  readonly transport: Transport;
  readonly redactor: Redactor;
  readonly now: () => Date;
  /** Milliseconds; rejects when the run is cancelled. */
  readonly sleep: (delay: number) => Promise<void>;
  readonly random: () => number;
  readonly signal: AbortSignal;
}

export interface SignInRequest {
  readonly method: AuthMethod;
  /** Tenant id or verified domain; the account's home tenant where absent. */
  readonly tenant?: string | undefined;
  /** Public client used for sign-in; Azure CLI's where absent. */
  readonly loginClientId?: string | undefined;
  /** Shows where to sign in and with which code. */
  readonly onDeviceCode: (info: { readonly userCode: string; readonly verificationUri: string }) => void;
}

/** Options that every credential of @azure/identity understands. */
function identityOptions(context: SignInContext, tap: OAuthTap) {
  const { cloud, transport } = context;
  return {
    authorityHost: cloud.authorityHost,
    disableInstanceDiscovery: !cloud.instanceDiscovery,
    additionalPolicies: [
      { policy: createOAuthRetry(context), position: 'perCall' as const },
      { policy: tap.policy, position: 'perRetry' as const },
    ],
    retryOptions: { maxRetries: 0 },
    httpClient: createIdentityHttp(transport),
  };
}

type IdentityOptions = ReturnType<typeof identityOptions>;

type DeviceCode = Parameters<SignInRequest['onDeviceCode']>[0];

/** The address as a URL has it, whatever else stands in it; the tap has refused what is none. */
function inPlainForm({ userCode, verificationUri }: DeviceCode): DeviceCode {
  const plain = URL.canParse(verificationUri) ? new URL(verificationUri).href : verificationUri;
  return { userCode, verificationUri: plain };
}

async function buildCredential(
  request: SignInRequest,
  options: IdentityOptions,
  { sleep }: SignInContext,
): Promise<TokenCredential> {
  const identity = await import('./azure-identity.ts');
  const tenantId = request.tenant ?? 'organizations';
  const client = request.loginClientId === undefined ? {} : { clientId: request.loginClientId };
  const pinned = request.tenant === undefined ? {} : { tenantId: request.tenant };
  switch (request.method) {
    case 'browser':
      return new identity.InteractiveBrowserCredential({
        ...options,
        ...client,
        tenantId,
        additionalPolicies: [
          { policy: createLastPage(sleep), position: 'perCall' },
          ...options.additionalPolicies,
        ],
        browserCustomizationOptions: signInPages,
      });
    case 'device-code':
      return new identity.DeviceCodeCredential({
        ...options,
        ...client,
        tenantId,
        userPromptCallback: (shown) => request.onDeviceCode(inPlainForm(shown)),
      });
    case 'azure-cli':
      return new identity.AzureCliCredential({ ...pinned });
    case 'environment':
      return new identity.EnvironmentCredential(options);
    case 'workload-identity':
      return new identity.WorkloadIdentityCredential({ ...options, ...pinned });
    case 'managed-identity':
      return new identity.ManagedIdentityCredential({ ...client });
  }
}

/** Azure CLI as well: it answers claims by asking for another az login. */
const needsPerson = (method: string): boolean => ['browser', 'device-code', 'azure-cli'].includes(method);

/** Requests of one batch are challenged together: one new token serves them all. */
function createRenewal(token: (claims: string) => Promise<string>): (claims: string) => Promise<void> {
  let under: Promise<unknown> | undefined;
  return async (claims) => {
    under ??= token(claims).finally(() => {
      under = undefined;
    });
    await under;
  };
}

/** Signs in once and keeps the credential for silent renewal. Throws WizardError. */
async function openSession(
  context: SignInContext,
  method: AuthMethod | 'client-secret',
  tap: OAuthTap,
  build: () => TokenCredential | Promise<TokenCredential>,
  scopes = [defaultScope(context.cloud)],
): Promise<Session> {
  const { cloud, redactor, signal } = context;
  try {
    const credential = await build();
    const token = async (claims?: string, during = signal): Promise<string> => {
      try {
        const asked = claims === undefined ? {} : { claims };
        const granted = await credential.getToken(scopes, { abortSignal: during, ...asked });
        if (!granted) throw new WizardError('sign-in-failed', 'The sign-in gave no access token.');
        redactor.add(granted.token);
        return granted.token;
      } catch (error) {
        throw translateSignInFailure(error, { method, tap, cloud, aborted: during.aborted });
      }
    };
    const claims = readClaims(await token());
    return {
      token: (during) => token(undefined, during),
      claims,
      ...(needsPerson(method) ? {} : { renew: createRenewal(token) }),
    };
  } catch (error) {
    throw translateSignInFailure(error, { method, tap, cloud, aborted: signal.aborted });
  }
}

/** Signs an administrator (or the application a CI job runs as) in. Throws WizardError. */
export async function signIn(context: SignInContext, request: SignInRequest): Promise<Session> {
  const tap = createOAuthTap(context.redactor, context.cloud);
  const build = () => buildCredential(request, identityOptions(context, tap), context);
  const scopes = signInScopes(context.cloud, request.loginClientId);
  return openSession(context, request.method, tap, build, scopes);
}

/**
 * A token for the reporting application, from a credential object made for this call: no cached token from
 * before a grant can stand in the way. Throws WizardError.
 */
export async function signInApplication(
  context: SignInContext,
  application: ApplicationIdentity,
  reveal: (secret: Secret) => string,
): Promise<Session> {
  const tap = createOAuthTap(context.redactor, context.cloud);
  try {
    return await openSession(context, 'client-secret', tap, () =>
      buildApplicationCredential(application, reveal, identityOptions(context, tap)),
    );
  } catch (error) {
    if (!(error instanceof WizardError)) throw error;
    throw explainMismatch(error, tap.last().refusal, application.credential);
  }
}

/** Whether a browser can open where this runs: a display, or a desktop that needs none. */
export function canOpenBrowser(platform: string, env: Readonly<Record<string, string | undefined>>): boolean {
  if (platform === 'darwin' || platform === 'win32') return !env['SSH_CONNECTION'];
  return Boolean(env['BROWSER'] || env['DISPLAY'] || env['WAYLAND_DISPLAY'] || env['WSL_DISTRO_NAME']);
}
