import { fileReason, WizardError } from '../core/errors.ts';
import { safeText } from '../core/text.ts';
import { type Files, ifThere, readFlags, realFiles } from './file-system.ts';

/** Bytes; a configuration has about a thousand. */
const mostBytes = 1_048_576;

function refuse(path: string, reason: string, cause?: unknown): never {
  throw new WizardError('config-invalid', `${safeText(path)} cannot be read: ${reason}.`, { cause });
}

async function readBytes(path: string, files: Files): Promise<Buffer | undefined> {
  const file = await ifThere(files.open(path, readFlags));
  if (!file) return undefined;
  try {
    const stats = await file.stat();
    if (stats.isDirectory()) refuse(path, 'it is a folder');
    if (!stats.isFile()) refuse(path, 'it is no regular file');
    if (stats.size > mostBytes) refuse(path, 'it is larger than 1 MB');
    return await file.readFile();
  } finally {
    await file.close();
  }
}

/**
 * The file's text; undefined when there is none. Throws WizardError for a folder, a symbolic link, a device,
 * a file that is not UTF-8, over 1 MB, or not readable.
 */
export async function readTextFile(path: string, files: Files = realFiles): Promise<string | undefined> {
  let bytes: Buffer | undefined;
  try {
    bytes = await readBytes(path, files);
  } catch (error) {
    if (error instanceof WizardError) throw error;
    refuse(path, fileReason(error), error);
  }
  try {
    return bytes && new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    refuse(path, 'it is not UTF-8 text');
  }
}
