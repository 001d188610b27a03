import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { lstat, open, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve, sep, win32 } from 'node:path';
import { fileCode, fileReason, WizardError } from '../core/errors.ts';
import { safeText } from '../core/text.ts';
import { thisMachine } from '../core/this-machine.ts';
import { ifThere, readTextFile, realPathIfThere } from './file-system.ts';

type Env = Readonly<Record<string, string | undefined>>;

/**
 * Where a file stands towards git; `exposed` means that the next `git add .` would take it. Below a `.git` that git does
 * not look into (another owner, a bare repository, a broken one), or that no git is here to ask, it cannot be told.
 */
export type GitStanding = 'outside' | 'tracked' | 'ignored' | 'exposed' | 'unknown' | 'no-git';

/** Milliseconds a question to git may take. */
const patience = 5_000;

const passedOn =
  /^(PATH|HOME|XDG_CONFIG_HOME|USERPROFILE|HOMEDRIVE|HOMEPATH|PROGRAMDATA|SYSTEMROOT|GIT_CONFIG_(GLOBAL|SYSTEM|NOSYSTEM|COUNT|KEY_\d+|VALUE_\d+))$/i;

/** Only what git needs to start and to find the user's own settings: no GIT_DIR, no secret. */
function cleanEnv(env: Env): Record<string, string> {
  const kept = Object.entries(env).flatMap(([name, value]) =>
    value !== undefined && passedOn.test(name) ? [[name, value] as const] : [],
  );
  return { ...Object.fromEntries(kept), LC_ALL: 'C', GIT_OPTIONAL_LOCKS: '0', GIT_TERMINAL_PROMPT: '0' };
}

/** The repository that the environment names for every git of this shell, wherever it lies. */
function namedRepository({
  GIT_DIR: repository,
  GIT_WORK_TREE: tree,
}: Env): Record<string, string> | undefined {
  if (!repository) return undefined;
  return { GIT_DIR: resolve(repository), ...(tree ? { GIT_WORK_TREE: resolve(tree) } : {}) };
}

/**
 * A program on the PATH of Windows, by its full path: asked by its name alone, Windows looks into the present folder first,
 * and whatever lies there would be started. Undefined where no folder of the PATH has it.
 */
export async function findOnWindows(
  name: string,
  env: Env,
  isFile: (path: string) => Promise<boolean>,
): Promise<string | undefined> {
  const folders = Object.entries(env).find(([variable]) => /^path$/i.test(variable))?.[1] ?? '';
  for (const folder of folders.split(';').map((one) => one.trim().replace(/^"(.*)"$/, '$1'))) {
    if (!/^(?:[a-z]:[\\/]|\\\\)/i.test(folder)) continue;
    const path = win32.join(folder, name);
    if (await isFile(path)) return path;
  }
  return undefined;
}

const isFile = (path: string): Promise<boolean> =>
  stat(path).then(
    (stats) => stats.isFile(),
    () => false,
  );

/** What starts git; undefined where there is none. */
const findGit = async (env: Env): Promise<string | undefined> =>
  thisMachine.platform === 'win32' ? findOnWindows('git.exe', env, isFile) : 'git';

interface Answer {
  /** There is no git to ask. */
  readonly isMissing: boolean;
  /** Undefined when git did not run to its end. */
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** Where git is asked. */
interface Question {
  readonly folder: string;
  readonly env: Env;
  /** Variables that name the repository; the one around the folder where absent. */
  readonly repository?: Record<string, string> | undefined;
}

/** Asks git in a folder. No setting of the repository may start another program. */
async function askGit({ folder, env, repository }: Question, ...args: readonly string[]): Promise<Answer> {
  const git = await findGit(env);
  if (git === undefined) return { isMissing: true, exitCode: undefined, stdout: '', stderr: '' };
  const safe = ['-c', 'core.fsmonitor=false', '-c', 'core.hooksPath=/dev/null'];
  return new Promise((done) => {
    const options = {
      cwd: folder,
      env: { ...cleanEnv(env), ...repository },
      timeout: patience,
      windowsHide: true,
      encoding: 'utf8',
    } as const;
    execFile(git, [...safe, ...args], options, (error, stdout, stderr) => {
      const code = error === null ? 0 : error.code;
      const exitCode = typeof code === 'number' ? code : undefined;
      done({ isMissing: fileCode(error) !== undefined, exitCode, stdout, stderr });
    });
  });
}

/** Whether a `.git` lies in a folder or above it: what cannot be looked at counts as one. */
async function liesBelowGit(folder: string): Promise<boolean> {
  for (let at = folder; ; at = dirname(at)) {
    const found = await ifThere(lstat(join(at, '.git'))).catch(() => true);
    if (found !== undefined) return true;
    if (dirname(at) === at) return false;
  }
}

type WorkTree = { readonly root: string } | 'outside' | 'unknown' | 'no-git';

/** The root of the work tree around a folder; `outside` where there is none for certain. */
async function workTree({ folder, env, repository }: Question): Promise<WorkTree> {
  const real = await realPathIfThere(folder).catch(() => undefined);
  if (real === undefined) return 'unknown';
  if (repository === undefined && !(await liesBelowGit(real))) return 'outside';
  const question = { folder: real, env, repository };
  const { isMissing, exitCode, stdout, stderr } = await askGit(question, 'rev-parse', '--show-toplevel');
  if (exitCode === 0) return { root: stdout.replace(/\r?\n$/, '') };
  if (isMissing) return 'no-git';
  // A folder that is named and no repository is none for any git of this shell.
  if (repository !== undefined && /not a git repository/.test(stderr)) return 'outside';
  const inside = await askGit(question, 'rev-parse', '--is-inside-git-dir');
  return inside.exitCode === 0 && inside.stdout.trim() === 'true' ? 'outside' : 'unknown';
}

async function isIgnored(question: Question, path: string): Promise<boolean | undefined> {
  // check-ignore knows no --literal-pathspecs; behind ./ no name is magic.
  const { exitCode } = await askGit(question, 'check-ignore', '--quiet', '--', path);
  return exitCode === 0 || exitCode === 1 ? exitCode === 0 : undefined;
}

/** Tells where files stand towards git. */
export type AskStanding = (path: string, env?: Env) => Promise<GitStanding>;

/** The graver first: what one repository would publish, another does not make safe. */
const byGravity: readonly GitStanding[] = ['tracked', 'exposed', 'unknown', 'no-git', 'ignored'];

/** The same for many files: what is true of a folder is asked once. */
export function createGitStanding(): AskStanding {
  const trees = new Map<string, ReturnType<typeof workTree>>();
  const standing = (question: Question, name: string): Promise<GitStanding> => {
    const key = JSON.stringify([question.folder, question.repository]);
    const tree = trees.get(key) ?? workTree(question);
    trees.set(key, tree);
    return standingIn(tree, question, name);
  };
  return async (path, env = {}) => {
    const question = { folder: dirname(resolve(path)), env };
    const repository = namedRepository(env);
    const standings = await Promise.all([
      standing(question, basename(path)),
      ...(repository ? [standing({ ...question, repository }, basename(path))] : []),
    ]);
    return byGravity.find((one) => standings.includes(one)) ?? 'outside';
  };
}

/** Where a file, which need not exist, stands towards git, and towards the repository that GIT_DIR names. */
export const gitStanding: AskStanding = (path, env) => createGitStanding()(path, env);

async function standingIn(around: Promise<WorkTree>, question: Question, name: string): Promise<GitStanding> {
  const tree = await around;
  if (typeof tree === 'string') return tree;
  // Seen from outside of a work tree that is named, names are those of its root.
  const path = question.repository ? join(await realpath(question.folder), name) : `./${name}`;
  const listed = await askGit(question, '--literal-pathspecs', 'ls-files', '--error-unmatch', '--', path);
  if (listed.exitCode === 0) return 'tracked';
  const ignored = listed.exitCode === 1 ? await isIgnored(question, path) : undefined;
  if (ignored === undefined) return isOutside(listed) ? 'outside' : 'unknown';
  return ignored ? 'ignored' : 'exposed';
}

/** Of a work tree that lies elsewhere. */
const isOutside = ({ stderr }: Answer): boolean => /is outside repository/.test(stderr);

/** The line of a .gitignore that means this path below its folder, and nothing else. */
export function ignoreLine(path: string): string {
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
  const tree = await workTree({ folder, env });
  if (typeof tree === 'string') return undefined;
  if (await isIgnored({ folder, env }, `./${basename(path)}`)) return undefined;
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
