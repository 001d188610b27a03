import { parseDuration } from '../../core/duration.ts';
import { check } from '../../core/engine.ts';
import type { Finding } from '../../core/findings.ts';
import { mergeFindings } from '../../core/findings.ts';
import { expiryOf, heldNow, kindOf } from '../../tenant/credential/held-credential.ts';
import { checkExpiry } from '../../tenant/credential/listed-credentials.ts';
import type { Change } from '../../tenant/model.ts';
import { saveCreated } from '../../tenant/saved-config.ts';
import { steps } from '../../tenant/steps.ts';
import { checkConfigFile, checkKeyFile } from '../shared/file-checks.ts';
import { openIdentity } from '../shared/open-credential.ts';
import { expectationAfter, proveIdentity } from '../shared/proof.ts';
import { awaitsConsent, withRefusals } from './consent.ts';
import { isPrerequisite } from './judge-tenant.ts';
import { asListed, seeSecret, unlistedFindings } from './listed-secret.ts';
import type { AppliedPlan, ProvenPlan } from './plan-setup.ts';
import { answered } from './setup-outcome.ts';
import type { SignedInRun } from './setup-run.ts';
import { settleCutRun } from './undo-run.ts';

const soon = parseDuration('30d');

/** Changes that only somebody else can make, told in the words of the checks. */
function pendingConsent(changes: readonly Change[], findings: readonly Finding[]): Finding[] {
  if (!awaitsConsent(changes)) return [];
  return findings.filter(({ id, code }) => id.startsWith('permission.') && code === 'consent-pending');
}

/** While others wait for consent, a permission that is granted and not in the token yet is no failure of its own. */
function withoutLag(proven: readonly Finding[], after: readonly Finding[], changes: readonly Change[]) {
  if (!awaitsConsent(changes)) return proven;
  const granted = new Set(after.filter(({ status }) => status === 'pass').map(({ id }) => id));
  return proven.filter(({ id, code }) => code !== 'permission-missing' || !granted.has(id));
}

const isBlockedCredential = ({ kind, blocked }: Change): boolean =>
  blocked !== undefined && (kind === 'passwordCredential' || kind === 'keyCredential');

async function proveAll(
  { want, have, session, written, changes }: AppliedPlan,
  run: SignedInRun,
): Promise<Finding[]> {
  const { io, connection, output } = run;
  const all = [...written, ...withRefusals(changes, have)];
  const after = check(steps, want, have, io.now()).filter(
    (finding) => !isPrerequisite(finding) || finding.id === 'role.grant',
  );
  const held = heldNow(have);
  const unblocked = have.application !== undefined && held !== undefined && !all.some(isBlockedCredential);
  const owner = { tenantId: have.tenant.id, clientId: have.application?.appId ?? '' };
  const identity = unblocked && (await openIdentity(owner, held, { anySubject: false }, connection, io));
  const proof = identity
    ? await proveIdentity(identity, expectationAfter(all, want, have), connection, io, session)
    : undefined;
  return mergeFindings(
    after,
    proof?.session ? [answered(run.cloud)] : [],
    withoutLag(proof?.findings ?? [], after, all),
    pendingConsent(all, after),
    unblocked ? [checkExpiry(expiryOf(have), io.now(), soon, kindOf(have))] : [],
    unblocked ? await checkConfigFile(output.path, io, output.askGit) : [],
    held?.kind === 'certificate' && unblocked ? await checkKeyFile(held.certificate, io) : [],
  );
}

/**
 * Proves what came of the writes: a token, its permissions, rows of both logs. Rejects with what stopped it, once it is
 * told what exists, or taken back.
 */
export async function prove(applied: AppliedPlan, run: SignedInRun): Promise<ProvenPlan> {
  try {
    const { have, before, want } = applied;
    const [found, seen] = await Promise.all([proveAll(applied, run), seeSecret(have, before, run)]);
    const proof = mergeFindings(applied.findings, found, unlistedFindings(have, seen));
    run.outcome.checks = proof;
    const listed = asListed(have, seen, run.outcome);
    if (listed !== have && listed.created) {
      const { note, file: output } = run.output;
      await saveCreated(want, listed, listed.created, { note, output, now: run.io.now });
    }
    return { ...applied, have: listed, proof, listed: seen?.listed };
  } catch (error) {
    return settleCutRun({ error, before: applied.before, have: applied.have }, run);
  }
}
