#!/usr/bin/env node
import { chmodSync, lstatSync, mkdirSync, realpathSync } from 'node:fs';
import module from 'node:module';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';

/** Where caches lie on this system; undefined where nothing says so. */
function cacheHome() {
  const { env, platform } = process;
  if (platform === 'win32') return env.LOCALAPPDATA;
  if (platform === 'darwin') return join(homedir(), 'Library', 'Caches');
  return isAbsolute(env.XDG_CACHE_HOME ?? '') ? env.XDG_CACHE_HOME : join(homedir(), '.cache');
}

const find = (path) => lstatSync(path, { throwIfNoEntry: false });

/** Whether nobody but this user and root can put another folder in the place of one on the way to this one. */
function isReachedSafely(path) {
  let at = path;
  while (find(at) === undefined && at !== dirname(at)) at = dirname(at);
  for (at = realpathSync(at); ; at = dirname(at)) {
    const { uid, mode } = lstatSync(at);
    // In a sticky folder, such as /tmp, everybody renames only what is his.
    if ((uid !== 0 && uid !== process.getuid()) || (mode & 0o1002) === 0o002) return false;
    if (at === dirname(at)) return true;
  }
}

/** Node's own recursive one never ends where a file system has no place for new folders, such as /proc. */
function make(folder) {
  if (find(folder) !== undefined) return;
  if (folder !== dirname(folder)) make(dirname(folder));
  mkdirSync(folder, { mode: 0o700 });
}

/**
 * A folder for compiled code that nobody else can put any into: Node runs what it finds there, and by itself looks into
 * the temporary folder that all users share. Undefined where there is none.
 */
function ownCache() {
  try {
    const folder = join(cacheHome() ?? '', 'reporting-setup');
    if (!isAbsolute(folder)) return undefined;
    if (process.getuid === undefined) return folder;
    if (!isReachedSafely(dirname(folder))) return undefined;
    make(folder);
    const stats = lstatSync(folder);
    if (!stats.isDirectory() || stats.uid !== process.getuid() || (stats.mode & 0o022) !== 0)
      return undefined;
    if ((stats.mode & 0o077) !== 0) chmodSync(folder, 0o700);
    return folder;
  } catch {
    return undefined;
  }
}

// Where Node can (22.8 and later), what was compiled once is not compiled again.
if (module.enableCompileCache !== undefined) {
  const cache = ownCache();
  if (cache !== undefined) module.enableCompileCache(cache);
}
// Nobody listens any more (`| head`, a closed terminal): no reason to drop work half done.
let lost;
process.stderr.on('error', () => undefined);
process.stdout.on('error', (error) => {
  lost ??= error.code === 'EPIPE' || error.code === 'EIO' ? undefined : error;
});
const { main } = await import('../dist/main.js');
const code = await main(process.argv.slice(2));
// An abandoned sign-in leaves a listener behind that would keep the process alive: it ends once everything is written.
const flushed = [process.stdout, process.stderr].map(
  (stream) => new Promise((done) => stream.write('', done)),
);
await Promise.all(flushed);
if (code === 0 && lost !== undefined) {
  process.stderr.write(`The result could not be written to stdout (${lost.code}).\n`);
}
process.exit(code === 0 && lost !== undefined ? 1 : code);
