import { parseDuration } from '../../src/core/duration.ts';
import type { CredentialPolicy } from '../../src/tenant/directory-objects.ts';
import type { Verdict } from '../../src/tenant/verdict.ts';

/** Policies that restrict nothing. */
export const free: CredentialPolicy = {
  secretsBlocked: false,
  secretLifetimeCap: undefined,
  certificateLifetimeCap: undefined,
  untold: {},
  usersMayRegister: undefined,
};

export const capped = { secretLifetimeCap: parseDuration('90d') };
export const certCapped = { certificateLifetimeCap: parseDuration('90d') };
export const hiddenOnes = { untold: { secret: 'why of secrets', certificate: 'why of certificates' } };

export const passing = (evidence: string): Verdict => ({ status: 'pass', evidence });
export const untold = (why: string): Verdict => ({
  status: 'skip',
  reason: 'cannot-tell',
  evidence: `cannot tell: ${why}`,
});
export const nowBlocked: Verdict = {
  status: 'warn',
  evidence:
    "the tenant's app management policy now blocks client secrets: the one in use works until it ends, and no new one can be made",
  remedy:
    'Before it ends, make a certificate: `reporting-setup --credential certificate` (or federated), or ask for an exemption for this application.',
  code: 'policy-blocks-secrets',
};
export const unrestricted = passing('no restriction applies');
