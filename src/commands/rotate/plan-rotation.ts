import { plan } from '../../core/engine.ts';
import { WizardError } from '../../core/errors.ts';
import type { Finding } from '../../core/findings.ts';
import { safeText } from '../../core/text.ts';
import { referenceTo } from '../../entra/clouds.ts';
import { forbid, permit } from '../../tenant/account/rights.ts';
import { credential } from '../../tenant/credential/credential.ts';
import type { Change, Have, Wanted, WantedCredential } from '../../tenant/model.ts';
import { wantedBy } from '../../tenant/saved-config.ts';
import { filesToIgnore } from '../setup/git-guard.ts';
import type { SetupPlan } from '../setup/plan-setup.ts';
import type { TenantSnapshot } from '../setup/read-tenant.ts';
import { lifetimeChoices, offerCertificate } from '../setup/wanted-credential.ts';
import { insteadOfSecret } from './rotate-remedies.ts';
import type { SignedInRotateRun } from './rotate-run.ts';

/** Which kind the new one is to be. Throws WizardError where it would be the one in use, or a person stops. */
async function wantedKind(
  have: Have,
  { settings, held, request, io }: SignedInRotateRun,
): Promise<WantedCredential> {
  const kind = request.self ? 'certificate' : (settings.credential ?? held.credential.kind);
  if (kind === 'federated') return wantedBy(held).credential;
  if (kind === 'secret') {
    const chosen = have.policy?.secretsBlocked ? await offerCertificate(io.prompt) : 'secret';
    if (chosen !== 'stop') return { kind: chosen };
    throw new WizardError(
      'policy-blocks-secrets',
      'Stopped: a policy of this tenant blocks client secrets.',
      { remedy: insteadOfSecret },
    );
  }
  const { given, saved } = have.certificates;
  if (given === undefined) return { kind };
  if (typeof saved !== 'object' || saved.thumbprint !== given.thumbprint) return { kind, path: given.path };
  throw new WizardError(
    'invalid-options',
    `${safeText(given.path, 500)} holds the certificate that is in use.`,
    {
      remedy: 'Name another one with --certificate-file, or leave it out: one is made.',
    },
  );
}

/** What the file holds, with a new credential in the place of the present one. */
export async function wantedSuccessor(have: Have, run: SignedInRotateRun): Promise<Wanted> {
  const { settings, held, cloud, due } = run;
  const base = wantedBy(held);
  const wanted = due.makes ? await wantedKind(have, run) : base.credential;
  const { policy } = have;
  const cap = wanted.kind === 'certificate' ? policy?.certificateLifetimeCap : policy?.secretLifetimeCap;
  const longest = lifetimeChoices(wanted.kind, cap).at(-1)?.value;
  return {
    ...base,
    cloudReference: referenceTo(cloud),
    credential: wanted,
    secretName: settings.secretName ?? (base.secretName || 'Reporting API'),
    secretLifetime: settings.secretLifetime ?? longest ?? base.secretLifetime,
    freshSecret: true,
    overlap: settings.overlap,
  };
}

/**
 * The changes that make the new credential; none where none is due. The removals among them come last. Writes nothing.
 * Throws WizardError where git would publish what is to be saved.
 */
export async function planSuccessor(
  want: Wanted,
  { have, savedSession }: TenantSnapshot,
  findings: readonly Finding[],
  run: SignedInRotateRun,
): Promise<SetupPlan> {
  const { due, request, io } = run;
  const changes: Change[] = due.makes ? plan([credential], want, have, io.now()) : [];
  // Here it is saved once it is proven, which is told apart.
  const titled = changes.map((change) => ({ ...change, title: change.title.replace(/, and save it$/, '') }));
  const allowed = request.self ? titled : permit(forbid(titled, have), have);
  return {
    want,
    have,
    changes: allowed,
    ignores: await filesToIgnore(allowed, want, have, run),
    written: [],
    findings,
    session: due.makes ? undefined : savedSession,
  };
}
