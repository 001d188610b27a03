import type { CredentialKind } from '../../core/choices.ts';
import { addDuration, type Duration } from '../../core/duration.ts';
import type { Finding } from '../../core/findings.ts';

const day = 86_400_000;

/** `in 1 day`, `in 730 days`. */
const inDays = (days: number): string => `in ${days} ${days === 1 ? 'day' : 'days'}`;

/** When the credential in use ends, and whether that is soon. Pure; `within` is how soon is too soon. */
export function checkExpiry(
  expires: string | undefined,
  now: Date,
  within: Duration,
  kind: CredentialKind = 'secret',
): Finding {
  const base = { id: 'credential.expiry', title: 'Time left' };
  if (kind === 'federated') return { ...base, status: 'pass', evidence: 'there is nothing that expires' };
  const end = expires === undefined ? Number.NaN : Date.parse(expires);
  if (expires === undefined || Number.isNaN(end))
    return { ...base, status: 'skip', evidence: 'its end is not known' };
  if (end <= now.getTime()) {
    return {
      ...base,
      status: 'fail',
      evidence: `it ended on ${expires.slice(0, 10)}`,
      remedy: 'Run reporting-setup again: it makes a new credential.',
      code: 'credential-expired',
    };
  }
  const evidence = `ends on ${expires.slice(0, 10)}, ${inDays(Math.floor((end - now.getTime()) / day))}`;
  if (addDuration(now, within).getTime() < end) return { ...base, status: 'pass', evidence };
  return {
    ...base,
    status: 'warn',
    evidence,
    remedy: 'Run reporting-setup in a terminal before that day: it asks whether to make a new one.',
    code: 'credential-expires-soon',
  };
}
