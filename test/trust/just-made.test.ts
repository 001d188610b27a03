import { describe, expect, it } from 'vitest';
import { type Asked, answerInstead, refusal } from '../helpers/replies.ts';
import { createWorld, type World } from '../helpers/world.ts';

const argv = ['--sandbox', '--yes', '--json'];
const denial = refusal(
  403,
  'Authorization_RequestDenied',
  'Insufficient privileges to complete the operation.',
);

const writes: readonly (readonly [string, (asked: Asked) => boolean])[] = [
  ['making its service principal', ({ method, path }) => method === 'POST' && path === '/servicePrincipals'],
  [
    'granting it a permission',
    ({ method, path }) => method === 'POST' && path.endsWith('/appRoleAssignedTo'),
  ],
  ['making its secret', ({ path }) => path.endsWith('/addPassword')],
  ['reading a log with it', ({ path }) => path.startsWith('/auditLogs/directoryAudits')],
];

/** Denies what is accepted for that many milliseconds after the first time. */
function denyFor(world: World, isIt: (asked: Asked) => boolean, milliseconds: number): () => number {
  let first: number | undefined;
  let denied = 0;
  answerInstead(world, (asked) => {
    if (!isIt(asked)) return undefined;
    first ??= world.slept();
    if (world.slept() - first >= milliseconds) return undefined;
    denied += 1;
    return denial;
  });
  return () => denied;
}

describe('an object that this run made, denied to an account that may', () => {
  it.each(writes)('is asked for again: %s', async (_what, isIt) => {
    const world = await createWorld();
    const denied = denyFor(world, isIt, 12_000);
    const run = await world.run(argv);
    expect(run.json().error).toBeUndefined();
    expect(run.code).toBe(0);
    expect(denied()).toBeGreaterThan(2);
  });

  it('is given up after half a minute', async () => {
    const world = await createWorld();
    denyFor(world, ({ path }) => path.endsWith('/addPassword'), 3_600_000);
    const run = await world.run(argv);
    expect([run.code, run.json().error?.code]).toEqual([3, 'role-missing']);
    expect(world.slept()).toBeLessThanOrEqual(31_000);
  });

  it('is not asked for again where it was there before', async () => {
    const world = await createWorld();
    await world.run(['--sandbox', '--yes', '--output', 'elsewhere.json']);
    world.pass(60_000);
    const slept = world.slept();
    const denied = denyFor(world, ({ path }) => path.endsWith('/addPassword'), 3_600_000);
    expect((await world.run(argv)).code).toBe(3);
    expect([denied(), world.slept() - slept]).toEqual([1, 0]);
  });
});
