import type { Json } from '../../json.ts';
import { type GeneratedSignIn, generateSignIn } from './generated-sign-ins.ts';
import type { RowSource } from './row-source.ts';
import { interrupted, succeeded } from './sign-in-choices.ts';
import { createTimeline, mix, roundTheClock } from './timeline.ts';

/** One sign-in every five seconds on average. */
const perDay = 17_280;

/** Milliseconds: of the rows before the start, of the latest a row can come, of how long one stays interrupted. */
const span = { before: 600_000, latest: 30_000, interruption: 10_000 } as const;

const people = 40;
const salt = 700;

/** Milliseconds between a sign-in and its row: out of order, as the ingestion of the real logs is. */
function latenessOf(number: number): number {
  return mix(number, salt) % span.latest;
}

/** One row in three is first shown as it was before the strong authentication was over. */
function stateAt(number: number, made: GeneratedSignIn, age: number): GeneratedSignIn {
  if (mix(number, salt + 1) % 3 !== 0) return made;
  const status = age < latenessOf(number) + span.interruption ? interrupted : succeeded;
  const row = { ...made.row, status, conditionalAccessStatus: 'notApplied' };
  return { ...made, row };
}

/**
 * Sign-ins that go on while the sandbox runs, from ten minutes before `startedAt` to `now` (epoch milliseconds): each
 * row comes up to 30 seconds late, and some change ten seconds after they came.
 */
export function lateSignIns(
  startedAt: number,
  now: number,
  show: (made: GeneratedSignIn) => Json,
): RowSource {
  const timeline = createTimeline(perDay, roundTheClock);
  const first = timeline.numberAt(startedAt - span.before);
  const settled = timeline.numberAt(now - span.latest);
  const recent: number[] = [];
  for (let number = Math.max(first, settled); timeline.timeOf(number) <= now; number += 1) {
    if (timeline.timeOf(number) + latenessOf(number) <= now) recent.unshift(number);
  }
  const numberOf = (index: number): number =>
    recent[index] ?? Math.max(first, settled) - 1 - (index - recent.length);
  const timeAt = (index: number): number => timeline.timeOf(numberOf(index));
  return {
    length: recent.length + Math.max(0, settled - first),
    timeAt,
    at: (index) => {
      const number = numberOf(index);
      const at = timeAt(index);
      return show(stateAt(number, generateSignIn(number, at, 'interactiveUser', people), now - at));
    },
    sorted: true,
  };
}
