import type { DirectoryError, Failure } from './directory-error.ts';
import { type ErrorCode, WizardError } from './errors.ts';
import { safeText } from './text.ts';

/** What one of Graph's error codes means for this job. */
interface Reading {
  readonly code: ErrorCode;
  /** Completes "Microsoft Graph did not <purpose>: …". */
  readonly reason: string;
  readonly remedy?: string;
}

/** Graph's error codes in our words (graph-docs concepts/errors.md and the pages of each call). */
const byCode: Readonly<Record<string, Reading>> = {
  Authorization_RequestDenied: {
    code: 'role-missing',
    reason: 'the signed-in account may not do that',
    remedy:
      'Sign in with an account that may: Application Administrator registers, Privileged Role Administrator grants, Global Administrator does both.',
  },
  Authorization_IdentityDisabled: {
    code: 'service-principal-disabled',
    reason: 'the calling application is disabled',
  },
  InvalidAuthenticationToken: {
    code: 'sign-in-failed',
    reason: 'it does not accept the token of the sign-in',
  },
  CredentialTypeNotAllowedAsPerAppPolicy: {
    code: 'policy-blocks-secrets',
    reason: "the tenant's app management policy blocks client secrets",
  },
  CredentialInvalidLifetimeAsPerAppPolicy: {
    code: 'policy-caps-lifetime',
    reason: "the tenant's app management policy allows only a shorter lifetime",
  },
  SignInAudienceNotAllowedAsPerAppPolicy: {
    code: 'policy-refuses',
    reason: "the tenant's app management policy does not allow such an application",
  },
  ServiceTreeNullValueProvided: {
    code: 'policy-refuses',
    reason: 'the tenant demands a serviceManagementReference on each application',
    remedy: 'Register the application by hand with that reference, then pass its client ID as --client-id.',
  },
  ServiceTreeInvalid: {
    code: 'policy-refuses',
    reason: 'the tenant demands a valid serviceManagementReference on each application',
    remedy: 'Register the application by hand with that reference, then pass its client ID as --client-id.',
  },
  Directory_QuotaExceeded: {
    code: 'quota-exceeded',
    reason: 'the account or the tenant has no room for another object (deleted ones count for 30 days)',
  },
  Directory_ResourceSizeExceeded: {
    code: 'quota-exceeded',
    reason: 'the application holds too many credentials or values',
    remedy: 'Remove credentials it no longer needs, then run the same command again.',
  },
  Directory_ConcurrencyViolation: {
    code: 'service-unavailable',
    reason: 'somebody else keeps changing the same object',
  },
};

function byStatus(failure: Failure): Reading | undefined {
  if (failure.kind === 'network') {
    return { code: 'unreachable', reason: `no reply came (${failure.networkCode ?? 'connection lost'})` };
  }
  if (failure.status === 429) return { code: 'throttled', reason: 'it asks to slow down' };
  if (failure.kind === 'malformed') {
    return { code: 'service-unavailable', reason: 'its reply was not what Microsoft Graph sends' };
  }
  if (failure.status >= 500 || failure.status === 408) {
    return { code: 'service-unavailable', reason: `it is not available (HTTP ${failure.status})` };
  }
  return undefined;
}

/** Graph's refusal as an error of ours; one that is not known is told in Graph's own words. */
export function graphProblem(error: DirectoryError): WizardError {
  const { failure, purpose } = error;
  const extras = { requestId: failure.requestId, cause: error };
  const reading = byCode[failure.code] ?? byStatus(failure);
  const label = failure.code === '' ? '' : ` (${safeText(failure.code, 80)})`;
  if (reading) {
    return new WizardError(reading.code, `Could not ${purpose}: ${reading.reason}${label}.`, {
      ...extras,
      ...(reading.remedy === undefined ? {} : { remedy: reading.remedy }),
    });
  }
  return new WizardError(
    'graph-refused',
    `Could not ${purpose}: ${safeText(failure.message, 400)}${label}`,
    extras,
  );
}
