import { type AuthMethod, authMethods } from '../core/choices.ts';
import { type ErrorCode, type Reading, WizardError } from '../core/errors.ts';
import { safeText } from '../core/text.ts';
import { aadstsReadings } from './aadsts.ts';
import { oauthReadings } from './oauth-readings.ts';

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

/** Who asked for the token: the method of an administrator's sign-in, or the reporting application's own credential. */
export type TokenSeeker = AuthMethod | 'application';

const isAuthMethod = (seeker: TokenSeeker): seeker is AuthMethod =>
  authMethods.some((method) => method === seeker);

/** A refused application is the reporting application only where that one asked; else it is what signs in. */
const credentialCodes: readonly ErrorCode[] = [
  'credential-rejected',
  'credential-expired',
  'service-principal-disabled',
];

/** What refuses an application means where that application is only the way in. */
function asWayIn(reading: Reading, method: AuthMethod): Reading {
  if (!credentialCodes.includes(reading.code)) return reading;
  const personal = method === 'browser' || method === 'device-code' || method === 'azure-cli';
  const code = personal ? 'sign-in-client' : 'sign-in-credential';
  return { code, cause: reading.cause, ...(!personal && reading.remedy && { remedy: reading.remedy }) };
}

/** What a refusal means: by number, by what it suggests, by its OAuth error; undefined where none is known. Pure. */
export function readRefusal(refusal: OAuthError): Reading | undefined {
  const number = refusal.numbers.find((candidate) => Object.hasOwn(aadstsReadings, candidate));
  if (number !== undefined) return aadstsReadings[number];
  const word = [refusal.suberror, refusal.error].find((candidate) => Object.hasOwn(oauthReadings, candidate));
  return word === undefined ? undefined : oauthReadings[word];
}

/** Most policies that one sentence names. */
const mostPolicies = 5;

/**
 * Turns Entra's refusal into our error: known numbers in our words, unknown ones in Entra's. Whatever comes from
 * Entra is made safe to print.
 */
export function signInError(refusal: OAuthError, seeker: TokenSeeker, cause?: unknown): WizardError {
  const read = readRefusal(refusal);
  const reading = read && isAuthMethod(seeker) ? asWayIn(read, seeker) : read;
  const label =
    refusal.numbers[0] === undefined ? safeText(refusal.error, 60) : `AADSTS${refusal.numbers[0]}`;
  const extras = { requestId: refusal.traceId && safeText(refusal.traceId, 80), cause };
  if (!reading) {
    const said = safeText(plainDescription(refusal.description) || refusal.error || 'no reason given', 400);
    return new WizardError('sign-in-failed', `Entra refused the sign-in: ${said} (${label})`, {
      ...extras,
      remedy:
        'Act on what Entra says, or try another --auth. If that does not help, report the code and the request-id together with what --debug prints.',
    });
  }
  const policies = policyIds(refusal.claims)
    .slice(0, mostPolicies)
    .map((id) => safeText(id, 40));
  const named = policies.length > 0 ? ` Policy: ${policies.join(', ')}.` : '';
  return new WizardError(reading.code, `${reading.cause}.${named} (${label})`, {
    ...extras,
    ...(reading.remedy === undefined ? {} : { remedy: reading.remedy }),
  });
}

/** Ids of the Conditional Access policies that a refusal's claims name. */
function policyIds(claims: string): string[] {
  try {
    const parsed = JSON.parse(claims) as { access_token?: { capolids?: { values?: unknown } } };
    const values = parsed.access_token?.capolids?.values;
    return Array.isArray(values) ? values.filter((value) => typeof value === 'string') : [];
  } catch {
    return [];
  }
}
