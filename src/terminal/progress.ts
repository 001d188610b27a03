import type { Wait } from '../http/retry.ts';

/** How far a job of many parts is. */
export interface Progress {
  readonly done: number;
  readonly total: number;
  /** How many of those done do not pass. */
  readonly failed: number;
  /** Milliseconds until the last part is done, where that can be told. */
  readonly left: number | undefined;
  /** Says it in other words. */
  readonly text?: string;
}

/** Parts that have to be done before what is left is guessed, and how far two guesses may lie apart. */
const enough = 12;
const tolerated = 1.5;

/**
 * Milliseconds until all parts are done: guessed from all that are done and from the later half of them, and told only
 * where both say about the same. `ends` are when parts ended, `elapsed` is how long it took until now. Pure.
 */
export function timeLeft(ends: readonly number[], total: number, elapsed: number): number | undefined {
  const done = ends.length;
  const half = Math.floor(done / 2);
  const since = elapsed - (ends[half - 1] ?? 0);
  if (done < enough || done === total || since <= 0) return undefined;
  const guesses = [(elapsed / done) * (total - done), (since / (done - half)) * (total - done)];
  const [most, least] = [Math.max(...guesses), Math.min(...guesses)];
  return most <= least * tolerated ? most : undefined;
}

/** Milliseconds as a person would say them: `40 s`, `12 min`. */
export function aboutTime(milliseconds: number): string {
  const seconds = Math.ceil(milliseconds / 1_000);
  return seconds < 90 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;
}

/** `312 of 1000, 3 do not pass, about 40 s left`. */
export function describeProgress({ done, total, failed, left, text }: Progress): string {
  if (text !== undefined) return text;
  return [
    `${done} of ${total}`,
    failed === 0 ? undefined : `${failed} ${failed === 1 ? 'does' : 'do'} not pass`,
    left === undefined ? undefined : `about ${aboutTime(left)} left`,
  ]
    .filter((part) => part !== undefined)
    .join(', ');
}

/** Which tenth of the job is done, for those who are told in lines: 0 to 10. */
export const tenthOf = ({ done, total }: Progress): number =>
  total === 0 ? 10 : Math.floor((done * 10) / total);

/** A wait with its reason first; milliseconds. Pure. */
export const waitText = (reason: string, next: string, delay: number): string =>
  `${reason}: ${next} in ${Math.max(1, Math.round(delay / 1_000))} s`;

/** Why it is waited, and then for how long: `Microsoft asks to slow down: trying again in 3 s`. Pure. */
export function describeWait(wait: Wait): string {
  const reasons = {
    replication: 'Entra is still spreading what was just created',
    throttling: 'Microsoft asks to slow down',
    concurrency: 'Another change to this tenant is under way',
    service: 'The service does not answer properly',
    challenge: 'Entra asks for a new token',
  } as const;
  return waitText(reasons[wait.reason], 'trying again', wait.delay);
}
