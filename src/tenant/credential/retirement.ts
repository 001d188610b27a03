import type { PreviousCredential } from '../../config/config.ts';
import { sameId } from '../../core/fields.ts';

const hour = 3_600_000;

/** Milliseconds without a sign-in after which nobody counts as using a key: rows that come a day late, and daily jobs. */
export const quietTime = 48 * hour;

/** One sign-in that Entra let through, by the key that was used. */
export interface KeyUse {
  readonly keyId: string;
  /** ISO 8601. */
  readonly at: string;
  readonly ipAddress: string | null;
}

/** What the sign-in logs say of the keys of an application. */
export interface UseEvidence {
  /** Sign-ins since `since`, epoch milliseconds; why there are none where they could not be read. */
  readonly signIns:
    | {
        readonly since: number;
        readonly uses: readonly KeyUse[];
        /** Rows that name a key and do not tell whether Entra let the sign-in through. */
        readonly untold: readonly KeyUse[];
      }
    | { readonly unreadable: string };
  /** The last use of each key as the report of credentials tells it: proves use, and never that there is none. */
  readonly activity: readonly Pick<KeyUse, 'keyId' | 'at'>[];
}

/** Nothing was asked. */
export const noEvidence: UseEvidence = { signIns: { unreadable: 'nobody asked' }, activity: [] };

/** When a key was used last. The address and the count are null where only the report of credentials tells of it. */
export interface LastUse {
  /** ISO 8601. */
  readonly at: string;
  readonly ipAddress: string | null;
  readonly count: number | null;
}

const millis = (date: string): number => Date.parse(date);

type Dated = Pick<KeyUse, 'keyId' | 'at'>;

const ofKey = <T extends Dated>(rows: readonly T[], keyId: string, from: number): T[] =>
  rows.filter((row) => sameId(row.keyId, keyId) && millis(row.at) >= from);

/** The newest; of two at one time the first. */
const newestOf = <T extends Dated>(rows: readonly T[]): T | undefined =>
  rows.reduce<T | undefined>(
    (newest, row) => (newest === undefined || millis(row.at) > millis(newest.at) ? row : newest),
    undefined,
  );

/** When a key was used last, and how often since `from` (epoch milliseconds); null where nothing tells of a use. Pure. */
export function lastUseOf(
  keyId: string,
  { signIns, activity }: UseEvidence,
  from = Number.NEGATIVE_INFINITY,
): LastUse | null {
  const uses = 'uses' in signIns ? ofKey(signIns.uses, keyId, from) : [];
  const [seen, told] = [newestOf(uses), newestOf(ofKey(activity, keyId, from))];
  // The report's own time is of the same sign-in to the second, or of one that the log does not show.
  if (seen !== undefined && (told === undefined || millis(told.at) - millis(seen.at) < 1_000))
    return { at: seen.at, ipAddress: seen.ipAddress, count: uses.length };
  return told === undefined ? null : { at: told.at, ipAddress: null, count: null };
}

/** When a sign-in with a key was tried last of which no row tells whether it succeeded, ISO 8601. Pure. */
export const lastUntold = (
  keyId: string,
  { signIns }: UseEvidence,
  from = Number.NEGATIVE_INFINITY,
): string | undefined => ('untold' in signIns ? newestOf(ofKey(signIns.untold, keyId, from))?.at : undefined);

/** Since when sign-ins with a replaced key count against its removal, in epoch milliseconds. Pure. */
export function quietSince({ replacedAt, retireAfter }: PreviousCredential, now: Date): number {
  const overlap = millis(retireAfter) - millis(replacedAt);
  return Math.max(millis(replacedAt), now.getTime() - Math.min(quietTime, overlap));
}

/** Why a replaced credential goes: it ended, was to stay for no time at all, is not used, or nobody can tell whether it is. */
export type RemovalReason = 'expired' | 'no-overlap' | 'unused' | 'unknowable';

/** Why one stays: its time is not over, somebody used it, or the log does not tell now whether somebody did. */
export type KeepReason = 'overlap' | 'in-use' | 'logs-unavailable';

/** What is to become of a credential that was replaced. */
export type Retirement =
  | { readonly action: 'remove'; readonly reason: RemovalReason; readonly lastUsed: LastUse | null }
  | { readonly action: 'keep'; readonly reason: KeepReason; readonly lastUsed: LastUse | null };

/** Whether its time is over, so that somebody has to look. Pure. */
export const isDue = (entry: PreviousCredential, now: Date): boolean =>
  hasEnded(entry.expires, now) || hasNoOverlap(entry) || millis(entry.retireAfter) <= now.getTime();

const hasEnded = (expires: string | undefined, now: Date): boolean =>
  expires !== undefined && millis(expires) <= now.getTime();

const hasNoOverlap = ({ replacedAt, retireAfter }: PreviousCredential): boolean =>
  millis(retireAfter) <= millis(replacedAt);

/** Whether what is to become of it depends on what the logs say. Pure. */
export const asksTheLogs = (entry: PreviousCredential, now: Date): boolean =>
  isDue(entry, now) && !hasEnded(entry.expires, now) && !hasNoOverlap(entry);

/**
 * The rule by which a credential that was replaced is retired. One that ended goes at once. Before `retireAfter` nothing
 * goes. From then on the quiet time counts: a successful sign-in in it keeps the credential, none lets it go where the log
 * was readable for that time, and so does a log that is not readable: then nobody can tell. A sign-in that may have
 * succeeded keeps it as well. Pure.
 */
export function retirementOf(entry: PreviousCredential, now: Date, evidence: UseEvidence): Retirement {
  const lastUsed = lastUseOf(entry.keyId, evidence);
  if (hasEnded(entry.expires, now)) return { action: 'remove', reason: 'expired', lastUsed };
  if (!isDue(entry, now)) return { action: 'keep', reason: 'overlap', lastUsed };
  if (hasNoOverlap(entry)) return { action: 'remove', reason: 'no-overlap', lastUsed };
  const since = quietSince(entry, now);
  const used = lastUseOf(entry.keyId, evidence, since);
  if (used !== null) return { action: 'keep', reason: 'in-use', lastUsed: used };
  if (lastUntold(entry.keyId, evidence, since) !== undefined)
    return { action: 'keep', reason: 'logs-unavailable', lastUsed };
  const { signIns } = evidence;
  const isCovered = 'uses' in signIns && signIns.since <= since;
  return { action: 'remove', reason: isCovered ? 'unused' : 'unknowable', lastUsed };
}
