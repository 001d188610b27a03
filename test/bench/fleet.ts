import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runProcess, startTenants } from '../helpers/tenants.ts';

/** What verifying many tenants cost. */
export interface FleetCost {
  readonly tenants: number;
  /** Milliseconds. */
  readonly wall: number;
  readonly inOrder: number;
  /** Resident memory of the one process, in bytes: at a quarter, half, and the end of its time, and the most. */
  readonly memory: {
    readonly quarter: number;
    readonly half: number;
    readonly end: number;
    readonly most: number;
  };
}

const sampleAt = (samples: readonly number[], part: number): number =>
  samples[Math.min(samples.length - 1, Math.floor(samples.length * part))] ?? 0;

/** Verifies so many tenants in one process, each a server of its own that answers after `latency` milliseconds. */
export async function measureFleet(program: string, count: number, latency: number): Promise<FleetCost> {
  const folder = await mkdtemp(join(tmpdir(), 'reporting-setup-fleet-'));
  const tenants = await startTenants(count, { program, folder, latency });
  try {
    const argv = [program, 'verify', '--json', '--config', 'tenant-*.json', '--concurrency', '16'];
    const ended = await runProcess(process.execPath, argv, { cwd: folder, env: tenants.env });
    if (ended.code !== 0) throw new Error(`verify ended with ${ended.code}: ${ended.stderr.slice(-2_000)}`);
    const { summary } = JSON.parse(ended.stdout) as { readonly summary: { readonly pass: number } };
    const { memory } = ended;
    return {
      tenants: count,
      wall: ended.wall,
      inOrder: summary.pass,
      memory: {
        quarter: sampleAt(memory, 0.25),
        half: sampleAt(memory, 0.5),
        end: sampleAt(memory, 1),
        most: Math.max(0, ...memory),
      },
    };
  } finally {
    await tenants.stop();
    await rm(folder, { recursive: true, force: true });
  }
}
