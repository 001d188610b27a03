import { chmod, realpath } from 'node:fs/promises';
import { dirname, isAbsolute } from 'node:path';
import { fileCode } from '../core/errors.ts';
import { safeText } from '../core/text.ts';
import { type Files, failureReason, ifThere, isMine, makeFolders, realFiles } from './file-system.ts';

/** A folder that only this user can put anything into, or why there is none: completes "because …". */
export type OwnFolder = { readonly path: string } | { readonly reason: string };

const knowsOwners = process.getuid !== undefined;

/** Whoever may rename a folder on the way could put another one in its place. */
async function faultOnTheWay(path: string, files: Files): Promise<string | undefined> {
  const real = await realpath(path);
  for (let at = real; ; at = dirname(at)) {
    const { uid, mode } = await files.lstat(at);
    // In a sticky folder, such as /tmp, everybody renames only what is his.
    const isOpen = (mode & 0o002) !== 0 && (mode & 0o1000) === 0;
    if (isOpen) return `everybody on this machine can write to ${safeText(at, 300)}`;
    if (uid !== 0 && !isMine({ uid })) return `${safeText(at, 300)} belongs to another user`;
    if (at === dirname(at)) return undefined;
  }
}

async function nearestThere(path: string, files: Files): Promise<string> {
  let at = path;
  while ((await ifThere(files.lstat(at))) === undefined && at !== dirname(at)) at = dirname(at);
  return at;
}

async function faultOf(path: string, files: Files): Promise<string | undefined> {
  const stats = await ifThere(files.lstat(path));
  if (stats === undefined) return undefined;
  const shown = safeText(path, 300);
  if (!stats.isDirectory()) return `${shown} is no folder`;
  if (!isMine(stats)) return `${shown} belongs to another user`;
  // What lies there by now may be anybody's: it takes a person to look.
  if ((stats.mode & 0o022) !== 0) return `others can write to ${shown}: look into it, then chmod 700`;
  if ((stats.mode & 0o077) !== 0) await chmod(path, 0o700);
  return undefined;
}

async function look(path: string, make: boolean, files: Files): Promise<string | undefined> {
  if (!isAbsolute(path)) return 'this user has no home folder';
  if (!knowsOwners) {
    if (make) await makeFolders(path, files);
    return undefined;
  }
  const onTheWay = await faultOnTheWay(await nearestThere(dirname(path), files), files);
  if (onTheWay !== undefined) return onTheWay;
  if (make) await makeFolders(path, files);
  return faultOf(path, files);
}

/**
 * The folder that `find` names, once it is certain that nobody else can put anything into it; made where it is missing
 * and `make` says so. Never rejects for what the file system or the environment is like.
 */
export async function ownFolder(
  find: () => Promise<string>,
  make: boolean,
  files: Files = realFiles,
): Promise<OwnFolder> {
  let path: string;
  try {
    path = await find();
  } catch (error) {
    // Node's word for a user without HOME that the system does not know either.
    if (fileCode(error) !== 'ERR_SYSTEM_ERROR') throw error;
    return { reason: 'this user has no home folder' };
  }
  try {
    const reason = await look(path, make, files);
    return reason === undefined ? { path } : { reason };
  } catch (error) {
    return { reason: `${safeText(path, 300)} cannot be used: ${failureReason(error)}` };
  }
}
