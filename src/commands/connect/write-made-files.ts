import { mkdir, stat } from 'node:fs/promises';
import { requireFilePath } from '../../config/config-output.ts';
import { ifThere, readTextFile, realFiles, replaceFile, withWizardErrors } from '../../config/file-system.ts';
import { fileCode, WizardError } from '../../core/errors.ts';
import { safeText } from '../../core/text.ts';
import type { MadeFile } from './target.ts';

/** A file with the place that it goes to, in full. */
export interface PlacedFile extends MadeFile {
  readonly path: string;
}

/** Lines in which a file says who wrote it: a calendar does so behind what every calendar begins with. */
const signedLines = (file: MadeFile): number => (file.comments === 'calendar' ? 4 : 1);

const isSigned = (file: MadeFile, existing: string, signature: string): boolean =>
  existing.split('\n').slice(0, signedLines(file)).join('\n').includes(signature);

/** Whether the folder is there. Throws WizardError where it is not, and nor is the one around it. */
export async function hasFolder(path: string): Promise<boolean> {
  const found = await ifThere(stat(path));
  if (!found) await withWizardErrors('output-unusable', path, () => requireFilePath(path, realFiles));
  return found !== undefined;
}

async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { mode: 0o700 });
  } catch (error) {
    if (fileCode(error) !== 'EEXIST') throw error;
  }
}

interface FoundFile extends PlacedFile {
  /** What lies there already. */
  readonly existing: string | undefined;
}

/**
 * Refuses a file that connect did not write. One whose format has no comments is taken for its own where it reads like
 * an earlier one, beside others that say so.
 */
function requireOwn(found: readonly FoundFile[], signature: string): void {
  const some = found.some((file) => isSigned(file, file.existing ?? '', signature));
  for (const file of found) {
    const { existing, comments, path, merge } = file;
    if (existing === undefined || existing === '' || merge) continue;
    if (comments === 'none' ? some && file.isEarlier?.(existing) : isSigned(file, existing, signature))
      continue;
    const reason = comments === 'none' ? 'cannot tell who wrote it' : 'was not written by connect';
    throw new WizardError('output-not-ours', `${safeText(path)} is there already, and ${reason}.`);
  }
}

/** What the file holds from now on. */
function textOf({ text, merge, after, existing }: FoundFile): string {
  if (merge) return merge(existing ?? '');
  return existing && after ? after(existing) : text;
}

/**
 * Writes the files, readable by their owner alone, each in one step; replaces those alone that say in their first line
 * that connect wrote them. `folder` is made where it is not there. Throws WizardError before anything is written where
 * one of them cannot be.
 */
export async function writeMadeFiles(
  files: readonly PlacedFile[],
  folder: string | undefined,
  signature: string,
): Promise<void> {
  if (folder !== undefined) {
    await withWizardErrors('output-unusable', folder, () => makeFolder(folder));
  }
  const found: FoundFile[] = [];
  for (const file of files) {
    await withWizardErrors('output-unusable', file.path, () => requireFilePath(file.path, realFiles));
    found.push({ ...file, existing: await ifThere(readTextFile(file.path)) });
  }
  requireOwn(found, signature);
  for (const file of found) {
    const { path } = file;
    await withWizardErrors('output-unusable', path, () =>
      replaceFile(path, textOf(file), realFiles, () => requireFilePath(path, realFiles)),
    );
  }
}
