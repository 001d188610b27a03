import { check, plan } from '../../core/engine.ts';
import type { ExitCode } from '../../core/errors.ts';
import type { Finding } from '../../core/findings.ts';
import { exitCodeFor, mergeFindings } from '../../core/findings.ts';
import type { Directory } from '../../graph/directory.ts';
import { forbid } from '../../tenant/account/rights.ts';
import { isKept } from '../../tenant/credential/credential.ts';
import { readFederated } from '../../tenant/credential/federated-credential.ts';
import type { Change, Have, Wanted } from '../../tenant/model.ts';
import { steps } from '../../tenant/steps.ts';
import { connect } from '../shared/connection.ts';
import type { Io } from '../shared/io.ts';
import type { RunOutcome } from '../shared/run-outcome.ts';
import { showPlan } from '../shared/show.ts';
import { createApplicationLocks } from './application-lock.ts';
import { carryOut } from './apply-plan.ts';
import { approve } from './approve.ts';
import { showTrust } from './credential-outcome.ts';
import { describeTenant } from './describe.ts';
import { guardFromGit } from './git-guard.ts';
import { openTarget } from './output.ts';
import { note, type Run, type SetupJob } from './setup-run.ts';
import { cannotStart, type Door, enter, isPrerequisite } from './tenant-snapshot.ts';
import { resolveWanted } from './wanted.ts';
import { createWaits } from './write.ts';

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
  const { target, connection, waits, outcome } = door;
  const entrance = await enter(job, door, io);
  const { session, directory, have: seen, savedSession, findings: judged } = entrance;
  note({ outcome }, seen);
  if (cannotStart(judged, seen) && !job.planOnly) {
    io.report.line('Nothing was changed.');
    return exitCodeFor(judged);
  }
  if (io.asks) io.report.title('What to set up');
  const want = await resolveWanted(job.settings, seen, job.place, io.prompt);
  const have = await withFederated(want, seen, directory);
  // The answers decide what of the tenant's policy matters.
  const before = mergeFindings(judged, check(steps, want, have, io.now()).filter(isPrerequisite));
  outcome.checks = before;
  outcome.tenant = describeTenant(have, want.domain, job.place);
  const run: Run = { job, io, outcome, connection, target, directory, session, waits, want };
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
 * The wizard: sign in, look, ask what is open, plan, confirm, write, prove. Fills in `outcome` as it goes. Throws
 * WizardError or DirectoryError; whatever was written until then stays, and the same command goes on from there.
 */
export async function runSetup(job: SetupJob, io: Io, outcome: RunOutcome): Promise<ExitCode> {
  const target = await openTarget(job.settings, job.place, io, { lock: !job.planOnly });
  // Its answer is needed after the sign-in, and takes a moment.
  const askGit = (): void => void target.askGit(target.path, io.env);
  const connection = connect(job.cloud, io, askGit);
  const locks = createApplicationLocks(io);
  try {
    outcome.config = { path: target.path, format: target.format };
    return await onceSignedIn(job, { target, connection, waits: createWaits(), outcome, locks }, io);
  } finally {
    await connection.close();
    await locks.release();
    await target.release();
  }
}

function planned({ io, outcome }: Run, changes: readonly Change[], before: readonly Finding[]): ExitCode {
  outcome.changes = changes;
  io.report.line('Dry run: nothing was written.');
  return exitCodeFor(before);
}
