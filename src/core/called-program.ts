import { isAbsolute, join, relative, resolve } from 'node:path';
import { fieldsOf, parseJson, textOf } from './fields.ts';

/** How this process was started. */
export interface ProgramStart {
  /** Path of the script that Node runs, links not followed; empty where it is not known. */
  readonly script: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Empty where it is not there any more. */
  readonly cwd: string;
  readonly platform: string;
}

const name = 'reporting-setup';

/** A path as it is typed in a folder: short where it lies in it, whole where there is no folder. Pure. */
export function typedIn(cwd: string, path: string): string {
  if (cwd === '') return path;
  const within = relative(cwd, path);
  return within.startsWith('..') || isAbsolute(within) ? path : within;
}

/** The tarball or folder that npx was given: npm notes it where it installs what it runs. */
function packageOf(script: string, readText: (path: string) => string | undefined): string | undefined {
  const [, folder] = /^(.*[\\/]_npx[\\/][^\\/]+)[\\/]node_modules[\\/]/.exec(script) ?? [];
  if (folder === undefined) return undefined;
  const installed = fieldsOf(parseJson(readText(join(folder, 'package.json')) ?? ''));
  const source = textOf(fieldsOf(installed['dependencies'])[name]);
  return source.startsWith('file:') ? resolve(folder, source.slice('file:'.length)) : undefined;
}

/**
 * The words with which this program is started again, as it was this time: by its name, through npx, or from a checkout.
 * `readText` gives the text of a file, undefined where there is none. Pure but for that.
 */
export function programWords(
  { script, env, cwd, platform }: ProgramStart,
  readText: (path: string) => string | undefined,
): readonly string[] {
  if (env['npm_command'] === 'exec') {
    const given = packageOf(script, readText);
    if (given === undefined) return ['npx', name];
    const typed = typedIn(cwd, given);
    // In the folder of the package itself npx finds the program by its name.
    if (typed === '') return ['npx', name];
    return ['npx', isAbsolute(typed) ? typed : `./${typed}`];
  }
  // What npm puts into a PATH there starts the script in the same way.
  if (platform === 'win32') return [name];
  if (/\/node_modules\/\.bin\/[^/]+$/.test(script)) return ['npx', name];
  const isNamed = script.endsWith('.js') && !script.includes('/node_modules/');
  return isNamed ? ['node', typedIn(cwd, script)] : [name];
}
