import { readdir } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { answerInstead, refusal } from '../../helpers/replies.ts';
import { appName, down, others, ownOf, plantSecret, preparedWorld, setup } from './teardown-helpers.ts';

const inOrder: Readonly<Record<string, readonly RegExp[]>> = {
  deactivate: [/^PATCH \/v1\.0\/applications\/[\w-]+ 204$/],
  delete: [/removePassword 204$/, /^DELETE \/v1\.0\/applications\/[\w-]+ 204$/],
  purge: [
    /removePassword 204$/,
    /^DELETE .*appRoleAssignments\/[\w-]+ 204$/,
    /^DELETE .*appRoleAssignments\/[\w-]+ 204$/,
    /^DELETE \/v1\.0\/applications\/[\w-]+ 204$/,
    /^DELETE \/v1\.0\/directory\/deletedItems\/[\w-]+ 204$/,
    /^DELETE \/v1\.0\/directory\/deletedItems\/[\w-]+ 204$/,
  ],
};

/** The writes of the run; those of a batch one by one. */
const written = (
  writes: readonly { readonly method: string; readonly url: string; readonly status: number }[],
) => writes.map(({ method, url, status }) => `${method} ${url} ${status}`);

describe('teardown', () => {
  it.each(['deactivate', 'delete', 'purge'])(
    '%s: removes in order, reads back, does nothing the second time, and setup brings it back',
    async (mode) => {
      const world = await preparedWorld();
      const own = ownOf(world);
      const principal = world.sandbox.tenant.servicePrincipals.find(({ appId }) => appId === own.appId);
      const before = others(world, own);
      const slept = world.slept();
      const run = await world.run([...down, '--mode', mode, '--confirm', appName]);
      expect(run.code, run.stderr).toBe(0);
      expect(run.json()).toMatchObject({ command: 'teardown', ok: true, mode, before: { owners: [] } });
      // Two reads that agree, ten seconds apart at least.
      expect(world.slept() - slept).toBeGreaterThanOrEqual(10_000);
      const order = written(world.newWrites());
      expect(order).toHaveLength(inOrder[mode]?.length ?? 0);
      for (const [index, pattern] of (inOrder[mode] ?? []).entries()) expect(order[index]).toMatch(pattern);
      expect(others(world, own)).toBe(before);
      const { applications, servicePrincipals, deletedItems } = world.sandbox.tenant;
      const kept = mode === 'deactivate';
      expect(applications.some(({ id }) => id === own.id)).toBe(kept);
      expect(servicePrincipals.some(({ id }) => id === principal?.id)).toBe(kept);
      expect(deletedItems.applications.some(({ id }) => id === own.id)).toBe(mode === 'delete');
      expect(deletedItems.servicePrincipals.some(({ id }) => id === principal?.id)).toBe(mode === 'delete');
      expect(await readdir(world.folder)).toEqual(
        kept ? expect.arrayContaining(['reporting-setup.json']) : [],
      );

      const again = await world.run([...down, '--mode', mode, '--confirm', appName]);
      expect(again.code, again.stderr).toBe(0);
      expect(world.newWrites()).toEqual([]);

      const back = await world.run(setup);
      expect(back.code, back.stderr).toBe(0);
      const said = {
        deactivate: 'Activate application',
        delete: 'Restore application',
        purge: 'Register application',
      };
      expect(back.stderr).toContain(said[mode as keyof typeof said]);
      expect(ownOf(world).id === own.id).toBe(mode !== 'purge');
    },
  );

  it('shows who else may use it, deletes it all the same, and says until when that can be undone', async () => {
    const world = await preparedWorld();
    const own = ownOf(world);
    const keyId = plantSecret(own);
    const [owner] = world.sandbox.tenant.users;
    own.owners.push(owner?.id ?? '');
    const run = await world.run([
      ...down,
      '--mode',
      'delete',
      '--confirm',
      own.appId.toUpperCase(),
      '--keep-files',
    ]);
    expect(run.code, run.stderr).toBe(0);
    expect(run.json()).toMatchObject({
      before: {
        otherCredentials: [{ kind: 'client secret', keyId }],
        owners: [owner?.userPrincipalName],
        grants: ['AuditLog.Read.All', 'Directory.Read.All'],
      },
      undo: { run: 'reporting-setup setup --sandbox', until: expect.stringMatching(/^2026-|^2027-/) },
    });
    expect(run.stderr).toContain(keyId);
    expect(run.stderr).toContain('may activate it again');
    // The other machine's secret was not removed by itself: it lies in the bin with the application.
    const [deleted] = world.sandbox.tenant.deletedItems.applications.filter(({ id }) => id === own.id);
    expect(deleted?.passwordCredentials.map((secret) => secret.keyId)).toEqual([keyId]);
    expect(await world.read()).toContain(own.appId);
    const back = await world.run(setup);
    expect(back.code, back.stderr).toBe(0);
    expect(ownOf(world).passwordCredentials.map((secret) => secret.keyId)).toContain(keyId);
  });

  it('tells when and from where it was last used, with whose credential', async () => {
    const world = await preparedWorld();
    await world.run(['verify', '--sandbox', '--json']);
    world.pass(600_000);
    const dry = await world.run([...down, '--mode', 'delete', '--dry-run']);
    expect(dry.code, dry.stderr).toBe(0);
    expect(dry.stderr).toMatch(
      /Last used {4}\d{4}-\d\d-\d\d \d\d:\d\d UTC from 127\.0\.0\.1, with this\s+file's/,
    );
    expect(dry.json().changes).toMatchObject([
      { action: 'remove', kind: 'passwordCredential' },
      { action: 'remove', kind: 'application', id: ownOf(world).id },
      { action: 'remove', kind: 'configFile' },
    ]);
    expect(world.newWrites()).toEqual([]);
    expect(await world.read()).toContain(ownOf(world).appId);
  });

  it('changes nothing without the right name and a mode', async () => {
    const world = await preparedWorld();
    const named = ['--mode', 'purge', '--confirm', appName];
    const wrong = [
      [['--mode', 'purge', '--confirm', 'Reporting API'], 'invalid-options'],
      [['--mode', 'purge', '--yes'], 'missing-options'],
      [[], 'missing-options'],
      [['--mode', 'destroy', '--confirm', appName], 'invalid-options'],
      [[...named, '--client-id', crypto.randomUUID()], 'config-other-application'],
      [[...named, '--app-name', 'Other'], 'application-not-found'],
    ] as const;
    for (const [words, code] of wrong) {
      const run = await world.run([...down, ...words]);
      expect([run.code, run.json().error?.code]).toEqual([2, code]);
      expect(run.json().error?.remedy).toBeTruthy();
    }
    expect(world.newWrites()).toEqual([]);
    expect(await world.read()).toContain('clientSecret');
  });

  it('asks for mode and name in a terminal, and goes by what is typed', async () => {
    const world = await preparedWorld();
    const argv = ['teardown', '--sandbox'];
    const wrong = await world.run(argv, {
      keys: [
        ['How far to go', '\u001b[B\r'],
        ['to delete it', 'Some other\r'],
      ],
    });
    expect(wrong.code, wrong.stderr).toBe(2);
    expect(wrong.stderr).toContain('is neither the name nor');
    const stopped = await world.run(argv, {
      keys: [
        ['How far to go', '\r'],
        ['to deactivate it', '\u0003'],
      ],
    });
    expect(stopped.code).toBe(130);
    expect(world.newWrites()).toEqual([]);
    const done = await world.run(argv, {
      keys: [
        ['How far to go', '\r'],
        ['to deactivate it', `${appName}\r`],
      ],
    });
    expect(done.code, done.stderr).toBe(0);
    expect(ownOf(world).properties['isDisabled']).toBe(true);
  });

  it('does not take the application itself for an administrator', async () => {
    const world = await preparedWorld();
    const { clientSecret } = await world.config();
    const env = {
      AZURE_TENANT_ID: world.sandbox.tenantId,
      AZURE_CLIENT_ID: ownOf(world).appId,
      AZURE_CLIENT_SECRET: clientSecret,
    };
    const run = await world.run(
      [...down, '--auth', 'environment', '--mode', 'delete', '--confirm', appName],
      { env },
    );
    expect([run.code, run.json().error?.code]).toEqual([4, 'sign-in-credential']);
  });

  it('is refused to who may not, before anything is tried', async () => {
    const world = await preparedWorld();
    const scope = world.sandbox.tenant;
    scope.roleAssignments = scope.roleAssignments.filter(
      ({ principalId }) => principalId !== scope.users[0]?.id,
    );
    answerInstead(world, ({ path }) =>
      path.startsWith('/me/') ? { status: 200, body: { value: [] } } : undefined,
    );
    const run = await world.run([...down, '--mode', 'purge', '--confirm', appName]);
    expect([run.code, run.json().error?.code]).toEqual([3, 'role-missing']);
    expect(world.newWrites()).toEqual([]);
  });

  it('deactivates by beta where v1.0 does not know the property', async () => {
    const world = await preparedWorld();
    const isSwitch = (path: string, method: string): boolean =>
      method === 'PATCH' && path.startsWith('/applications/');
    answerInstead(world, ({ path, method }) =>
      isSwitch(path, method) ? refusal(400, 'Request_BadRequest', 'A property is not known.') : undefined,
    );
    const run = await world.run([...down, '--mode', 'deactivate', '--confirm', appName]);
    expect(run.code, run.stderr).toBe(0);
    expect(ownOf(world).properties['isDisabled']).toBe(true);
  });

  it.each([
    ['protected-purge', 'stronger sign-in'],
    ['hard-delete-protected', 'hard deletion protection'],
  ])('succeeds with a remark and a date where the purge is refused: %s', async (scenario, why) => {
    const world = await preparedWorld({ scenarios: [scenario] });
    const words = ['--mode', 'purge', '--confirm', appName];
    const run = await world.run([...down, ...words, '--receipt', 'receipt.md']);
    expect(run.code, run.stderr).toBe(0);
    const check = run.json().checks.find(({ id }) => id === 'teardown.purge');
    expect(check).toMatchObject({
      status: 'warn',
      code: 'purge-protected',
      evidence: expect.stringContaining(why),
    });
    expect(check?.evidence).toMatch(/\d{4}-\d\d-\d\d/);
    expect(run.stderr).not.toContain('gone for good');
    expect(run.json().changes.some(({ kind }) => kind === 'deletedItem')).toBe(false);
    // Whoever has to account for it reads the same in the receipt.
    const until = /for good on (\d{4}-\d\d-\d\d)/.exec(check?.evidence ?? '')?.[1];
    const text = await world.read('receipt.md');
    expect(text).toContain('(purge-protected): `the purge was refused: it is deleted');
    expect(text).toContain(`Entra removes it for good on ${until}`);
    const { receipt } = run.json() as unknown as { receipt: { remarks: object[]; undo: { until: string } } };
    expect(receipt.remarks).toContainEqual(
      expect.objectContaining({ code: 'purge-protected', evidence: check?.evidence }),
    );
    expect(receipt.undo.until.slice(0, 10)).toBe(until);
    expect(await readdir(world.folder)).toEqual(['receipt.md']);
    const [, later] = [
      world.pass(8 * 86_400_000),
      await world.run([...down, '--mode', 'purge', '--confirm', appName]),
    ];
    expect(later.code, later.stderr).toBe(0);
    const stays = world.sandbox.tenant.deletedItems.applications.length > 0;
    expect(stays).toBe(scenario === 'protected-purge');
  });

  it('never says that something is gone while a read still shows it', async () => {
    const world = await preparedWorld();
    const { id } = ownOf(world);
    let asked = 0;
    answerInstead(world, ({ method, path }) => {
      if (method !== 'GET' || path !== `/applications/${id}`) return undefined;
      asked += 1;
      return asked % 3 === 0 ? { status: 200, body: { id } } : undefined;
    });
    const run = await world.run([...down, '--mode', 'delete', '--confirm', appName]);
    expect([run.code, run.json().error?.code]).toEqual([7, 'removal-unconfirmed']);
    expect(run.stderr).not.toContain('Made sure');
    expect(await world.read()).toContain('clientSecret');
    world.sandbox.faults.clear();
    expect((await world.run([...down, '--mode', 'delete', '--confirm', appName])).code).toBe(0);
    expect(await readdir(world.folder)).toEqual([]);
  });
});
