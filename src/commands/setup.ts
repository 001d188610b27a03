import { handOffPath, removeHandOff } from '../adapters/hand-off-file.ts';
import type { Session } from '../adapters/sign-in.ts';
import type { AuthMethod } from '../core/choices.ts';
import type { Cloud } from '../core/clouds.ts';
import { type ExitCode, exitCodes } from '../core/errors.ts';
import { exitCodeFor, mergeFindings } from '../core/findings.ts';
import type { Change, ConfigPlace, Directory, Finding, Have, Wanted } from '../core/model.ts';
import { check, isPending, plan } from '../core/reconcile.ts';
import type { AppSession } from '../core/session.ts';
import type { Settings } from '../options.ts';
import { isKept } from '../steps/credential.ts';
import { readFederated } from '../steps/federated.ts';
import { steps } from '../steps/index.ts';
import { forbid } from '../steps/rights.ts';
import { sweep } from '../steps/secrets.ts';
import { createApplicationLocks } from './application-lock.ts';
import { approve } from './approve.ts';
import { type Connection, connect } from './connect.ts';
import { awaitConsent, awaitsConsent, withConsent, withRefusals } from './consent.ts';
import { nextSteps, showTrust } from './credential-outcome.ts';
import {
  describeApplication,
  describeChanges,
  describeCredential,
  describeTenant,
  expiryOf,
  kindOf,
} from './describe.ts';
import type { Draft } from './draft.ts';
import { cannotStart, type Door, enter, isPrerequisite } from './entrance.ts';
import { guardFromGit } from './git-guard.ts';
import { handOver } from './hand-off.ts';
import type { Io } from './io.ts';
import { wantedInstead } from './policy-refusal.ts';
import { proveAll } from './prove-all.ts';
import { type NextLine, showChecks, showPlan, showResult } from './show.ts';
import { openTarget, type Target } from './target.ts';
import { settleCutRun } from './undo.ts';
import { resolveWanted } from './wanted.ts';
import { createWaits, type Waits, write } from './write.ts';

/** What a run of setup is about. */
export interface SetupJob {
  readonly settings: Settings;
  readonly cloud: Cloud;
  readonly place: ConfigPlace;
  readonly methods: readonly AuthMethod[];
  /** Stop before the first write. */
  readonly planOnly: boolean;
  /** How this run was called, to be repeated: `reporting-setup --sandbox`. */
  readonly invocation: { readonly again: string; readonly verify: string };
}

/** A run of setup under way. */
interface Run {
  readonly job: SetupJob;
  readonly io: Io;
  readonly draft: Draft;
  readonly connection: Connection;
  readonly target: Target;
  readonly directory: Directory;
  readonly session: Session;
  readonly waits: Waits;
  readonly want: Wanted;
}

function note(run: Pick<Run, 'draft'>, have: Have): void {
  const application = describeApplication(have);
  const credential = describeCredential(have);
  if (application) run.draft.application = application;
  if (credential) run.draft.credential = credential;
}

/** Replaced and lost secrets go last, and only once the new credential is shown to work. */
async function cleanUp(run: Run, have: Have, removals: readonly Change[], findings: readonly Finding[]) {
  const { io, target, waits, directory, draft } = run;
  const token = findings.find(({ id }) => id === 'credential.token');
  if (token?.status !== 'pass') return;
  await write(removals, have, { directory, target, waits }, io, (done) => {
    draft.changes = [...(draft.changes ?? []), ...done];
  });
  const kept = have.created?.keyId ?? have.saved?.keyId;
  const own = have.markers.filter(({ applicationId }) => applicationId === have.application?.id);
  if (own.length > 0) {
    const task = io.report.task('Looking for client secrets whose reply was lost');
    waits.show(task);
    // At once, so that they share their reads.
    const swept = await Promise.all(
      own.map((marker) => sweep(marker, kept, [], { directory, sleep: io.sleep })),
    );
    waits.show(undefined);
    const removed = swept.flat().length;
    task.succeed(
      `Looked for client secrets whose reply was lost: ${removed === 0 ? 'none is left' : `${removed} removed`}`,
    );
  }
  await target.note.clear();
}

function nextLines(
  run: Run,
  have: Have,
  changes: readonly Change[],
  findings: readonly Finding[],
  code: ExitCode,
): NextLine[] {
  const { again, verify } = run.job.invocation;
  const { handOff } = run.draft;
  const sent = handOff?.path === undefined ? 'the lines above' : `the file ${handOffPath(run.target.name)}`;
  const send = handOff === undefined ? [] : [`Send ${sent} to somebody who may grant.`];
  if (code === exitCodes.waiting) return [...send, { does: 'When consent has been given:', run: again }];
  if (code !== exitCodes.done && code !== exitCodes.attention)
    return [...send, { does: 'When that is resolved:', run: again }];
  return nextSteps({ kind: kindOf(have), file: run.target.name, verify }, have, changes, findings);
}

function showOutcome(
  run: Run,
  have: Have,
  findings: readonly Finding[],
  changes: readonly Change[],
  code: ExitCode,
) {
  const { io, target } = run;
  showChecks(findings, io.report);
  showResult(
    {
      have,
      expires: expiryOf(have),
      path: target.name,
      findings,
      next: nextLines(run, have, changes, findings, code),
    },
    io.report,
  );
}

async function carryOut(
  run: Run,
  have: Have,
  changes: readonly Change[],
  before: readonly Finding[],
  session: AppSession | undefined,
  previous: readonly Change[] = [],
): Promise<ExitCode> {
  const { io, draft, target, directory, waits } = run;
  const removals = changes.filter(({ action }) => action === 'remove');
  const writes = changes.filter(({ action }) => action !== 'remove');
  const done = draft.changes ?? [];
  const isDone = ({ kind, name }: Change): boolean =>
    done.some((change) => change.kind === kind && change.name === name);
  draft.changes = [...done, ...changes.filter((change) => change.action === 'keep' && !isDone(change))];
  if (writes.some(isPending)) {
    await target.output.proveWritable();
    io.report.title('Working');
  }
  let now = have;
  let findings: Finding[];
  try {
    now = await write(writes, have, { directory, target, waits }, io, (done, reachedNow) => {
      now = reachedNow;
      draft.changes = [...(draft.changes ?? []), ...describeChanges(done, now)];
      note(run, now);
    });
    findings = mergeFindings(
      before,
      await proveAll(run, now, [...previous, ...withRefusals(changes, now)], session),
    );
  } catch (error) {
    const want = await wantedInstead(error, run.want, io);
    if (want) return goOnWith({ ...run, want }, now, [...previous, ...writes], before);
    await settleCutRun({ ...run, ...run.job, error, before: have, have: now }, io);
    throw error;
  }
  const code = await conclude(run, now, changes, findings, removals);
  return code === exitCodes.waiting ? waitForConsent(run, now, [...previous, ...changes], before) : code;
}

/** What is left to do once the writes are made and proven: deletions, the outcome, the hand-off. */
async function conclude(
  run: Run,
  have: Have,
  changes: readonly Change[],
  findings: readonly Finding[],
  removals: readonly Change[],
): Promise<ExitCode> {
  const { draft, target, want, io, job } = run;
  draft.checks = findings;
  await cleanUp(run, have, removals, findings);
  const code = exitCodeFor(findings);
  const left = withRefusals(changes, have);
  delete draft.handOff;
  if (awaitsConsent(left)) {
    const pending = { cloud: job.cloud, want, have, again: job.invocation.again };
    const handOff = await handOver(pending, target.path, io);
    if (handOff) draft.handOff = handOff;
  } else await removeHandOff(target.path);
  // Last, so that it is what stays on the screen.
  showOutcome(run, have, findings, left, code);
  return code;
}

/** Somebody may give consent right now: then the run goes on to its end. */
async function waitForConsent(
  run: Run,
  have: Have,
  changes: readonly Change[],
  before: readonly Finding[],
): Promise<ExitCode> {
  const { io, want, directory, job } = run;
  const message = 'Wait here until consent has been given?';
  if (!io.asks || !(await io.prompt.confirm({ message, fallback: false }))) return exitCodes.waiting;
  const granted = await awaitConsent({ want, have, directory, again: job.invocation.again }, io);
  if (!granted) return exitCodes.waiting;
  const consented = withConsent(changes);
  const now = { ...granted, refused: [], markers: [] };
  const findings = mergeFindings(before, await proveAll(run, now, consented, undefined));
  return conclude(run, now, consented, findings, []);
}

/** What was written stands; only the credential that the tenant's policy refused is planned anew. */
function goOnWith(
  run: Run,
  have: Have,
  written: readonly Change[],
  before: readonly Finding[],
): Promise<ExitCode> {
  const changes = forbid(plan(steps, run.want, have, run.io.now()), have);
  showPlan(changes, run.want, run.target.name, run.io.report);
  return carryOut(run, have, changes, before, undefined, written);
}

/** Changes that write a private key next to the config file. */
const newKeys = (changes: readonly Change[], { certificates }: Have): Change[] =>
  changes.filter(
    ({ action, kind }) => action === 'create' && kind === 'keyCredential' && !certificates.given,
  );

/** Read only where one is wanted: nothing else depends on them. */
async function withFederated(want: Wanted, have: Have, directory: Directory): Promise<Have> {
  if (want.credential.kind !== 'federated' || !have.application) return have;
  return { ...have, federated: await readFederated(have.application.id, directory) };
}

async function onceSignedIn(job: SetupJob, door: Door, io: Io): Promise<ExitCode> {
  const { target, connection, waits, draft } = door;
  const entrance = await enter(job, door, io);
  const { session, directory, have: seen, savedSession, findings: judged } = entrance;
  note({ draft }, seen);
  if (cannotStart(judged, seen) && !job.planOnly) {
    io.report.line('Nothing was changed.');
    return exitCodeFor(judged);
  }
  if (io.asks) io.report.title('What to set up');
  const want = await resolveWanted(job.settings, seen, job.place, io.prompt);
  const have = await withFederated(want, seen, directory);
  // The answers decide what of the tenant's policy matters.
  const before = mergeFindings(judged, check(steps, want, have, io.now()).filter(isPrerequisite));
  draft.checks = before;
  draft.tenant = describeTenant(have, want.domain, job.place);
  const run: Run = { job, io, draft, connection, target, directory, session, waits, want };
  const changes = forbid(plan(steps, want, have, io.now()), have);
  showPlan(changes, want, target.name, io.report);
  showTrust(want, job.settings, io.report);
  if (job.planOnly) return planned(run, changes, before);
  const guard = await guardFromGit(target.path, changes, target.askGit, io);
  const guardKey = await guardFromGit(have.certificates.slot.path, newKeys(changes, have), target.askGit, io);
  await approve(changes, io);
  await guard();
  await guardKey();
  return carryOut(run, have, changes, before, isKept(want, have) ? savedSession : undefined);
}

/**
 * The wizard: sign in, look, ask what is open, plan, confirm, write, prove. Fills in `draft` as it goes. Throws
 * WizardError or DirectoryError; whatever was written until then stays, and the same command goes on from there.
 */
export async function runSetup(job: SetupJob, io: Io, draft: Draft): Promise<ExitCode> {
  const target = await openTarget(job.settings, job.place, io, { lock: !job.planOnly });
  // Its answer is needed after the sign-in, and takes a moment.
  const askGit = (): void => void target.askGit(target.path, io.env);
  const connection = connect(job.cloud, io, askGit);
  const locks = createApplicationLocks(io);
  try {
    draft.config = { path: target.path, format: target.format };
    return await onceSignedIn(job, { target, connection, waits: createWaits(), draft, locks }, io);
  } finally {
    await connection.close();
    await locks.release();
    await target.release();
  }
}

function planned({ io, draft }: Run, changes: readonly Change[], before: readonly Finding[]): ExitCode {
  draft.changes = changes;
  io.report.line('Dry run: nothing was written.');
  return exitCodeFor(before);
}
