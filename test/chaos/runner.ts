import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Case, pairCases, singleCases, wholeRunCases } from './cases.ts';
import { type ChaosWorld, configName, type Outcome, openWorld, type Snapshot } from './chaos-world.ts';
import { arm, type Spot, spotsOf, type Trouble } from './disturbances.ts';
import {
  claimFaults,
  configFaults,
  endingFaults,
  keyTexts,
  leaks,
  settledFaults,
  storedSecrets,
  successFaults,
  workingFaults,
} from './expected.ts';
import { type Judge, prepareSituation, type Situation } from './situations.ts';

/** What a case showed. */
export interface Verdict {
  readonly situation: string;
  readonly group: Case['group'] | 'kill' | 'kill at any instant' | 'full disk' | 'left behind';
  readonly id: string;
  /** Exit code of the disturbed run. */
  readonly code: number | undefined;
  readonly faults: readonly string[];
  /** What was printed; only of a case with faults. */
  readonly printed?: string;
}

const readIfThere = (path: string): string | undefined => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
};

/** What setup and verify are held against. */
const judgeOf = (situation: Situation): Judge => ({
  config: (text, before) => configFaults(text, before.files[configName]),
  claims: (outcome, world, before) => successFaults(outcome, world, situation, before),
  settled: (world, before) => settledFaults(world, situation, before),
});

/** Looks at the config file at every request; returns what was ever wrong with it. */
function watchConfig(world: ChaosWorld, before: Snapshot, judge: Judge, keepsWorking = false): string[] {
  const found: string[] = [];
  world.sandbox.faults.add({
    when: 'before',
    fault: { kind: 'reset' },
    matches: () => {
      found.push(...judge.config(readIfThere(join(world.folder, configName)), before, world));
      if (keepsWorking) found.push(...workingFaults(world));
      return false;
    },
  });
  return found;
}

async function disturb(tested: Case, world: ChaosWorld, situation: Situation): Promise<Outcome> {
  let ask: (() => void) | undefined;
  for (const { spot, trouble } of tested.troubles) arm(spot, trouble, world, () => ask?.());
  try {
    return await world.run(situation.argv, (stop) => {
      ask = stop;
    });
  } finally {
    world.sandbox.faults.clear();
  }
}

/** How a run may end besides, by the kind of its troubles. A file that cannot be saved is all that may end with 1. */
const moreCodes: Readonly<Partial<Record<Trouble['kind'], readonly number[]>>> = {
  stop: [130],
  item: [5, 6],
  reply: [2, 5, 6],
  logs: [5, 6],
  unsavable: [1, 2],
};

/** How a run may end under these troubles. */
function allowedCodes({ troubles }: Case, { settled }: Situation): ReadonlySet<number> {
  const more = troubles.flatMap(({ trouble }) => moreCodes[trouble.kind] ?? []);
  const codes = new Set([3, 4, 7, settled, ...more]);
  // A clock that is wrong is told with every success.
  return settled === 0 ? codes : new Set([...codes].filter((code) => code !== 0));
}

/** Runs one case: the disturbed run, then a plain one. */
async function runCase(
  tested: Case,
  world: ChaosWorld,
  situation: Situation,
  before: Snapshot,
): Promise<Verdict> {
  await world.restore(before);
  const known = world.sandbox.issued.size;
  const crashed = world.sandbox.crashes.length;
  const judge = situation.judge ?? judgeOf(situation);
  const seen = watchConfig(world, before, judge, situation.keepsWorking);
  const first = await disturb(tested, world, situation);
  world.pass(15_000);
  const faults = [...endingFaults(first, allowedCodes(tested, situation)), ...seen];
  faults.push(...judge.claims(first, world, before), ...claimFaults(first, tested, world));
  if (tested.troubles.some(({ trouble }) => trouble.kind === 'unsavable')) world.freeOutput();
  faults.push(...judge.config(world.files()[configName], before, world));
  const second = await world.run(situation.argv);
  world.pass(15_000);
  if (situation.keepsWorking) faults.push(...workingFaults(world));
  if (second.code !== situation.settled) faults.push(`the next run ends with ${second.code}`);
  else faults.push(...judge.settled(world, before));
  const secrets = [...[...world.sandbox.issued].slice(known), ...keyTexts(world.files())];
  faults.push(...leaks(first, secrets), ...leaks(second, secrets), ...storedSecrets(world, secrets));
  if (world.sandbox.crashes.length > crashed) faults.push('the sandbox crashed');
  const printed = [first.stderr, second.stderr].join('\n--- the next run\n');
  return {
    situation: situation.name,
    group: tested.group,
    id: tested.id,
    code: first.code,
    faults: [...new Set(faults)],
    ...(faults.length > 0 ? { printed } : {}),
  };
}

/** The requests of an undisturbed run. */
async function surveySituation(situation: Situation): Promise<readonly Spot[]> {
  const world = await openWorld(situation.scenarios, situation.ahead);
  try {
    await prepareSituation(situation, world);
    const { requests } = await world.run(situation.argv);
    return spotsOf(requests);
  } finally {
    await world.close();
  }
}

/** The cases of a situation, with `pairs` drawn by the seed. */
export async function casesOf(situation: Situation, pairs: number, seed: number): Promise<Case[]> {
  const spots = await surveySituation(situation);
  const every = singleCases(situation.name, spots);
  const singles = every.filter((_, index) => index % situation.stride === 0);
  const whole = wholeRunCases(situation.name, spots);
  return [
    ...singles,
    ...whole,
    ...pairCases(situation.name, every, Math.ceil(pairs / situation.stride), seed),
  ];
}

/** Runs cases in order and hands on each verdict. */
export async function runCases(
  cases: readonly Case[],
  situation: Situation,
  tell: (verdict: Verdict) => void,
): Promise<void> {
  for (let from = 0; from < cases.length; from += situation.perWorld) {
    const world = await openWorld(situation.scenarios, situation.ahead);
    try {
      const before = await prepareSituation(situation, world);
      for (const tested of cases.slice(from, from + situation.perWorld)) {
        tell(await runCase(tested, world, situation, before));
      }
    } finally {
      await world.close();
    }
  }
}
