import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { linesOf, piecesIn, tornIn } from '../helpers/rows.ts';
import { createWorld, type World } from '../helpers/world.ts';

const file = 'my files/kept for later.json';

/** What a command shows in a terminal of that width, but for the code that is another each time. */
async function shown(world: World, argv: readonly string[], columns: number): Promise<string[]> {
  const { stdout, stderr } = await world.run([...argv, '--yes'], {
    keys: [],
    columns,
    stdoutIsTerminal: true,
  });
  return linesOf(stdout + stderr).filter((line) => !/^ {4}code {2}/.test(line));
}

/** Sets up what the commands are about. */
async function ready(scenario: string): Promise<World> {
  const world = await createWorld({ scenarios: [scenario] });
  await mkdir(join(world.folder, 'my files'));
  await world.run(['--sandbox', scenario, '--yes', '--output', file]);
  return world;
}

const about = ['--config', file];

describe('every screen', () => {
  it.each<[scenario: string, ...commands: string[][]]>([
    [
      'default',
      ['setup', '--dry-run', '--output', file],
      ['setup', '--dry-run', '--output', 'new.json', '--new-app', '--name', 'Another one'],
      ['verify', ...about],
      ['verify', ...about, '--config', 'missing.json'],
      ['explore', 'sign-ins', '--format', 'summary', ...about],
      ['explore', 'sign-ins', ...about],
      ['connect', '--list'],
      ['connect', 'sumo-logic', ...about, '--dry-run'],
      ['rotate', ...about, '--dry-run'],
      ['teardown', ...about, '--dry-run'],
    ],
    ['app-admin', ['setup', '--output', file]],
    ['pim-eligible', ['setup', '--output', file]],
    ['no-premium', ['setup', '--output', file], ['verify', ...about]],
    ['lifetime-cap', ['setup', '--dry-run', '--output', 'new.json']],
    ['device-code-blocked', ['setup', '--dry-run', '--output', 'new.json']],
    ['registration-disabled', ['setup', '--output', file]],
  ])('of %s keeps its words whole at 80 columns and at 40', async (scenario, ...commands) => {
    const world = await ready(scenario);
    for (const command of commands) {
      const argv = command[1] === '--list' ? command : [...command, '--sandbox', scenario];
      const unbroken = await shown(world, argv, 1_000);
      for (const columns of [80, 40]) {
        const lines = await shown(world, argv, columns);
        expect.soft({ argv, columns, torn: tornIn(lines, columns) }).toEqual({ argv, columns, torn: [] });
        const pieces = piecesIn(lines, unbroken).filter((word) => !word.includes('…'));
        expect.soft({ argv, columns, pieces }).toEqual({ argv, columns, pieces: [] });
      }
    }
  });
});
