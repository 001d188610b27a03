import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { makeDue, retire } from '../../helpers/replaced.ts';
import { createWorld, type World } from '../../helpers/world.ts';

/** Milliseconds without another request after which those that wait are answered, all at once. */
const quiet = 150;

/**
 * A world whose server answers only once nobody asks any more: what was asked meanwhile did not wait for each other, and
 * counts as one.
 */
async function countingWorld(): Promise<{
  world: World;
  counted: (job: () => Promise<unknown>) => Promise<number>;
}> {
  let waiting: (() => void)[] = [];
  let timer: NodeJS.Timeout | undefined;
  let rounds = 0;
  const answer = (): void => {
    rounds += 1;
    const all = waiting;
    waiting = [];
    for (const go of all) go();
  };
  const world = await createWorld({
    latency: 1,
    sleep: () =>
      new Promise((resolve) => {
        waiting.push(resolve);
        clearTimeout(timer);
        timer = setTimeout(answer, quiet);
      }),
  });
  const counted = async (job: () => Promise<unknown>): Promise<number> => {
    const before = rounds;
    await job();
    return rounds - before;
  };
  return { world, counted };
}

describe('requests of rotate one after the other', () => {
  it('are those of a setup that changes nothing, and two, four or five more', async () => {
    const { world, counted } = await countingWorld();
    const { tenantId, automation } = world.sandbox;
    const env = {
      AZURE_TENANT_ID: tenantId,
      AZURE_CLIENT_ID: automation.clientId,
      AZURE_CLIENT_SECRET: automation.clientSecret,
    };
    onTestFinished(() => {
      vi.unstubAllEnvs();
    });
    // The SDK reads the environment of the process itself.
    for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
    const run = (...argv: string[]) =>
      counted(async () => {
        const { code, stderr } = await world.run([...argv, '--sandbox', '--auth', 'environment', '--yes'], {
          env,
        });
        expect(code, stderr).toBe(0);
        world.pass(60_000);
      });
    await run('setup');
    const again = await run('setup');
    expect(again).toBe(3);
    expect(await run('rotate')).toBe(again + 2);
    await makeDue(world);
    expect(
      await run(...retire.filter((word) => word !== '--sandbox' && word !== '--json' && word !== '--yes')),
    ).toBeLessThanOrEqual(again + 4);
    expect(await run('rotate', '--overlap', '0')).toBeLessThanOrEqual(again + 5);
  });
});
