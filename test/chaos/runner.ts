import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Bench, configName, type Outcome, openBench, type Snapshot } from './bench.ts';
import { type Case, pairCases, singleCases, wholeRunCases } from './cases.ts';
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
  readonly group: Case['group'] | 'kill' | 'kill at any instant' | 'left behind';
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
  claims: (outcome, bench, before) => successFaults(outcome, bench, situation, before),
  settled: (bench, before) => settledFaults(bench, situation, before),
});

/** Looks at the config file at every request; returns what was ever wrong with it. */
function watchConfig(bench: Bench, before: Snapshot, judge: Judge, keepsWorking = false): string[] {
  const found: string[] = [];
  bench.sandbox.faults.add({
    when: 'before',
    fault: { kind: 'reset' },
    matches: () => {
      found.push(...judge.config(readIfThere(join(bench.folder, configName)), before, bench));
      if (keepsWorking) found.push(...workingFaults(bench));
      return false;
    },
  });
  return found;
}

async function disturb(tested: Case, bench: Bench, situation: Situation): Promise<Outcome> {
  let ask: (() => void) | undefined;
  for (const { spot, trouble } of tested.troubles) arm(spot, trouble, bench, () => ask?.());
  try {
    return await bench.run(situation.argv, (stop) => {
      ask = stop;
    });
  } finally {
    bench.sandbox.faults.clear();
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
async function runCase(tested: Case, bench: Bench, situation: Situation, before: Snapshot): Promise<Verdict> {
  await bench.restore(before);
  const known = bench.sandbox.issued.size;
  const crashed = bench.sandbox.crashes.length;
  const judge = situation.judge ?? judgeOf(situation);
  const seen = watchConfig(bench, before, judge, situation.keepsWorking);
  const first = await disturb(tested, bench, situation);
  bench.pass(15_000);
  const faults = [...endingFaults(first, allowedCodes(tested, situation)), ...seen];
  faults.push(...judge.claims(first, bench, before), ...claimFaults(first, tested, bench));
  if (tested.troubles.some(({ trouble }) => trouble.kind === 'unsavable')) bench.freeOutput();
  faults.push(...judge.config(bench.files()[configName], before, bench));
  const second = await bench.run(situation.argv);
  bench.pass(15_000);
  if (situation.keepsWorking) faults.push(...workingFaults(bench));
  if (second.code !== situation.settled) faults.push(`the next run ends with ${second.code}`);
  else faults.push(...judge.settled(bench, before));
  const secrets = [...[...bench.sandbox.issued].slice(known), ...keyTexts(bench.files())];
  faults.push(...leaks(first, secrets), ...leaks(second, secrets), ...storedSecrets(bench, secrets));
  if (bench.sandbox.crashes.length > crashed) faults.push('the sandbox crashed');
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
  const bench = await openBench(situation.scenarios, situation.ahead);
  try {
    await prepareSituation(situation, bench);
    const { requests } = await bench.run(situation.argv);
    return spotsOf(requests);
  } finally {
    await bench.close();
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
  for (let from = 0; from < cases.length; from += situation.perBench) {
    const bench = await openBench(situation.scenarios, situation.ahead);
    try {
      const before = await prepareSituation(situation, bench);
      for (const tested of cases.slice(from, from + situation.perBench)) {
        tell(await runCase(tested, bench, situation, before));
      }
    } finally {
      await bench.close();
    }
  }
}
