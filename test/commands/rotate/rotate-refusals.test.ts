import { describe, expect, it } from 'vitest';
import { createWorld } from '../../helpers/world.ts';
import { count, flat, own, ready, rotate, setup } from './rotate-helpers.ts';

const takeBack = ['teardown', '--mode', 'deactivate', '--sandbox'];

describe('rotate refuses', () => {
  it.each<[string, string[], number, string]>([
    ['a federated one', ['--credential', 'federated'], 2, 'there is nothing to rotate in it'],
    ['two files', ['--config', 'a.json', '--config', 'b.json'], 2, 'rotate takes one file'],
    ['a pattern', ['--config', 'tenants/*.json'], 2, 'is a pattern'],
    ['a file that is not there', ['--config', 'none.json'], 3, 'There is no config file none.json'],
    ['an overlap that is none', ['--overlap', 'soon'], 2, 'how long it is to stay'],
    ['--self with --auth', ['--self', '--auth', 'azure-cli'], 2, '--auth and --self exclude each other'],
    ['--self with a secret', ['--self', '--credential', 'secret'], 2, '--self makes a certificate'],
    [
      'a file for a secret',
      ['--certificate-file', 'x.pem'],
      2,
      '--certificate-file needs --credential certificate',
    ],
  ])('%s', async (_name, more, code, words) => {
    const world = await createWorld();
    const run = await world.run([...rotate, ...more]);
    expect([run.code, run.json().error?.message]).toEqual([code, expect.stringContaining(words)]);
  });

  it('to write where nobody said yes, and nothing where nothing is due', async () => {
    const world = await ready();
    const bare = ['rotate', '--sandbox', '--json'];
    const run = await world.run(bare);
    expect([run.code, run.json().error?.code]).toEqual([2, 'missing-options']);
    expect((await world.run([...bare, '--if-expires-within', '30d'])).code).toBe(0);
  });

  it('nothing of a federated credential: there is nothing to rotate', async () => {
    const world = await ready('--credential', 'federated', '--github', 'contoso/reports');
    const run = await world.run(rotate);
    expect([run.code, flat(run.stderr)]).toEqual([0, expect.stringContaining('There is nothing to rotate')]);
    const kind = await world.run([...rotate, '--credential', 'secret']);
    expect([kind.code, kind.json().error?.code]).toEqual([2, 'invalid-options']);
  });

  it('the environment of the credential itself, before anybody signs in', async () => {
    const world = await ready();
    const { clientId, clientSecret } = (await world.config()) as unknown as Record<string, string>;
    const env = {
      AZURE_TENANT_ID: world.sandbox.tenantId,
      AZURE_CLIENT_ID: clientId?.toUpperCase() ?? '',
      AZURE_CLIENT_SECRET: clientSecret ?? '',
    };
    const before = world.sandbox.requests.length;
    const run = await world.run([...rotate, '--auth', 'environment'], { env });
    expect([run.code, run.json().error?.code]).toEqual([4, 'sign-in-as-itself']);
    expect(run.json().error?.message).toContain('the credential itself, and no administrator');
    expect(world.sandbox.requests.length).toBe(before);
  });

  it.each([[], ['--dry-run']])('an application that somebody deactivated %s', async (...more: string[]) => {
    const world = await ready();
    Object.assign(own(world), { isDisabled: true });
    world.newWrites();
    const run = await world.run([...rotate, ...more]);
    expect([run.code, run.json().error?.code]).toEqual([3, 'application-deactivated']);
    expect(run.json().error?.message).toContain('somebody may have stopped it on purpose');
    expect(run.json().error?.remedy).toContain('asks whether to: reporting-setup');
    expect([world.newWrites(), count(world)]).toEqual([[], [1, 0]]);
  });

  it('one that teardown deactivated: setup activates it, then it can be rotated', async () => {
    const world = await ready();
    const down = [...takeBack, '--confirm', own(world).displayName, '--yes', '--json'];
    expect((await world.run(down)).code).toBe(0);
    world.newWrites();
    const run = await world.run(rotate);
    expect([run.code, run.json().error?.code]).toEqual([3, 'application-deactivated']);
    expect(run.json().error?.message).toContain('teardown did it on 20');
    expect(run.json().error?.remedy).toContain('activates it again');
    expect([world.newWrites(), count(world)]).toEqual([[], [1, 0]]);
    expect((await world.run(setup)).code).toBe(0);
    expect((await world.run(rotate)).code).toBe(0);
  });

  it('an application that is gone: setup makes it again', async () => {
    const world = await ready();
    world.sandbox.tenant.applications = world.sandbox.tenant.applications.filter(
      ({ uniqueName }) => uniqueName !== 'reporting-setup',
    );
    const run = await world.run(rotate);
    expect([run.code, run.json().error?.code]).toEqual([3, 'application-missing']);
    expect(run.json().error?.remedy).toContain('registers it anew: reporting-setup');
  });
});
