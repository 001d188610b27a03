import { handOffHeading } from '../commands/shared/hand-off-model.ts';
import { fileReason, WizardError } from '../core/errors.ts';
import { safeText } from '../core/text.ts';
import { type Files, ifThere, readTextFile, realFiles, writeTemporary } from './file-system.ts';

/** Where the hand-off of an output lies. */
export const handOffPath = (output: string): string => `${output}.consent.md`;

/** Throws WizardError where there is a file that this program did not write. */
async function requireOwn(path: string, files: Files): Promise<void> {
  const held = await readTextFile(path, files);
  if (held === undefined || held.startsWith(handOffHeading)) return;
  throw new WizardError('output-unusable', `${safeText(path, 500)} was not written by this program.`);
}

/** Saves the hand-off next to the output and returns its path. It holds no secret. Throws WizardError. */
export async function saveHandOff(output: string, text: string, files: Files = realFiles): Promise<string> {
  const path = handOffPath(output);
  await requireOwn(path, files);
  try {
    const temporary = await writeTemporary(path, text, files);
    await files.rename(temporary, path);
    return path;
  } catch (error) {
    const reason = fileReason(error);
    throw new WizardError('output-unusable', `${safeText(path, 500)} cannot be written: ${reason}.`, {
      cause: error,
    });
  }
}

/** Removes the hand-off once it is done; what is not its own, or cannot be removed, stays. */
export async function removeHandOff(output: string, files: Files = realFiles): Promise<void> {
  const path = handOffPath(output);
  try {
    await requireOwn(path, files);
    await ifThere(files.unlink(path));
  } catch (error) {
    if (!(error instanceof WizardError)) fileReason(error);
  }
}
