import { expect } from 'vitest';
import { createWorld, type World } from '../../helpers/world.ts';

export const setup = ['--sandbox', '--yes', '--json'];
export const rotate = ['rotate', '--sandbox', '--yes', '--json'];

/** The application of this program. */
export const own = ({ sandbox }: World) => {
  const found = sandbox.tenant.applications.find(({ uniqueName }) => uniqueName === 'reporting-setup');
  if (found === undefined) throw new Error('There is no application.');
  return found;
};

/** Its secrets and its certificates. */
export const count = (world: World): [number, number] => [
  own(world).passwordCredentials.length,
  own(world).keyCredentials.length,
];

export const flat = (text: string): string => text.replace(/\s+/g, ' ');

/** A tenant that is set up already, with these words more. */
export async function ready(...more: string[]): Promise<World> {
  const world = await createWorld();
  expect((await world.run([...setup, ...more])).code).toBe(0);
  world.pass(10_000);
  return world;
}
