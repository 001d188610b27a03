import { WizardError } from '../core/errors.ts';
import { safeText } from '../core/text.ts';
import type { Restoration } from './config-output.ts';
import { type Files, ifThere } from './file-system.ts';
import { syncFolder, writeTemporary } from './private-file.ts';
import { readTextFile } from './text-file.ts';

/** What a file held before this run and what this run wrote into it, kept in memory alone. */
export interface Keepsake {
  /** Undefined where there was no file. */
  readonly before: string | undefined;
  readonly written: string;
}

/**
 * Puts a file back as it was before the run, or takes it away where there was none. Throws WizardError
 * `output-not-saved` where somebody has changed it since; rejects as the file system does.
 */
export async function putBack(
  path: string,
  { before, written }: Keepsake,
  files: Files,
): Promise<Restoration> {
  if ((await readTextFile(path, files)) !== written) {
    throw new WizardError('output-not-saved', `${safeText(path)} was changed by somebody else: it stays.`);
  }
  if (before === undefined) await files.unlink(path);
  else {
    const temporary = await writeTemporary(path, before, files);
    try {
      await files.rename(temporary, path);
    } catch (error) {
      await ifThere(files.unlink(temporary));
      throw error;
    }
  }
  await syncFolder(path, files);
  return before === undefined ? 'removed' : 'restored';
}
