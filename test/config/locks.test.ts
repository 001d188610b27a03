import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { describe, expect, it } from 'vitest';
import { type Files, realFiles } from '../../src/config/file-system.ts';
import { lockOutput } from '../../src/config/locks.ts';
import { failingOn, fault, useFolder } from '../helpers/temp-folder.ts';

const inFolder = useFolder();
const output = () => inFolder('c.json');
const lock = () => inFolder('c.json.lock');

const processes = (pid: number, running: readonly number[] = [], host = 'here', birth?: string) => ({
  pid,
  host,
  isRunning: (other: number) => running.includes(other),
  birthOf: () => birth,
});
const leave = (owner: unknown) => writeFileSync(lock(), JSON.stringify(owner));

describe('locking an output', () => {
  it('makes a private file next to it, and removes it', async () => {
    const release = await lockOutput(output());
    expect(JSON.parse(readFileSync(lock(), 'utf8'))).toMatchObject({ pid: process.pid });
    await release();
    expect(readdirSync(inFolder())).toEqual([]);
    await release();
  });

  it('lets one of many win', async () => {
    const tries = await Promise.allSettled(Array.from({ length: 12 }, () => lockOutput(output())));
    expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const attempt of tries) {
      if (attempt.status === 'fulfilled') await attempt.value();
      else expect(attempt.reason).toMatchObject({ code: 'output-locked', exitCode: 3 });
    }
    await (await lockOutput(output()))();
  });

  it('says who holds it and what to do', async () => {
    leave({ pid: 77, host: 'here', id: 'x' });
    await expect(lockOutput(output(), { processes: processes(1, [77]) })).rejects.toMatchObject({
      code: 'output-locked',
      message: 'Another run is writing to the same file (process 77 on here).',
      remedy: expect.stringContaining(`delete ${lock()}`),
    });
    expect(existsSync(lock())).toBe(true);
  });

  it('takes over from a dead process of this machine, not of another', async () => {
    leave({ pid: 77, host: 'here', id: 'x' });
    await expect(lockOutput(output(), { processes: processes(1, [], 'there') })).rejects.toMatchObject({
      code: 'output-locked',
    });
    const release = await lockOutput(output(), { processes: processes(1) });
    expect(JSON.parse(readFileSync(lock(), 'utf8'))).toMatchObject({ pid: 1, host: 'here' });
    expect(readdirSync(inFolder())).toEqual(['c.json.lock']);
    await release();
  });

  it('takes over from an earlier process with the same number', async () => {
    leave({ pid: 5, host: 'here', id: 'x' });
    await (await lockOutput(output(), { processes: processes(5, [5]) }))();
    expect(existsSync(lock())).toBe(false);
  });

  it.each([
    ['another process has its number by now', 'one', 'two', true],
    ['it still runs', 'one', 'one', false],
    ['nothing tells when it began', undefined, 'two', false],
    ['nothing tells when the other began', 'one', undefined, false],
  ])(
    'takes over from a process of this machine where it can be told: %s',
    async (_what, then, now, taken) => {
      leave({ pid: 77, host: 'here', id: 'x', birth: then });
      const attempt = lockOutput(output(), { processes: processes(1, [77], 'here', now) });
      if (taken) await (await attempt)();
      else await expect(attempt).rejects.toMatchObject({ code: 'output-locked' });
      expect(existsSync(lock())).toBe(!taken);
    },
  );

  it.skipIf(process.platform !== 'linux')('tells processes of one number apart on this system', async () => {
    const release = await lockOutput(output());
    const { birth } = JSON.parse(readFileSync(lock(), 'utf8'));
    await release();
    expect(birth).toMatch(/^[\da-f-]{36} \d+$/);
    leave({ pid: process.ppid, host: hostname(), id: 'x', birth });
    await (await lockOutput(output()))();
    expect(existsSync(lock())).toBe(false);
  });

  it('puts back a lock that is no longer the stale one it saw', async () => {
    leave({ pid: 77, host: 'here', id: 'stale' });
    const live = { pid: 88, host: 'here', id: 'live' };
    const files = {
      ...realFiles,
      rename: async (from: string, to: string) => {
        leave(live);
        await realFiles.rename(from, to);
      },
    };
    await expect(lockOutput(output(), { processes: processes(1, [88]), files })).rejects.toThrow(
      /process 88/,
    );
    expect(JSON.parse(readFileSync(lock(), 'utf8'))).toEqual(live);
    expect(readdirSync(inFolder())).toEqual(['c.json.lock']);
  });

  it("does not remove somebody else's lock", async () => {
    const release = await lockOutput(output(), { processes: processes(1) });
    leave({ pid: 88, host: 'here', id: 'y' });
    await release();
    expect(existsSync(lock())).toBe(true);
  });

  it.each([
    ['is empty', ''],
    ['lost its content with the power', '\0\0\0\0'],
    ['was cut in the middle', '{"pid":77,"host":"he'],
  ])(
    'gets over a lock that %s, once it is certain that nobody is about to finish it',
    async (_what, text) => {
      writeFileSync(lock(), text);
      const slept: number[] = [];
      const said: string[] = [];
      const release = await lockOutput(output(), {
        sleep: async (delay) => slept.push(delay),
        report: { warn: (line) => void said.push(line) },
      });
      expect(slept).toEqual([1_000]);
      expect(said).toEqual([expect.stringContaining('the unfinished lock of a run that was cut')]);
      expect(JSON.parse(readFileSync(lock(), 'utf8'))).toMatchObject({ pid: process.pid });
      await release();
      expect(readdirSync(inFolder())).toEqual([]);
    },
  );

  it('respects a lock that is finished while it looks, and what is no lock of this program', async () => {
    writeFileSync(lock(), '');
    const sleep = async () => leave({ pid: 77, host: 'here', id: 'x' });
    await expect(lockOutput(output(), { processes: processes(1, [77]), sleep })).rejects.toThrow(
      /process 77/,
    );
    writeFileSync(lock(), 'what?');
    await expect(lockOutput(output())).rejects.toMatchObject({
      code: 'output-locked',
      remedy: expect.stringContaining('delete'),
    });
    expect(readFileSync(lock(), 'utf8')).toBe('what?');
  });

  it('is complete the moment it is there', async () => {
    const seen: string[] = [];
    const look = (): void => void (existsSync(lock()) && seen.push(readFileSync(lock(), 'utf8')));
    const watched = <T extends unknown[], R>(work: (...given: T) => Promise<R>) => {
      return async (...given: T): Promise<R> => {
        look();
        const done = await work(...given);
        look();
        return done;
      };
    };
    const { open, link, unlink } = realFiles;
    const files = { ...realFiles, open: watched(open), link: watched(link), unlink: watched(unlink) };
    await (await lockOutput(output(), { files }))();
    expect(seen.length).toBeGreaterThan(2);
    for (const text of seen) expect(JSON.parse(text)).toMatchObject({ pid: process.pid });
  });

  it('holds where a file has no second name', async () => {
    const files = { ...realFiles, link: () => Promise.reject(fault('ENOTSUP')) };
    const release = await lockOutput(output(), { files });
    await expect(lockOutput(output(), { files })).rejects.toMatchObject({ code: 'output-locked' });
    expect(readdirSync(inFolder())).toEqual(['c.json.lock']);
    await release();
    expect(readdirSync(inFolder())).toEqual([]);
  });

  it('tells everybody who may write there whose it is, and respects one that nobody else may read', async () => {
    const before = process.umask(0o077);
    const release = await lockOutput(output());
    process.umask(before);
    expect(statSync(lock()).mode & 0o777).toBe(0o644);
    const unreadable = {
      ...realFiles,
      open: (at: string, flags: number, mode?: number) =>
        at === lock() ? Promise.reject(fault('EACCES')) : realFiles.open(at, flags, mode),
    };
    await expect(lockOutput(output(), { files: unreadable })).rejects.toMatchObject({
      code: 'output-locked',
      exitCode: 3,
    });
    await release();
  });

  it('says whose a lock was that cannot be taken away, as in a sticky folder', async () => {
    leave({ pid: 77, host: 'here', id: 'x' });
    const files = { ...realFiles, rename: () => Promise.reject(fault('EPERM')) };
    await expect(lockOutput(output(), { processes: processes(1), files })).rejects.toMatchObject({
      code: 'output-locked',
      remedy: expect.stringContaining(`delete ${lock()}`),
    });
  });

  it('removes what runs that were killed before they held it have left, and of no other', async () => {
    const killed = {
      ...realFiles,
      link: () => Promise.reject(new Error('killed')),
      unlink: async () => undefined,
    };
    await expect(lockOutput(output(), { processes: processes(77), files: killed })).rejects.toThrow('killed');
    await expect(lockOutput(output(), { processes: processes(88), files: killed })).rejects.toThrow('killed');
    expect(readdirSync(inFolder())).toHaveLength(2);
    await (await lockOutput(output(), { processes: processes(1, [88]) }))();
    const [left = '', ...more] = readdirSync(inFolder());
    expect(more).toEqual([]);
    expect(JSON.parse(readFileSync(inFolder(left), 'utf8'))).toMatchObject({ pid: 88 });
  });

  it('removes a stale lock that a killed run had moved away', async () => {
    leave({ pid: 77, host: 'here', id: 'x' });
    const killed = { ...realFiles, unlink: () => Promise.reject(new Error('killed')) };
    const attempt = lockOutput(output(), { processes: processes(1), files: killed });
    await expect(attempt).rejects.toThrow('killed');
    expect(readdirSync(inFolder()).length).toBeGreaterThan(0);
    await (await lockOutput(output(), { processes: processes(2) }))();
    expect(readdirSync(inFolder())).toEqual([]);
  });

  it.each([
    ['it cannot be read', { open: () => Promise.reject(fault('EIO')) }],
    ['it cannot be removed', { unlink: () => Promise.reject(fault('EROFS')) }],
  ])('says that it stays where %s, and fails nothing', async (_what, broken) => {
    const files: Files = { ...realFiles };
    const said: string[] = [];
    const release = await lockOutput(output(), { files, report: { warn: (line) => void said.push(line) } });
    Object.assign(files, broken);
    await release();
    expect(said).toEqual([expect.stringContaining(`The lock ${lock()} could not be taken away`)]);
  });

  it('follows no symbolic link', async () => {
    symlinkSync(inFolder('victim'), lock());
    const refused = { code: 'output-locked', remedy: expect.stringContaining(`delete ${lock()}`) };
    await expect(lockOutput(output())).rejects.toMatchObject(refused);
    await expect(lockOutput(output())).rejects.toThrow(/symbolic link/);
    expect(existsSync(inFolder('victim'))).toBe(false);
  });

  it('says why it cannot be made, and leaves no half lock', async () => {
    await expect(lockOutput(inFolder('none', 'c.json'))).rejects.toMatchObject({ code: 'output-unusable' });
    const denied = { ...realFiles, open: () => Promise.reject(fault('EACCES')) };
    await expect(lockOutput(output(), { files: denied })).rejects.toThrow(/permission denied/);
    const full = failingOn(/\.tmp$/, 'writeFile', 'ENOSPC');
    await expect(lockOutput(output(), { files: full })).rejects.toThrow(/the disk is full/);
    expect(readdirSync(inFolder())).toEqual([]);
  });

  it('leaves a folder of that name alone', async () => {
    mkdirSync(lock());
    await expect(lockOutput(output())).rejects.toThrow(/it is a folder/);
    expect(existsSync(lock())).toBe(true);
  });
});
