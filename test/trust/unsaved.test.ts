import { mkdirSync, rmdirSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { everyFault } from '../../src/sandbox/index.ts';
import { secretNotes } from '../helpers/secret-notes.ts';
import { createWorld, type World } from '../helpers/world.ts';

const argv = ['--sandbox', '--yes', '--json'];
const path = (world: World): string => join(world.folder, 'reporting-setup.json');
const secrets = ({ sandbox }: World) =>
  sandbox.tenant.applications.find(({ uniqueName }) => uniqueName === 'reporting-setup')?.passwordCredentials;

/** A folder stands in the way of the file as soon as the secret is made. */
function getInTheWay(world: World): void {
  world.sandbox.faults.add({
    when: 'after',
    fault: everyFault.reset,
    matches: ({ request }) => {
      if (request.url.pathname.endsWith('/addPassword')) mkdirSync(path(world));
      return false;
    },
  });
}

describe('a secret that cannot be saved', () => {
  it('is removed at once', async () => {
    const world = await createWorld();
    getInTheWay(world);
    const run = await world.run(argv);
    expect(run.json().error?.message).toContain('it is a folder');
    expect(secrets(world)).toEqual([]);
    expect(secretNotes(world.folder)).toEqual([]);
  });

  it('is removed by the next run where that failed', async () => {
    const world = await createWorld();
    getInTheWay(world);
    world.sandbox.faults.add({
      when: 'before',
      fault: everyFault['status-503'],
      matches: ({ request }) => request.url.pathname.endsWith('/removePassword'),
    });
    await world.run(argv);
    expect(secrets(world)).toHaveLength(1);
    expect(secretNotes(world.folder)).toHaveLength(1);
    world.sandbox.faults.clear();
    rmdirSync(path(world));
    const left = (await world.run(['verify', '--sandbox', '--json'])).json().checks;
    expect(left).toContainEqual(
      expect.objectContaining({ id: 'credential.noted', status: 'warn', code: 'secret-left' }),
    );
    world.pass(60_000);
    expect((await world.run(argv)).code).toBe(0);
    const saved = JSON.parse(await readFile(path(world), 'utf8'));
    expect(secrets(world)?.map(({ keyId }) => keyId)).toEqual([saved.credential.keyId]);
    expect(secretNotes(world.folder)).toEqual([]);
    const { checks } = (await world.run(['verify', '--sandbox', '--json'])).json();
    expect(checks.map(({ id }) => id)).not.toContain('credential.noted');
  });

  it('is never made where it can be known beforehand, nor is anything else', async () => {
    const world = await createWorld();
    const text = "ODD=\n'first\nAZURE_CLIENT_ID=x\nlast'\n";
    await writeFile(join(world.folder, 'out.env'), text);
    const run = await world.run([...argv, '--output', 'out.env']);
    expect([run.code, run.json().error?.code]).toEqual([2, 'output-unusable']);
    expect(world.newWrites()).toEqual([]);
    expect(await readFile(join(world.folder, 'out.env'), 'utf8')).toBe(text);
  });
});
