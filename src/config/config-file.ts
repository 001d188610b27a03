import { isAbsolute, join, resolve } from 'node:path';
import { WizardError } from '../core/errors.ts';
import { safeText } from '../core/text.ts';
import { thisMachine } from '../core/this-machine.ts';
import type { FileAccess } from './access-list.ts';
import { type ConfigFormat, type ConfigReading, withoutMark } from './config.ts';
import { parseEnvConfig } from './config-env.ts';
import { parseJsonConfig } from './config-json.ts';
import { type Files, ifThere, isMine, readTextFile, realFiles } from './file-system.ts';
import { type AskStanding, type GitStanding, gitStanding } from './git.ts';

/** The config file that is meant where nobody names one. */
export const defaultOutput = 'reporting-setup.json';

/**
 * The file's full path; a slash at its end, which names a folder, stays. `C:file` is one in the present folder of that drive
 * where there are drives.
 */
export const resolvePath = (name: string, folder: string): string => {
  if (isAbsolute(name)) return name;
  return thisMachine.platform === 'win32' && /^[a-z]:/i.test(name)
    ? resolve(folder, name)
    : join(folder, name);
};

/** `.env`, `.env.local` and `prod.env` hold the env format by their name, with or without folders before it. */
export function formatByName(path: string): ConfigFormat {
  return /(?:^|[\\/])\.env(?:\.[^\\/]*)?$|\.env$/i.test(path) ? 'env' : 'json';
}

/** Reads a configuration in either format: the content decides, and where it does not, what was expected. */
export function parseConfig(text: string, expected: ConfigFormat): ConfigReading {
  if (withoutMark(text).trimStart().startsWith('{')) return parseJsonConfig(text);
  const env = parseEnvConfig(text);
  return env.status !== 'absent' || expected === 'env' ? env : parseJsonConfig(text);
}

/** The error for a file that is newer than this program, or no configuration; undefined when it may be used or replaced. */
export function unusableConfig(path: string, reading: ConfigReading): WizardError | undefined {
  if (reading.status === 'newer') {
    const message = `${safeText(path)} was written by a newer reporting-setup (version ${reading.version}).`;
    return new WizardError('config-newer', message);
  }
  if (reading.status !== 'invalid') return undefined;
  const problems = reading.problems.join('; ');
  const message = `${safeText(path)} is no usable configuration: ${problems}.`;
  if (!reading.foreign) return new WizardError('config-invalid', message);
  const remedy =
    'Choose another file with --output, so that what is in this one is not lost. In a terminal, without --yes, setup asks whether to replace it.';
  return new WizardError('config-invalid', message, { remedy });
}

/**
 * Reads the config file; `expected` is the format of one that could be either. Throws WizardError
 * `config-invalid` for what is no readable file, as readTextFile does.
 */
export async function readConfig(
  path: string,
  expected: ConfigFormat = formatByName(path),
  files: Files = realFiles,
): Promise<ConfigReading> {
  const text = await readTextFile(path, files);
  return text === undefined ? { status: 'absent' } : parseConfig(text, expected);
}

/** What can be seen of a config file from outside. */
export interface ConfigFileState {
  readonly exists: boolean;
  readonly isRegularFile: boolean;
  /** Permission bits such as 0o600; undefined when there is no file or the system has none. */
  readonly mode: number | undefined;
  /** Who may read it, where that does not lie in its mode. */
  readonly access?: FileAccess;
  /** True as well where the system knows no owners. */
  readonly ownedByMe: boolean;
  readonly git: GitStanding;
}

/** Looks at a config file without opening it. `env` tells git where the user's own settings are. */
export async function inspectConfigFile(
  path: string,
  env: Readonly<Record<string, string | undefined>> = {},
  files: Files = realFiles,
  askGit: AskStanding = gitStanding,
): Promise<ConfigFileState> {
  const [stats, git] = await Promise.all([ifThere(files.lstat(path)), askGit(path, env)]);
  const access = stats && (await files.whoMayRead?.(path));
  return {
    exists: stats !== undefined,
    isRegularFile: stats?.isFile() ?? false,
    mode: stats && files.whoMayRead === undefined ? stats.mode & 0o777 : undefined,
    ...(access && { access }),
    ownedByMe: stats !== undefined && isMine(stats),
    git,
  };
}
