import { readdir } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { answerInstead, refusal } from '../../helpers/replies.ts';
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

describe('grants on an application that --client-id adopted', () => {
  it.each([
    ['made beside the credential', []],
    ['made beside a certificate', ['--credential', 'certificate']],
  ])('are recorded when %s, and taken back; the service principal is named as left', async (_how, words) => {
    const world = await createWorld({ scenarios: ['no-legacy-graph'] });
    const foreign = foreignOf(world);
    const place = ['--sandbox', 'no-legacy-graph', '--json'];
    const adopted = await world.run([...place, '--yes', '--client-id', foreign.appId, ...words]);
    expect(adopted.code, adopted.stderr).toBe(0);
    const principal = world.sandbox.tenant.servicePrincipals.find(({ appId }) => appId === foreign.appId);
    const granted = () =>
      world.sandbox.tenant.appRoleAssignments
        .filter(({ principalId }) => principalId === principal?.id)
        .map(({ id }) => id);
    const made = adopted
      .json()
      .changes.flatMap(({ action, kind, id }) =>
        action === 'create' && kind === 'appRoleAssignment' && id ? [id] : [],
      );
    expect(made.length).toBeGreaterThan(0);
    const { application } = (await world.config()) as unknown as { application: { grants?: string[] } };
    expect([...(application.grants ?? [])].sort()).toEqual([...made].sort());
    // One that somebody else gave is not recorded: it stays, and is named.
    const strange = world.sandbox.tenant.appRoleAssignments.find(({ id }) => id === made[0]);
    if (!strange) throw new Error('The grant is not in the tenant.');
    const kept = { ...strange, id: 'given-by-somebody-else', appRoleId: crypto.randomUUID() };
    world.sandbox.tenant.appRoleAssignments.push(kept);
    world.pass(60_000);
    const down = ['teardown', ...place, '--mode', 'delete', '--confirm', appName];
    const run = await world.run(down);
    expect(run.code, run.stderr).toBe(0);
    expect(granted()).toEqual([kept.id]);
    const left = run.json().changes.filter(({ action }) => action === 'keep');
    expect(left.map(({ kind, id }) => [kind, id])).toEqual([
      ['application', foreign.id],
      ['appRoleAssignment', kept.id],
      ['servicePrincipal', principal?.id],
    ]);
    expect(run.stderr).toContain('stays granted');
  });

  it('are recorded in the file that was there, where the credential beside them fails', async () => {
    const world = await createWorld({ scenarios: ['no-legacy-graph'] });
    const foreign = foreignOf(world);
    const adopt = ['--sandbox', 'no-legacy-graph', '--json', '--yes', '--client-id', foreign.appId];
    expect((await world.run(adopt)).code).toBe(0);
    const { tenant } = world.sandbox;
    const principal = tenant.servicePrincipals.find(({ appId }) => appId === foreign.appId);
    for (let index = tenant.appRoleAssignments.length - 1; index >= 0; index -= 1) {
      if (tenant.appRoleAssignments[index]?.principalId === principal?.id)
        tenant.appRoleAssignments.splice(index, 1);
    }
    foreign.passwordCredentials.splice(0);
    world.pass(60_000);
    answerInstead(world, ({ path }) =>
      path.endsWith('/addPassword') ? refusal(400, 'Request_BadRequest') : undefined,
    );
    const cut = await world.run([...adopt, '--on-failure', 'keep']);
    expect(cut.code, cut.stderr).not.toBe(0);
    const now = tenant.appRoleAssignments.filter(({ principalId }) => principalId === principal?.id);
    expect(now.length).toBeGreaterThan(0);
    const { application } = (await world.config()) as unknown as { application: { grants?: string[] } };
    expect(application.grants).toEqual(expect.arrayContaining(now.map(({ id }) => id)));
  });
});

describe('setup after somebody deactivated the application', () => {
  it('stops, asks where somebody can answer, and switches it on with a yes', async () => {
    const world = await preparedWorld();
    ownOf(world).properties['isDisabled'] = true;
    const run = await world.run(setup);
    expect([run.code, run.json().error?.code]).toEqual([3, 'application-deactivated']);
    // The command of the remedy asks: it has neither --yes nor --json.
    expect(run.json().error?.remedy).toMatch(/it asks whether to: reporting-setup --sandbox$/);
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
        ['Go ahead?', '\r'],
      ],
    });
    expect(yes.code, yes.stderr).toBe(0);
    expect(ownOf(world).properties['isDisabled']).toBe(false);
  });
});

describe('odd inputs', () => {
  it('end with what to do next, and without a write', async () => {
    const world = await preparedWorld();
    const own = ownOf(world);
    own.displayName = '\u001b[31mEvil\u202e "name"  ';
    const named = ['--mode', 'purge', '--confirm', own.appId];
    const wrong = [
      [['--mode', 'purge', '--confirm', 'Evil'], 2, 'invalid-options'],
      [[...named, '--config', '*.json'], 2, 'invalid-options'],
      [[...named, '--tenant', crypto.randomUUID()], 2, 'config-other-tenant'],
      [[...named, '--cloud', 'china'], 2, 'invalid-options'],
    ] as const;
    for (const [words, code, error] of wrong) {
      const run = await world.run([...down, ...words]);
      expect([run.code, run.json().error?.code], run.stderr).toEqual([code, error]);
      expect(run.json().error?.remedy).toBeTruthy();
      for (const raw of ['\u001b[31mEvil', '\u202e']) expect(run.stderr).not.toContain(raw);
    }
    expect(world.newWrites()).toEqual([]);
    const text = await world.run([
      ...down.filter((word) => word !== '--json'),
      ...named,
      '--no-input',
      '--receipt',
      'r.md',
    ]);
    expect(text.code, text.stderr).toBe(0);
    const shown = text.stderr + (await world.read('r.md'));
    for (const raw of ['\u001b[31mEvil', '\u202e']) expect(shown).not.toContain(raw);
  });

  it('is told by verify that teardown deactivated it, and by teardown that there is nothing to deactivate', async () => {
    const world = await preparedWorld();
    const mode = (name: string) => [...down, '--mode', name, '--confirm', appName];
    expect((await world.run(mode('deactivate'))).code).toBe(0);
    const check = await world.run(['verify', '--sandbox', '--json']);
    expect(check.code).toBe(3);
    expect(check.json().checks.find(({ id }) => id === 'credential.token')).toMatchObject({
      code: 'application-deactivated',
      remedy: expect.stringContaining('activates it again'),
    });
    expect((await world.run([...mode('delete'), '--keep-files'])).code).toBe(0);
    const bin = await world.run(mode('deactivate'));
    expect([bin.code, bin.json().error?.code]).toEqual([3, 'application-deleted']);
    expect((await world.run([...mode('purge'), '--keep-files'])).code).toBe(0);
    const gone = await world.run(mode('deactivate'));
    expect([gone.code, gone.json().error?.code]).toEqual([3, 'application-missing']);
  });

  it('keeps the file where the directory denies an application whose credential still gets a token', async () => {
    const world = await preparedWorld();
    answerInstead(world, ({ method, path }) =>
      method === 'GET' && path.startsWith('/applications(')
        ? refusal(404, 'Request_ResourceNotFound')
        : undefined,
    );
    const run = await world.run([...down, '--mode', 'purge', '--confirm', appName]);
    expect([run.code, run.json().error?.code]).toEqual([7, 'removal-unconfirmed']);
    expect(await world.read()).toContain('clientSecret');
  });

  it('takes a trust in another identity provider away with the rest', async () => {
    const argv = [...setup, '--credential', 'federated', '--github', 'example/repository'];
    const world = await preparedWorld({}, argv);
    const run = await world.run([...down, '--mode', 'delete', '--confirm', appName]);
    expect(run.code, run.stderr).toBe(0);
    expect(run.json().changes.map(({ kind }) => kind)).toEqual([
      'federatedIdentityCredential',
      'application',
      'configFile',
    ]);
  });
});
