import type { Reading } from '../core/errors.ts';
import { type ErrorCode, WizardError } from '../core/errors.ts';
import { fieldsIn, fieldsOf, textOf, textsOf } from '../core/fields.ts';
import { safeText } from '../core/text.ts';
import { type AuthMethod, needsPerson } from './auth-methods.ts';
import { aadstsReadings, noRoomForConsent, oauthReadings, untimelyToken } from './entra-readings.ts';

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

/**
 * Reads a token endpoint's error body; undefined when the text is none of Entra's: that has a number or an id of what
 * was asked beside the OAuth error, while `{"error": "Forbidden"}` is what any filter says.
 */
export function parseOAuthError(status: number, text: string): OAuthError | undefined {
  const { error, error_description, error_codes, suberror, claims, trace_id, correlation_id } =
    fieldsIn(text);
  if (typeof error !== 'string' || typeof error_description !== 'string') return undefined;
  const description = error_description;
  const codes = Array.isArray(error_codes) ? error_codes.filter((code) => typeof code === 'number') : [];
  const numbers = codes.length > 0 ? codes : numbersIn(description);
  if (numbers.length === 0 && textOf(trace_id) === '' && textOf(correlation_id) === '') return undefined;
  return {
    status,
    error,
    description,
    numbers,
    suberror: textOf(suberror),
    claims: textOf(claims),
    traceId: typeof trace_id === 'string' ? trace_id : undefined,
  };
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

/** A refused application is the reporting application only where that one asked; else it is what signs in. */
const credentialCodes: readonly ErrorCode[] = [
  'credential-rejected',
  'credential-expired',
  'service-principal-disabled',
];

/** What refuses an application means where that application is only the way in. */
function asWayIn(reading: Reading, method: AuthMethod): Reading {
  if (!credentialCodes.includes(reading.code)) return reading;
  if (needsPerson(method)) return { code: 'sign-in-client', cause: reading.cause };
  return { ...reading, code: 'sign-in-credential' };
}

/** OAuth errors that say how far a sign-in is, or that Entra is not well: as exact as any number. */
const states: readonly string[] = [
  'authorization_declined',
  'authorization_pending',
  'bad_verification_code',
  'expired_token',
  'server_error',
  'slow_down',
  'temporarily_unavailable',
];

/**
 * What a refusal means: by number, by what it suggests, by its OAuth error; undefined where none is known. An OAuth error
 * is a class with many reasons in it: a number that nobody knows is told in Entra's own words instead. Pure.
 */
export function readRefusal({ numbers, suberror, error, description }: OAuthError): Reading | undefined {
  if (/\bquota\b.*\bexceeded\b/i.test(description)) return noRoomForConsent;
  const number = numbers.find((candidate) => Object.hasOwn(aadstsReadings, candidate));
  if (number !== undefined) return aadstsReadings[number];
  const words = numbers.length === 0 || states.includes(error) ? [suberror, error] : [suberror];
  const word = words.find((candidate) => Object.hasOwn(oauthReadings, candidate));
  return word === undefined ? undefined : oauthReadings[word];
}

/** Most policies that one sentence names. */
const mostPolicies = 5;

/**
 * Turns Entra's refusal into our error: known numbers in our words, unknown ones in Entra's. Whatever comes from
 * Entra is made safe to print.
 */
export function signInError(refusal: OAuthError, seeker: TokenSeeker, cause?: unknown): WizardError {
  const known = readRefusal(refusal);
  const read = known?.code === 'clock-skewed' && seeker === 'workload-identity' ? untimelyToken : known;
  const reading = read && seeker !== 'application' ? asWayIn(read, seeker) : read;
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

/** Somebody answered in Entra's place; `origin` is what is known of them. */
export function foreignError(host: string, origin: string, cause?: unknown): WizardError {
  const said = `${host} does not answer as Entra does: a proxy or filter in between answered in its place`;
  return new WizardError('reply-intercepted', `${said} (${safeText(origin, 200)}).`, { cause });
}

/** Ids of the Conditional Access policies that a refusal's claims name. */
function policyIds(claims: string): string[] {
  const { values } = fieldsOf(fieldsOf(fieldsIn(claims)['access_token'])['capolids']);
  return textsOf(values).filter((value) => value !== '');
}

/** Seconds that the device code in a reply lives (RFC 8628, 3.2); undefined where it holds none. */
export function codeLifetimeIn(text: string): number | undefined {
  const { device_code: code, expires_in: life } = fieldsIn(text);
  return code !== undefined && typeof life === 'number' ? life : undefined;
}
