import { describe, expect, it } from 'vitest';
import { createWorld } from '../helpers/world.ts';

describe('a run that nobody could end any more', () => {
  it('ends as a bug, with one document and without secrets', async () => {
    const world = await createWorld({ scenarios: ['throttled'] });
    const secret = world.sandbox.automation.clientSecret;
    let lose: (error: unknown) => void = () => undefined;
    const run = await world.run(['--yes', '--json', '--sandbox'], {
      onLost: (lost) => {
        lose = lost;
      },
      onSleep: () => lose(new Error(`odd client_secret=${secret}`)),
    });
    expect([run.code, run.json().exitCode, run.json().error?.code]).toEqual([1, 1, 'unexpected']);
    expect(run.json().error?.message).toContain('odd');
    expect(run.stdout + run.stderr).not.toContain(secret);
  });
});
