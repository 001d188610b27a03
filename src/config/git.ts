import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { open, realpath } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { fileReason, WizardError } from '../core/errors.ts';
import { safeText } from '../core/text.ts';
import { readTextFile } from './file-system.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** Where a file stands towards git; `exposed` means that the next `git add .` would take it. */
export type GitStanding = 'outside' | 'tracked' | 'ignored' | 'exposed' | 'unknown';

/** Milliseconds a question to git may take. */
const patience = 5_000;

const passedOn = ['PATH', 'HOME', 'XDG_CONFIG_HOME', 'USERPROFILE', 'SYSTEMROOT'];

/** Only what git needs to start and to find the user's settings: no GIT_DIR, no GIT_CONFIG_…, no secret. */
function cleanEnv(env: Env): Record<string, string> {
  const kept = passedOn.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]] as const]));
  return { ...Object.fromEntries(kept), LC_ALL: 'C', GIT_OPTIONAL_LOCKS: '0', GIT_TERMINAL_PROMPT: '0' };
}

interface Answer {
  /** Undefined when git did not run to its end. */
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** Asks git in a folder. No setting of the repository may start another program. */
function askGit(folder: string, env: Env, ...args: readonly string[]): Promise<Answer> {
  const safe = ['-c', 'core.fsmonitor=false', '-c', 'core.hooksPath=/dev/null'];
  return new Promise((done) => {
    const options = { cwd: folder, env: cleanEnv(env), timeout: patience, encoding: 'utf8' } as const;
    execFile('git', [...safe, ...args], options, (error, stdout, stderr) => {
      const code = error === null ? 0 : error.code;
      done({ exitCode: typeof code === 'number' ? code : undefined, stdout, stderr });
    });
  });
}

/** The root of the work tree around a folder; `outside` when there is none. */
async function workTree(folder: string, env: Env): Promise<{ root: string } | 'outside' | 'unknown'> {
  const { exitCode, stdout, stderr } = await askGit(folder, env, 'rev-parse', '--show-toplevel');
  if (exitCode === 0) return { root: stdout.replace(/\r?\n$/, '') };
  const isOutside = /not a git repository|must be run in a work tree/.test(stderr);
  return exitCode !== undefined && isOutside ? 'outside' : 'unknown';
}

async function isIgnored(folder: string, name: string, env: Env): Promise<boolean | undefined> {
  // check-ignore knows no --literal-pathspecs; behind ./ no name is magic.
  const { exitCode } = await askGit(folder, env, 'check-ignore', '--quiet', '--', `./${name}`);
  return exitCode === 0 || exitCode === 1 ? exitCode === 0 : undefined;
}

/** Tells where files stand towards git. */
export type AskStanding = (path: string, env?: Env) => Promise<GitStanding>;

/** The same for many files: what is true of a folder is asked once. */
export function createGitStanding(): AskStanding {
  const trees = new Map<string, ReturnType<typeof workTree>>();
  return (path, env = {}) => {
    const folder = dirname(resolve(path));
    const tree = trees.get(folder) ?? workTree(folder, env);
    trees.set(folder, tree);
    return standingIn(tree, folder, basename(path), env);
  };
}

/** Where a file, which need not exist, stands towards git. Without git, or where it refuses to tell, unknown. */
export const gitStanding: AskStanding = (path, env) => createGitStanding()(path, env);

async function standingIn(
  around: ReturnType<typeof workTree>,
  folder: string,
  name: string,
  env: Env,
): Promise<GitStanding> {
  const tree = await around;
  if (typeof tree === 'string') return tree;
  const listed = await askGit(folder, env, '--literal-pathspecs', 'ls-files', '--error-unmatch', '--', name);
  if (listed.exitCode === 0) return 'tracked';
  const ignored = await isIgnored(folder, name, env);
  if (ignored === undefined) return 'unknown';
  return ignored ? 'ignored' : 'exposed';
}

/** The line of a .gitignore that means this path below its folder, and nothing else. */
function ignoreLine(path: string): string {
  const escaped = path
    .replace(/[\\*?[\]]/g, '\\$&')
    // A pattern is one line: a control character is met by "any character".
    .replace(/\p{Cc}/gu, '?')
    .replace(/ +$/, (spaces) => '\\ '.repeat(spaces.length));
  return `/${escaped}`;
}

async function append(file: string, line: string): Promise<void> {
  const before = (await readTextFile(file)) ?? '';
  const newline = before.includes('\r\n') ? '\r\n' : '\n';
  const joint = before === '' || before.endsWith('\n') ? '' : newline;
  const flags = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW;
  const handle = await open(file, flags, 0o644);
  await handle.writeFile(`${joint}${line}${newline}`).finally(() => handle.close());
}

/**
 * Makes git ignore a file, by a line in the .gitignore of its work tree's root unless it is ignored already.
 * Gives the file that was changed, or undefined when nothing was. Throws WizardError `output-unusable`.
 */
export async function addToGitignore(path: string, env: Env = {}): Promise<string | undefined> {
  const folder = await realpath(dirname(resolve(path)));
  const tree = await workTree(folder, env);
  if (typeof tree === 'string') return undefined;
  if (await isIgnored(folder, basename(path), env)) return undefined;
  const file = join(tree.root, '.gitignore');
  const below = relative(await realpath(tree.root), join(folder, basename(path)));
  try {
    await append(file, ignoreLine(below.split(sep).join('/')));
  } catch (error) {
    const reason = error instanceof WizardError ? error.message : `${fileReason(error)}.`;
    throw new WizardError('output-unusable', `${safeText(file)} was not changed: ${reason}`, {
      remedy: 'Add the file to a .gitignore yourself.',
      cause: error,
    });
  }
  return file;
}
