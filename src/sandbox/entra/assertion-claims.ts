import * as z from 'zod';
import type { Call } from './context.ts';
import { invalidClient, timestamp } from './errors.ts';

const text = z.string().optional();
/** Seconds that a Date can hold. */
const seconds = z.number().min(0).max(8.64e12).optional();
const claims = z.object({
  iss: text,
  sub: text,
  aud: z.union([z.string(), z.array(z.string())]).optional(),
  exp: seconds,
  nbf: seconds,
});

/** The claims of an assertion that are looked at. Times are in seconds since 1970. */
export type Claims = z.infer<typeof claims>;

/** Throws where a claim is not of its type. */
export function parseClaims(payload: unknown): Claims {
  return claims.parse(payload);
}

/** Seconds that a clock may be off. */
const skew = 300;

/** Throws 700024 for an assertion that is expired, not valid yet, or says nothing about it. */
export function checkTimes(call: Call, { exp, nbf }: Claims): void {
  const now = call.entra.world.now() / 1000;
  const from = nbf ?? now;
  if (exp !== undefined && now <= exp + skew && now >= from - skew) return;
  const until = exp === undefined ? 'none' : timestamp(exp * 1000);
  throw invalidClient(
    700024,
    `Client assertion is not within its valid time range. Current time: ${timestamp(now * 1000)}, assertion valid ` +
      `from ${timestamp(from * 1000)}, expiry time of assertion ${until}.`,
  );
}
