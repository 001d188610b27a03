import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { fileCode } from '../core/errors.ts';
import { thisMachine } from '../core/this-machine.ts';
import { systemProgram } from '../core/windows-shell.ts';

/** What a lock asks the system about running processes. */
export interface Processes {
  readonly pid: number;
  readonly host: string;
  isRunning(pid: number): boolean;
  /** What no other process of that number shares, before a restart of the machine or after it; undefined where nothing tells. */
  birthOf(pid: number): string | undefined;
}

/**
 * Elsewhere: when the process started, to the second, as its own clock and the system tell it. Undefined where the system
 * does not, as without PowerShell.
 */
function startOf(pid: number): string | undefined {
  if (pid === process.pid) return `started ${Math.round(performance.timeOrigin)}`;
  const [program, words] = startCommand(pid, thisMachine);
  try {
    const options = { encoding: 'utf8', timeout: 10_000, windowsHide: true, stdio: 'pipe' } as const;
    const env = { SystemRoot: thisMachine.env['SystemRoot'], LC_ALL: 'C', TZ: 'UTC' };
    return startIn(execFileSync(program, [...words], { ...options, env }));
  } catch {
    return undefined;
  }
}

/** What tells when a process started, and prints that in the form that `startIn` reads. Pure. */
export function startCommand(
  pid: number,
  { platform, env }: typeof thisMachine,
): readonly [program: string, words: readonly string[]] {
  if (platform !== 'win32') return ['/bin/ps', ['-o', 'lstart=', '-p', String(pid)]];
  const script = `(Get-Process -Id ${pid}).StartTime.ToUniversalTime().ToString('yyyy-MM-ddTHH:mm:ssZ')`;
  return [
    systemProgram('WindowsPowerShell\\v1.0\\powershell.exe', env),
    ['-NoProfile', '-NonInteractive', '-Command', script],
  ];
}

/** The start that `Sat Nov 28 08:04:35 2026`, in UTC, or an ISO time stands for; undefined where it is neither. Pure. */
export function startIn(printed: string): string | undefined {
  const text = printed.trim();
  const at = Date.parse(/^\d{4}-/.test(text) ? text : `${text} UTC`);
  return Number.isNaN(at) ? undefined : `started ${at}`;
}

/** Milliseconds by which two tellings of one start may differ: one is cut to the second, the other comes from within. */
const startTolerance = 3_000;

/** Whether two births are of one process. Pure. */
export function isSameBirth(one: string, other: string): boolean {
  const [a, b] = [one, other].map((birth) => /^started (\d+)$/.exec(birth)?.[1]);
  if (a === undefined || b === undefined) return one === other;
  return Math.abs(Number(a) - Number(b)) <= startTolerance;
}

/** The fields of /proc/<pid>/stat after the name, which stands in brackets with whatever is in it: state first. Pure. */
const statFields = (stat: string): string[] => stat.slice(stat.lastIndexOf(')') + 2).split(' ');

/** Whether a process has ended and only waits for its parent to notice, as long as that takes (proc_pid_stat(5)). Pure. */
export const hasEnded = (stat: string): boolean => /^[ZXx]$/.test(statFields(stat)[0] ?? '');

const readStat = (pid: number): string => readFileSync(`/proc/${pid}/stat`, 'utf8');

/** On Linux: the boot, and the ticks from there to the start of the process (proc_pid_stat(5), field 22). */
function birthOf(pid: number): string | undefined {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    const started = statFields(readStat(pid))[19];
    return started === undefined ? undefined : `${boot} ${started}`;
  } catch {
    return thisMachine.platform === 'linux' ? undefined : startOf(pid);
  }
}

/** Nothing tells where there is no /proc, or where it hides what others run. */
function isZombie(pid: number): boolean {
  try {
    return hasEnded(readStat(pid));
  } catch {
    return false;
  }
}

/** Whether a process of that number runs on this machine, whoever's it is. */
export function isProcessRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // A process of somebody else may not be signalled, but it is there.
    if (fileCode(error) !== 'EPERM') return false;
  }
  return !isZombie(pid);
}

export const realProcesses: Processes = {
  pid: process.pid,
  host: hostname(),
  isRunning: isProcessRunning,
  birthOf,
};
