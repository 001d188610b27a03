import { expect, it } from 'vitest';
import { runKilledRotations, runKills, runKillsAnywhere } from './kill.ts';
import { runTeardownKills } from './kill-teardown.ts';
import { runLeftBehind } from './left-behind.ts';
import { leave } from './report.ts';
import { casesOf, runCases, type Verdict } from './runner.ts';
import { type Situation, situations } from './situations.ts';

/** Pairs of disturbances that are drawn for each situation, and from which seed. */
const pairs = 150;
const seed = 20_261_124;

/** Runs only the cases whose id holds this text. */
const only = process.env['CHAOS_ONLY'];

/** Whether a case is to be run. */
const isChosen = (id: string): boolean => only === undefined || id.includes(only);

type Tell = (verdict: Verdict) => void;

/** Broken promises; what a case printed is shown where few are run. */
const brokenAmong = (verdicts: readonly Verdict[]): readonly object[] =>
  verdicts
    .filter(({ faults }) => faults.length > 0)
    .map(({ id, code, faults, printed }) => ({ id, code, faults, ...(verdicts.length < 10 && { printed }) }));

function declare(name: string, run: (tell: Tell) => Promise<void>): void {
  it(`keeps its promises: ${name}`, async () => {
    const verdicts: Verdict[] = [];
    await run((verdict) => {
      verdicts.push(verdict);
      leave(name, verdict);
    });
    expect(brokenAmong(verdicts)).toEqual([]);
  });
}

async function runSituation(situation: Situation, tell: Tell): Promise<void> {
  const cases = await casesOf(situation, pairs, seed);
  await runCases(
    cases.filter(({ id }) => isChosen(id)),
    situation,
    tell,
  );
}

/** Kills at drawn instants, in each half of the whole run. */
const kills = 180;

/** Declares one half of the whole run; the two run side by side. */
export function declarePart(part: 'first' | 'second'): void {
  const remainder = part === 'first' ? 0 : 1;
  for (const [index, situation] of situations.entries())
    if (index % 2 === remainder) declare(situation.name, (tell) => runSituation(situation, tell));
  declare(`killed-anywhere-${part}`, (tell) =>
    runKillsAnywhere({ count: kills, seed: seed + remainder }, isChosen, tell),
  );
  if (part === 'first') declare('left-behind', (tell) => runLeftBehind(isChosen, tell));
  else declare('killed', (tell) => runKills(isChosen, tell));
  if (part === 'first') declare('killed-rotations', (tell) => runKilledRotations(isChosen, tell));
  else declare('killed-teardown', (tell) => runTeardownKills(isChosen, tell));
}
