import type { Finding } from './findings.ts';

type ChangeAction = 'create' | 'update' | 'keep' | 'remove';
type ChangeKind =
  | 'application'
  | 'servicePrincipal'
  | 'appRoleAssignment'
  | 'passwordCredential'
  | 'keyCredential'
  | 'federatedIdentityCredential'
  | 'deletedItem'
  | 'configFile'
  | 'file';

/** What a plan says of one write. */
export interface PlannedChange {
  readonly action: ChangeAction;
  readonly kind: ChangeKind;
  readonly name: string;
  /** The object's id where it is known already. */
  readonly id?: string;
  /** One line for people. */
  readonly title: string;
  /** Why it cannot be done by whoever is signed in; the run then ends waiting for somebody else. */
  readonly blocked?: string;
}

/** One write not done yet. It takes ids from what is there when it runs, so that an empty tenant can be planned. */
export interface ChangeOf<Have, Io> extends PlannedChange {
  /** Absent for `keep`. Gives what turns the state before into the state after. May throw WizardError or DirectoryError. */
  readonly apply?: (have: Have, io: Io) => Promise<(have: Have) => Have>;
}

/** One resource or prerequisite of the job. `plan` and `check` are pure. */
export interface StepOf<Want, Have, ReadIo, Input, WriteIo> {
  readonly id: string;
  /** Reads only. Rejects with DirectoryError where the run cannot go on without the answer. */
  readonly observe?: (io: ReadIo, input: Input) => Promise<Partial<Have>>;
  /** What has to be written. Throws WizardError where no plan can reach what is wanted. */
  readonly plan?: (want: Want, have: Have, now: Date) => readonly ChangeOf<Have, WriteIo>[];
  readonly check?: (want: Want, have: Have, now: Date) => readonly Finding[];
}

/** Microsoft Graph does not let this account make a change that somebody else can make: the rest of the job goes on. */
export class Refused extends Error {
  constructor(what: string, cause: unknown) {
    super(what, { cause });
    this.name = 'Refused';
  }
}

/** Asks every step at once, so that what they read in the same tick shares one request. */
export async function observe<Have, ReadIo, Input>(
  steps: readonly Pick<StepOf<never, Have, ReadIo, Input, never>, 'observe'>[],
  io: ReadIo,
  input: Input,
  known: Have,
): Promise<Have> {
  const parts = await Promise.all(steps.map((step) => step.observe?.(io, input)));
  return Object.assign({}, known, ...parts) as Have;
}

/** The writes that lead from what is there to what is wanted, in order. Pure. */
export function plan<Want, Have, WriteIo>(
  steps: readonly Pick<StepOf<Want, Have, never, never, WriteIo>, 'plan'>[],
  want: Want,
  have: Have,
  now: Date,
): ChangeOf<Have, WriteIo>[] {
  return steps.flatMap((step) => step.plan?.(want, have, now) ?? []);
}

/** What every step finds. Pure. */
export function check<Want, Have>(
  steps: readonly Pick<StepOf<Want, Have, never, never, never>, 'check'>[],
  want: Want,
  have: Have,
  now: Date,
): Finding[] {
  return steps.flatMap((step) => step.check?.(want, have, now) ?? []);
}

/** True for a change that still has to be written and may be. */
export const isPending = (change: PlannedChange & { readonly apply?: unknown }): boolean =>
  change.apply !== undefined && change.blocked === undefined;

/** Told as each group of like changes begins and ends. */
export interface ApplyProgress<Change, Have> {
  begin(changes: readonly Change[]): void;
  /** `refused` are those that somebody else has to make. What it promises is done before the next group begins. */
  done(changes: readonly Change[], have: Have, refused: readonly Change[]): void | Promise<void>;
}

/** What rests on the application and its service principal alone. */
const leaves: ReadonlySet<ChangeKind> = new Set([
  'appRoleAssignment',
  'passwordCredential',
  'keyCredential',
  'federatedIdentityCredential',
]);

/** Removals from one application are not: Graph refuses writes to an object that overlap (Directory_ConcurrencyViolation). */
const areIndependent = (one: PlannedChange, other: PlannedChange): boolean =>
  one.action === other.action &&
  (one.action === 'create'
    ? one.kind === other.kind || (leaves.has(one.kind) && leaves.has(other.kind))
    : one.kind === other.kind && one.kind === 'appRoleAssignment');

/** Neighbours that do not depend on each other are written together. */
function groups<Change extends PlannedChange>(changes: readonly Change[]): Change[][] {
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
 * Writes the changes in order. A change that was refused to this account is noted, and the rest goes on. Rejects with the
 * first failure, after the group it is in has settled. `pause` is called between groups and may throw: nothing is left
 * half done then.
 */
export async function apply<
  Have extends { readonly refused: readonly Pick<PlannedChange, 'kind' | 'name'>[] },
  Io,
>(
  changes: readonly ChangeOf<Have, Io>[],
  have: Have,
  io: Io,
  progress: ApplyProgress<ChangeOf<Have, Io>, Have>,
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
    if (!failed || settled.length > 0) await progress.done(settled, now, refused);
    if (failed?.status === 'rejected') throw failed.reason;
  }
  return now;
}
