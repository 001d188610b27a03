import { check, isPending, plan } from '../../core/engine.ts';
import { WizardError } from '../../core/errors.ts';
import { type Finding, mergeFindings } from '../../core/findings.ts';
import { quoted } from '../../core/text.ts';
import type { AppSession } from '../../graph/directory.ts';
import { forbid, permit } from '../../tenant/account/rights.ts';
import { ownUniqueName } from '../../tenant/application/read-application.ts';
import { isKept } from '../../tenant/credential/credential.ts';
import { readFederated } from '../../tenant/credential/federated-credential.ts';
import type { ListedCredential } from '../../tenant/directory-objects.ts';
import type { Change, Have, Wanted } from '../../tenant/model.ts';
import { seenIn } from '../../tenant/optional-read.ts';
import { steps } from '../../tenant/steps.ts';
import { filesToIgnore } from './git-guard.ts';
import { isPrerequisite, type JudgedTenant } from './judge-tenant.ts';
import { describeTenant } from './setup-outcome.ts';
import type { SignedInRun } from './setup-run.ts';

/** What is wanted, what is there, and the writes that lead from one to the other. */
export interface SetupPlan {
  readonly want: Wanted;
  readonly have: Have;
  readonly changes: readonly Change[];
  /** Files to add to .gitignore, since git would take them in. */
  readonly ignores: readonly string[];
  /** What an earlier plan of this run had written before policy refused the credential it was to make. */
  readonly written: readonly Change[];
  /** Prerequisites: they hold for the whole run. */
  readonly findings: readonly Finding[];
  /** The application's own session, where its credential stays and nothing is written. */
  readonly session: AppSession | undefined;
}

/** A plan that was written, but for its removals. */
export interface AppliedPlan extends SetupPlan {
  /** What was there before anything was written. */
  readonly before: Have;
  /** What comes last, once the new credential is shown to work. */
  readonly removals: readonly Change[];
}

/** A plan that was written, with everything that is known of its outcome. */
export interface ProvenPlan extends AppliedPlan {
  readonly proof: readonly Finding[];
  /** The application's secrets as a list shows them that has the one which this run made; undefined where none was seen. */
  readonly listed: readonly ListedCredential[] | undefined;
}

const changesFor = (want: Wanted, have: Have, now: Date): Change[] =>
  permit(forbid(plan(steps, want, have, now), have), have);

/**
 * A file is no reason to give an application rights or a credential: whoever may edit it could have named any. One that
 * does not carry this program's uniqueName is changed where `--client-id` names it, or a person who sees its name agrees.
 * Throws WizardError `application-unnamed`.
 */
function requireNamed(
  changes: readonly Change[],
  { application, config }: Have,
  { settings, io }: SignedInRun,
): void {
  if (config.status !== 'ok' || settings.clientId !== undefined || !changes.some(isPending)) return;
  if (!application || application.uniqueName === ownUniqueName) return;
  const { appId } = application;
  const message = `Only the file names the application ${quoted(application.displayName)}: this program did not register it.`;
  if (io.asks) {
    io.report.warn(`${message} Stop here unless it is the one that you mean (client ID ${appId}).`);
    return;
  }
  throw new WizardError('application-unnamed', message, {
    remedy: `If it is the one that is meant: \`reporting-setup … --client-id ${appId}\`. Else choose another file with --output.`,
  });
}

/**
 * Plans what leads to what is wanted; the answers decide which of the tenant's policies matter. Writes nothing.
 * Throws WizardError where nothing leads there, or git would publish what is to be saved.
 */
export async function planSetup(tenant: JudgedTenant, want: Wanted, run: SignedInRun): Promise<SetupPlan> {
  const now = run.io.now();
  const { application } = tenant.have;
  // Read only where one is wanted: nothing else depends on them.
  const have =
    want.credential.kind === 'federated' && application
      ? { ...tenant.have, federated: seenIn(await readFederated(application.id, run.directory)) }
      : tenant.have;
  const findings = mergeFindings(tenant.findings, check(steps, want, have, now).filter(isPrerequisite));
  run.outcome.checks = findings;
  run.outcome.tenant = describeTenant(have, want.domain, run.cloud);
  const changes = changesFor(want, have, now);
  requireNamed(changes, have, run);
  const ignores = await filesToIgnore(changes, want, have, run);
  const stays = isKept(want, have) && !changes.some(isPending);
  const session = stays ? tenant.savedSession : undefined;
  return { want, have, changes, ignores, written: [], findings, session };
}

/** What was written stands; only the credential that the tenant's policy refused is planned anew. Pure. */
export function planAgain(refused: SetupPlan, want: Wanted, have: Have, now: Date): SetupPlan {
  const writes = refused.changes.filter(({ action }) => action !== 'remove');
  const written = [...refused.written, ...writes];
  return { ...refused, want, have, written, changes: changesFor(want, have, now), session: undefined };
}
