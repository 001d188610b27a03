import { parseDuration } from '../../core/duration.ts';
import { check, isPending } from '../../core/engine.ts';
import type { Finding } from '../../core/findings.ts';
import { mergeFindings } from '../../core/findings.ts';
import type { AppSession } from '../../graph/directory.ts';
import { checkExpiry } from '../../tenant/credential/listed-credentials.ts';
import type { Change, Have, Wanted } from '../../tenant/model.ts';
import { steps } from '../../tenant/steps.ts';
import { checkConfigFile } from '../shared/config-checks.ts';
import type { Connection } from '../shared/connection.ts';
import { heldNow, openIdentity } from '../shared/held-credential.ts';
import type { Io } from '../shared/io.ts';
import { checkKeyFile } from '../shared/key-checks.ts';
import { expectationAfter, proveIdentity } from '../shared/proof.ts';
import { awaitsConsent } from './consent.ts';
import { expiryOf, kindOf } from './describe.ts';
import type { Target } from './output.ts';
import { isPrerequisite } from './tenant-snapshot.ts';

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

/** What a proof is made with. */
interface Bench {
  readonly io: Io;
  readonly connection: Connection;
  readonly target: Target;
  readonly want: Wanted;
}

/**
 * Proof and findings after the writes; `session` is the application's own, where nothing was written. Rejects with
 * WizardError.
 */
export async function proveAll(
  run: Bench,
  have: Have,
  changes: readonly Change[],
  session: AppSession | undefined,
): Promise<Finding[]> {
  const { want, io, connection, target } = run;
  const after = check(steps, want, have, io.now()).filter(
    (finding) => !isPrerequisite(finding) || finding.id === 'role.grant',
  );
  const held = heldNow(have);
  const unblocked =
    have.application !== undefined && held !== undefined && !changes.some(isBlockedCredential);
  const first = changes.some(isPending) ? undefined : session;
  const owner = { tenantId: have.tenant.id, clientId: have.application?.appId ?? '' };
  const identity = unblocked && (await openIdentity(owner, held, { anySubject: false }, connection, io));
  const proof = identity
    ? await proveIdentity(identity, expectationAfter(changes, want, have), connection, io, first)
    : undefined;
  return mergeFindings(
    after,
    withoutLag(proof?.findings ?? [], after, changes),
    pendingConsent(changes, after),
    unblocked ? [checkExpiry(expiryOf(have), io.now(), soon, kindOf(have))] : [],
    unblocked ? await checkConfigFile(target.path, io.env, target.askGit) : [],
    held?.kind === 'certificate' && unblocked ? await checkKeyFile(held.certificate, io.env) : [],
  );
}

const isBlockedCredential = ({ kind, blocked }: Change): boolean =>
  blocked !== undefined && (kind === 'passwordCredential' || kind === 'keyCredential');
