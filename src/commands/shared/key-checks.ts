import type { LocalCertificate } from '../../config/certificate.ts';
import type { ConfigFileState } from '../../config/config-file.ts';
import { inspectKeyFile } from '../../config/private-key-file.ts';
import type { ErrorCode } from '../../core/errors.ts';
import type { Finding } from '../../core/findings.ts';
import { safeText } from '../../core/text.ts';

const base = { id: 'config.key', title: 'Private key' };

interface Flaw {
  readonly status: 'warn' | 'fail';
  readonly evidence: string;
  readonly remedy: string;
  readonly code: ErrorCode;
}

const octal = (mode: number): string => mode.toString(8).padStart(4, '0');

/** One's own key may be shared with a group on purpose; one made by this program is nobody else's. */
function modeFlaw({ mode, ownedByMe }: ConfigFileState, isOwn: boolean): Flaw | undefined {
  if (mode === undefined) return undefined;
  const remedy = 'Make it readable by you alone: chmod 600 on the file.';
  const code = 'config-mode';
  if ((mode & 0o007) !== 0 || (isOwn && (mode & 0o070) !== 0)) {
    return {
      status: 'fail',
      evidence: `mode ${octal(mode)}: others on this machine can read it`,
      remedy,
      code,
    };
  }
  if ((mode & 0o070) !== 0) {
    return { status: 'warn', evidence: `mode ${octal(mode)}: its group can read it`, remedy, code };
  }
  if (ownedByMe) return undefined;
  return { status: isOwn ? 'fail' : 'warn', evidence: 'it belongs to another user', remedy, code };
}

function gitFlaw({ git }: ConfigFileState): Flaw | undefined {
  if (git === 'tracked') {
    return {
      status: 'fail',
      evidence: 'git tracks the file: the private key is in the history, or about to be',
      remedy:
        'Take it out with git rm --cached, add it to .gitignore, and make a new certificate: the old key is in the history.',
      code: 'config-tracked',
    };
  }
  if (git !== 'exposed') return undefined;
  return {
    status: 'warn',
    evidence: 'it lies in a git work tree and is not ignored: git add would take it in',
    remedy: 'Add it to .gitignore.',
    code: 'config-not-ignored',
  };
}

/** The file with certificate and private key: usable, readable by few, and out of version control. */
export async function checkKeyFile(
  certificate: LocalCertificate | string | undefined,
  env: Readonly<Record<string, string | undefined>>,
): Promise<Finding[]> {
  if (typeof certificate !== 'object') {
    return [
      {
        ...base,
        status: 'fail',
        evidence: `the file that certificatePath names ${certificate ?? 'is not there'}`,
        remedy: 'Put the file back, or run reporting-setup again: it makes another certificate.',
        code: 'certificate-unusable',
      },
    ];
  }
  const { path, isOwn, isEncrypted } = certificate;
  const state = await inspectKeyFile(path, env);
  const flaws = [gitFlaw(state), modeFlaw(state, isOwn)].filter((flaw) => flaw !== undefined);
  const worst = flaws.find(({ status }) => status === 'fail') ?? flaws[0];
  if (worst) return [{ ...base, ...worst }];
  const sealed = isEncrypted ? ', opened by a pass phrase' : '';
  return [{ ...base, status: 'pass', evidence: `${safeText(path, 500)}${sealed}` }];
}
