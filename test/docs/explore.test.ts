import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { expectGenerated } from '../helpers/generated.ts';
import { createWorld } from '../helpers/world.ts';

/** Generated rows depend on their time alone. Epoch milliseconds, by the tenant's clock. */
const time = Date.parse('2026-11-28T09:14:20Z');

/** What `explore` prints then, in a terminal of 80 columns. */
async function printedSummary(): Promise<string> {
  const scenario = 'many-rows:9000,unthrottled';
  const world = await createWorld({ scenarios: scenario.split(','), now: () => time });
  const sandbox = ['--sandbox', scenario];
  // The machine's clock is far from the tenant's, which setup warns of.
  expect([0, 6]).toContain((await world.run([...sandbox, '--yes', '--no-input'])).code);
  const run = await world.run(['explore', '--utc', ...sandbox], {
    stdoutIsTerminal: true,
    env: { NO_COLOR: '1' },
  });
  expect(run.code, run.stderr).toBe(0);
  return run.stdout.trimEnd();
}

it('docs/explore.md shows what explore prints (npm run docs writes it)', async () => {
  const printed = await printedSummary();
  const text = await readFile(join(import.meta.dirname, '../../docs/explore.md'), 'utf8');
  const shown = /(?<=^```console\n\$ reporting-setup explore --utc\n)[\s\S]*?(?=\n```$)/m;
  expect(text).toMatch(shown);
  await expectGenerated(
    'docs/explore.md',
    text.replace(shown, () => printed),
  );
});
