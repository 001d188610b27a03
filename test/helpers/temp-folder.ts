import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import { type Files, realFiles } from '../../src/config/file-system.ts';

/** Gives each test of a file its own empty folder: `inFolder('a')` is the path of `a` in it. */
export function useFolder(): (...names: readonly string[]) => string {
  let folder = '';
  beforeEach(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'config-file-')));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  return (...names) => join(folder, ...names);
}

/** An error as the file system gives it. */
export const fault = (code: string): Error => Object.assign(new Error(`${code}: made up`), { code });

type Operation = 'writeFile' | 'sync' | 'chmod';

/** A file system on which opening paths that match works, and then one operation on them fails. */
export function failingOn(path: RegExp, operation: Operation, code: string): Files {
  return {
    ...realFiles,
    open: async (at, flags, mode) => {
      const file = await realFiles.open(at, flags, mode);
      if (path.test(at)) file[operation] = () => Promise.reject(fault(code));
      return file;
    },
  };
}

/** A file system on which every file belongs to another user. */
export const foreignFiles: Files = {
  ...realFiles,
  lstat: async (path) => Object.assign(await realFiles.lstat(path), { uid: 4242 }),
};

/** Makes something at a path and gives the path. */
export function made(path: string, make: (path: string) => void): string {
  make(path);
  return path;
}
