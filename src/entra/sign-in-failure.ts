import { WizardError } from '../core/errors.ts';
import { quoted, safeText } from '../core/text.ts';
import { networkError } from '../http/network-error.ts';
import { waitRemedy } from '../http/retry.ts';
import type { Cloud } from './clouds.ts';
import { untimelyToken } from './entra-readings.ts';
import type { LastExchange, OAuthMonitor } from './identity-pipeline.ts';
import {
  foreignError,
  numbersIn,
  type OAuthError,
  readRefusal,
  signInError,
  type TokenSeeker,
} from './oauth-error.ts';
import { describeWorkload, type WorkloadIdentity } from './workload-token.ts';

export interface FailureContext {
  readonly method: TokenSeeker;
  readonly monitor: Pick<OAuthMonitor, 'last'>;
  readonly cloud: Cloud;
  readonly aborted: boolean;
}

/** Something answered, but not as Entra does when it is well. */
export function unavailableError(
  host: string,
  { status, foreign, origin, retryAfter }: LastExchange,
  cause?: unknown,
): WizardError | undefined {
  const remedy = waitRemedy(retryAfter);
  const extras = { cause, ...(remedy === undefined ? {} : { remedy }) };
  if (status === 429) return new WizardError('throttled', `${host} asks to slow down.`, extras);
  if (status >= 500 || status === 408) {
    return new WizardError('service-unavailable', `${host} is not available (HTTP ${status}).`, extras);
  }
  return foreign ? foreignError(host, origin ?? `HTTP ${status}`, cause) : undefined;
}

/** What this machine lacks, told by the words of @azure/identity or of the system. */
interface LocalReading {
  readonly text: RegExp;
  readonly message: string;
  readonly remedy: string;
}

const azLogin =
  'Sign in with `az login` (with --tenant if there are several), then: `reporting-setup …`. Or choose another --auth.';
const tokenFile = 'Check AZURE_FEDERATED_TOKEN_FILE, or choose another way in with --auth.';

/** By method: the first that matches counts. */
const localReadings: Readonly<Partial<Record<TokenSeeker, readonly LocalReading[]>>> = {
  'azure-cli': [
    {
      text: /Azure CLI could not be found|ENOENT/,
      message: 'Azure CLI (az) is not installed here',
      remedy: 'Install it and sign in with `az login`, or choose another way in with --auth.',
    },
    {
      text: /az login|az account set/i,
      message: 'Nobody is signed in to Azure CLI, or not to this tenant',
      remedy: azLogin,
    },
    {
      text: /(?:)/,
      // Its output is not repeated: it may hold a token.
      message: 'Azure CLI gave no token',
      remedy: `See what it says to: \`az account get-access-token\`. ${azLogin}`,
    },
  ],
  'workload-identity': [
    {
      text: /ENOENT/,
      message: 'The workload identity token file does not exist',
      remedy: tokenFile,
    },
    {
      text: /EACCES|EPERM|EISDIR/,
      message: 'The workload identity token file cannot be read',
      remedy: tokenFile,
    },
    {
      text: /no content on the file/i,
      message: 'The workload identity token file is empty',
      remedy: tokenFile,
    },
  ],
  environment: [
    {
      text: /ENOENT|EACCES|EPERM|EISDIR/,
      message: 'The certificate that AZURE_CLIENT_CERTIFICATE_PATH names cannot be read',
      remedy: 'Correct AZURE_CLIENT_CERTIFICATE_PATH, or choose another way in with --auth.',
    },
    {
      text: /PEM-encoded certificate/i,
      message: 'The file that AZURE_CLIENT_CERTIFICATE_PATH names holds no PEM certificate',
      remedy: 'It has to hold the certificate and its private key, both as PEM.',
    },
  ],
  'managed-identity': [
    {
      text: /(?:)/,
      message: 'This machine has no managed identity, or it gives no token',
      remedy: 'Run where Azure provides one, or choose another way in with --auth.',
    },
  ],
  browser: [
    {
      text: /ENOENT|EACCES|is not supported/,
      message: 'No browser can be opened here',
      remedy: 'Sign in with --auth device-code, in a browser on any device.',
    },
  ],
};

function localError(method: TokenSeeker, message: string, cause: unknown): WizardError | undefined {
  const reading = localReadings[method]?.find(({ text }) => text.test(message));
  const code = method === 'browser' ? 'browser-missing' : 'sign-in-not-set-up';
  return reading && new WizardError(code, `${reading.message}.`, { remedy: reading.remedy, cause });
}

/** An OAuth error in front of a message of MSAL's, such as `access_denied: AADSTS65004: …`. */
const leadingError = /^(?:post_request_failed: )?([a-z]+(?:_[a-z]+)+)\b/;

/**
 * What the message itself tells: the redirect of a browser, or MSAL's own clock, which no exchange shows. Azure CLI's
 * output is not repeated, only the number in it.
 */
function refusalIn(message: string, method: TokenSeeker): OAuthError | undefined {
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

/** Whatever @azure/identity threw, as an error of ours: Entra's own refusal first, then what is in the way. */
export function translateSignInFailure(error: unknown, context: FailureContext): WizardError {
  if (error instanceof WizardError) return error;
  if (context.aborted) return new WizardError('cancelled', 'Cancelled during sign-in.', { cause: error });
  const { method } = context;
  const { host } = new URL(context.cloud.authorityHost);
  const last = context.monitor.last();
  if (last.stray !== undefined) {
    const stray = safeText(last.stray, 100);
    const message = `${host} leads the sign-in to another host (${stray}). It was not followed.`;
    return new WizardError('authority-mismatch', message, { cause: error });
  }
  const message = error instanceof Error ? error.message : String(error);
  const told = refusalIn(message, method);
  const refusal = refusalOf(last.refusal, told?.numbers.length ? told : undefined);
  if (refusal) return signInError(refusal, method, error);
  // Before the network: a file that is not there and a host that is not there have the same code.
  const found =
    (last.loss === undefined ? localError(method, message, error) : undefined) ??
    networkError(host, last.loss) ??
    networkError(host, error) ??
    unavailableError(host, last, error);
  if (found) return found;
  if (told) return signInError(told, method, error);
  return new WizardError('sign-in-failed', `Sign-in failed: ${safeText(message, 300)}`, { cause: error });
}

const describeIdentity = (identity: WorkloadIdentity): string =>
  `${describeWorkload(identity)}, audience ${quoted(identity.audience ?? 'unknown', 600)}`;

/** AADSTS numbers of a token that no federated credential takes (entra-docs reference-error-codes). */
const mismatches: readonly number[] = [70021, 700211, 700212, 700213, 7002137, 7002138];

/** Adds to Entra's refusal of a federated token what the token says and what the file says. */
export function explainMismatch(
  error: WizardError,
  refusal: OAuthError | undefined,
  { presented, configured }: { readonly presented: WorkloadIdentity; readonly configured: WorkloadIdentity },
): WizardError {
  const { requestId } = error;
  if (error.code === 'clock-skewed') {
    // Somebody else signed it, so that its time is not this machine's doing.
    const message = `${untimelyToken.cause}. (AADSTS700024) Presented: ${describeIdentity(presented)}.`;
    return new WizardError(untimelyToken.code, message, {
      remedy: untimelyToken.remedy,
      requestId,
      cause: error,
    });
  }
  if (!refusal?.numbers.some((one) => mismatches.includes(one))) return error;
  const message = `${error.message} Presented: ${describeIdentity(presented)}. Configured: ${describeIdentity(configured)}.`;
  const { code, remedy } = error;
  return new WizardError(code, message, { remedy, requestId, cause: error });
}
