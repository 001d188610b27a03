import { readdir } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { createWorld } from '../../helpers/world.ts';
import { appName, down, foreignOf, ownOf, plantSecret, preparedWorld, setup } from './teardown-helpers.ts';

describe('what is not ours', () => {
  it('is found by no name, and refused by --client-id', async () => {
    const world = await createWorld();
    const foreign = foreignOf(world);
    const nothing = await world.run([...down, '--mode', 'purge', '--confirm', appName]);
    expect(nothing.code, nothing.stderr).toBe(0);
    expect(nothing.stderr).toContain('There is nothing to take back');
    const words = ['--mode', 'purge', '--confirm', appName, '--client-id', foreign.appId];
    const named = await world.run([...down, ...words]);
    expect([named.code, named.json().error?.code]).toEqual([3, 'application-not-ours']);
    const unknown = await world.run([
      ...down,
      '--mode',
      'purge',
      '--confirm',
      appName,
      '--client-id',
      crypto.randomUUID(),
    ]);
    expect([unknown.code, unknown.json().error?.code]).toEqual([2, 'application-not-found']);
    expect(world.newWrites()).toEqual([]);
  });

  it('keeps what was there before, where --client-id adopted it; goes whole where it is named again', async () => {
    const world = await createWorld();
    const foreign = foreignOf(world);
    const keyId = plantSecret(foreign);
    const adopt = [...setup, '--client-id', foreign.appId];
    expect((await world.run(adopt)).code).toBe(0);
    const config = (await world.config()) as unknown as {
      application: { adopted?: boolean; grants?: string[] };
    };
    expect(config.application.adopted).toBe(true);
    const principal = world.sandbox.tenant.servicePrincipals.find(({ appId }) => appId === foreign.appId);
    const granted = () =>
      world.sandbox.tenant.appRoleAssignments.filter(({ principalId }) => principalId === principal?.id);
    const made = config.application.grants ?? [];
    const kept = granted().filter(({ id }) => !made.includes(id));
    world.pass(60_000);
    world.newWrites();
    const off = await world.run([...down, '--mode', 'deactivate', '--confirm', appName]);
    expect([off.code, off.json().error?.code]).toEqual([3, 'application-not-ours']);
    const run = await world.run([...down, '--mode', 'purge', '--confirm', appName]);
    expect(run.code, run.stderr).toBe(0);
    expect(foreignOf(world).passwordCredentials.map((secret) => secret.keyId)).toEqual([keyId]);
    expect(granted()).toEqual(kept);
    expect(await readdir(world.folder)).toEqual([]);
    expect((await world.run(adopt)).code).toBe(0);
    const whole = await world.run([
      ...down,
      '--mode',
      'delete',
      '--confirm',
      appName,
      '--client-id',
      foreign.appId,
    ]);
    expect(whole.code, whole.stderr).toBe(0);
    expect(world.sandbox.tenant.deletedItems.applications.map(({ id }) => id)).toEqual([foreign.id]);
    const back = await world.run(adopt);
    expect(back.code, back.stderr).toBe(0);
    expect(back.stderr).toContain('Restore application');
  });
});

describe('setup after somebody deactivated the application', () => {
  it('stops, asks where somebody can answer, and switches it on with a yes', async () => {
    const world = await preparedWorld();
    ownOf(world).properties['isDisabled'] = true;
    const run = await world.run(setup);
    expect([run.code, run.json().error?.code]).toEqual([3, 'application-deactivated']);
    expect(ownOf(world).properties['isDisabled']).toBe(true);
    // What teardown finds deactivated already is not its own doing.
    const off = await world.run([...down, '--mode', 'deactivate', '--confirm', appName]);
    expect(off.code).toBe(0);
    expect((await world.run(setup)).code).toBe(3);
    const argv = ['--sandbox'];
    const no = await world.run(argv, { columns: 200, keys: [['Activate it again', '\r']] });
    expect(no.code, no.stderr).toBe(3);
    expect(ownOf(world).properties['isDisabled']).toBe(true);
    expect(world.newWrites()).toEqual([]);
    const yes = await world.run(argv, {
      columns: 200,
      keys: [
        ['Activate it again', 'y\r'],
        ['Domain to write', '\r'],
        ['APIs to grant', '\r'],
        ['Go ahead?', '\r'],
      ],
    });
    expect(yes.code, yes.stderr).toBe(0);
    expect(ownOf(world).properties['isDisabled']).toBe(false);
  });
});
