import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { describe, expect, it } from 'vitest';
import { realFiles } from '../../src/config/file-system.ts';
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
    await expect(lockOutput(output(), processes(1, [77]))).rejects.toMatchObject({
      code: 'output-locked',
      message: 'Another run is writing to the same file (process 77 on here).',
      remedy: expect.stringContaining(`delete ${lock()}`),
    });
    expect(existsSync(lock())).toBe(true);
  });

  it('takes over from a dead process of this machine, not of another', async () => {
    leave({ pid: 77, host: 'here', id: 'x' });
    await expect(lockOutput(output(), processes(1, [], 'there'))).rejects.toMatchObject({
      code: 'output-locked',
    });
    const release = await lockOutput(output(), processes(1));
    expect(JSON.parse(readFileSync(lock(), 'utf8'))).toMatchObject({ pid: 1, host: 'here' });
    expect(readdirSync(inFolder())).toEqual(['c.json.lock']);
    await release();
  });

  it('takes over from an earlier process with the same number', async () => {
    leave({ pid: 5, host: 'here', id: 'x' });
    await (await lockOutput(output(), processes(5, [5])))();
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
      const attempt = lockOutput(output(), processes(1, [77], 'here', now));
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
    await expect(lockOutput(output(), processes(1, [88]), files)).rejects.toThrow(/process 88/);
    expect(JSON.parse(readFileSync(lock(), 'utf8'))).toEqual(live);
    expect(readdirSync(inFolder())).toEqual(['c.json.lock']);
  });

  it("does not remove somebody else's lock", async () => {
    const release = await lockOutput(output(), processes(1));
    leave({ pid: 88, host: 'here', id: 'y' });
    await release();
    expect(existsSync(lock())).toBe(true);
  });

  it.each([
    ['unreadable', () => writeFileSync(lock(), 'what?')],
    ['empty', () => writeFileSync(lock(), '')],
  ])('respects a lock that is %s', async (_what, make) => {
    make();
    await expect(lockOutput(output())).rejects.toMatchObject({
      code: 'output-locked',
      remedy: expect.stringContaining('delete'),
    });
  });

  it('follows no symbolic link', async () => {
    symlinkSync(inFolder('victim'), lock());
    await expect(lockOutput(output())).rejects.toThrow(/symbolic link/);
    expect(existsSync(inFolder('victim'))).toBe(false);
  });

  it('says why it cannot be made, and leaves no half lock', async () => {
    await expect(lockOutput(inFolder('none', 'c.json'))).rejects.toMatchObject({ code: 'output-unusable' });
    const denied = { ...realFiles, open: () => Promise.reject(fault('EACCES')) };
    await expect(lockOutput(output(), processes(1), denied)).rejects.toThrow(/permission denied/);
    const full = failingOn(/\.lock$/, 'writeFile', 'ENOSPC');
    await expect(lockOutput(output(), processes(1), full)).rejects.toThrow(/the disk is full/);
    expect(existsSync(lock())).toBe(false);
  });

  it('leaves a folder of that name alone', async () => {
    mkdirSync(lock());
    await expect(lockOutput(output())).rejects.toThrow(/it is a folder/);
    expect(existsSync(lock())).toBe(true);
  });
});
