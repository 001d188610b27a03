import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openSecretNote } from '../../src/config/secret-note.ts';
import { everyFault } from '../../src/sandbox/index.ts';
import { fault } from '../helpers/temp-folder.ts';
import { createWorld, type World } from '../helpers/world.ts';

const argv = ['--sandbox', '--yes', '--json'];
const secrets = ({ sandbox }: World) =>
  sandbox.tenant.applications.find(({ uniqueName }) => uniqueName === 'reporting-setup')
    ?.passwordCredentials ?? [];

describe('what lies next to the output', () => {
  it('deletes no secret, whoever has put it there', async () => {
    const world = await createWorld();
    await world.run([...argv, '--output', 'another-machine.json']);
    const [foreign] = secrets(world);
    const applicationId = world.sandbox.tenant.applications.find(
      ({ uniqueName }) => uniqueName === 'reporting-setup',
    )?.id;
    const { displayName, endDateTime } = foreign ?? {};
    const note = { version: 1, markers: [{ applicationId, displayName, endDateTime, knownKeyIds: [] }] };
    writeFileSync(join(world.folder, 'reporting-setup.json.pending'), JSON.stringify(note));
    world.pass(60_000);
    for (const expected of [2, 2]) {
      expect((await world.run(argv)).code).toBe(0);
      expect(secrets(world)).toHaveLength(expected);
      expect(secrets(world)).toContainEqual(foreign);
    }
    expect(existsSync(join(world.folder, 'reporting-setup.json.pending'))).toBe(true);
  });

  it('is the config file alone when a run has ended, what killed ones left included', async () => {
    const world = await createWorld();
    const output = join(world.folder, 'out');
    mkdirSync(output);
    const run = ['--output', join(output, 'c.json'), ...argv];
    expect((await world.run(run)).code).toBe(0);
    expect(readdirSync(output)).toEqual(['c.json']);
    expect(readdirSync(world.folder).filter((name) => /^(secrets|application)-/.test(name))).toEqual([]);
  });
});

describe('a run that was cut when its file was saved and its note not yet cleared', () => {
  it('leaves the secret alone that a file of another name holds by now', async () => {
    const world = await createWorld();
    expect((await world.run(argv)).code).toBe(0);
    const [held] = secrets(world);
    const applicationId = world.sandbox.tenant.applications.find(
      ({ uniqueName }) => uniqueName === 'reporting-setup',
    )?.id;
    const { note } = await openSecretNote(join(world.folder, 'reporting-setup.json'), {
      stateFolder: async () => world.folder,
      report: { warn: (text) => expect.fail(text) },
    });
    const { displayName, endDateTime } = held ?? {};
    await note.write({
      applicationId: String(applicationId),
      displayName: String(displayName),
      endDateTime: String(endDateTime),
      knownKeyIds: [],
    });
    renameSync(join(world.folder, 'reporting-setup.json'), join(world.folder, 'contoso.json'));
    world.pass(60_000);
    expect((await world.run(argv)).code).toBe(0);
    expect(secrets(world)).toHaveLength(2);
    expect(secrets(world)).toContainEqual(held);
  });
});

describe('without a folder of its own', () => {
  it.each<[string, (world: World) => () => Promise<string>, string]>([
    ['no home', () => async () => 'relative', 'this user has no home folder'],
    ['no user', () => () => Promise.reject(fault('ERR_SYSTEM_ERROR')), 'this user has no home folder'],
    ['no place', () => async () => '/proc/nowhere/state', '/proc/nowhere/state cannot be used'],
    [
      'one that is open to others',
      ({ folder }) => {
        const open = join(folder, 'open');
        mkdirSync(open);
        return async () => join(open, 'state');
      },
      'everybody on this machine can write to',
    ],
  ])('a run goes on, and says what it could not record: %s', async (what, place, reason) => {
    const world = await createWorld();
    const stateFolder = place(world);
    if (what.startsWith('one')) chmodSync(join(world.folder, 'open'), 0o777);
    const run = await world.run(argv, { stateFolder });
    expect(run.code).toBe(0);
    const said = run.stderr.replace(/\s+/g, ' ');
    expect(said).toContain('It cannot be recorded which secret is about to be made');
    expect(said).toContain('Other runs cannot be kept out');
    expect(said).toContain('This tenant is gone after this run');
    expect(said).toContain(reason);
    expect((await world.run(['verify', '--sandbox', '--json'], { stateFolder })).code).toBe(0);
  });

  it('a dry run makes none', async () => {
    const world = await createWorld();
    const state = join(world.folder, 'state');
    const run = await world.run(['--sandbox', '--dry-run', '--json'], { stateFolder: async () => state });
    expect(run.code).toBe(0);
    expect(existsSync(state) ? readdirSync(state) : []).toEqual([]);
  });
});

describe('an output folder that is another one when the secret comes', () => {
  it.each(['a link', 'a folder'])('gets no secret: %s', async (what) => {
    const world = await createWorld();
    const [folder, victim] = [join(world.folder, 'out'), join(world.folder, 'victim')];
    for (const path of [folder, victim]) mkdirSync(path);
    world.sandbox.faults.add({
      when: 'after',
      fault: everyFault.reset,
      matches: ({ request }) => {
        if (request.url.pathname.endsWith('/addPassword')) {
          renameSync(folder, join(world.folder, 'moved'));
          if (what === 'a link') symlinkSync(victim, folder);
          else mkdirSync(folder);
        }
        return false;
      },
    });
    const run = await world.run([...argv, '--output', 'out/c.json']);
    expect([run.code, run.json().error?.code]).toEqual([2, 'output-unusable']);
    expect(run.json().error?.message).toContain('its folder is another one than when this run began');
    expect([readdirSync(victim), readdirSync(folder)]).toEqual([[], []]);
    expect(secrets(world)).toEqual([]);
  });
});
