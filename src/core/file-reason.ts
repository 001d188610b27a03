import { safeText } from './text.ts';

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
