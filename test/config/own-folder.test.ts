import { chmodSync, existsSync, mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type Files, realFiles } from '../../src/config/file-system.ts';
import { ownFolder } from '../../src/config/own-folder.ts';
import { fault, useFolder } from '../helpers/temp-folder.ts';

const inFolder = useFolder();
const path = (): string => inFolder('home', 'state', 'reporting-setup');
const find = async (): Promise<string> => path();
const modeOf = (at: string): number => statSync(at).mode & 0o777;

/** A file system on which one folder belongs to another user. */
const foreign = (at: string): Files => ({
  ...realFiles,
  lstat: async (looked) => {
    const stats = await realFiles.lstat(looked);
    return looked === at ? Object.assign(stats, { uid: 4242 }) : stats;
  },
});

describe("a folder of one's own", () => {
  it('is made for this user alone, where it is asked for', async () => {
    expect(await ownFolder(find, false)).toEqual({ path: path() });
    expect(existsSync(inFolder('home'))).toBe(false);
    expect(await ownFolder(find, true)).toEqual({ path: path() });
    expect([modeOf(path()), modeOf(inFolder('home'))]).toEqual([0o700, 0o700]);
  });

  it('is closed to those who could only read it', async () => {
    mkdirSync(path(), { recursive: true });
    chmodSync(path(), 0o755);
    expect(await ownFolder(find, false)).toEqual({ path: path() });
    expect(modeOf(path())).toBe(0o700);
  });

  it.each<[string, string, (home: string) => void]>([
    ['others could have put something into it', 'others can write to', () => chmodSync(path(), 0o770)],
    [
      'everybody can put another in its place',
      'everybody on this machine can write to',
      (home) => chmodSync(home, 0o777),
    ],
  ])('is not used where %s', async (_what, reason, make) => {
    mkdirSync(path(), { recursive: true });
    make(inFolder('home'));
    for (const isMade of [true, false]) {
      expect(await ownFolder(find, isMade)).toEqual({ reason: expect.stringContaining(reason) });
    }
  });

  it.each<[string, (at: string) => void]>([
    ['a link', (at) => symlinkSync(inFolder(), at)],
    ['a file', (at) => writeFileSync(at, '')],
  ])('is not used where it is %s', async (_what, make) => {
    mkdirSync(inFolder('home', 'state'), { recursive: true });
    make(path());
    expect(await ownFolder(find, false)).toEqual({ reason: `${path()} is no folder` });
    expect(await ownFolder(find, true)).toHaveProperty('reason');
  });

  it("is not used where it, or a folder on the way, is somebody else's, and not made there", async () => {
    mkdirSync(inFolder('home'));
    const there = await ownFolder(find, true, foreign(inFolder('home')));
    expect(there).toEqual({ reason: `${inFolder('home')} belongs to another user` });
    expect(existsSync(inFolder('home', 'state'))).toBe(false);
    await ownFolder(find, true);
    expect(await ownFolder(find, true, foreign(path()))).toEqual({
      reason: `${path()} belongs to another user`,
    });
  });

  it('may lie in a folder for all where everybody renames only what is his own', async () => {
    mkdirSync(path(), { recursive: true });
    chmodSync(inFolder('home'), 0o1777);
    expect(await ownFolder(find, true)).toEqual({ path: path() });
  });

  it('is told to be missing where the user has no home, or it cannot be used', async () => {
    const nowhere = { reason: 'this user has no home folder' };
    expect(await ownFolder(async () => 'relative', true)).toEqual(nowhere);
    expect(await ownFolder(() => Promise.reject(fault('ERR_SYSTEM_ERROR')), true)).toEqual(nowhere);
    const broken = { ...realFiles, lstat: () => Promise.reject(fault('EACCES')) };
    expect(await ownFolder(find, true, broken)).toEqual({
      reason: `${path()} cannot be used: permission denied`,
    });
    expect(await ownFolder(async () => '/proc/nowhere/reporting-setup', true)).toHaveProperty('reason');
    await expect(ownFolder(() => Promise.reject(new Error('a bug')), true)).rejects.toThrow('a bug');
  });
});
