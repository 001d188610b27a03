import { resolvePath } from '../../config/config-file.ts';
import { ifThere, realFiles } from '../../config/file-system.ts';
import { loadSaved } from '../../config/local-certificates.ts';
import { handOffPath } from '../../config/output-files.ts';
import { createKeyFiles, keyPaths } from '../../config/private-key-file.ts';
import { removeConfig } from '../../config/removed-config.ts';
import { WizardError } from '../../core/errors.ts';
import type { Finding } from '../../core/findings.ts';
import { safeText } from '../../core/text.ts';
import { removeHandOff } from '../setup/hand-off.ts';
import type { TeardownRun } from './teardown-run.ts';

/** A file of this machine that goes last. */
export interface OwnFile {
  readonly path: string;
  readonly kind: 'configFile' | 'file';
  readonly what: string;
  /** Gives what became of it, for people. Throws WizardError. */
  readonly remove: () => Promise<string>;
}

const isThere = async (path: string): Promise<boolean> =>
  (await ifThere(realFiles.lstat(path).catch(() => undefined))) !== undefined;

/** Private keys that this program made for the credentials of the file: one's own certificate stays where it is. */
async function keyFiles({ held, configPath, io }: TeardownRun): Promise<OwnFile[]> {
  if (!held) return [];
  const slots: readonly string[] = keyPaths(configPath);
  const named = [held.config.certificatePath, ...held.previous.map(({ certificatePath }) => certificatePath)];
  const paths = [
    ...new Set(named.filter((path) => path !== undefined).map((path) => resolvePath(path, io.cwd))),
  ];
  const files: OwnFile[] = [];
  for (const path of paths.filter((one) => slots.includes(one))) {
    const read = await loadSaved(path, io.cwd, io, false);
    if (typeof read !== 'object' || !read.isOwn) continue;
    const keys = createKeyFiles(io.redactor);
    const remove = async (): Promise<string> => {
      await keys.remove(path);
      return `Removed the private key ${safeText(path, 500)}`;
    };
    files.push({ path, kind: 'file', what: 'private key', remove });
  }
  return files;
}

function configFile({ held, configPath }: TeardownRun): OwnFile[] {
  if (!held) return [];
  const remove = async (): Promise<string> => {
    const done = await removeConfig(configPath, held.format, held.config.clientId);
    const shown = safeText(configPath, 500);
    return done === 'cleared' ? `Took the lines of this program out of ${shown}` : `Removed ${shown}`;
  };
  return [{ path: configPath, kind: 'configFile', what: 'config file', remove }];
}

/** What goes from this machine, in order: the key first, since without the config file nothing names it. */
export async function ownFiles(run: TeardownRun): Promise<OwnFile[]> {
  if (run.keepFiles) return [];
  const handOff = handOffPath(run.configPath);
  const remove = async (): Promise<string> => {
    await removeHandOff(run.configPath);
    return `Removed ${safeText(handOff, 500)}`;
  };
  return [
    ...(await keyFiles(run)),
    ...configFile(run),
    ...((await isThere(handOff)) ? [{ path: handOff, kind: 'file' as const, what: 'hand-off', remove }] : []),
  ];
}

const title = 'Files of this machine';

/** Removes them, each on its own; tells which could not be. The records go last. */
export async function removeFiles(files: readonly OwnFile[], run: TeardownRun): Promise<Finding[]> {
  const { io, outcome } = run;
  if (run.keepFiles) return [];
  const left: string[] = [];
  for (const { path, kind, remove } of files) {
    try {
      const done = await remove();
      io.report.task(done).succeed();
      outcome.changes = [...(outcome.changes ?? []), { action: 'remove', kind, name: path }];
    } catch (error) {
      if (!(error instanceof WizardError)) throw error;
      left.push(error.message);
    }
  }
  if (left.length > 0) {
    return [
      {
        id: 'teardown.files',
        title,
        status: 'warn',
        code: 'file-left',
        evidence: left.join(' '),
        remedy: 'Remove it by hand: what is in it opens nothing any more.',
      },
    ];
  }
  await run.note.clear();
  return files.length === 0 ? [] : [{ id: 'teardown.files', title, status: 'pass', evidence: 'removed' }];
}
