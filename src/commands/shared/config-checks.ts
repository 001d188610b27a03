import type { ConfigReading } from '../../config/config.ts';
import { type ConfigFileState, inspectConfigFile } from '../../config/config-file.ts';
import type { AskStanding } from '../../config/git.ts';
import type { Finding } from '../../core/findings.ts';
import { safeText } from '../../core/text.ts';

/** The file itself: there, and a configuration. Pure. */
export function checkReading(name: string, reading: ConfigReading): Finding {
  const base = { id: 'config.file', title: 'Config file' };
  const shown = safeText(name, 500);
  switch (reading.status) {
    case 'ok':
      return { ...base, status: 'pass', evidence: `${shown}, ${reading.format} format` };
    case 'absent':
      return {
        ...base,
        status: 'fail',
        evidence: `there is no file ${shown}`,
        remedy: 'Run reporting-setup first, or name the file with --config.',
        code: 'config-missing',
      };
    case 'invalid':
      return {
        ...base,
        status: 'fail',
        evidence: `${shown} is no usable configuration: ${reading.problems.join('; ')}`,
        remedy: 'Repair the file, or move it away and run reporting-setup again.',
        code: 'config-invalid',
      };
    case 'newer':
      return {
        ...base,
        status: 'fail',
        evidence: `${shown} was written by a newer reporting-setup (version ${reading.version})`,
        remedy: 'Update the tool: npx reporting-setup@latest',
        code: 'config-newer',
      };
  }
}

function checkMode({ mode, ownedByMe }: ConfigFileState): Finding {
  const base = { id: 'config.mode', title: 'Readable by you alone' };
  if (mode === undefined) return { ...base, status: 'skip', evidence: 'this system has no such permissions' };
  const octal = mode.toString(8).padStart(4, '0');
  if (mode === 0o600 && ownedByMe) return { ...base, status: 'pass', evidence: `mode ${octal}` };
  if ((mode & 0o077) === 0 && ownedByMe) return { ...base, status: 'pass', evidence: `mode ${octal}` };
  return {
    ...base,
    status: 'fail',
    evidence: ownedByMe ? `mode ${octal}: others on this machine can read it` : 'it belongs to another user',
    remedy: 'Make it readable by you alone: chmod 600 on the file.',
    code: 'config-mode',
  };
}

function checkGit({ git }: ConfigFileState): Finding {
  const base = { id: 'config.git', title: 'Not in version control' };
  switch (git) {
    case 'tracked':
      return {
        ...base,
        status: 'fail',
        evidence: 'git tracks the file: the secret is in the history, or about to be',
        remedy:
          'Take it out with git rm --cached, add it to .gitignore, and make a new secret: the old one is in the history.',
        code: 'config-tracked',
      };
    case 'exposed':
      return {
        ...base,
        status: 'warn',
        evidence: 'it lies in a git work tree and is not ignored: git add would take it in',
        remedy: 'Add it to .gitignore.',
        code: 'config-not-ignored',
      };
    case 'ignored':
      return { ...base, status: 'pass', evidence: 'ignored by git' };
    case 'outside':
      return { ...base, status: 'pass', evidence: 'in no git work tree' };
    case 'unknown':
      return { ...base, status: 'skip', evidence: 'git is not installed here' };
  }
}

/** Mode and version control of a file that exists. */
export async function checkConfigFile(
  path: string,
  env: Readonly<Record<string, string | undefined>>,
  askGit?: AskStanding,
): Promise<Finding[]> {
  const state = await inspectConfigFile(path, env, undefined, askGit);
  return state.exists ? [checkMode(state), checkGit(state)] : [];
}
