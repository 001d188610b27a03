import { expect, it } from 'vitest';
import {
  hasEnded,
  isProcessRunning,
  isSameBirth,
  startCommand,
  startIn,
} from '../../src/config/running-processes.ts';

it.each([
  ['Sat Nov 28 08:04:35 2026\n', 'started 1795853075000'],
  ['2026-11-28T08:04:35Z\r\n', 'started 1795853075000'],
  ['', undefined],
  ['Get-Process : Cannot find a process\r\n', undefined],
])('reads when a process started from %j', (printed, birth) => {
  expect(startIn(printed)).toBe(birth);
});

it('asks the system itself, by the full path of what tells', () => {
  expect(startCommand(77, { platform: 'darwin', env: {} })).toEqual([
    '/bin/ps',
    ['-o', 'lstart=', '-p', '77'],
  ]);
  const [program, words] = startCommand(77, { platform: 'win32', env: { SystemRoot: 'D:\\Windows' } });
  expect(program).toBe('D:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe');
  expect(words.at(-1)).toContain('Get-Process -Id 77');
});

it.each([
  ['started 1000000', 'started 1000999', true],
  ['started 1000000', 'started 1004000', false],
  ['boot 77', 'boot 77', true],
  ['boot 77', 'boot 78', false],
  ['boot 77', 'started 1000000', false],
])('takes %j and %j for one: %s', (one, other, same) => {
  expect(isSameBirth(one, other)).toBe(same);
});

it.each([
  ['77 (node) S 1 77 77 0', false],
  ['77 (node) Z 1 77 77 0', true],
  ['77 (a) Z b) R 1 77 77 0', false],
  ['77 (a) R b) Z 1 77 77 0', true],
  ['', false],
])('tells by its state whether a process that nobody has waited for has ended: %j', (stat, ended) => {
  expect(hasEnded(stat)).toBe(ended);
});

it('knows this process as a running one', () => {
  expect(isProcessRunning(process.pid)).toBe(true);
});
