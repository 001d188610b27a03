import { describe, expect, it } from 'vitest';
import { createWorld } from '../../helpers/world.ts';

const down = ['teardown', '--sandbox', '--json'];

describe('teardown', () => {
  it.each(['deactivate', 'delete', 'purge'])(
    '%s: takes it back, does nothing the second time, and setup brings it back',
    async (mode) => {
      const world = await createWorld();
      const setup = ['--sandbox', '--yes', '--json'];
      expect((await world.run(setup)).code).toBe(0);
      const name = 'Reporting API application';
      expect((await world.run([...down, '--mode', mode, '--confirm', name])).code).toBe(0);
      world.newWrites();
      expect((await world.run([...down, '--mode', mode, '--confirm', name])).code).toBe(0);
      expect(world.newWrites()).toEqual([]);
      expect((await world.run(setup)).code).toBe(0);
    },
  );
});
