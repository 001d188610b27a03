import { constants, type Stats } from 'node:fs';
import * as promises from 'node:fs/promises';
import { safeText } from '../core/text.ts';

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

/** Node's code of a failed file operation: `ENOENT`, `ENOSPC`, … */
export function fileCode(error: unknown): string | undefined {
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
  return typeof code === 'string' ? code : undefined;
}

const reasons: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'the system does not permit it',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EIO: 'the disk reports an error',
  ELOOP: 'it is a symbolic link',
  ENOENT: 'the folder is not there',
  ENOTDIR: 'a part of the path is no folder',
  EISDIR: 'it is a folder',
  ENAMETOOLONG: 'the name is too long',
  EFBIG: 'the file would be too large',
  EMFILE: 'too many files are open',
  ENXIO: 'it is no regular file',
};

/** Why a file operation failed, in a few words. Rethrows what is no file system error. */
export function fileReason(error: unknown): string {
  const code = fileCode(error);
  if (code === undefined) throw error;
  return reasons[code] ?? `the system says ${safeText(code)}`;
}

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
