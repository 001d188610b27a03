import { rmdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { ifThere, makeFolders, realFiles, withWizardErrors } from './file-system.ts';

type Env = Readonly<Record<string, string | undefined>>;

const quotes = /^(["'])(.*)\1$/;

/**
 * A path as a person types or drops it into a question, where no shell reads it first: without the blanks and quotes
 * around it, `~` as the home folder, and blanks without the sign that a shell would need before them. Pure.
 */
export function typedPath(text: string, env: Env, platform: string): string {
  const bare = text.trim();
  const inner = quotes.exec(bare)?.[2]?.trim() ?? bare;
  const path = platform === 'win32' ? inner : inner.replaceAll('\\ ', ' ');
  const home = env['HOME'] || env['USERPROFILE'] || homedir();
  if (path === '~') return home;
  return /^~[\\/]/.test(path) ? join(home, path.slice(2)) : path;
}

/** What stands in the way of a file at a path: nothing, a folder of that name, or the lack of the folder around it. */
export type FilePlace = 'fine' | 'folder' | 'no-folder' | 'inside-file';

/** Looks whether a file can be at a path. Throws WizardError where the system does not tell. */
export async function placeOfFile(path: string): Promise<FilePlace> {
  return withWizardErrors('output-unusable', path, async () => {
    const folder = await ifThere(realFiles.stat(dirname(path)));
    if (folder === undefined) return 'no-folder';
    if (!folder.isDirectory()) return 'inside-file';
    const there = await ifThere(realFiles.stat(path));
    return /[\\/]$/.test(path) || there?.isDirectory() ? 'folder' : 'fine';
  });
}

/** Whether anything lies at a path. Throws WizardError where the system does not tell. */
export const isThere = (path: string): Promise<boolean> =>
  withWizardErrors('output-unusable', path, async () => (await ifThere(realFiles.lstat(path))) !== undefined);

/**
 * Makes the folder of a path, for its owner alone, and gives what takes away again what was made and is still empty.
 * Throws WizardError.
 */
export async function makeFolderOf(path: string): Promise<() => Promise<void>> {
  const folder = dirname(path);
  const first = await withWizardErrors('output-unusable', folder, () => makeFolders(folder));
  return async () => {
    if (first === undefined) return;
    for (let made = folder; made.startsWith(first); made = dirname(made)) {
      // One that is not empty stays, and so do those around it.
      const gone = await rmdir(made).then(
        () => true,
        () => false,
      );
      if (!gone) return;
    }
  };
}
