import type { Snapshot } from './chaos-world.ts';
import { at, type Spot, spotsOf, type When } from './disturbances.ts';
import { leaks, storedSecrets } from './expected.ts';
import { type Killing, prepareKilling } from './kill.ts';
import type { Verdict } from './runner.ts';
import { plantForeignSecret } from './situations.ts';
import { teardownJudge } from './teardown-judge.ts';

const modes = ['deactivate', 'delete', 'purge'] as const;
type Mode = (typeof modes)[number];

const argvOf = (mode: Mode): string[] => [
  'teardown',
  '--json',
  '--auth',
  'environment',
  '--mode',
  mode,
  '--confirm',
  'Reporting API application',
];

/** Long waits of the process pass at once, and its clock goes by them: reading back takes ten seconds each time. */
const quickly = `import timers from 'node:timers/promises';
import { syncBuiltinESMExports } from 'node:module';
let offset = 0;
const Real = Date;
globalThis.Date = class extends Real {
  constructor(...given) {
    if (given.length > 0) super(...given);
    else super(Real.now() + offset);
  }
  static now() {
    return Real.now() + offset;
  }
};
const wait = timers.setTimeout;
timers.setTimeout = (delay, value, options) => {
  if (delay < 500) return wait(delay, value, options);
  offset += delay;
  return wait(1, value, options);
};
syncBuiltinESMExports();`;

const node = ['--import', `data:text/javascript,${encodeURIComponent(quickly)}`];

/** Ends what it is given at a request, where there is one; then the same command once more, to its end. */
async function runOnce(
  mode: Mode,
  before: Snapshot,
  { world, start }: Killing,
  spot?: Spot,
  when: When = 'before',
) {
  await world.restore(before);
  const known = world.sandbox.issued.size;
  const judge = teardownJudge(mode);
  const { child, ended } = start([], argvOf(mode), node);
  if (spot) {
    const isHere = at(spot, false);
    const matches = (target: Parameters<typeof isHere>[0]): boolean =>
      isHere(target) && child.kill('SIGKILL');
    world.sandbox.faults.add({ when, fault: { kind: 'reset' }, matches });
  }
  const first = await ended;
  world.sandbox.faults.clear();
  const faults = judge.config(world.files()['reporting-setup.json'], before, world);
  const second = spot ? await start([], argvOf(mode), node).ended : first;
  if (second.code === 0) faults.push(...judge.settled(world, before));
  else faults.push(`the next run ends with ${second.code}: ${second.stderr}`);
  const secrets = [...world.sandbox.issued].slice(known);
  faults.push(...leaks(first, secrets), ...leaks(second, secrets), ...storedSecrets(world, secrets));
  if (spot && first.code !== undefined) faults.push('it was not killed');
  return { code: first.code, faults, stderr: first.stderr };
}

async function prepare({ world, start }: Killing): Promise<Snapshot> {
  const { code, stderr } = await start().ended;
  if (code !== 0) throw new Error(`The built program does not run (${code}):\n${stderr}`);
  plantForeignSecret(world);
  return world.take();
}

/** Every request of an undisturbed run. Throws where that breaks a promise. */
async function survey(mode: Mode, before: Snapshot, killing: Killing): Promise<readonly Spot[]> {
  const from = killing.world.sandbox.requests.length;
  const { faults, stderr } = await runOnce(mode, before, killing);
  if (faults.length > 0) throw new Error(`${mode}: ${faults.join('; ')}\n${stderr}`);
  return spotsOf(killing.world.sandbox.requests.slice(from));
}

/** Kills teardown in each mode at each of its requests, before and after the server acted. Needs a built program. */
export async function runTeardownKills(
  isChosen: (id: string) => boolean,
  tell: (verdict: Verdict) => void,
): Promise<void> {
  for (const mode of modes) {
    const killing = await prepareKilling();
    try {
      const before = await prepare(killing);
      const spots = await survey(mode, before, killing);
      for (const [spot, when] of spots.flatMap((one) => [
        [one, 'before'] as const,
        [one, 'after'] as const,
      ])) {
        const place = `${spot.name}${spot.occurrence > 1 ? `#${spot.occurrence}` : ''}`;
        const id = `killed-teardown | ${mode} | ${place} | SIGKILL ${when}`;
        if (!isChosen(id)) continue;
        const { code, faults } = await runOnce(mode, before, killing, spot, when);
        tell({ situation: `killed-teardown, ${mode}`, group: 'kill', id, code, faults });
      }
    } finally {
      await killing.close();
    }
  }
}
