import type { Cloud } from '../core/clouds.ts';
import { WizardError } from '../core/errors.ts';
import { numbersIn, signInError } from '../core/oauth-error.ts';
import { safeText } from '../core/text.ts';
import { networkError } from './network-error.ts';
import type { OAuthTap } from './oauth-tap.ts';

export interface FailureContext {
  readonly method: string;
  readonly tap: OAuthTap;
  readonly cloud: Cloud;
  readonly aborted: boolean;
}

function azureCliError(message: string, cause: unknown): WizardError {
  if (/could not be found|ENOENT/i.test(message)) {
    return new WizardError('sign-in-failed', 'Azure CLI (az) is not installed here.', {
      remedy: 'Install it and run az login, or choose another way in with --auth.',
      cause,
    });
  }
  return new WizardError('sign-in-failed', `Azure CLI gave no token: ${safeText(message, 300)}`, {
    remedy:
      'Run az login (with --tenant if there are several), then this command again; or choose another --auth.',
    cause,
  });
}

/** Whatever @azure/identity threw, as an error of ours: Entra's own refusal first, then the network's. */
export function translateSignInFailure(error: unknown, context: FailureContext): WizardError {
  if (error instanceof WizardError) return error;
  if (context.aborted) return new WizardError('cancelled', 'Cancelled during sign-in.', { cause: error });
  const refusal = context.tap.lastRefusal();
  if (refusal) return signInError(refusal, error);
  const host = new URL(context.cloud.authorityHost).host;
  const network = networkError(host, error);
  if (network) return network;
  const message = error instanceof Error ? error.message : String(error);
  const numbers = numbersIn(message);
  if (numbers.length > 0 || /^\w+_denied\b/.test(message)) {
    const description = message.slice(Math.max(0, message.indexOf('AADSTS')));
    return signInError(
      {
        status: 400,
        error: 'access_denied',
        description,
        numbers,
        suberror: '',
        claims: '',
        traceId: undefined,
      },
      error,
    );
  }
  if (context.tap.lastStatus() >= 500 || context.tap.lastStatus() === 429) {
    return new WizardError(
      'service-unavailable',
      `${host} answered with status ${context.tap.lastStatus()}.`,
      {
        cause: error,
      },
    );
  }
  if (context.method === 'azure-cli') return azureCliError(message, error);
  return new WizardError('sign-in-failed', `Sign-in failed: ${safeText(message, 300)}`, { cause: error });
}
