import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseTimeout } from '../../../src/cli/option-parsers.ts';
import { everyFault } from '../../../src/sandbox/index.ts';
import { createWorld } from '../../helpers/world.ts';

const never = new AbortController().signal;

/** Time that passes when it is told to: the limit of the whole run, and no other. */
function clock(limit: number) {
  const whole = new AbortController();
  return {
    signalFor: (milliseconds: number) => (milliseconds === limit ? whole.signal : never),
    end: () => whole.abort(new DOMException('The time is up', 'TimeoutError')),
  };
}

describe('--timeout', () => {
  it.each([
    ['90s', 90_000],
    ['5m', 300_000],
    ['1H', 3_600_000],
    ['24h', 86_400_000],
  ])('%s is %i ms', (text, milliseconds) => expect(parseTimeout(text)).toBe(milliseconds));

  it.each(['0s', '25h', '90', '5mo', '1d', '-1s', '1.5m', ' 5m', ''])('%j is refused', (text) =>
    expect(() => parseTimeout(text)).toThrow(/like 90s, 5m or 1h/),
  );

  it('ends the run with exit code 7 while it waits, and what it made stays for the next one', async () => {
    const world = await createWorld();
    const time = clock(90_000);
    const run = await world.run(['--sandbox', '--yes', '--json', '--timeout', '90s'], {
      timeoutSignal: time.signalFor,
      onStop: () => {
        const matches = ({ request }: { request: { url: URL; body: string } }): boolean => {
          const proving = request.body.includes('auditLogs') || request.url.pathname.includes('auditLogs');
          if (proving) time.end();
          return proving;
        };
        world.sandbox.faults.add({ matches, fault: everyFault.reset, when: 'before' });
      },
    });
    expect([run.code, run.json().error?.code]).toEqual([7, 'timed-out']);
    expect(run.json().error?.message).toContain('90 s');
    expect(existsSync(join(world.folder, 'reporting-setup.json.lock'))).toBe(false);
    world.sandbox.faults.clear();
    world.pass(60_000);
    const again = await world.run(['--sandbox', '--yes', '--json']);
    expect(again.code).toBe(0);
    expect(again.json().changes.map(({ action }) => action)).not.toContain('create');
  });

  it('ends a sign-in that nobody completes', async () => {
    const world = await createWorld({ autoApprove: false });
    const time = clock(300_000);
    const run = await world.run(['--sandbox', '--yes', '--json', '--timeout', '5m'], {
      timeoutSignal: time.signalFor,
      onStop: () => {
        world.sandbox.faults.add({
          matches: ({ request }) => {
            if (request.body.includes('device_code=')) time.end();
            return false;
          },
          fault: everyFault.reset,
          when: 'before',
        });
      },
    });
    expect([run.code, run.json().error?.code]).toEqual([7, 'timed-out']);
    expect(world.newWrites()).toEqual([]);
  });

  it('is not mistaken for Ctrl-C, nor Ctrl-C for it', async () => {
    const world = await createWorld();
    const run = await world.run(['--sandbox', '--yes', '--json', '--timeout', '5m'], {
      timeoutSignal: () => never,
      onStop: (stop) => stop(),
    });
    expect([run.code, run.json().error?.code]).toEqual([130, 'cancelled']);
  });

  it('holds for verify as well', async () => {
    const world = await createWorld();
    await world.run(['--sandbox', '--yes']);
    const time = clock(1_000);
    time.end();
    const run = await world.run(['verify', '--sandbox', '--json', '--timeout', '1s'], {
      timeoutSignal: time.signalFor,
    });
    expect([run.code, run.json().error?.code]).toEqual([7, 'timed-out']);
  });
});
