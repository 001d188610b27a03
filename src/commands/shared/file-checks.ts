import { basename, dirname, join } from 'node:path';
import type { FileAccess } from '../../config/access-list.ts';
import { removeWords, restrictWords } from '../../config/access-list.ts';
import type { LocalCertificate } from '../../config/certificate.ts';
import type { ConfigReading } from '../../config/config.ts';
import type { ConfigFileState } from '../../config/config-file.ts';
import { inspectConfigFile } from '../../config/config-file.ts';
import type { Files } from '../../config/file-system.ts';
import { type AskStanding, ignoreLine } from '../../config/git.ts';
import { inspectKeyFile } from '../../config/private-key-file.ts';
import type { ErrorCode } from '../../core/errors.ts';
import type { Finding } from '../../core/findings.ts';
import { inRemedy } from '../../core/remedy.ts';
import { joinWords, programLine, type ShellHost, safeText } from '../../core/text.ts';
import { cannotTell } from '../../tenant/verdict.ts';

const octal = (mode: number): string => mode.toString(8).padStart(4, '0');

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
        remedy: 'Set one up first: `reporting-setup`, or name the file with --config.',
        code: 'config-missing',
      };
    case 'invalid':
      return {
        ...base,
        status: 'fail',
        evidence: `${shown} is no usable configuration: ${reading.problems.join('; ')}`,
        remedy: 'Repair the file; or move it away, then: `reporting-setup`',
        code: 'config-invalid',
      };
    case 'newer':
      return {
        ...base,
        status: 'fail',
        evidence: `${shown} was written by a newer reporting-setup (version ${reading.version})`,
        remedy: 'Use the newer version of this program that wrote it.',
        code: 'config-newer',
      };
  }
}

/** A path in a command between backticks. */
const typed = (path: string, host: ShellHost): string => inRemedy(programLine([path], host));

const modeRemedy = (path: string, ownedByMe: boolean, host: ShellHost): string =>
  ownedByMe
    ? `Make it readable by you alone: \`chmod 600 ${typed(path, host)}\``
    : 'Have its owner give it to you (chown), and keep it readable by you alone; or set up a file of your own with --output.';

const ignoreRemedy = (path: string): string =>
  inRemedy(
    `Add the line ${ignoreLine(basename(path))} to ${safeText(join(dirname(path), '.gitignore'), 500)}.`,
  );

/** How git is made to leave a file out. */
export const untrackRemedy = (path: string, host: ShellHost): string =>
  `Take it out of git: \`git -C ${typed(dirname(path), host)} rm --cached -- ${typed(basename(path), host)}\`. ${ignoreRemedy(path)}`;

const noModes = 'this system has no such permissions to look at';

/** What an access list says to people: why it cannot be told, or who else may read; undefined where nobody may. */
function accessWords(access: FileAccess | undefined): { untold: string } | { others: string } | undefined {
  if (access === undefined) return { untold: noModes };
  if ('untold' in access) return access;
  if (access.others.length === 0) return undefined;
  return {
    others: `its access list lets others read it: ${joinWords(access.others.map(({ name }) => name))}`,
  };
}

/** Takes away what a list inherits and what it gives to others. */
function accessRemedy(path: string, access: FileAccess | undefined, host: ShellHost): string {
  if (access === undefined || 'untold' in access) return '';
  const lines = [restrictWords(path, access.me), removeWords(path, access.others)];
  const [first, second] = lines.map((words) => programLine(['icacls', ...words], host));
  return `Make it readable by you alone: \`${first}\` and then: \`${second}\``;
}

function checkMode(path: string, { mode, access, ownedByMe }: ConfigFileState, host: ShellHost): Finding {
  const base = { id: 'config.mode', title: 'File permissions' };
  if (mode === undefined) {
    const words = accessWords(access);
    if (words === undefined) {
      return { ...base, status: 'pass', evidence: 'its access list lets in you, SYSTEM and Administrators' };
    }
    if ('untold' in words) return { ...base, ...cannotTell(words.untold) };
    const remedy = accessRemedy(path, access, host);
    return { ...base, status: 'fail', evidence: words.others, remedy, code: 'config-mode' };
  }
  if ((mode & 0o077) === 0 && ownedByMe)
    return { ...base, status: 'pass', evidence: `mode ${octal(mode)}, readable by you alone` };
  return {
    ...base,
    status: 'fail',
    evidence: ownedByMe
      ? `mode ${octal(mode)}: others on this machine can read it`
      : 'it belongs to another user',
    remedy: modeRemedy(path, ownedByMe, host),
    code: 'config-mode',
  };
}

/** Why git's word on a file is not to be had. */
export const gitUntold = {
  unknown: 'it lies below a .git that git will not look into',
  'no-git': 'it lies below a .git, and there is no git here to ask',
} as const;

function checkGit({ git }: ConfigFileState, path: string, host: ShellHost): Finding {
  const base = { id: 'config.git', title: 'Version control' };
  switch (git) {
    case 'tracked':
      return {
        ...base,
        status: 'fail',
        evidence: 'git tracks the file: the secret is in the history, or about to be',
        remedy: `${untrackRemedy(path, host)} The old secret is in the history: in a terminal, make a new one: \`reporting-setup\``,
        code: 'config-tracked',
      };
    case 'exposed':
      return {
        ...base,
        status: 'warn',
        evidence: 'it lies in a git work tree and is not ignored: git add would take it in',
        remedy: ignoreRemedy(path),
        code: 'config-not-ignored',
      };
    case 'ignored':
      return { ...base, status: 'pass', evidence: 'ignored by git' };
    case 'outside':
      return { ...base, status: 'pass', evidence: 'in no git work tree' };
    case 'unknown':
    case 'no-git':
      return { ...base, ...cannotTell(gitUntold[git]) };
  }
}

/** Mode and version control of a file that exists. */
export async function checkConfigFile(
  path: string,
  host: ShellHost,
  askGit?: AskStanding,
  files?: Files,
): Promise<Finding[]> {
  const state = await inspectConfigFile(path, host.env, files, askGit);
  return state.exists ? [checkMode(path, state, host), checkGit(state, path, host)] : [];
}

/** Whether a file that is there is known to be nobody else's to read: what may be told of it. */
export async function isReadableByMeAlone(path: string, host: ShellHost, files?: Files): Promise<boolean> {
  const state = await inspectConfigFile(path, host.env, files, async () => 'outside');
  return state.exists && checkMode(path, state, host).status === 'pass';
}

const keyFile = { id: 'config.key', title: 'Private key' };

interface Flaw {
  readonly status: 'warn' | 'fail';
  readonly evidence: string;
  readonly remedy: string;
  readonly code: ErrorCode;
}

/** One's own key may be shared with a group on purpose; one made by this program is nobody else's. */
function keyModeFlaw(
  path: string,
  { mode, access, ownedByMe }: ConfigFileState,
  isOwn: boolean,
  host: ShellHost,
): Flaw | undefined {
  if (mode === undefined) {
    const words = accessWords(access);
    if (words === undefined || 'untold' in words) return undefined;
    const status = isOwn ? 'fail' : 'warn';
    return { status, evidence: words.others, remedy: accessRemedy(path, access, host), code: 'config-mode' };
  }
  const remedy = modeRemedy(path, ownedByMe, host);
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

function keyGitFlaw({ git }: ConfigFileState, path: string, host: ShellHost): Flaw | undefined {
  if (git === 'tracked') {
    return {
      status: 'fail',
      evidence: 'git tracks the file: the private key is in the history, or about to be',
      remedy: `${untrackRemedy(path, host)} The old key is in the history: in a terminal, make a new certificate: \`reporting-setup\``,
      code: 'config-tracked',
    };
  }
  if (git !== 'exposed') return undefined;
  return {
    status: 'warn',
    evidence: 'it lies in a git work tree and is not ignored: git add would take it in',
    remedy: ignoreRemedy(path),
    code: 'config-not-ignored',
  };
}

/** What could not be looked at, of what a pass would say. */
function keyUntold({ git, mode, access }: ConfigFileState): string | undefined {
  if (git === 'unknown' || git === 'no-git') return gitUntold[git];
  const words = mode === undefined ? accessWords(access) : undefined;
  return words !== undefined && 'untold' in words ? words.untold : undefined;
}

/** The file with certificate and private key: usable, readable by few, and out of version control. */
export async function checkKeyFile(
  certificate: LocalCertificate | string | undefined,
  host: ShellHost,
  files?: Files,
): Promise<Finding[]> {
  if (typeof certificate !== 'object') {
    return [
      {
        ...keyFile,
        status: 'fail',
        evidence: `the file that certificatePath names ${certificate ?? 'is not there'}`,
        remedy: 'Put the file back, or make another certificate: `reporting-setup`',
        code: 'certificate-unusable',
      },
    ];
  }
  const { path, isOwn, isEncrypted } = certificate;
  const state = await inspectKeyFile(path, host.env, files);
  const flaws = [keyGitFlaw(state, path, host), keyModeFlaw(path, state, isOwn, host)].filter(
    (flaw) => flaw !== undefined,
  );
  const worst = flaws.find(({ status }) => status === 'fail') ?? flaws[0];
  if (worst) return [{ ...keyFile, ...worst }];
  const untold = keyUntold(state);
  if (untold !== undefined) return [{ ...keyFile, ...cannotTell(untold) }];
  const sealed = isEncrypted ? ', opened by a pass phrase' : '';
  return [{ ...keyFile, status: 'pass', evidence: `${safeText(path, 500)}${sealed}` }];
}
