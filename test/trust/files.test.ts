import { execFileSync } from 'node:child_process';
import { existsSync, lstatSync } from 'node:fs';
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createWorld, type World } from '../helpers/world.ts';

const inFolder = (world: World, name: string): string => join(world.folder, name);

const spoilt: readonly (readonly [string, (path: string) => unknown, RegExp])[] = [
  ['a folder', (path) => mkdir(path), /folder/],
  ['a FIFO', (path) => execFileSync('mkfifo', [path]), /no regular file/],
  ['no JSON', (path) => writeFile(path, '{"version": 1,'), /not JSON|JSON/],
  ['somebody else’s JSON', (path) => writeFile(path, '{"name": "x"}'), /./],
  ['empty', (path) => writeFile(path, ''), /empty/],
  ['no text', (path) => writeFile(path, Buffer.from([0xff, 0xfe, 0x00])), /UTF-8/],
  ['of a newer version', (path) => writeFile(path, '{"version": 2}'), /newer|version/],
];

const contentOf = async (path: string): Promise<string> =>
  lstatSync(path).isFile() ? readFile(path, 'latin1') : lstatSync(path).mode.toString(8);

describe('an output that cannot be used', () => {
  it.each(spoilt)('%s: exit code 2, and nothing is written or sent', async (_name, spoil, words) => {
    const world = await createWorld();
    const path = inFolder(world, 'reporting-setup.json');
    await spoil(path);
    const before = await contentOf(path);
    const run = await world.run(['--sandbox', '--yes', '--json']);
    expect(run.code).toBe(2);
    expect(run.json().error?.message).toMatch(words);
    expect(run.json().error?.remedy).not.toBe('');
    expect(world.newWrites()).toEqual([]);
    expect(await contentOf(path)).toBe(before);
    expect(existsSync(`${path}.lock`)).toBe(false);
  });

  it.each(['there.json', 'missing.json'])('a symbolic link to %s is not followed', async (target) => {
    const world = await createWorld();
    await writeFile(inFolder(world, 'there.json'), 'kept');
    await symlink(target, inFolder(world, 'reporting-setup.json'));
    const run = await world.run(['--sandbox', '--yes', '--json']);
    expect(run.code).toBe(2);
    expect(run.json().error?.message).toContain('symbolic link');
    expect(world.newWrites()).toEqual([]);
    expect(await readFile(inFolder(world, 'there.json'), 'utf8')).toBe('kept');
    expect(existsSync(inFolder(world, 'missing.json'))).toBe(false);
  });

  it.each(['no/such/folder/out.json', '/proc/out.json', '/dev/full', 'reporting/'])('%s', async (output) => {
    const world = await createWorld();
    const run = await world.run(['--sandbox', '--yes', '--json', '--output', output]);
    expect(run.code).toBe(2);
    expect(['output-unusable', 'config-invalid']).toContain(run.json().error?.code);
    expect(world.newWrites()).toEqual([]);
  });

  it('refuses the file of another application, and leaves it', async () => {
    const world = await createWorld();
    await world.run(['--sandbox', '--yes']);
    const text = await world.read();
    world.newWrites();
    const [other] = world.sandbox.tenant.applications.filter(
      ({ uniqueName }) => uniqueName !== 'reporting-setup',
    );
    const run = await world.run(['--sandbox', '--yes', '--json', '--client-id', other?.appId ?? '']);
    expect([run.code, run.json().error?.code]).toEqual([2, 'config-other-application']);
    expect(world.newWrites()).toEqual([]);
    expect(await world.read()).toBe(text);
  });

  it('refuses the file of another tenant, and leaves it', async () => {
    const world = await createWorld();
    await world.run(['--sandbox', '--yes']);
    const text = (await world.read()).replace(world.sandbox.tenantId, '11111111-2222-3333-4444-555555555555');
    await writeFile(inFolder(world, 'reporting-setup.json'), text);
    world.newWrites();
    const run = await world.run(['--sandbox', '--yes', '--json']);
    expect([run.code, run.json().error?.code]).toEqual([2, 'config-other-tenant']);
    expect(world.newWrites()).toEqual([]);
    expect(await world.read()).toBe(text);
  });
});
