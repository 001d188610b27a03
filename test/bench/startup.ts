import { runProcess } from '../helpers/tenants.ts';

/** How long a run takes that does nothing but start. */
export interface StartUp {
  /** The words of the command line. */
  readonly argument: string;
  /** How many times as long as Node alone. */
  readonly ratio: number;
}

/** The most times as long as Node alone that showing help or the version may take. */
export const mostOfNodeAlone = 1.6;

async function wallOf(argv: readonly string[]): Promise<number> {
  const { code, stderr, wall } = await runProcess(process.execPath, argv, {
    cwd: import.meta.dirname,
    env: { PATH: process.env['PATH'] ?? '' },
  });
  if (code !== 0) throw new Error(`${argv.join(' ')} failed: ${stderr}`);
  return wall;
}

const median = (values: readonly number[]): number =>
  [...values].sort((one, other) => one - other)[values.length >> 1] ?? Number.NaN;

async function ratioOf(program: string, argument: string, rounds: number): Promise<number> {
  // Node keeps what it compiled: the first run is the only one that has to compile.
  await wallOf([program, argument]);
  const alone: number[] = [];
  const own: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    alone.push(await wallOf(['-e', '0']));
    own.push(await wallOf([program, argument]));
  }
  return median(own) / median(alone);
}

/** Start-up next to that of Node alone, as medians of runs side by side. Throws where a run fails. */
export async function measureStartUp(program: string, rounds = 20): Promise<readonly StartUp[]> {
  const measured: StartUp[] = [];
  for (const argument of ['--help', '--version']) {
    measured.push({ argument, ratio: await ratioOf(program, argument, rounds) });
  }
  return measured;
}
