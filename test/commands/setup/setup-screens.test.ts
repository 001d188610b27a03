import { stripVTControlCharacters } from 'node:util';
import { expect, it } from 'vitest';
import { createWorld, type Typed } from '../../helpers/world.ts';

// biome-ignore lint/suspicious/noControlCharactersInRegex: it is what a terminal is told colours by.
const colour = /\u001b\[[\d;]*m/g;

it('tells in the result what a collector asks for, when to renew and what comes next, at 80 and 40 columns', async () => {
  const world = await createWorld();
  for (const columns of [80, 40]) {
    const run = await world.run(['--sandbox', '--yes', '--output', 'tenants-07.json'], { keys: [], columns });
    expect(run.code).toBe(0);
    const shown = stripVTControlCharacters(run.stderr);
    const result = shown.slice(shown.indexOf('\nResult  SANDBOX\n'));
    expect(result).toMatch(/ {2}Tenant ID\s+[0-9a-f-]{36}\n/);
    expect(result).toMatch(/ {2}Client ID\s+[0-9a-f-]{36}\n/);
    expect(result).toMatch(/ {2}Valid until\s+\d{4}-\d\d-\d\d; renew it\s/);
    expect(result).toContain('Next  SANDBOX\n');
    for (const command of ['connect', 'explore', 'verify', 'rotate', 'teardown']) {
      expect(result).toMatch(
        new RegExp(`[ \\n] {1,4}reporting-setup ${command} --sandbox +--config tenants-07\\.json\\n`),
      );
    }
    expect(result).not.toMatch(/\? \(Y\/n\)/);
    world.pass(60_000);
  }
});

it('asks line by line with --plain', async () => {
  const world = await createWorld();
  expect((await world.run(['--sandbox', '--yes'])).code).toBe(0);
  const keys: readonly Typed[] = [['Name, or a part of it', 'node\n']];
  const run = await world.run(['connect', '--plain', '--sandbox'], { keys, columns: 80 });
  expect([run.code, run.stdout.includes('import')]).toEqual([0, true]);
  // Nothing moves the cursor: without colours nothing but text is left.
  expect(stripVTControlCharacters(run.stderr)).toBe(run.stderr.replaceAll(colour, ''));
});
