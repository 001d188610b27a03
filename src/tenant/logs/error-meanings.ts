import { safeText } from '../../core/text.ts';
import { aadstsReadings } from '../../entra/entra-readings.ts';

/** Codes of sign-ins that went on with the next page of the dialogue (entra-docs reference-error-codes: interrupts). */
const interrupts: Readonly<Record<number, string>> = {
  50058: 'Nobody was signed in yet: the sign-in page was shown',
  50072: 'The second factor has to be set up first',
  50074: 'A second factor was asked for',
  50076: 'A second factor was asked for, as a policy or another location wants it',
  50079: 'The second factor has to be set up first, as a policy wants it',
  50125: 'A password reset, or registration for it, came in between',
  50140: 'Asked whether to stay signed in',
};

/** Error codes that are no failures: the sign-in was interrupted, and perhaps went on under another code. */
export const interruptions: ReadonlySet<number> = new Set(Object.keys(interrupts).map(Number));

/**
 * What the error code of a sign-in means, in words without a full stop; Graph's own words where it is not known here, and
 * an empty text where there are none. Pure.
 */
export function errorMeaning(code: number, failureReason: string): string {
  if (code === 0) return 'Success';
  const known = interrupts[code] ?? aadstsReadings[code]?.cause;
  return known ?? safeText(failureReason, 200).replace(/\.$/, '');
}
