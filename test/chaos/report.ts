import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Verdict } from './runner.ts';
import { tableOf, writeFigures } from './table.ts';

const variable = 'REPORTING_SETUP_CHAOS';
const document = join(import.meta.dirname, '../../docs/reliability.md');

/** Leaves what a case showed where the report finds it, at once: a run that is cut shows how far it came. */
export function leave(part: string, verdict: Verdict): void {
  const file = join(process.env[variable] ?? tmpdir(), `${part}.jsonl`);
  appendFileSync(file, `${JSON.stringify(verdict)}\n`);
}

/** Before all parts: a folder for what they find. After them: the table, the broken promises, the document. */
export function setup(): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'reporting-setup-verdicts-'));
  process.env[variable] = folder;
  const started = Date.now();
  return () => {
    const verdicts = readdirSync(folder).flatMap((name) =>
      readFileSync(join(folder, name), 'utf8')
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as Verdict),
    );
    rmSync(folder, { recursive: true });
    const table = tableOf(verdicts);
    const minutes = Math.ceil((Date.now() - started) / 60_000);
    process.stdout.write(`\n${table}\n\n${verdicts.length} cases in ${minutes} min\n`);
    for (const { id, code, faults } of verdicts.filter((verdict) => verdict.faults.length > 0)) {
      process.stdout.write(`${id}\n  exit code ${code}: ${faults.join('; ')}\n`);
    }
    const isWhole = process.env['CHAOS_ONLY'] === undefined;
    if (isWhole) writeFigures(document, `\n${table}\n`);
  };
}
