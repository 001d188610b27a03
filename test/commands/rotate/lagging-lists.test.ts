import { describe, expect, it } from 'vitest';
import { makeDue, retire } from '../../helpers/replaced.ts';
import { type Json, spoil } from '../../helpers/spoiled-replies.ts';
import { createWorld, type World } from '../../helpers/world.ts';

const rotate = ['rotate', '--sandbox', '--yes', '--json'];
const foreign = '11111111-2222-4333-8444-555555555555';

const own = ({ sandbox }: World) => {
  const found = sandbox.tenant.applications.find(({ uniqueName }) => uniqueName === 'reporting-setup');
  if (found === undefined) throw new Error('There is no application.');
  return found;
};
const keyIds = (world: World): string[] => own(world).keyCredentials.map(({ keyId }) => keyId);
const heldId = async (world: World): Promise<string> =>
  ((await world.config())['credential'] as { keyId: string }).keyId;

/** A tenant with the file's certificate and one of another installation. */
async function ready(): Promise<{ readonly world: World; readonly held: string }> {
  const world = await createWorld();
  expect((await world.run(['--sandbox', '--yes', '--json', '--credential', 'certificate'])).code).toBe(0);
  const application = own(world);
  const [mine] = application.keyCredentials;
  if (mine === undefined) throw new Error('There is no certificate.');
  application.keyCredentials.push({
    ...mine,
    keyId: foreign,
    key: Buffer.from('of another installation').toString('base64'),
    customKeyIdentifier: 'another',
  });
  world.pass(10_000);
  world.newWrites();
  return { world, held: mine.keyId };
}

/** The reads of the list alone, and not those of the whole application, lack a key: all of them, or the first ones. */
function forget(world: World, keyId: string, times = Number.POSITIVE_INFINITY): void {
  let left = times;
  const rewrite = (body: Json): Json => {
    const list = body['keyCredentials'];
    if (!Array.isArray(list) || 'displayName' in body || left === 0) return body;
    left -= 1;
    return { ...body, keyCredentials: list.filter((entry: Json) => entry['keyId'] !== keyId) };
  };
  spoil(world, { path: /\/applications\/[^/]+$/, rewrite });
}

describe('a list of certificates that lacks one', () => {
  it.each(['its own', 'another'])('is read again: rotate keeps %s', async (whose) => {
    const { world, held } = await ready();
    forget(world, whose === 'its own' ? held : foreign, 1);
    const run = await world.run(rotate);
    expect([run.code, keyIds(world)]).toEqual([0, [held, foreign, await heldId(world)]]);
  });

  it.each(['its own', 'another'])('and goes on lacking %s is never written back (7)', async (whose) => {
    const { world, held } = await ready();
    forget(world, whose === 'its own' ? held : foreign);
    const run = await world.run(rotate);
    expect([run.code, run.json().error?.code]).toEqual([7, 'directory-lagging']);
    expect(run.json().error?.remedy).toContain('run the same command again');
    expect([keyIds(world), await heldId(world), world.newWrites()]).toEqual([[held, foreign], held, []]);
  });

  it('is not written to retire one either', async () => {
    const { world, held } = await ready();
    expect((await world.run(rotate)).code).toBe(0);
    await makeDue(world);
    forget(world, foreign);
    const run = await world.run(retire);
    expect([run.code, keyIds(world)]).toEqual([7, [held, foreign, await heldId(world)]]);
  });

  it('lacks what this run removed without harm', async () => {
    const { world } = await ready();
    for (let turn = 0; turn < 2; turn += 1) expect((await world.run(rotate)).code).toBe(0);
    await makeDue(world);
    const run = await world.run(retire);
    expect([run.code, keyIds(world)]).toEqual([0, [foreign, await heldId(world)]]);
  });
});
