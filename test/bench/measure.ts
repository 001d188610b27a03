import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type LoggedRequest, type Sandbox, startSandbox } from '../../src/sandbox/index.ts';
import { environmentOf } from '../helpers/tenants.ts';

/** What one job cost. */
export interface Cost {
  /** Milliseconds from the start of the first process to the end of the last. */
  readonly wall: number;
  /** Sent one after the other, each only once the reply before it had come; undefined where there is no latency. */
  readonly chain: number | undefined;
  /** The part of that chain before the first request to Graph. */
  readonly signIn: number | undefined;
  readonly requests: number;
  readonly connections: number;
  /** Bytes over the wire in both directions, with what TLS adds. */
  readonly bytes: number;
}

/** A place to measure in: a sandbox tenant, an empty folder and what a job without a person finds there. */
export interface Place {
  readonly sandbox: Sandbox;
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
  readonly latency: number;
  /** Lets ten seconds pass in the sandbox: what was read of the logs until now no longer counts towards their limit. */
  readonly rest: () => void;
}

/** Gives `use` a new place, and clears it away. Milliseconds. */
export async function inNewPlace<T>(latency: number, use: (place: Place) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'reporting-setup-bench-'));
  let rested = 0;
  const now = (): number => Date.now() + rested;
  const rest = (): void => {
    rested += 10_000;
  };
  const sandbox = await startSandbox({ scenarios: ['default'], latency, now });
  try {
    return await use({ sandbox, folder, latency, rest, env: await environmentOf(sandbox, folder) });
  } finally {
    await sandbox.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

/** How many of the requests had to wait for the reply to another one: each reply takes `latency` milliseconds at least. */
function chainOf(requests: readonly LoggedRequest[], latency: number): number {
  let free = Number.NEGATIVE_INFINITY;
  let count = 0;
  for (const { at } of requests) {
    // Timers may fire a millisecond early.
    if (at < free - 2) continue;
    free = at + latency;
    count += 1;
  }
  return count;
}

/** Does a job and tells what it cost. */
export async function costOf({ sandbox, latency }: Place, job: () => Promise<void>): Promise<Cost> {
  const first = sandbox.requests.length;
  const before = sandbox.traffic();
  const began = performance.now();
  await job();
  const wall = performance.now() - began;
  const after = sandbox.traffic();
  const requests = sandbox.requests.slice(first);
  const graph = requests.findIndex(({ kind }) => kind === 'graph');
  return {
    wall,
    chain: latency === 0 ? undefined : chainOf(requests, latency),
    signIn: latency === 0 ? undefined : chainOf(requests.slice(0, graph), latency),
    requests: requests.length,
    connections: after.connections - before.connections,
    bytes: after.received + after.sent - before.received - before.sent,
  };
}

/** The one whose wall time lies in the middle. */
export function median(costs: readonly Cost[]): Cost {
  const sorted = [...costs].sort((a, b) => a.wall - b.wall);
  const middle = sorted[Math.floor(sorted.length / 2)];
  if (!middle) throw new RangeError('Nothing was measured.');
  return middle;
}
