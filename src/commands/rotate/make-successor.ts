import type { ReportingConfig } from '../../config/config.ts';
import type { OpenOutput } from '../../config/config-output.ts';
import { isPending } from '../../core/engine.ts';
import { WizardError } from '../../core/errors.ts';
import { type Finding, mergeFindings } from '../../core/findings.ts';
import { safeText } from '../../core/text.ts';
import type { AppSession } from '../../graph/directory.ts';
import { heldNow } from '../../tenant/credential/held-credential.ts';
import { previousAfter } from '../../tenant/credential/previous-credentials.ts';
import type { Change, Have } from '../../tenant/model.ts';
import { plannedConfig, savedConfig } from '../../tenant/saved-config.ts';
import { cleanUp } from '../setup/apply-plan.ts';
import { asListed, seeSecret, unlistedFindings } from '../setup/listed-secret.ts';
import type { SetupPlan } from '../setup/plan-setup.ts';
import { noteApplication, noteKept, noteWritten } from '../setup/setup-outcome.ts';
import { settleCutRun } from '../setup/undo-run.ts';
import { wantedInstead } from '../setup/wanted-credential.ts';
import { write } from '../setup/write.ts';
import { openIdentity } from '../shared/open-credential.ts';
import { expectationAfter, proveIdentity } from '../shared/proof.ts';
import { planSuccessor } from './plan-rotation.ts';
import type { SignedInRotateRun } from './rotate-run.ts';
import { possessionOf } from './rotate-sign-in.ts';

/** The credential that is in the file from now on, proven. */
export interface Proven {
  readonly run: SignedInRotateRun;
  readonly have: Have;
  readonly config: ReportingConfig;
  readonly proof: readonly Finding[];
  /** Its own session. */
  readonly session: AppSession | undefined;
}

/** Until the new credential is proven the file stays as it is: what is to be saved waits. */
function holdBack(file: OpenOutput): {
  readonly file: OpenOutput;
  readonly held: () => ReportingConfig | undefined;
} {
  let waiting: ReportingConfig | undefined;
  const save = async (config: ReportingConfig): Promise<void> => {
    waiting = config;
  };
  return { file: { ...file, save }, held: () => waiting };
}

interface Written {
  readonly plan: SetupPlan;
  readonly have: Have;
  readonly config: ReportingConfig | undefined;
}

/** Writes what makes the new credential. Where policy refuses it, another is chosen. Rejects once it is told what exists. */
async function writeSuccessor(plan: SetupPlan, run: SignedInRotateRun): Promise<Written> {
  const { io, outcome, output } = run;
  const { file, held } = holdBack(output.file);
  const writes = plan.changes.filter(({ action }) => action !== 'remove');
  noteKept(plan.changes, outcome);
  let have = plan.have;
  try {
    have = await write(writes, have, { ...run, output: { ...output, file } }, (done, reached) => {
      have = reached;
      noteWritten(done, have, outcome);
    });
  } catch (error) {
    const want = await wantedInstead(error, plan.want, io);
    if (!want) return settleCutRun({ error, before: plan.have, have }, run);
    const snapshot = { have, savedSession: undefined };
    return writeSuccessor(await planSuccessor(want, snapshot, plan.findings, run), run);
  }
  return { plan, have, config: held() };
}

async function prove({ plan, have }: Written, run: SignedInRotateRun) {
  const { io, connection, held } = run;
  const credential = heldNow(have);
  if (credential === undefined) throw new WizardError('unexpected', 'There is no credential to prove.');
  const identity = await openIdentity(held, credential, { anySubject: false }, connection, io);
  return proveIdentity(
    identity,
    expectationAfter(plan.changes, plan.want, have),
    connection,
    io,
    plan.session,
  );
}

/** Entra takes the credential: what its permissions lack concerns the old one as well. */
export const isAccepted = (proof: readonly Finding[]): boolean =>
  proof.some(({ id, status }) => id === 'credential.token' && status === 'pass');

/** Why a new credential is not put in the place of the old one. */
function refusalOf(proof: readonly Finding[]): WizardError {
  const token = proof.find(({ id }) => id === 'credential.token');
  const message = `The new credential is not proven, and the file still holds the old one: ${token?.evidence ?? 'nothing tells why'}.`;
  const remedy = token?.remedy;
  return new WizardError(
    token?.code ?? 'credential-rejected',
    message,
    remedy === undefined ? {} : { remedy },
  );
}

/** The configuration with the key id under which the new credential is listed. */
const withKeyId = (config: ReportingConfig | undefined, { created }: Have): ReportingConfig | undefined =>
  config && created ? { ...config, credential: { ...config.credential, keyId: created.keyId } } : config;

/** The configuration with the time at which the file really begins to name its new credential. */
function stamped(
  config: ReportingConfig,
  before: Have,
  { io, settings }: SignedInRotateRun,
): ReportingConfig {
  const { previous: _earlier, ...credential } = config.credential;
  const times = { now: io.now(), overlap: settings.overlap };
  const previous = previousAfter(credential.keyId ?? '', savedConfig(before), before, times);
  return { ...config, credential: { ...credential, ...previous } };
}

/**
 * Puts the new credential into the file. One that cannot be saved is of use to nobody: it is taken back, whatever else is
 * to be kept. Throws WizardError.
 */
async function save(config: ReportingConfig, { plan, have }: Written, run: SignedInRotateRun): Promise<void> {
  await run.rotation.write(config.credential.keyId ?? '');
  try {
    await run.output.file.save(config);
    run.io.report.task(`Saved the new credential in ${safeText(run.output.name, 300)}`).succeed();
  } catch (error) {
    await run.rotation.clear();
    const undoing = { ...run, settings: { ...run.settings, onFailure: 'undo' as const } };
    await settleCutRun({ error, before: plan.have, have }, undoing);
  }
}

/** After the new certificate is in place it is the one that proves: the old one may go. */
function holding(have: Have, run: SignedInRotateRun): SignedInRotateRun {
  if (!run.possession || have.created?.kind !== 'certificate') return run;
  return { ...run, possession: possessionOf(have.created.certificate, run.io.reveal) };
}

/**
 * Makes the new credential, proves it, and only then saves it in the place of the old one, which the file goes on naming
 * as replaced. `meanwhile` is called while the proof is under way. Rejects with what stopped it; until it is saved the file
 * holds the old one.
 */
export async function makeSuccessor(
  plan: SetupPlan,
  run: SignedInRotateRun,
  meanwhile: () => void,
): Promise<Proven> {
  const { io, outcome, output } = run;
  await output.file.proveWritable(plannedConfig(plan.want, plan.have));
  io.report.title('Working');
  const written = await writeSuccessor(plan, run);
  meanwhile();
  const [proof, seen] = await Promise.all([
    prove(written, run),
    seeSecret(written.have, plan.have, run),
  ]).catch((error: unknown) => settleCutRun({ error, before: plan.have, have: written.have }, run));
  const have = asListed(written.have, seen, outcome);
  const config = withKeyId(written.config, have);
  const findings = mergeFindings(plan.findings, proof.findings, unlistedFindings(have, seen));
  outcome.checks = findings;
  if (config === undefined || !isAccepted(findings))
    return settleCutRun({ error: refusalOf(findings), before: plan.have, have }, run);
  const saved = stamped(config, plan.have, run);
  await save(saved, { ...written, have }, run);
  noteApplication(have, outcome);
  const removals = written.plan.changes.filter(({ action }) => action === 'remove');
  const left = await cleanUp(
    { ...written.plan, before: plan.have, have, removals, proof: findings, listed: seen?.listed },
    run,
  );
  return { run: holding(have, run), have: left, config: saved, proof: findings, session: proof.session };
}

/** Proves the credential that is in the file already, where no new one is made. */
export async function proveHeld(plan: SetupPlan, run: SignedInRotateRun): Promise<Proven> {
  const { outcome, held } = run;
  const { findings, session } = await prove({ plan, have: plan.have, config: undefined }, run);
  const proof = mergeFindings(plan.findings, findings);
  outcome.checks = proof;
  return { run, have: plan.have, config: held, proof, session };
}

/** Whether anything of a plan is still to be written. */
export const writesAnything = (changes: readonly Change[]): boolean => changes.some(isPending);
