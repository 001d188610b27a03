import { constants, type Stats } from 'node:fs';
import * as promises from 'node:fs/promises';
import { fileCode } from '../core/errors.ts';

/** What the config file needs of the file system; tests hand in one that fails where they want it to. */
export interface Files {
  link(existing: string, path: string): Promise<void>;
  lstat(path: string): Promise<Stats>;
  open(path: string, flags: number, mode?: number): Promise<promises.FileHandle>;
  readdir(path: string): Promise<string[]>;
  rename(from: string, to: string): Promise<void>;
  stat(path: string): Promise<Stats>;
  unlink(path: string): Promise<void>;
}

export const realFiles: Files = promises;

/** Refuses a symbolic link as the last part of the path; a FIFO does not block. */
export const readFlags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** Creates a file that was not there. */
export const createFlags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;

/** Only the owner may read and write. */
export const privateMode = 0o600;

/** The result, or undefined where the file or its folder is not there. */
export async function ifThere<T>(operation: Promise<T>): Promise<T | undefined> {
  try {
    return await operation;
  } catch (error) {
    if (fileCode(error) === 'ENOENT' || fileCode(error) === 'ENOTDIR') return undefined;
    throw error;
  }
}

/** Whether a file belongs to whoever runs this. */
export function isMine(stats: Pick<Stats, 'uid'>): boolean {
  const me = process.getuid?.();
  return me === undefined || stats.uid === me;
}
