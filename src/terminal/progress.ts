import type { Wait } from '../http/retry.ts';

/** How far a job of many parts is. */
export interface Progress {
  readonly done: number;
  readonly total: number;
  /** How many of those done need somebody's attention. */
  readonly failed: number;
  /** Milliseconds since the first part began. */
  readonly elapsed: number;
  /** Says it in other words. */
  readonly text?: string;
}

/** Milliseconds as a person would say them: `40 s`, `12 min`. */
export function aboutTime(milliseconds: number): string {
  const seconds = Math.ceil(milliseconds / 1_000);
  return seconds < 90 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;
}

/** `312 of 1000, 3 not in order, about 40 s left`. What is left is not guessed from less than a twentieth. */
export function describeProgress({ done, total, failed, elapsed, text }: Progress): string {
  if (text !== undefined) return text;
  const left = done * 20 < total || done === total ? undefined : (elapsed / done) * (total - done);
  return [
    `${done} of ${total}`,
    failed === 0 ? undefined : `${failed} not in order`,
    left === undefined ? undefined : `about ${aboutTime(left)} left`,
  ]
    .filter((part) => part !== undefined)
    .join(', ');
}

/** Which tenth of the job is done, for those who are told in lines: 0 to 10. */
export const tenthOf = ({ done, total }: Progress): number =>
  total === 0 ? 10 : Math.floor((done * 10) / total);

/** Seconds in which a wait may be told: "waiting 3 s for the new application to reach every server". */
export function describeWait(wait: Wait): string {
  const seconds = Math.max(1, Math.round(wait.delay / 1_000));
  const reasons = {
    replication: 'Entra is still spreading what was just created',
    throttling: 'Microsoft asks to slow down',
    concurrency: 'another change to this tenant is under way',
    service: 'the service does not answer properly',
    challenge: 'Entra asks for a new token',
  } as const;
  return `${reasons[wait.reason]}: trying again in ${seconds} s`;
}
