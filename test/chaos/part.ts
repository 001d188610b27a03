import { expect, it } from 'vitest';
import type { Case } from './cases.ts';
import { runKills, runKillsAnywhere } from './kill.ts';
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

const brokenAmong = (verdicts: readonly Verdict[]): Verdict[] =>
  verdicts.filter(({ faults }) => faults.length > 0);

function declare(situation: Situation): void {
  it(`keeps its promises: ${situation.name}`, async () => {
    const verdicts: Verdict[] = [];
    const cases: readonly Case[] = await casesOf(situation, pairs, seed);
    await runCases(
      cases.filter(({ id }) => isChosen(id)),
      situation,
      (verdict) => verdicts.push(verdict),
    );
    leave(situation.name, verdicts);
    expect(brokenAmong(verdicts)).toEqual([]);
  });
}

/** Declares what is no disturbance of a request. */
function declareOther(
  name: string,
  run: (isChosen: (id: string) => boolean, tell: (verdict: Verdict) => void) => Promise<void>,
): void {
  it(`keeps its promises: ${name}`, async () => {
    const verdicts: Verdict[] = [];
    await run(isChosen, (verdict) => verdicts.push(verdict));
    leave(name, verdicts);
    expect(brokenAmong(verdicts)).toEqual([]);
  });
}

/** Kills at drawn instants, in each half of the whole run. */
const kills = 180;

/** Declares one half of the whole run; the two run side by side. */
export function declarePart(part: 'first' | 'second'): void {
  const remainder = part === 'first' ? 0 : 1;
  for (const [index, situation] of situations.entries()) if (index % 2 === remainder) declare(situation);
  declareOther(`killed-anywhere-${part}`, (chosen, tell) =>
    runKillsAnywhere({ count: kills, seed: seed + remainder }, chosen, tell),
  );
  if (part === 'first') declareOther('left-behind', runLeftBehind);
  else declareOther('killed', runKills);
}
