import { expect, it } from 'vitest';
import type { Case } from './cases.ts';
import { runKills } from './kill.ts';
import { leave } from './report.ts';
import { casesOf, runCases, type Verdict } from './runner.ts';
import { type Situation, situations } from './situations.ts';

/** Pairs of disturbances that are drawn for each situation, and from which seed. */
const pairs = 150;
const seed = 20_261_124;

/** Runs only the cases whose id holds this text. */
const only = process.env['CHAOS_ONLY'];

const chosen = (cases: readonly Case[]): Case[] =>
  cases.filter(({ id }) => only === undefined || id.includes(only));

const brokenAmong = (verdicts: readonly Verdict[]): Verdict[] =>
  verdicts.filter(({ faults }) => faults.length > 0);

function declare(situation: Situation): void {
  it(`keeps its promises: ${situation.name}`, async () => {
    const verdicts: Verdict[] = [];
    await runCases(chosen(await casesOf(situation, pairs, seed)), situation, (verdict) =>
      verdicts.push(verdict),
    );
    leave(situation.name, verdicts);
    expect(brokenAmong(verdicts)).toEqual([]);
  });
}

/** Declares one half of the whole run; the two run side by side. */
export function declarePart(part: 'first' | 'second'): void {
  const remainder = part === 'first' ? 0 : 1;
  for (const [index, situation] of situations.entries()) if (index % 2 === remainder) declare(situation);
  if (part === 'first' || only !== undefined) return;
  it('keeps its promises: killed', async () => {
    const verdicts: Verdict[] = [];
    await runKills((verdict) => verdicts.push(verdict));
    leave('killed', verdicts);
    expect(brokenAmong(verdicts)).toEqual([]);
  });
}
