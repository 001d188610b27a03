import { inspectConfigFile } from '../../config/config-file.ts';
import type { AskStanding } from '../../config/git.ts';
import { isPending } from '../../core/engine.ts';
import { WizardError } from '../../core/errors.ts';
import { quoted } from '../../core/text.ts';
import type { Change, Have, Wanted } from '../../tenant/model.ts';
import { gitUntold, untrackRemedy } from '../shared/file-checks.ts';
import type { Io } from '../shared/io.ts';
import type { SignedInRun } from './setup-run.ts';

const savesSecret = (changes: readonly Change[]): boolean =>
  changes.some(
    (change) =>
      isPending(change) && ['passwordCredential', 'keyCredential', 'configFile'].includes(change.kind),
  );

/** Whether the config file is going to hold a client secret. */
const writesSecret = (changes: readonly Change[], want: Wanted): boolean =>
  changes.some(
    (change) =>
      isPending(change) &&
      (change.kind === 'passwordCredential' ||
        (change.kind === 'configFile' && want.credential.kind === 'secret')),
  );

/** Whether git would take the file in. Throws WizardError `config-tracked` and `git-unknown`. */
async function isExposed(path: string, isSecret: boolean, askGit: AskStanding, io: Io): Promise<boolean> {
  const { git } = await inspectConfigFile(path, io.env, undefined, askGit);
  if (git === 'tracked') {
    throw new WizardError(
      'config-tracked',
      `git tracks ${quoted(path, 500)}: a secret in it would be published.`,
      {
        remedy: `${untrackRemedy(path, io)} Or choose another file with --output.`,
      },
    );
  }
  if (isSecret && (git === 'unknown' || git === 'no-git')) {
    throw new WizardError(
      'git-unknown',
      `Nobody can tell whether git would publish ${quoted(path, 500)}: ${gitUntold[git]}.`,
    );
  }
  return git === 'exposed';
}

/** Changes that write a private key next to the config file. */
const newKeys = (changes: readonly Change[], have: Have): Change[] =>
  changes.filter(
    ({ action, kind }) => action === 'create' && kind === 'keyCredential' && !have.certificates.given,
  );

/**
 * Keeps secrets out of version control: refuses a tracked file, and one to hold a secret of which git does not tell where
 * it is. Gives the files that are to be added to .gitignore, where a person is there to see it in the plan. Throws
 * WizardError `config-tracked` and `git-unknown`.
 */
export async function filesToIgnore(
  changes: readonly Change[],
  want: Wanted,
  have: Have,
  { output, io }: Pick<SignedInRun, 'output' | 'io'>,
): Promise<string[]> {
  const files = [
    ...(savesSecret(changes) ? [{ path: output.path, isSecret: writesSecret(changes, want) }] : []),
    ...(newKeys(changes, have).length > 0 ? [{ path: have.certificates.slot.path, isSecret: true }] : []),
  ];
  const exposed: string[] = [];
  for (const { path, isSecret } of files) {
    if (await isExposed(path, isSecret, output.askGit, io)) exposed.push(path);
  }
  return io.interactive ? exposed : [];
}
