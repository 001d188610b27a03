import { describe, expect, it } from 'vitest';
import { fakeBrowser } from '../../helpers/signing-in.ts';
import { createWorld, type Typed } from '../../helpers/world.ts';

const down = '\u001b[B';
const change: Typed = ['Go ahead?', `${down}\r`];
const open: Typed = ['Enter opens this address', '\r'];
const ask = 'Account to work with';

/** `pages` are the different addresses that the browser was sent to. */
async function byBrowser() {
  const world = await createWorld();
  const { visits } = await fakeBrowser(world.sandbox.caCertificate);
  const env = { DISPLAY: ':0' };
  return { world, pages: async () => [...new Set(await visits())], env };
}

describe('whoever the browser signed in', () => {
  it('is shown with the plan before anything is written, and may be another', async () => {
    const { world, pages, env } = await byBrowser();
    const writes: number[] = [];
    const note = (): void => void writes.push(world.newWrites().length);
    const run = await world.run(['--sandbox', '--auth', 'browser', '--output', 'x.json'], {
      env,
      columns: 200,
      keys: [open, change, [ask, `${down}\r`, note], open, ['Go ahead?', '\r', note]],
    });
    expect([run.code, writes]).toEqual([0, [0, 0]]);
    expect(await pages()).toHaveLength(2);
    expect(run.stderr).toContain('ada@contoso.com, in Contoso');
    expect(run.stderr).toContain('Another account: sign in again');
  });

  it('is nobody to go on with on Ctrl-C', async () => {
    const { world, env } = await byBrowser();
    const argv = ['--sandbox', '--auth', 'browser', '--output', 'x.json'];
    const run = await world.run(argv, { env, keys: [open, change, [ask, '\u0003']] });
    expect([run.code, world.newWrites()]).toEqual([130, []]);
  });

  it('is told and not asked about where nobody can be asked', async () => {
    const { world, pages, env } = await byBrowser();
    const run = await world.run(['--sandbox', '--auth', 'browser', '--yes'], { env });
    expect([run.code, await pages()]).toEqual([0, [expect.any(String)]]);
    expect(run.stderr).toContain('ada@contoso.com (Global Administrator)');
    expect(run.stderr).not.toContain(ask);
  });
});
