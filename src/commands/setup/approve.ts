import { basename } from 'node:path';
import { inspectConfigFile } from '../../config/config-file.ts';
import { type AskStanding, addToGitignore } from '../../config/git.ts';
import { isPending } from '../../core/engine.ts';
import { WizardError } from '../../core/errors.ts';
import { quoted, safeText } from '../../core/text.ts';
import type { Change } from '../../tenant/model.ts';
import { gitUntold } from '../shared/file-checks.ts';
import type { Io } from '../shared/io.ts';
import type { SetupPlan } from './plan-setup.ts';
import type { SignedInRun } from './setup-run.ts';

const savesSecret = (changes: readonly Change[]): boolean =>
  changes.some(
    (change) =>
      isPending(change) && ['passwordCredential', 'keyCredential', 'configFile'].includes(change.kind),
  );

/** Whether the config file is going to hold a client secret. */
const writesSecret = ({ changes, want }: SetupPlan): boolean =>
  changes.some(
    (change) =>
      isPending(change) &&
      (change.kind === 'passwordCredential' ||
        (change.kind === 'configFile' && want.credential.kind === 'secret')),
  );

/**
 * Keeps a secret out of version control: a tracked file is refused, and so is one of which git does not tell where it is
 * to hold a secret; for one that git would take in a person is asked about .gitignore. The entry is made by what is
 * returned, once the plan is approved. Throws WizardError `config-tracked` and `git-unknown`.
 */
async function guardFromGit(
  path: string,
  changes: readonly Change[],
  isSecret: boolean,
  askGit: AskStanding,
  io: Io,
): Promise<() => Promise<void>> {
  const nothing = async (): Promise<void> => undefined;
  if (!savesSecret(changes)) return nothing;
  const { git } = await inspectConfigFile(path, io.env, undefined, askGit);
  if (git === 'tracked') {
    throw new WizardError(
      'config-tracked',
      `git tracks ${quoted(path, 500)}: a secret in it would be published.`,
      {
        remedy:
          'Choose another file with --output, or take this one out: git rm --cached, then add it to .gitignore.',
      },
    );
  }
  if (isSecret && (git === 'unknown' || git === 'no-git')) {
    throw new WizardError(
      'git-unknown',
      `Nobody can tell whether git would publish ${quoted(path, 500)}: ${gitUntold[git]}.`,
    );
  }
  if (git !== 'exposed' || !io.interactive) return nothing;
  const message = `${safeText(basename(path), 100)} lies in a git work tree and is not ignored. Add it to .gitignore?`;
  if (!(await io.prompt.confirm({ message, fallback: true }))) return nothing;
  return async () => {
    await addToGitignore(path, io.env);
  };
}

/** Changes that write a private key next to the config file. */
const newKeys = ({ changes, have }: SetupPlan): Change[] =>
  changes.filter(
    ({ action, kind }) => action === 'create' && kind === 'keyCredential' && !have.certificates.given,
  );

/**
 * Refuses what git would publish, and asks for the one confirmation where something would be written. Throws WizardError
 * `config-tracked`, `git-unknown`, and `cancelled` on no.
 */
export async function approve(plan: SetupPlan, { output, io }: SignedInRun): Promise<void> {
  const { changes, have } = plan;
  const guard = await guardFromGit(output.path, changes, writesSecret(plan), output.askGit, io);
  const guardKey = await guardFromGit(have.certificates.slot.path, newKeys(plan), true, output.askGit, io);
  if (plan.changes.some(isPending) && !(await io.prompt.confirm({ message: 'Go ahead?', fallback: true }))) {
    throw new WizardError('cancelled', 'Stopped before the first change. Nothing was changed.');
  }
  await guard();
  await guardKey();
}
