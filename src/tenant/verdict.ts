import type { ErrorCode } from '../core/errors.ts';
import type { Finding } from '../core/findings.ts';
import { joinWords } from '../core/text.ts';

/** What a check is called. */
export type Check = Pick<Finding, 'id' | 'title'>;

/** What a check of one thing found. */
export type Verdict = Omit<Finding, keyof Check>;

export const pass = (evidence: string): Verdict => ({ status: 'pass', evidence });

export const skip = (evidence: string): Verdict => ({ status: 'skip', evidence });

/** Something that was asked, and what was answered says neither yes nor no: `why` completes "cannot tell: …". */
export const cannotTell = (why: string): Verdict => ({
  status: 'skip',
  reason: 'cannot-tell',
  evidence: `cannot tell: ${why}`,
});

export const notChecked = (reason: string): Verdict => skip(`not checked: ${reason}`);

/** As notChecked, of something that was asked for: the answer says neither yes nor no. */
export const hiddenFrom = (reason: string): Verdict => ({ ...notChecked(reason), reason: 'cannot-tell' });

/** Something that works and yet is not as it should be. */
export const warn = (code: ErrorCode, evidence: string, remedy: string): Verdict => ({
  status: 'warn',
  evidence,
  remedy,
  code,
});

export const fail = (code: ErrorCode, evidence: string, remedy: string): Verdict => ({
  status: 'fail',
  evidence,
  remedy,
  code,
});

/** What was read; or why it was not, in words that complete "not checked: …". */
export type Seen<T> = { readonly value: T } | { readonly hidden: string };

/** Judges what was seen; what is hidden is skipped, never held against anybody. Pure. */
export function judge<T>(check: Check, seen: Seen<T>, verdict: (value: T) => Verdict): Finding {
  return { ...check, ...('value' in seen ? verdict(seen.value) : hiddenFrom(seen.hidden)) };
}

/** Judges an object that was seen; one that is not there is skipped, for that `reason`. Pure. */
export function judgeIfThere<T>(
  check: Check,
  seen: Seen<T | undefined>,
  reason: string,
  verdict: (value: T) => Verdict,
): Finding {
  return judge(check, seen, (value) => (value === undefined ? notChecked(reason) : verdict(value)));
}

const most = 5;

/** `a, b and c`; of a long list the first few, and how many more there are. */
export function listed(items: readonly string[]): string {
  const rest = items.length - most;
  return joinWords(rest > 0 ? [...items.slice(0, most), `${rest} more`] : items);
}
