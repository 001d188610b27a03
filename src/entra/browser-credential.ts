import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import type { TokenCredential } from '@azure/identity';
import {
  type AccountInfo,
  type AuthenticationResult,
  CryptoProvider,
  type INetworkModule,
  InteractionRequiredAuthError,
  PublicClientApplication,
  ServerError,
} from '@azure/msal-node';
import open from 'open';
import { WizardError } from '../core/errors.ts';
import { thisMachine } from '../core/this-machine.ts';
import { systemProgram } from '../core/windows-shell.ts';
import { browserPages } from './browser-pages.ts';
import { createMsalNetwork, type OAuthMonitor, type SignInContext } from './identity-pipeline.ts';
import { type AuthorizationResponse, listenForResponse } from './loopback-listener.ts';

/** Azure CLI's client, which @azure/identity signs in through as well. */
const azureCli = '04b07795-8ddb-461a-bbee-02f9e1bf7b46';

/** Milliseconds that a person has to sign in: as long as Entra gives for a device code. */
const patience = 15 * 60_000;

/** Milliseconds that a browser gets to ask for the last page; one on this machine takes a few. */
const pageWait = 2_000;

/** Where a person signs in, and through which client; Azure CLI's where absent. */
interface BrowserSignIn {
  readonly tenant?: string | undefined;
  readonly loginClientId?: string | undefined;
  /** Leads a person to the address; opens the browser where absent. */
  readonly onAddress?: ((address: string) => Promise<void>) | undefined;
}

/** What is asked for. */
interface Asked {
  readonly scopes: string[];
  readonly claims?: string;
}

/**
 * What opens an address on Windows. No shell comes into it, which would read `&`, `%` or `$` in the address, or may not be
 * there: PowerShell is switched off on many machines of administrators. Pure.
 */
export function windowsOpener(
  url: string,
  env: Readonly<Record<string, string | undefined>>,
): readonly [program: string, ...words: string[]] {
  return [systemProgram('rundll32.exe', env), 'url.dll,FileProtocolHandler', url];
}

function spawnOpener(url: string): ReturnType<typeof spawn> {
  const [program, ...words] = windowsOpener(url, thisMachine.env);
  const opener = spawn(program, words, { detached: true, stdio: 'ignore', windowsHide: true });
  opener.unref();
  return opener;
}

/** Opens an address; resolves once the program that does so has started. Rejects where there is none. */
export async function openBrowser(url: string): Promise<void> {
  const opener = thisMachine.platform === 'win32' ? spawnOpener(url) : await open(url, { newInstance: true });
  await new Promise<void>((resolve, reject) => {
    opener.once('error', reject).once('spawn', resolve);
    if (opener.pid !== undefined) resolve();
  });
  opener.on('error', () => undefined);
}

/** The response, unless the run is stopped or nobody signs in: the browser does not tell when its window is closed. */
function awaitResponse(
  response: Promise<AuthorizationResponse>,
  { timeoutSignal }: SignInContext,
  during: AbortSignal,
): Promise<AuthorizationResponse> {
  const late = timeoutSignal(patience);
  const ends: readonly (readonly [AbortSignal, WizardError])[] = [
    [during, new WizardError('cancelled', 'Cancelled during sign-in.')],
    [late, new WizardError('sign-in-failed', 'Nobody signed in within 15 minutes of opening the browser.')],
  ];
  const settled = new AbortController();
  const ended = new Promise<never>((_resolve, reject) => {
    for (const [signal, error] of ends) {
      if (signal.aborted) reject(error);
      signal.addEventListener('abort', () => reject(error), { signal: settled.signal });
    }
  });
  return Promise.race([response, ended]).finally(() => settled.abort());
}

/**
 * Authorization code with PKCE, a state that the listener takes once, and a nonce that has to come back in the identity
 * token: the last two are checked by MSAL too. Rejects with what MSAL, the browser or the redirect says.
 */
async function signInByBrowser(
  client: PublicClientApplication,
  asked: Asked,
  context: SignInContext,
  during: AbortSignal,
  lead: (address: string) => Promise<void>,
): Promise<AuthenticationResult> {
  const { verifier, challenge } = await new CryptoProvider().generatePkceCodes();
  const [state, nonce] = [randomBytes(32).toString('base64url'), randomBytes(32).toString('base64url')];
  const listener = await listenForResponse(state, browserPages);
  try {
    const shared = { ...asked, redirectUri: listener.redirectUri, state, nonce };
    const url = await client.getAuthCodeUrl({
      ...shared,
      codeChallenge: challenge,
      codeChallengeMethod: 'S256',
      prompt: 'select_account',
    });
    await lead(url);
    const response = await awaitResponse(listener.response, context, during);
    // Entra may be faster than the browser, which would then find nobody to show its last page.
    await Promise.race([listener.shown, context.sleep(pageWait)]);
    if ('error' in response) throw new Error(`${response.error}: ${response.description}`);
    const { code } = response;
    context.redactor.add(code);
    return await client.acquireTokenByCode({ ...shared, code, codeVerifier: verifier }, { code, state });
  } finally {
    listener.close();
  }
}

/** Whether Entra wants to see the person again. */
const wantsPerson = (error: unknown): boolean =>
  error instanceof InteractionRequiredAuthError ||
  (error instanceof ServerError && error.errorCode === 'invalid_grant');

function createClient(
  { tenant, loginClientId }: BrowserSignIn,
  { cloud }: SignInContext,
  networkClient: INetworkModule,
): PublicClientApplication {
  const authority = `${cloud.authorityHost}/${tenant ?? 'organizations'}`;
  return new PublicClientApplication({
    auth: {
      clientId: loginClientId ?? azureCli,
      authority,
      knownAuthorities: cloud.instanceDiscovery ? [] : [authority],
    },
    system: { networkClient },
  });
}

/**
 * Signs in by the browser of this machine. In place of @azure/identity's InteractiveBrowserCredential, which sends no
 * state and takes a code from whoever brings one. Nobody is asked again while the session lasts.
 */
export function buildBrowserCredential(
  request: BrowserSignIn,
  context: SignInContext,
  monitor: OAuthMonitor,
): TokenCredential {
  let during = context.signal;
  const client = createClient(
    request,
    context,
    createMsalNetwork(context, monitor, () => during),
  );
  let account: AccountInfo | undefined;
  const silently = async (asked: Asked): Promise<AuthenticationResult | undefined> => {
    if (account === undefined) return undefined;
    try {
      return await client.acquireTokenSilent({ ...asked, account });
    } catch (error) {
      if (wantsPerson(error)) return undefined;
      throw error;
    }
  };
  return {
    async getToken(scopes, { abortSignal, claims } = {}) {
      during = abortSignal instanceof AbortSignal ? abortSignal : context.signal;
      const asked = { scopes: [scopes].flat(), ...(claims === undefined ? {} : { claims }) };
      const result =
        (await silently(asked)) ??
        (await signInByBrowser(client, asked, context, during, request.onAddress ?? openBrowser));
      account = result.account ?? undefined;
      return { token: result.accessToken, expiresOnTimestamp: result.expiresOn?.getTime() ?? 0 };
    },
  };
}
