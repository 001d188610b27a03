import { readFileSync, writeFileSync } from 'node:fs';
import type { Verdict } from './runner.ts';

interface Row {
  readonly cells: readonly (string | number)[];
}

const groupOrder: readonly Verdict['group'][] = [
  'one fault',
  'lasting fault',
  'batch item',
  'two faults',
  'odd body',
  'other object',
  'denial',
  'odd log',
  'not saved',
  'wrong date',
  'stop',
  'kill',
  'kill at any instant',
  'full disk',
  'left behind',
];

function countCodes(verdicts: readonly Verdict[]): string {
  const counts = new Map<string, number>();
  for (const { code } of verdicts) {
    const name = code === undefined ? 'killed' : String(code);
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return [...counts]
    .sort(([a], [b]) => a.localeCompare(b, 'en', { numeric: true }))
    .map(([name, count]) => `${name}: ${count}`)
    .join(', ');
}

function rowOf(name: string, verdicts: readonly Verdict[]): Row {
  const failed = verdicts.filter(({ faults }) => faults.length > 0).length;
  return { cells: [name, verdicts.length, countCodes(verdicts), failed] };
}

/** The table as Markdown: a row for each situation and kind, and the totals. Pure. */
export function tableOf(verdicts: readonly Verdict[]): string {
  const situations = [...new Set(verdicts.map(({ situation }) => situation))].sort();
  const rows = situations.flatMap((situation) =>
    groupOrder.flatMap((group) => {
      const part = verdicts.filter((verdict) => verdict.situation === situation && verdict.group === group);
      return part.length === 0 ? [] : [rowOf(`${situation}, ${group}`, part)];
    }),
  );
  const header = ['Run, disturbance', 'Cases', 'Exit codes of the disturbed run', 'Broken promises'];
  const lines = [...rows, rowOf('**all**', verdicts)].map(({ cells }) => `| ${cells.join(' | ')} |`);
  return [`| ${header.join(' | ')} |`, '|---|---:|---|---:|', ...lines].join('\n');
}

const begin = '<!-- figures: written by npm run chaos -->';
const end = '<!-- end of figures -->';

/** Puts the figures between the two markers of a document. Throws where it lacks them. */
export function putFigures(document: string, figures: string): string {
  const from = document.indexOf(begin);
  const to = document.indexOf(end);
  if (from < 0 || to < from) throw new Error('The document has no place for the figures.');
  return `${document.slice(0, from + begin.length)}\n${figures}\n${document.slice(to)}`;
}

/** Writes the figures into a document on disk. */
export function writeFigures(path: string, figures: string): void {
  writeFileSync(path, putFigures(readFileSync(path, 'utf8'), figures));
}
