import type { ApplyIo, Change, Finding, Have, ObserveIo, Wanted } from '../tenant/model.ts';
import { Refused } from './refused.ts';

/** What observing starts from: who is signed in and which application to look for first. */
export interface Seed {
  readonly signedIn: {
    readonly kind: 'user' | 'application';
    readonly name: string;
    readonly permissions: readonly string[];
    readonly objectId: string;
    /** `wids` claim of the token. */
    readonly roleHints: readonly string[];
  };
  /** Client ids to look up, best first; the wizard's own uniqueName comes after them. */
  readonly clientId: string | undefined;
  /** True when only the application of `clientId` will do. */
  readonly onlyClientId: boolean;
}

/** One resource or prerequisite of the job. `plan` and `check` are pure. */
export interface Step {
  readonly id: string;
  /** Reads only. Rejects with DirectoryError where the run cannot go on without the answer. */
  readonly observe?: (io: ObserveIo, seed: Seed) => Promise<Partial<Have>>;
  /** What has to be written. Throws WizardError where no plan can reach what is wanted. */
  readonly plan?: (want: Wanted, have: Have, now: Date) => readonly Change[];
  readonly check?: (want: Wanted, have: Have, now: Date) => readonly Finding[];
}

/** Asks every step at once, so that what they read in the same tick shares one request. */
export async function observe(steps: readonly Step[], io: ObserveIo, seed: Seed, known: Have): Promise<Have> {
  const parts = await Promise.all(steps.map((step) => step.observe?.(io, seed)));
  return Object.assign({}, known, ...parts) as Have;
}

/** The writes that lead from what is there to what is wanted, in order. Pure. */
export function plan(steps: readonly Step[], want: Wanted, have: Have, now: Date): Change[] {
  return steps.flatMap((step) => step.plan?.(want, have, now) ?? []);
}

/** What every step finds. Pure. */
export function check(steps: readonly Step[], want: Wanted, have: Have, now: Date): Finding[] {
  return steps.flatMap((step) => step.check?.(want, have, now) ?? []);
}

/** True for a change that still has to be written and may be. */
export const isPending = (change: Change): boolean =>
  change.apply !== undefined && change.blocked === undefined;

/** Told as each group of like changes begins and ends. */
export interface Progress {
  begin(changes: readonly Change[]): void;
  /** `refused` are those that somebody else has to make. */
  done(changes: readonly Change[], have: Have, refused: readonly Change[]): void;
}

/** What rests on the application and its service principal alone. */
const leaves: ReadonlySet<Change['kind']> = new Set([
  'appRoleAssignment',
  'passwordCredential',
  'keyCredential',
  'federatedIdentityCredential',
]);

const areIndependent = (one: Change, other: Change): boolean =>
  one.action === other.action &&
  (one.kind === other.kind || (one.action === 'create' && leaves.has(one.kind) && leaves.has(other.kind)));

/** Neighbours that do not depend on each other are written together. */
function groups(changes: readonly Change[]): Change[][] {
  const result: Change[][] = [];
  for (const change of changes) {
    const last = result.at(-1);
    if (last?.every((one) => areIndependent(one, change))) last.push(change);
    else result.push([change]);
  }
  return result;
}

const isRefused = (outcome: PromiseSettledResult<unknown> | undefined): boolean =>
  outcome?.status === 'rejected' && outcome.reason instanceof Refused;

/**
 * Writes the changes in order. A change that was refused to this account is noted, and the rest goes on. Rejects with the first failure, after the group it is in has settled. `pause` is
 * called between groups and may throw: nothing is left half done then.
 */
export async function apply(
  changes: readonly Change[],
  have: Have,
  io: ApplyIo,
  progress: Progress,
  pause: () => void,
): Promise<Have> {
  let now = have;
  for (const group of groups(changes.filter(isPending))) {
    pause();
    progress.begin(group);
    const before = now;
    const outcomes = await Promise.allSettled(group.map((change) => change.apply?.(before, io)));
    const settled = group.filter((_change, index) => outcomes[index]?.status === 'fulfilled');
    for (const outcome of outcomes) {
      if (outcome.status === 'fulfilled' && outcome.value) now = outcome.value(now);
    }
    const refused = group.filter((_change, index) => isRefused(outcomes[index]));
    now = { ...now, refused: [...now.refused, ...refused] };
    const failed = outcomes.find((outcome) => outcome.status === 'rejected' && !isRefused(outcome));
    if (!failed || settled.length > 0) progress.done(settled, now, refused);
    if (failed?.status === 'rejected') throw failed.reason;
  }
  return now;
}
