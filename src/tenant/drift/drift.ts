import type { ErrorCode } from '../../core/errors.ts';
import type { Finding } from '../../core/findings.ts';
import { joinWords } from '../../core/text.ts';
import type { Seen } from './surroundings.ts';

/** What a check is called. */
export interface Check {
  readonly id: string;
  readonly title: string;
}

/** What a check of one thing found. */
export type Verdict = Pick<Finding, 'status' | 'evidence' | 'remedy' | 'code'>;

export const fine = (evidence: string): Verdict => ({ status: 'pass', evidence });

/** Something that works and yet is not as it should be. */
export const odd = (code: ErrorCode, evidence: string, remedy: string): Verdict => ({
  status: 'warn',
  evidence,
  remedy,
  code,
});

export const notChecked = (reason: string): Verdict => ({
  status: 'skip',
  evidence: `not checked: ${reason}`,
});

/** Judges what was seen; what is hidden is skipped, never held against anybody. Pure. */
export function judge<T>(check: Check, seen: Seen<T>, verdict: (value: T) => Verdict): Finding {
  return { ...check, ...('value' in seen ? verdict(seen.value) : notChecked(seen.hidden)) };
}

const most = 5;

/** `a, b and c`; of a long list the first few, and how many more there are. */
export function listed(items: readonly string[]): string {
  const rest = items.length - most;
  return joinWords(rest > 0 ? [...items.slice(0, most), `${rest} more`] : items);
}
