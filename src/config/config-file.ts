import type { ConfigFormat, ConfigReading } from './config.ts';
import { formatByName, parseConfig } from './config-format.ts';
import { type Files, ifThere, isMine, realFiles } from './file-system.ts';
import { type AskStanding, type GitStanding, gitStanding } from './git.ts';
import { readTextFile } from './text-file.ts';

export { type ConfigOutput, openOutput } from './config-output.ts';
export { lockOutput } from './output-lock.ts';
export { formatByName };

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
  return {
    exists: stats !== undefined,
    isRegularFile: stats?.isFile() ?? false,
    mode: stats && process.platform !== 'win32' ? stats.mode & 0o777 : undefined,
    ownedByMe: stats !== undefined && isMine(stats),
    git,
  };
}
