import { type ErrorCode, WizardError } from './errors.ts';

/** Body of a refusal by Entra's token endpoint (entra-docs reference-error-codes.md). */
export interface OAuthError {
  readonly status: number;
  readonly error: string;
  readonly description: string;
  /** AADSTS numbers, most exact first; empty when Entra gave none. */
  readonly numbers: readonly number[];
  readonly suberror: string;
  /** JSON text with what a policy demands, when Entra sends it. */
  readonly claims: string;
  readonly traceId: string | undefined;
}

/** Reads a token endpoint's error body; undefined when the text is none. */
export function parseOAuthError(status: number, text: string): OAuthError | undefined {
  try {
    const body = JSON.parse(text) as Record<string, unknown>;
    if (typeof body['error'] !== 'string') return undefined;
    const description = typeof body['error_description'] === 'string' ? body['error_description'] : '';
    const codes = Array.isArray(body['error_codes'])
      ? body['error_codes'].filter((n) => typeof n === 'number')
      : [];
    return {
      status,
      error: body['error'],
      description,
      numbers: codes.length > 0 ? codes : numbersIn(description),
      suberror: typeof body['suberror'] === 'string' ? body['suberror'] : '',
      claims: typeof body['claims'] === 'string' ? body['claims'] : '',
      traceId: typeof body['trace_id'] === 'string' ? body['trace_id'] : undefined,
    };
  } catch {
    return undefined;
  }
}

/** AADSTS numbers in a message, in order. */
export function numbersIn(text: string): number[] {
  return [...text.matchAll(/AADSTS(\d+)/g)].map((match) => Number(match[1]));
}

/** The sentence of an AADSTS description: without its number and without the trailing ids and timestamp. */
export function plainDescription(description: string): string {
  return description
    .replace(/^[\s\S]*?AADSTS\d+:\s*/, '')
    .replace(/\s*Trace ID:[\s\S]*$/, '')
    .trim();
}

interface Reading {
  readonly code: ErrorCode;
  readonly message: string;
  readonly remedy?: string;
}

const blockedByDevicePolicy: Reading = {
  code: 'sign-in-blocked',
  message: 'A policy of this tenant allows this sign-in only from a managed device.',
  remedy: 'Sign in on a managed device with --auth browser.',
};
const signInAgain: Reading = {
  code: 'sign-in-failed',
  message: 'The session is no longer valid.',
  remedy: 'Sign in again by running the same command.',
};
const needsConsent: Reading = {
  code: 'sign-in-consent',
  message: 'The program used for sign-in has no consent in this tenant for what it asks.',
};
const multiFactor: Reading = {
  code: 'sign-in-failed',
  message: 'The tenant asks for multi-factor authentication.',
  remedy: 'Sign in with --auth browser, where the second factor can be given.',
};
const wrongCloud: Reading = {
  code: 'sign-in-failed',
  message: 'The tenant lives in another cloud.',
  remedy: 'Choose it with --cloud (usgov, usgov-dod or china).',
};
const unknownApplication: Reading = {
  code: 'credential-rejected',
  message: 'Entra does not know this application in this tenant: it was deleted, or the tenant is another.',
};

/** What each AADSTS number means to an administrator (entra-docs reference-error-codes.md). */
const readings: Readonly<Record<number, Reading>> = {
  50020: {
    code: 'sign-in-wrong-tenant',
    message: 'This account does not exist in the tenant.',
    remedy: 'Sign in with an account of that tenant, or correct --tenant.',
  },
  50034: { code: 'sign-in-failed', message: 'This account does not exist in the directory.' },
  50053: { code: 'sign-in-failed', message: 'The account is locked.', remedy: 'Wait, or have it unlocked.' },
  50055: { code: 'sign-in-failed', message: 'The password has expired.', remedy: 'Change it, then sign in.' },
  50057: { code: 'sign-in-failed', message: 'The account is disabled.', remedy: 'Use another account.' },
  50076: multiFactor,
  50079: multiFactor,
  50105: {
    code: 'sign-in-blocked',
    message: 'The account is not assigned to the program used for sign-in.',
    remedy: 'Have it assigned under Enterprise applications, or use another --login-client-id.',
  },
  50126: { code: 'sign-in-failed', message: 'Wrong user name or password.' },
  50133: signInAgain,
  50173: signInAgain,
  53000: blockedByDevicePolicy,
  53001: blockedByDevicePolicy,
  53003: {
    code: 'sign-in-blocked',
    message: 'A Conditional Access policy of this tenant refuses this way of signing in.',
    remedy: 'Try --auth browser (or --auth device-code), or ask whoever owns the policy.',
  },
  65001: needsConsent,
  65002: needsConsent,
  65004: { code: 'sign-in-failed', message: 'Consent was declined at sign-in.' },
  70016: { code: 'sign-in-failed', message: 'The sign-in was not finished.' },
  70018: { code: 'sign-in-failed', message: 'The device code is wrong or was used already.' },
  70019: { code: 'sign-in-failed', message: 'The device code has expired before it was used.' },
  70020: { code: 'sign-in-failed', message: 'The device code has expired before it was used.' },
  70043: signInAgain,
  90002: { code: 'tenant-not-found', message: 'Entra knows no such tenant in this cloud.' },
  90038: wrongCloud,
  90072: { code: 'sign-in-wrong-tenant', message: 'This account is not a member of the tenant.' },
  90094: needsConsent,
  90095: needsConsent,
  500011: wrongCloud,
  530003: blockedByDevicePolicy,
  530032: { code: 'sign-in-blocked', message: 'A security policy of the tenant refuses this sign-in.' },
  530035: { code: 'sign-in-blocked', message: "The tenant's security defaults refuse this sign-in." },
  700016: unknownApplication,
  700027: {
    code: 'credential-rejected',
    message: 'Entra does not know this certificate for the application.',
  },
  700082: signInAgain,
  900382: wrongCloud,
  900432: wrongCloud,
  7000112: {
    code: 'service-principal-disabled',
    message: 'The application is disabled in this tenant.',
  },
  7000215: { code: 'credential-rejected', message: 'Entra does not accept this client secret.' },
  7000222: { code: 'credential-expired', message: 'The client secret has expired.' },
};

const oauthReadings: Readonly<Record<string, Reading>> = {
  authorization_declined: { code: 'sign-in-failed', message: 'The sign-in was declined.' },
  access_denied: { code: 'sign-in-failed', message: 'The sign-in was cancelled.' },
  expired_token: { code: 'sign-in-failed', message: 'The device code has expired before it was used.' },
  temporarily_unavailable: { code: 'service-unavailable', message: 'Entra is temporarily unavailable.' },
};

/** Turns Entra's refusal into our error: known numbers in our words, unknown ones in Entra's. */
export function signInError(refusal: OAuthError, cause?: unknown): WizardError {
  const number = refusal.numbers.find((candidate) => readings[candidate]);
  const reading = (number === undefined ? undefined : readings[number]) ?? oauthReadings[refusal.error];
  const label = refusal.numbers[0] === undefined ? refusal.error : `AADSTS${refusal.numbers[0]}`;
  const extras = { requestId: refusal.traceId, cause };
  if (!reading) {
    const said = plainDescription(refusal.description) || refusal.error;
    return new WizardError('sign-in-failed', `Entra refused the sign-in: ${said} (${label})`, extras);
  }
  const policies = policyIds(refusal.claims);
  const named = policies.length > 0 ? ` Policy: ${policies.join(', ')}.` : '';
  return new WizardError(reading.code, `${reading.message}${named} (${label})`, {
    ...extras,
    ...(reading.remedy === undefined ? {} : { remedy: reading.remedy }),
  });
}

/** Ids of the Conditional Access policies that a refusal's claims name. */
export function policyIds(claims: string): string[] {
  try {
    const parsed = JSON.parse(claims) as { access_token?: { capolids?: { values?: unknown } } };
    const values = parsed.access_token?.capolids?.values;
    return Array.isArray(values) ? values.filter((value) => typeof value === 'string') : [];
  } catch {
    return [];
  }
}

/** A just-made credential or application is not known to every token server yet; the same text may be final. */
export const replicationNumbers: readonly number[] = [7000215, 700016, 700027, 700213, 70021];
