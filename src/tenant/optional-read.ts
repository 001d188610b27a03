import { safeText } from '../core/text.ts';
import type { Directory } from '../graph/directory.ts';
import { DirectoryError, isFinal, isNotFound } from '../graph/directory-error.ts';
import type { Failure } from '../http/retry.ts';
import type { Seen } from './verdict.ts';

/** Why a read gave nothing that could be judged: a sentence without its full stop. Pure. */
export function whyUnread({ kind, status, code, origin }: Failure, what = 'it'): string {
  const label = code === '' ? '' : ` (${safeText(code, 80)})`;
  if (kind === 'network') return `no reply came when Microsoft Graph was asked for ${what}`;
  if (origin !== undefined)
    return `a proxy or filter in between answered when Microsoft Graph was asked for ${what} (${safeText(origin, 200)})`;
  if (kind === 'malformed') return `Microsoft Graph's reply does not show ${what}`;
  if (status === 403) return `this account may not read ${what}${label}`;
  if (status >= 500) return `Microsoft Graph failed to show ${what} (HTTP ${status})`;
  return `Microsoft Graph does not show ${what}${label || ` (HTTP ${status})`}`;
}

/** Why something is not readable. Rethrows what says nothing about that. */
export function whyHidden(error: unknown): string {
  if (!(error instanceof DirectoryError) || !isFinal(error.failure)) throw error;
  return whyUnread(error.failure);
}

/** Nothing was seen, and why; `isAbsent` where Graph said that there is no such thing. */
export interface Unseen {
  readonly hidden: string;
  readonly isAbsent: boolean;
}

/** Told apart from `Seen` by saying whether Graph denied that it is there. */
export type Sight<T> = { readonly value: T } | Unseen;

/**
 * Reads what the job can do without: whatever way Graph refuses, garbles or shapes its reply is a reason why nobody can
 * tell, and never the end of a run. A reply of another shape is not asked for again. `what` completes "may not read …".
 * Rejects only with what is no answer of Graph's, such as the end of the run.
 */
export async function readIfPossible<T>(
  directory: Directory,
  read: (optional: Directory) => Promise<T>,
  what = 'it',
): Promise<Sight<T>> {
  const optional: Directory = { send: (request) => directory.send({ ...request, isOptional: true }) };
  try {
    return { value: await read(optional) };
  } catch (error) {
    if (!(error instanceof DirectoryError)) throw error;
    return { hidden: whyUnread(error.failure, what), isAbsent: isNotFound(error.failure) };
  }
}

/** The value, where it was seen. Pure. */
export const seenIn = <T>(seen: Seen<T>): T | undefined => ('value' in seen ? seen.value : undefined);

/** What was seen, or `fallback` where Graph said that there is no such thing. Pure. */
export const unlessAbsent = <T, F>(sight: Sight<T>, fallback: F): Seen<T | F> =>
  'isAbsent' in sight && sight.isAbsent ? { value: fallback } : sight;
