import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { createWorld, type World } from '../../helpers/world.ts';

/** What setup writes where nobody says. */
export const file = 'reporting-setup.json';

/** A world with a credential in it. */
export async function prepared(...argv: readonly string[]): Promise<World> {
  const world = await createWorld();
  const set = await world.run(['--sandbox', '--yes', '--no-input', ...argv]);
  expect(set.code, set.stderr).toBe(0);
  return world;
}

/** The config file changed by hand. */
export async function change(world: World, by: Record<string, unknown>, name = file): Promise<void> {
  const config = JSON.parse(await world.read(name));
  await writeFile(join(world.folder, name), JSON.stringify({ ...config, ...by }, undefined, 2));
}

/** The permission bits of a file. */
export const modeOf = async (world: World, name: string): Promise<number> =>
  (await stat(join(world.folder, name))).mode & 0o777;
