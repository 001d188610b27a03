import type { TokenCredential } from '@azure/identity';
import { decodeJwt } from 'jose';
import { WizardError } from '../core/errors.ts';
import { guidPattern } from '../core/fields.ts';
import type { Secret } from '../core/secret.ts';
import { needsPerson } from './auth-methods.ts';
import type { ApplicationIdentity, SignInRequest } from './azure-credentials.ts';
import { defaultScope, requireAskedFor, signInScopes } from './clouds.ts';
import { createOAuthMonitor, isToken, type OAuthMonitor, type SignInContext } from './identity-pipeline.ts';
import type { TokenSeeker } from './oauth-error.ts';
import { explainMismatch, translateSignInFailure } from './sign-in-failure.ts';

/** What the wizard reads from an access token (entra-docs access-token-claims-reference). */
export interface TokenClaims {
  readonly tenantId: string | undefined;
  readonly objectId: string | undefined;
  readonly clientId: string | undefined;
  /** `app` or `user`; undefined where the token does not say. */
  readonly identityType: string | undefined;
  /** Granted application permissions; undefined where the token does not even say whose it is. */
  readonly roles: readonly string[] | undefined;
  /** Delegated scopes. */
  readonly scopes: readonly string[];
  readonly name: string | undefined;
  /** Template ids of active directory roles. */
  readonly wids: readonly string[];
}

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
  /** How it came about. */
  readonly method: TokenSeeker;
}

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
/** An id goes into addresses and names of files: anything else says nothing. */
const guid = (value: unknown): string | undefined =>
  typeof value === 'string' && guidPattern.test(value) ? value : undefined;
const texts = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];

/** Claims of which each token for Graph has some (entra-docs access-token-claims-reference). */
const tells = ['oid', 'appid', 'azp', 'idtyp', 'scp', 'roles'];

/** Decodes without verifying: Graph's tokens are for Graph to verify. An opaque token gives empty claims. */
function readClaims(token: string): TokenClaims {
  let claims: Record<string, unknown> = {};
  try {
    claims = decodeJwt(token);
  } catch {
    // Opaque tokens are allowed to exist; Graph then tells who is signed in.
  }
  return {
    tenantId: guid(claims['tid']),
    objectId: guid(claims['oid']),
    clientId: guid(claims['appid']) ?? guid(claims['azp']),
    identityType: text(claims['idtyp']),
    roles: tells.some((name) => name in claims) ? texts(claims['roles']) : undefined,
    scopes: (text(claims['scp']) ?? '').split(' ').filter(Boolean),
    wids: texts(claims['wids']),
    name: text(claims['upn']) ?? text(claims['unique_name']) ?? text(claims['app_displayname']),
  };
}

const differ = (a: string | undefined, b: string | undefined): boolean =>
  a !== undefined && b !== undefined && a !== b;

/** Throws WizardError where a later token of a session is of somebody else: what the run shows would be wrong. */
function requireSame(first: TokenClaims, later: TokenClaims): void {
  if (!differ(first.tenantId, later.tenantId) && !differ(first.objectId, later.objectId)) return;
  throw new WizardError('sign-in-failed', 'Another account signed in when the session was renewed.', {
    remedy: 'Run the same command again, and sign in with one account.',
  });
}

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
  method: TokenSeeker,
  monitor: OAuthMonitor,
  build: () => Promise<TokenCredential>,
  scopes: string[],
): Promise<Session> {
  const { cloud, redactor, signal } = context;
  let first: TokenClaims | undefined;
  let latest: string | undefined;
  try {
    const credential = await build();
    const token = async (claims?: string, during = signal): Promise<string> => {
      try {
        const asked = claims === undefined ? {} : { claims };
        const granted = await credential.getToken(scopes, { abortSignal: during, ...asked });
        if (!isToken(granted?.token)) {
          throw new WizardError('sign-in-failed', 'The sign-in gave nothing that is an access token.');
        }
        // One token serves hundreds of requests.
        if (granted.token === latest) return latest;
        redactor.add(granted.token);
        if (first) requireSame(first, readClaims(granted.token));
        latest = granted.token;
        return latest;
      } catch (error) {
        throw translateSignInFailure(error, { method, monitor, cloud, aborted: during.aborted });
      }
    };
    first = readClaims(await token());
    return {
      token: (during) => token(undefined, during),
      claims: first,
      method,
      ...(method !== 'application' && needsPerson(method) ? {} : { renew: createRenewal(token) }),
    };
  } catch (error) {
    throw translateSignInFailure(error, { method, monitor, cloud, aborted: signal.aborted });
  }
}

/** Signs an administrator (or the application a CI job runs as) in. Throws WizardError. */
export async function signIn(context: SignInContext, request: SignInRequest): Promise<Session> {
  requireAskedFor(context.cloud, "an administrator's sign-in");
  const monitor = createOAuthMonitor(context);
  const build = async () => {
    const { buildCredential } = await import('./azure-credentials.ts');
    return buildCredential(request, context, monitor);
  };
  const scopes = request.scopes ?? signInScopes(context.cloud, request.loginClientId);
  return openSession(context, request.method, monitor, build, [...scopes]);
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
  const { credential } = application;
  if (credential.kind === 'federated') requireAskedFor(context.cloud, 'the token of this workload');
  const monitor = createOAuthMonitor(context);
  const build = async () => {
    const { buildApplicationCredential } = await import('./azure-credentials.ts');
    return buildApplicationCredential(application, reveal, context, monitor);
  };
  try {
    return await openSession(context, 'application', monitor, build, [defaultScope(context.cloud)]);
  } catch (error) {
    if (!(error instanceof WizardError) || credential.kind !== 'federated') throw error;
    throw explainMismatch(error, monitor.last().refusal, credential);
  }
}
