import { createHash, randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileReason } from '../core/errors.ts';
import { createFlags, type Files, ifThere, privateMode } from './file-system.ts';

/** Names of temporary files tell which file they belong to, whatever that is called. */
function temporaryPrefix(path: string): string {
  const digest = createHash('sha256').update(basename(path)).digest('hex').slice(0, 12);
  return `.reporting-setup-${digest}-`;
}

/** A new file in the folder of `path`, whole on disk and readable by its owner alone from the first byte. */
export async function writeTemporary(path: string, content: string, files: Files): Promise<string> {
  const temporary = join(dirname(path), `${temporaryPrefix(path)}${randomUUID()}.tmp`);
  const file = await files.open(temporary, createFlags, privateMode);
  try {
    try {
      await file.chmod(privateMode);
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
  } catch (error) {
    await ifThere(files.unlink(temporary));
    throw error;
  }
  return temporary;
}

/** Removes temporary files of a run that was killed: they may hold a secret. */
export async function removeLeftovers(path: string, files: Files): Promise<void> {
  const prefix = temporaryPrefix(path);
  const names = await files.readdir(dirname(path));
  for (const name of names) {
    if (name.startsWith(prefix)) await ifThere(files.unlink(join(dirname(path), name)));
  }
}

/** Makes a rename last. The file is complete by then, so a system that cannot do this does not stop it. */
export async function syncFolder(path: string, files: Files): Promise<void> {
  try {
    const folder = await files.open(dirname(path), constants.O_RDONLY);
    await folder.sync().finally(() => folder.close());
  } catch (error) {
    fileReason(error);
  }
}
