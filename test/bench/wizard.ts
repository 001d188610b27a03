import { join } from 'node:path';
import { runProcess, setupArguments } from '../helpers/tenants.ts';
import { type Cost, costOf, inNewPlace, median, type Place } from './measure.ts';

/** The jobs of the program that are measured, and how many requests each needs one after the other at the least. */
export const jobs = [
  {
    name: 'setup, new',
    // The administrator's token, then: read, application, service principal, grants and secret, token, proof.
    floor: 7,
    most: 7,
  },
  {
    name: 'setup, unchanged',
    // The administrator's token; the reading and the credential's token at once; proof.
    floor: 3,
    most: 3,
  },
  {
    name: 'verify',
    // The credential's token, and one batch with everything.
    floor: 2,
    most: 2,
  },
] as const;

type JobName = (typeof jobs)[number]['name'];

async function run(program: string, argv: readonly string[], { folder, env }: Place): Promise<void> {
  const { code, stderr } = await runProcess(process.execPath, [program, ...argv], { cwd: folder, env });
  if (code !== 0) throw new Error(`${argv[0]} ended with ${code}: ${stderr}`);
}

async function once(program: string, latency: number): Promise<Readonly<Record<JobName, Cost>>> {
  return inNewPlace(latency, async (place) => {
    const output = join(place.folder, 'out.json');
    const setup = [...setupArguments(place.sandbox), '--output', output];
    const work = (argv: readonly string[]): Promise<Cost> => {
      place.rest();
      return costOf(place, () => run(program, argv, place));
    };
    const fresh = await work(setup);
    const unchanged = await work(setup);
    const verify = await work(['verify', '--json', '--config', output]);
    return { 'setup, new': fresh, 'setup, unchanged': unchanged, verify };
  });
}

/** What each job costs at a latency, in milliseconds: the median of several runs. */
export async function measureWizard(
  program: string,
  latency: number,
  times: number,
): Promise<Readonly<Record<JobName, Cost>>> {
  const runs: Readonly<Record<JobName, Cost>>[] = [];
  for (let turn = 0; turn < times; turn += 1) runs.push(await once(program, latency));
  const of = (name: JobName): Cost => median(runs.map((costs) => costs[name]));
  return {
    'setup, new': of('setup, new'),
    'setup, unchanged': of('setup, unchanged'),
    verify: of('verify'),
  };
}
