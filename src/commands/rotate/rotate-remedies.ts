import { WizardError } from '../../core/errors.ts';
import type { Finding } from '../../core/findings.ts';
import { spelledInRemedy } from '../../core/remedy.ts';
import { DirectoryError, graphError } from '../../graph/directory-error.ts';
import type { RotateRequest } from './rotate-run.ts';

/** What is done where a policy blocks client secrets: setup's own command would keep the secret that still works. */
export const insteadOfSecret =
  'Make a certificate in its place: `reporting-setup rotate --credential certificate`, or have this application exempted from the policy.';

/** The application signed in itself: another account is of no use to the same command. */
const insteadOfItself = (rotate: string): string =>
  `The application may not do that for itself here. Let an administrator sign in: ${spelledInRemedy(rotate)}`;

/** A finding with what rotate does about it. Pure. */
export const withRotateRemedy = (finding: Finding): Finding =>
  finding.code === 'policy-blocks-secrets' && finding.status === 'fail'
    ? { ...finding, remedy: insteadOfSecret }
    : finding;

/** A refusal of Graph's with what is to be done about it in rotate; anything else as it is. Pure. */
export function asRotateError(error: unknown, { self, invocation }: RotateRequest): unknown {
  if (!(error instanceof DirectoryError)) return error;
  const { code, message, requestId } = graphError(error);
  const known = { requestId, cause: error };
  if (code === 'policy-blocks-secrets')
    return new WizardError(code, message, { ...known, remedy: insteadOfSecret });
  if (self && code === 'role-missing')
    return new WizardError(code, message, { ...known, remedy: insteadOfItself(invocation.rotate) });
  return error;
}
