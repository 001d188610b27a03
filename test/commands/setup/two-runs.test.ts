import { existsSync, readdirSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createApplicationLocks } from '../../../src/commands/setup/setup-run.ts';
import { chooseCloud } from '../../../src/entra/clouds.ts';
import { connectTo } from '../../helpers/signing-in.ts';
import { createWorld, type Run, type World } from '../../helpers/world.ts';

const locks = (world: World): string[] => readdirSync(world.folder).filter((name) => name.endsWith('.lock'));

/** A world in which a run of `first` waits at its first request to Graph until one of `second` has ended. */
async function createMeeting() {
  let second: readonly string[] | undefined;
  let other: Run | undefined;
  const world: World = await createWorld({
    latency: 1,
    sleep: async () => {
      const argv = second;
      if (argv === undefined || world.sandbox.requests.at(-1)?.kind !== 'graph') return;
      second = undefined;
      other = await world.run(argv);
    },
  });
  const meet = async (first: readonly string[], then: readonly string[]) => {
    second = then;
    return { run: await world.run(first), other };
  };
  return { world, meet };
}

describe('the lock of an application', () => {
  const usgov = chooseCloud({ cloud: 'usgov' });
  const own = chooseCloud({ authorityHost: 'https://login.test', graphUrl: 'https://graph.test' });

  it.each([
    ['the same cloud', usgov, true],
    ['a cloud with the same Entra', chooseCloud({ cloud: 'usgov-dod' }), true],
    [
      'another name of the same Entra',
      chooseCloud({ authorityHost: 'https://login.usgovcloudapi.net', graphUrl: 'https://graph.test' }),
      true,
    ],
    ['another cloud', chooseCloud({ cloud: 'global' }), false],
    ['a cloud of its own', own, false],
  ])('held in usgov keeps out who is in %s: %#', async (_name, cloud, isKeptOut) => {
    const world = await createWorld();
    const server = { authorityHost: 'https://login.test', graphUrl: 'https://graph.test', caCertificate: '' };
    const io = { ...connectTo(server).io, stateFolder: async () => world.folder };
    const [one, other] = [createApplicationLocks(usgov, io), createApplicationLocks(cloud, io)];
    const tenant = '0f8fad5b-d9cb-469f-a165-70867728950e';
    await one.take(tenant, 'reporting-setup');
    const taken = await other.take(tenant, 'reporting-setup').then(
      () => 'taken',
      (error: { code?: string }) => error.code,
    );
    await Promise.all([one.release(), other.release()]);
    expect(taken).toBe(isKeptOut ? 'application-locked' : 'taken');
  });
});

describe('two runs at once', () => {
  it('on one output: the second says so and changes nothing', async () => {
    const { world, meet } = await createMeeting();
    const argv = ['--sandbox', '--yes', '--json'];
    const { run, other } = await meet(argv, argv);
    expect(run.code).toBe(0);
    expect([other?.code, other?.json().error?.code]).toEqual([3, 'output-locked']);
    expect(other?.json().error?.message).toContain(`process ${process.pid}`);
    expect(locks(world)).toEqual([]);
  });

  it('on one application with two outputs: the second says so and changes nothing', async () => {
    const { world, meet } = await createMeeting();
    const argv = ['--sandbox', '--yes', '--json', '--output'];
    const { run, other } = await meet([...argv, 'a.json'], [...argv, 'b.json']);
    expect(run.code).toBe(0);
    expect([other?.code, other?.json().error?.code]).toEqual([3, 'application-locked']);
    expect(existsSync(join(world.folder, 'b.json'))).toBe(false);
    const own = world.sandbox.tenant.applications.filter(
      ({ uniqueName }) => uniqueName === 'reporting-setup',
    );
    expect(own.flatMap(({ passwordCredentials }) => passwordCredentials)).toHaveLength(1);
    expect(locks(world)).toEqual([]);
  });

  it('recognises the application by its client ID too', async () => {
    const { world, meet } = await createMeeting();
    await world.run(['--sandbox', '--yes', '--output', 'a.json']);
    const clientId = String((await world.config('a.json'))['clientId']);
    world.pass(60_000);
    const { run, other } = await meet(
      ['--sandbox', '--yes', '--output', 'a.json'],
      ['--sandbox', '--yes', '--json', '--output', 'b.json', '--client-id', clientId],
    );
    expect(run.code).toBe(0);
    expect(other?.json().error?.code).toBe('application-locked');
  });

  it('leaves another application alone', async () => {
    const { world, meet } = await createMeeting();
    const existing = world.sandbox.tenant.applications.find(
      ({ displayName }) => displayName === 'Reporting API application',
    );
    const { run, other } = await meet(
      ['--sandbox', '--yes', '--output', 'a.json'],
      ['--sandbox', '--yes', '--json', '--output', 'b.json', '--client-id', existing?.appId ?? ''],
    );
    expect([run.code, other?.code]).toEqual([0, 0]);
  });

  it('takes over the lock of a process that has died', async () => {
    const world = await createWorld();
    // Linux gives no process a number this large.
    const dead = JSON.stringify({ pid: 2 ** 31 - 2, host: hostname(), id: 'dead' });
    await writeFile(join(world.folder, 'reporting-setup.json.lock'), dead);
    const run = await world.run(['--sandbox', '--yes']);
    expect(run.code).toBe(0);
    expect(locks(world)).toEqual([]);
  });

  it('respects the lock of another machine, and says how to end that', async () => {
    const world = await createWorld();
    const foreign = JSON.stringify({ pid: 1, host: 'elsewhere.example', id: 'x' });
    await writeFile(join(world.folder, 'reporting-setup.json.lock'), foreign);
    const run = await world.run(['--sandbox', '--yes', '--json']);
    expect([run.code, run.json().error?.code]).toEqual([3, 'output-locked']);
    expect(run.json().error?.message).toContain('elsewhere.example');
    expect(run.json().error?.remedy).toContain('delete');
    expect(world.sandbox.requests).toEqual([]);
  });

  it('does not stop a dry run, which writes nothing', async () => {
    const { meet } = await createMeeting();
    const { run, other } = await meet(
      ['--sandbox', '--yes'],
      ['--sandbox', '--dry-run', '--output', 'b.json'],
    );
    expect([run.code, other?.code]).toEqual([0, 0]);
  });
});
