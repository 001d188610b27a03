import { describe, expect, it } from 'vitest';
import { createWorld, type Typed } from '../../helpers/world.ts';
import { expectFinished, grantAll, handOffName } from './consent-helpers.ts';

/** Answers to everything that is asked before the writes. */
const defaults: readonly Typed[] = [['Go ahead?', '\r']];

describe('waiting for consent in a terminal', () => {
  it('looks again and again, proves and finishes', async () => {
    const world = await createWorld({ scenarios: ['app-admin'] });
    const waits: number[] = [];
    const run = await world.run(['--sandbox'], {
      columns: 400,
      keys: [...defaults, ['Wait here until consent', 'y\r']],
      onSleep: (milliseconds) => {
        waits.push(milliseconds);
        if (waits.length === 4) grantAll(world.sandbox);
      },
    });
    expect(run.stderr).toContain('Waiting for consent to AuditLog.Read.All and Directory.Read.All');
    expect(run.stderr).toContain('Consent has been given');
    expect(run.stderr).toContain('The credential is proven');
    expect(run.stderr).toContain('Keep that file secret');
    expect(run.code).toBe(0);
    expect(waits.slice(0, 4)).toEqual([5_000, 6_250, 7_813, 9_766]);
    await expect(world.read(handOffName)).rejects.toThrow('ENOENT');
    expect((await world.run(['verify', '--sandbox'])).code).toBe(0);
  });

  it('is offered, and ends with 5 when it is not wanted', async () => {
    const world = await createWorld({ scenarios: ['app-admin'] });
    const run = await world.run(['--sandbox'], { keys: [...defaults, ['Wait here until consent', '\r']] });
    expect(run.code).toBe(5);
    expect(await world.read(handOffName)).toContain('adminconsent');
  });

  it('keeps everything when it is stopped', async () => {
    const world = await createWorld({ scenarios: ['app-admin'] });
    let stop = (): void => undefined;
    const run = await world.run(['--sandbox'], {
      columns: 400,
      keys: [...defaults, ['Wait here until consent', 'y\r']],
      onStop: (callback) => {
        stop = callback;
      },
      onSleep: () => stop(),
    });
    expect(run.code).toBe(130);
    expect(run.stderr).toContain('Stopped waiting for consent. Everything that was done is kept.');
    expect(run.stderr).toContain('When consent has been given: reporting-setup --sandbox');
    expect(await world.read(handOffName)).toContain('adminconsent');
    grantAll(world.sandbox);
    await expectFinished(world);
  });

  it('gives up after an hour', async () => {
    const world = await createWorld({ scenarios: ['app-admin'] });
    const run = await world.run(['--sandbox'], { keys: [...defaults, ['Wait here until consent', 'y\r']] });
    expect(run.code).toBe(5);
    expect(run.stderr).toContain('No consent within an hour');
    expect(world.slept()).toBeGreaterThan(3_500_000);
  });
});
