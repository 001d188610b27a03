import { addDuration } from '../../core/duration.ts';
import { type ExitCode, exitCodes, WizardError } from '../../core/errors.ts';
import { exitCodeFor, type Finding } from '../../core/findings.ts';
import type { AppSession } from '../../graph/directory.ts';
import { isDue } from '../../tenant/credential/retirement.ts';
import type { Have } from '../../tenant/model.ts';
import { ignoreFiles } from '../setup/agree.ts';
import type { SetupPlan } from '../setup/plan-setup.ts';
import { readTenant } from '../setup/read-tenant.ts';
import { closeRun } from '../setup/setup-run.ts';
import { showPlan } from '../setup/show-plan.ts';
import type { Io } from '../shared/io.ts';
import { secretFromStore } from '../shared/open-credential.ts';
import type { RunOutcome } from '../shared/run-outcome.ts';
import { applicationGone, cannotRotate, judgeRotation } from './judge-rotation.ts';
import { type SeenUse, seeKeyUse, unasked } from './key-use.ts';
import { isAccepted, makeSuccessor, type Proven, proveHeld } from './make-successor.ts';
import { planSuccessor, wantedSuccessor } from './plan-rotation.ts';
import { type Retired, retireReplaced, rowOf, rowsToCome } from './retire-replaced.ts';
import { asRotateError } from './rotate-remedies.ts';
import {
  openRotateRun,
  type RotateFile,
  type RotateRequest,
  type RotateRun,
  readRotateFile,
  type SignedInRotateRun,
} from './rotate-run.ts';
import { signIn } from './rotate-sign-in.ts';
import { isNothingDue } from './rotation-due.ts';
import { keyLines } from './tell-keys.ts';
import { exitCodeOf, tellRotation } from './tell-rotation.ts';
import { updateStores } from './update-stores.ts';

/**
 * Makes a new credential, proves it, saves it, hands it to the stores, and retires what it replaced once nobody uses that
 * any more. At each instant the file holds a credential that works; the same command goes on from wherever a run was cut.
 * Throws WizardError or DirectoryError.
 */
export async function runRotate(request: RotateRequest, io: Io, outcome: RunOutcome): Promise<ExitCode> {
  const file = await readRotateFile(request, io, outcome);
  if (isNothingDue(file.due)) return endNothingDue(file, io, outcome);
  noteReplaced(file, io, outcome);
  requireApproval(request, io);
  const opened = await openRotateRun(file, request, io, outcome);
  try {
    if (isNothingDue(opened.due)) return endNothingDue({ ...file, config: opened.held }, io, outcome);
    requireSecret(opened);
    return await rotate(await signIn(opened));
  } catch (error) {
    throw asRotateError(error, request);
  } finally {
    await closeRun(opened);
  }
}

/** Tells before anybody signs in that the secret is not to be had here. Throws WizardError `secret-elsewhere`. */
function requireSecret({ held, io }: RotateRun): void {
  const { kind, secretIn } = held.credential;
  if (kind === 'secret' && !held.clientSecret && secretIn) secretFromStore(held, secretIn, io);
}

async function rotate(run: SignedInRotateRun): Promise<ExitCode> {
  const snapshot = await readTenant(run).catch((error: unknown) => {
    if (error instanceof WizardError && error.code === 'application-not-found')
      throw applicationGone(run.held);
    throw error;
  });
  const want = await wantedSuccessor(snapshot.have, run);
  const findings = judgeRotation(want, snapshot.have, run);
  if (cannotRotate(findings) && !run.planOnly) return stop(findings, run);
  const plan = await planSuccessor(want, snapshot, findings, run);
  // Shown to whoever is going to say yes; else it is asked for beside the proof.
  const shown = run.planOnly || run.io.asks ? await seeKeyUse(snapshot.savedSession, run) : undefined;
  await showRotation(plan, shown, run);
  if (run.planOnly) return endDryRun(plan, shown ?? unasked, run);
  await approveRotation(plan, run);
  return finish(plan, { shown, saved: snapshot.savedSession }, run);
}

/** What is known of who uses which key, and who may ask. */
interface UseSource {
  readonly shown: SeenUse | undefined;
  /** The session of the credential that was in the file when the run began. */
  readonly saved: AppSession | undefined;
}

/** Make, prove, save; then the stores; and only then what was replaced. */
async function finish(plan: SetupPlan, source: UseSource, run: SignedInRotateRun): Promise<ExitCode> {
  const { proven, seen } = await proveCredential(plan, source, run);
  const handed = await updateStores(proven);
  const isProven = isAccepted(proven.proof) && !proven.proof.some(isFailedProof);
  const hindrance = handed.failed.length > 0 ? 'store-failed' : isProven ? undefined : 'unproven';
  const rows = await retireReplaced(proven, { seen, hindrance });
  const rotated = { proven, handed, seen, rows };
  if (hindrance === undefined && !rows.some(isUnfinished)) await run.rotation.clear();
  tellRotation(rotated);
  return exitCodeOf(rotated);
}

/** A part of the proof that failed: while one does, nothing is retired. */
const isFailedProof = ({ id, status }: Finding): boolean =>
  status === 'fail' && /^(credential|permission|api)\./.test(id);

/** Something stood in the way that may pass: the next run goes on from here. */
const isUnfinished = ({ error }: Retired): boolean => error !== undefined;

/** The logs are asked for who uses the replaced ones while a credential is made and proven. */
async function proveCredential(
  plan: SetupPlan,
  { shown, saved }: UseSource,
  run: SignedInRotateRun,
): Promise<{ readonly proven: Proven; readonly seen: SeenUse }> {
  let asked: Promise<SeenUse> | undefined;
  const ask = (): void => {
    if (saved === undefined || shown !== undefined || !asksLogs(run)) return;
    asked = seeKeyUse(saved, run);
    // Where the rest fails, nobody waits for it.
    asked.catch(() => undefined);
  };
  if (!run.due.makes) ask();
  const proven = await (run.due.makes ? makeSuccessor(plan, run, ask) : proveHeld(plan, run));
  if (shown !== undefined) return { proven, seen: shown };
  if (!asksLogs(run)) return { proven, seen: unasked };
  return { proven, seen: await (asked ?? seeKeyUse(proven.session, run)) };
}

/** With no overlap nobody is asked. */
function asksLogs({ held, due, settings }: SignedInRotateRun): boolean {
  const earlier = (held.credential.previous ?? []).some(
    ({ replacedAt, retireAfter }) => Date.parse(retireAfter) > Date.parse(replacedAt),
  );
  const { overlap } = settings;
  return earlier || (due.makes && !(overlap && addDuration(new Date(0), overlap).getTime() === 0));
}

/** Without a terminal, or with nobody to ask, `--yes` says that something may be written. Throws WizardError. */
function requireApproval({ yes, planOnly }: RotateRequest, { interactive }: Io): void {
  if (interactive || yes || planOnly) return;
  throw new WizardError(
    'missing-options',
    'Nobody can be asked here. Missing: --yes (to write without a confirmation) or --dry-run (to write nothing)',
  );
}

/** What is known of the replaced ones before anybody looks, for a run that does not come that far. */
function noteReplaced({ config: { credential } }: RotateFile, io: Io, outcome: RunOutcome): void {
  const rows = (credential.previous ?? []).map((entry): Retired => {
    const reason = isDue(entry, io.now()) ? 'unproven' : 'overlap';
    return { entry, lastUsed: null, retired: false, reason };
  });
  outcome.details = { ...outcome.details, previous: rows.map(rowOf) };
}

function endNothingDue(file: RotateFile, io: Io, outcome: RunOutcome): ExitCode {
  const { config, name } = file;
  noteReplaced(file, io, outcome);
  const { kind, keyId, expires, previous = [] } = config.credential;
  outcome.credential = {
    kind,
    ...(keyId === undefined ? {} : { keyId }),
    ...(expires === undefined ? {} : { expires }),
  };
  outcome.changes = [
    {
      action: 'keep',
      kind: kinds[kind],
      name: config.credential.displayName ?? keyId ?? '',
      ...(keyId === undefined ? {} : { id: keyId }),
    },
  ];
  if (kind === 'federated')
    io.report.line(`There is nothing to rotate: ${name} holds a federated credential, which never ends.`);
  else
    io.report.line(
      `Nothing is due: the ${kind === 'secret' ? 'client secret' : 'certificate'} ends on ${expires?.slice(0, 10)}.`,
    );
  for (const { keyId: old, retireAfter } of previous)
    io.report.line(
      `The replaced one with key ID ${old} stays until ${retireAfter.slice(0, 16).replace('T', ' ')} UTC at least.`,
    );
  return exitCodes.done;
}

const kinds = {
  secret: 'passwordCredential',
  certificate: 'keyCredential',
  federated: 'federatedIdentityCredential',
} as const;

function stop(findings: readonly Finding[], { io }: RotateRun): ExitCode {
  io.report.line('Nothing was changed.');
  return exitCodeFor(findings);
}

/** The rows of what the file names as replaced, as they would come out now. */
const rowsOf = (seen: SeenUse, have: Have, run: SignedInRotateRun): readonly Retired[] =>
  rowsToCome(run.held.credential.previous ?? [], { seen, hindrance: undefined }, run, have);

async function showRotation(
  plan: SetupPlan,
  shown: SeenUse | undefined,
  run: SignedInRotateRun,
): Promise<void> {
  const { report } = run.io;
  if (plan.changes.length > 0) await showPlan(plan, run);
  if (shown === undefined) return;
  report.title('Keys');
  for (const line of keyLines(run.held, plan.have, shown.evidence)) report.item(line);
}

/** What is retired is confirmed as well as what is made. Throws WizardError `cancelled` on no. */
async function approveRotation(plan: SetupPlan, run: SignedInRotateRun): Promise<void> {
  const { io, due } = run;
  const makes = plan.changes.length > 0;
  if (!makes && due.retires.length === 0) return;
  const message = makes ? 'Go ahead?' : 'Remove what was replaced and is not used any more?';
  if (await io.prompt.confirm({ message, fallback: true })) return ignoreFiles({ plan, run });
  throw new WizardError('cancelled', 'Stopped before the first change. Nothing was changed.');
}

function endDryRun({ changes, have, findings }: SetupPlan, seen: SeenUse, run: SignedInRotateRun): ExitCode {
  const { outcome, io } = run;
  outcome.changes = changes;
  outcome.details = { ...outcome.details, previous: rowsOf(seen, have, run).map(rowOf) };
  io.report.line('Dry run: nothing was written.');
  return exitCodeFor(findings);
}
