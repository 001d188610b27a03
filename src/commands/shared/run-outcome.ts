import type { Outcome } from './document.ts';

/** The outcome as far as it is known: a command fills it in as it goes, so that a failure still tells what was done. */
export type RunOutcome = { -readonly [K in keyof Outcome]?: Outcome[K] };
