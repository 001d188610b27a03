import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { everyFault, type FaultTarget } from '../../../src/sandbox/index.ts';
import { secretNotes } from '../../helpers/secret-notes.ts';
import { createWorld, type World } from '../../helpers/world.ts';

const own = (world: World) =>
  world.sandbox.tenant.applications.filter(({ uniqueName }) => uniqueName === 'reporting-setup');

/** Everything in the tenant that a run could leave behind. */
const left = ({ sandbox: { tenant } }: World) => ({
  applications: tenant.applications.length,
  principals: tenant.servicePrincipals.length,
  grants: tenant.appRoleAssignments.length,
  deleted: tenant.deletedItems.applications.length + tenant.deletedItems.servicePrincipals.length,
});

const asks =
  (method: string, path: RegExp) =>
  ({ kind, request }: FaultTarget): boolean =>
    kind === 'graph' &&
    ((request.method === method && path.test(request.url.pathname)) ||
      (request.url.pathname.endsWith('/$batch') &&
        batched(request.body).some((item) => item.method === method && path.test(item.url))));

const batched = (body: string): { method: string; url: string }[] => JSON.parse(body).requests;

/** Breaks a request for good, before or after the server acted. */
function breakAt(world: World, method: string, path: RegExp, when: 'before' | 'after' = 'before'): void {
  world.sandbox.faults.add({ matches: asks(method, path), fault: everyFault['status-500'], when });
}

/** Stops the run when it asks for the logs, and has it wait for them. */
const stopAtProof =
  (world: World, then: () => void = () => undefined) =>
  (stop: () => void): void => {
    const matches = (target: FaultTarget): boolean => {
      const proving = asks('GET', /auditLogs/)(target);
      if (proving) {
        then();
        stop();
      }
      return proving;
    };
    world.sandbox.faults.add({ matches, fault: everyFault.reset, when: 'before' });
  };

const addPassword = /\/addPassword$/;

describe('a run that fails while it writes', () => {
  it('says what it has made, with ids, keeps it and goes on with the same command', async () => {
    const world = await createWorld();
    breakAt(world, 'POST', addPassword);
    const run = await world.run(['--sandbox', '--yes', '--json']);
    expect(run.code).toBe(7);
    const [application] = own(world);
    const text = run.stderr.replace(/\s+/g, ' ');
    expect(text).toContain(`Application "Reporting API application", ID ${application?.id}`);
    expect(text).toMatch(/Service principal "Reporting API application", ID [0-9a-f-]{36}/);
    expect(text).toMatch(/Permission "AuditLog.Read.All", ID \S{10,}/);
    expect(text).toContain('Perhaps what it was about to do last');
    expect(text).toContain('The same command goes on from here: reporting-setup --sandbox');
    for (const { action, id } of run.json().changes) {
      expect([action, typeof id]).toEqual(['create', 'string']);
    }
    world.sandbox.faults.clear();
    world.pass(60_000);
    expect((await world.run(['--sandbox', '--yes'])).code).toBe(0);
    expect(own(world)).toHaveLength(1);
  });

  it('removes all of it in reverse order with --on-failure undo, from the recycle bin too', async () => {
    const world = await createWorld();
    const before = left(world);
    breakAt(world, 'POST', addPassword);
    world.newWrites();
    const run = await world.run(['--sandbox', '--yes', '--json', '--on-failure', 'undo']);
    expect(run.code).toBe(7);
    expect(run.json().error?.code).toBe('service-unavailable');
    expect(left(world)).toEqual(before);
    const removals = run.json().changes.filter(({ action }) => action === 'remove');
    expect(removals.map(({ kind }) => kind)).toEqual([
      'appRoleAssignment',
      'appRoleAssignment',
      'servicePrincipal',
      'application',
    ]);
    expect(run.json().application).toBeUndefined();
    expect(run.stderr).toContain('Everything that this run made is gone again.');
    world.sandbox.faults.clear();
    world.pass(60_000);
    expect((await world.run(['--sandbox', '--yes'])).code).toBe(0);
  });

  it('takes the file and the secret back when the proof is cut', async () => {
    const world = await createWorld();
    const before = left(world);
    const run = await world.run(['--sandbox', '--yes', '--json', '--on-failure', 'undo'], {
      onStop: stopAtProof(world),
    });
    expect(run.code).toBe(130);
    expect(left(world)).toEqual(before);
    expect(existsSync(join(world.folder, 'reporting-setup.json'))).toBe(false);
    expect(secretNotes(world.folder)).toEqual([]);
    expect(run.json().credential).toBeUndefined();
  });

  it('never removes what was there before: application, grants, the other secret, the file', async () => {
    const world = await createWorld();
    await world.run(['--sandbox', '--yes']);
    const before = left(world);
    const config = await world.config();
    const text = await world.read();
    const [application] = own(world);
    const [first] = application?.passwordCredentials ?? [];
    if (application) application.passwordCredentials.length = 0;
    world.pass(60_000);
    const replaced = await world.run(['--sandbox', '--yes', '--on-failure', 'undo'], {
      onStop: stopAtProof(world),
    });
    expect(first).toBeDefined();
    expect(replaced.code).toBe(130);
    expect(left(world)).toEqual(before);
    expect(own(world)[0]?.passwordCredentials).toEqual([]);
    expect(await world.read()).toBe(text);
    expect((await world.config()).clientSecret).toBe(config.clientSecret);
  });

  it('keeps the secret where somebody has changed the file meanwhile', async () => {
    const world = await createWorld();
    const change = (): void => writeFileSync(join(world.folder, 'reporting-setup.json'), '{}');
    const run = await world.run(['--sandbox', '--yes', '--on-failure', 'undo'], {
      onStop: stopAtProof(world, change),
    });
    expect(run.stderr).toContain('Nothing was removed.');
    expect(own(world)[0]?.passwordCredentials).toHaveLength(1);
    expect(await world.read()).toBe('{}');
  });

  it('goes on with the others when one cannot be removed, and still ends with the first error', async () => {
    const world = await createWorld();
    breakAt(world, 'POST', addPassword);
    breakAt(world, 'DELETE', /\/servicePrincipals\/[^/]+$/);
    const run = await world.run(['--sandbox', '--yes', '--json', '--on-failure', 'undo']);
    expect(run.json().error?.message).toContain('create the client secret');
    expect(run.stderr).toContain('1 of 4 could not be removed.');
    expect(own(world)).toEqual([]);
  });

  it('tells where emptying the recycle bin is refused that the next run restores it, and it does', async () => {
    const world = await createWorld();
    breakAt(world, 'POST', addPassword);
    breakAt(world, 'DELETE', /deletedItems/);
    const run = await world.run(['--sandbox', '--yes', '--on-failure', 'undo']);
    expect(run.stderr.replace(/\s+/g, ' ')).toContain('The next run restores it.');
    world.sandbox.faults.clear();
    world.pass(60_000);
    const again = await world.run(['--sandbox', '--yes', '--json']);
    expect([again.code, again.json().error]).toEqual([0, undefined]);
    expect(own(world)).toHaveLength(1);
  });

  it.each(['lag', 'throttled', 'flaky', 'lag,flaky'])(
    'undoes everything in a tenant that is %s',
    async (scenario) => {
      const world = await createWorld({ scenarios: [scenario] });
      const before = left(world);
      breakAt(world, 'POST', addPassword);
      const run = await world.run(['--sandbox', '--yes', '--on-failure', 'undo']);
      expect(run.stderr).toContain('Everything that this run made is gone again.');
      expect(left(world)).toEqual(before);
    },
  );

  it('takes an application for its own whose reply was lost, but no other', async () => {
    const world = await createWorld();
    const before = left(world);
    breakAt(world, 'POST', addPassword);
    let lost = 0;
    world.sandbox.faults.add({
      matches: (target) => asks('POST', /\/applications$/)(target) && ++lost === 1,
      fault: everyFault.reset,
      when: 'after',
    });
    const run = await world.run(['--sandbox', '--yes', '--on-failure', 'undo']);
    expect(lost).toBeGreaterThan(1);
    expect(run.stderr).toContain('Everything that this run made is gone again.');
    expect(left(world)).toEqual(before);
  });

  describe('a secret whose reply was lost, of an application that was there before', () => {
    /** Set up from elsewhere; whether a permission has to be granted again decides if there is anything else to undo. */
    async function setUp(ungranted: boolean): Promise<World> {
      const world = await createWorld();
      await world.run(['--sandbox', '--yes', '--output', 'elsewhere.json']);
      if (ungranted) world.sandbox.tenant.appRoleAssignments.pop();
      world.pass(60_000);
      return world;
    }
    const secrets = (world: World) => own(world)[0]?.passwordCredentials.map(({ keyId }) => keyId);

    const loseSecrets = (world: World): void => breakAt(world, 'POST', addPassword, 'after');

    it.each([true, false])('is removed with --on-failure undo (more to undo: %s)', async (ungranted) => {
      const world = await setUp(ungranted);
      const before = secrets(world);
      loseSecrets(world);
      const run = await world.run(['--sandbox', '--yes', '--on-failure', 'undo']);
      expect(run.code).toBe(7);
      expect(secrets(world)).toEqual(before);
      expect(secretNotes(world.folder)).toEqual([]);
      expect(run.stderr).toContain('Everything that this run made is gone again.');
    });

    it('stays noted where it could not be removed, for the next run to do so', async () => {
      const world = await setUp(true);
      const before = secrets(world) ?? [];
      loseSecrets(world);
      breakAt(world, 'POST', /\/removePassword$/);
      const run = await world.run(['--sandbox', '--yes', '--on-failure', 'undo']);
      expect(run.stderr).toContain('could not be removed');
      expect(secretNotes(world.folder)).toHaveLength(1);
      world.sandbox.faults.clear();
      world.pass(60_000);
      expect((await world.run(['--sandbox', '--yes'])).code).toBe(0);
      const { credential } = await world.config();
      expect(new Set(secrets(world))).toEqual(new Set([...before, Object(credential).keyId]));
      expect(secretNotes(world.folder)).toEqual([]);
    });
  });

  it('has nothing to undo when the first write fails', async () => {
    const world = await createWorld();
    const before = left(world);
    breakAt(world, 'POST', /\/applications$/);
    const run = await world.run(['--sandbox', '--yes', '--on-failure', 'undo']);
    expect(run.code).toBe(7);
    expect(run.stderr).toMatch(/made so far {2}SANDBOX\n {2}Nothing\n/);
    expect(left(world)).toEqual(before);
  });

  it.each([
    ['y', 0],
    ['n', 1],
  ] as const)('asks in a terminal: %s leaves %i application', async (answer, count) => {
    const world = await createWorld();
    breakAt(world, 'POST', addPassword);
    const decided = '--output out.json --domain contoso.com --api microsoft-graph --secret-lifetime 1y';
    const run = await world.run(['--sandbox', '--credential', 'secret', ...decided.split(' ')], {
      keys: [
        ['Go ahead?', 'y\r'],
        ['Remove all of that again?', `${answer}\r`],
      ],
    });
    expect(run.stderr).toContain('Remove all of that again?');
    expect(own(world)).toHaveLength(count);
    expect(run.code).toBe(7);
  });
});
