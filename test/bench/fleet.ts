import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runProcess, startTenants } from '../helpers/tenants.ts';

/** What verifying many tenants cost. */
export interface FleetCost {
  readonly tenants: number;
  /** Megabytes that Node's heap was held to; undefined where it was left to itself. */
  readonly heap: number | undefined;
  /** Milliseconds. */
  readonly wall: number;
  readonly inOrder: number;
  /** Resident memory of the one process, in bytes: at three points of its time, and the most. */
  readonly memory: {
    readonly quarter: number;
    readonly half: number;
    readonly threeQuarters: number;
    readonly most: number;
  };
}

const sampleAt = (samples: readonly number[], part: number): number =>
  samples[Math.min(samples.length - 1, Math.floor(samples.length * part))] ?? 0;

/** Verifies so many tenants in one process, each a server of its own; `heap` in megabytes is all that Node may use. */
export async function measureFleet(program: string, count: number, heap?: number): Promise<FleetCost> {
  const folder = await mkdtemp(join(tmpdir(), 'reporting-setup-fleet-'));
  const tenants = await startTenants(count, { program, folder, latency: 0 });
  try {
    const limit = heap === undefined ? [] : [`--max-old-space-size=${heap}`];
    const argv = [...limit, program, 'verify', '--json', '--config', 'tenant-*.json', '--concurrency', '16'];
    const ended = await runProcess(process.execPath, argv, { cwd: folder, env: tenants.env });
    if (ended.code !== 0) throw new Error(`verify ended with ${ended.code}: ${ended.stderr.slice(-2_000)}`);
    const { summary } = JSON.parse(ended.stdout) as { readonly summary: { readonly pass: number } };
    const { memory } = ended;
    return {
      tenants: count,
      heap,
      wall: ended.wall,
      inOrder: summary.pass,
      memory: {
        quarter: sampleAt(memory, 0.25),
        half: sampleAt(memory, 0.5),
        threeQuarters: sampleAt(memory, 0.75),
        most: Math.max(0, ...memory),
      },
    };
  } finally {
    await tenants.stop();
    await rm(folder, { recursive: true, force: true });
  }
}
