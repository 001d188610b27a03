import { type AuthMethod, authMethods } from '../core/choices.ts';
import { WizardError } from '../core/errors.ts';
import { safeText } from '../core/text.ts';
import { networkError } from '../http/network-error.ts';
import type { Cloud } from './clouds.ts';
import type { LastExchange, OAuthTap } from './identity-pipeline.ts';
import { numbersIn, type OAuthError, readRefusal, signInError, type TokenSeeker } from './oauth-error.ts';

export interface FailureContext {
  /** Method of an administrator's sign-in; anything else is the reporting application's own credential. */
  readonly method: string;
  readonly tap: OAuthTap;
  readonly cloud: Cloud;
  readonly aborted: boolean;
}

/** Something answered, but not as Entra does when it is well. */
function unavailableError(
  host: string,
  { status, foreign }: LastExchange,
  cause: unknown,
): WizardError | undefined {
  if (status === 429) return new WizardError('throttled', `${host} asks to slow down.`, { cause });
  if (status >= 500) {
    return new WizardError('service-unavailable', `${host} is not available (HTTP ${status}).`, { cause });
  }
  if (!foreign) return undefined;
  return new WizardError('service-unavailable', `${host} does not answer as Entra does (HTTP ${status}).`, {
    remedy: 'Check --authority-host and any proxy in between; if both are right, wait and try again.',
    cause,
  });
}

/** What this machine lacks, told by the words of @azure/identity or of the system. */
interface LocalReading {
  readonly method: AuthMethod;
  readonly text: RegExp;
  readonly code: 'sign-in-not-set-up' | 'browser-missing';
  readonly message: string;
  readonly remedy: string;
}

const azLogin =
  'Run az login (with --tenant if there are several), then this command again; or choose another --auth.';
const tokenFile = 'Check AZURE_FEDERATED_TOKEN_FILE, or choose another way in with --auth.';

/** The first that matches counts; the last of each method matches whatever is left. */
const localReadings: readonly LocalReading[] = [
  {
    method: 'azure-cli',
    text: /Azure CLI could not be found|ENOENT/,
    code: 'sign-in-not-set-up',
    message: 'Azure CLI (az) is not installed here',
    remedy: 'Install it and run az login, or choose another way in with --auth.',
  },
  {
    method: 'azure-cli',
    text: /az login|az account set/i,
    code: 'sign-in-not-set-up',
    message: 'Nobody is signed in to Azure CLI, or not to this tenant',
    remedy: azLogin,
  },
  {
    method: 'azure-cli',
    text: /(?:)/,
    code: 'sign-in-not-set-up',
    // Its output is not repeated: it may hold a token.
    message: 'Azure CLI gave no token',
    remedy: `See what it says to: az account get-access-token. ${azLogin}`,
  },
  {
    method: 'workload-identity',
    text: /ENOENT/,
    code: 'sign-in-not-set-up',
    message: 'The workload identity token file does not exist',
    remedy: tokenFile,
  },
  {
    method: 'workload-identity',
    text: /EACCES|EPERM|EISDIR/,
    code: 'sign-in-not-set-up',
    message: 'The workload identity token file cannot be read',
    remedy: tokenFile,
  },
  {
    method: 'workload-identity',
    text: /no content on the file/i,
    code: 'sign-in-not-set-up',
    message: 'The workload identity token file is empty',
    remedy: tokenFile,
  },
  {
    method: 'environment',
    text: /ENOENT|EACCES|EPERM|EISDIR/,
    code: 'sign-in-not-set-up',
    message: 'The certificate that AZURE_CLIENT_CERTIFICATE_PATH names cannot be read',
    remedy: 'Correct AZURE_CLIENT_CERTIFICATE_PATH, or choose another way in with --auth.',
  },
  {
    method: 'environment',
    text: /PEM-encoded certificate/i,
    code: 'sign-in-not-set-up',
    message: 'The file that AZURE_CLIENT_CERTIFICATE_PATH names holds no PEM certificate',
    remedy: 'It has to hold the certificate and its private key, both as PEM.',
  },
  {
    method: 'managed-identity',
    text: /(?:)/,
    code: 'sign-in-not-set-up',
    message: 'This machine has no managed identity, or it gives no token',
    remedy: 'Run where Azure provides one, or choose another way in with --auth.',
  },
  {
    method: 'browser',
    text: /ENOENT|EACCES|is not supported/,
    code: 'browser-missing',
    message: 'No browser can be opened here',
    remedy: 'Sign in with --auth device-code, in a browser on any device.',
  },
];

function localError(method: string, message: string, cause: unknown): WizardError | undefined {
  const reading = localReadings.find((one) => one.method === method && one.text.test(message));
  return reading && new WizardError(reading.code, `${reading.message}.`, { remedy: reading.remedy, cause });
}

const seekerOf = (method: string): TokenSeeker =>
  authMethods.find((candidate) => candidate === method) ?? 'application';

/** An OAuth error in front of a message of MSAL's, such as `access_denied: AADSTS65004: …`. */
const leadingError = /^(?:post_request_failed: )?([a-z]+(?:_[a-z]+)+)\b/;

/**
 * What the message itself tells: the redirect of a browser, or MSAL's own clock, which no exchange shows. Azure CLI's
 * output is not repeated, only the number in it.
 */
function refusalIn(message: string, method: string): OAuthError | undefined {
  const numbers = numbersIn(message);
  const error = leadingError.exec(message)?.[1] ?? '';
  const said = message.slice(Math.max(0, message.indexOf('AADSTS')));
  const description = method === 'azure-cli' ? '' : said;
  const traceId = /Trace ID: ([\w-]+)/.exec(message)?.[1];
  const told = { status: 400, error, description, numbers, suberror: '', claims: '', traceId };
  return numbers.length > 0 || readRefusal(told) ? told : undefined;
}

/** The refusal seen on the wire, which is whole, unless the message tells of another, later one. */
function refusalOf(seen: OAuthError | undefined, told: OAuthError | undefined): OAuthError | undefined {
  if (!seen) return told;
  const [newer] = told?.numbers ?? [];
  return newer === undefined || seen.numbers.includes(newer) ? seen : told;
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Faults of the way or of the service; undefined where Entra answered and was well. */
function faultOf(last: LastExchange, context: FailureContext, error: unknown): WizardError | undefined {
  const host = new URL(context.cloud.authorityHost).host;
  return networkError(host, last.loss) ?? networkError(host, error) ?? unavailableError(host, last, error);
}

function strayError(stray: string, { cloud }: FailureContext, cause: unknown): WizardError {
  const { host } = new URL(cloud.authorityHost);
  const message = `${host} leads the sign-in to another host (${safeText(stray, 100)}). It was not followed.`;
  return new WizardError('authority-mismatch', message, { cause });
}

/** Whatever @azure/identity threw, as an error of ours: Entra's own refusal first, then what is in the way. */
export function translateSignInFailure(error: unknown, context: FailureContext): WizardError {
  if (error instanceof WizardError) return error;
  if (context.aborted) return new WizardError('cancelled', 'Cancelled during sign-in.', { cause: error });
  const { method } = context;
  const last = context.tap.last();
  if (last.stray !== undefined) return strayError(last.stray, context, error);
  const message = messageOf(error);
  const told = refusalIn(message, method);
  const refusal = refusalOf(last.refusal, told?.numbers.length ? told : undefined);
  if (refusal) return signInError(refusal, seekerOf(method), error);
  // Before the network: a file that is not there and a host that is not there have the same code.
  const found =
    (last.loss === undefined ? localError(method, message, error) : undefined) ??
    faultOf(last, context, error);
  if (found) return found;
  if (told) return signInError(told, seekerOf(method), error);
  return new WizardError('sign-in-failed', `Sign-in failed: ${safeText(message, 300)}`, { cause: error });
}
