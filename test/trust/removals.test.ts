import { existsSync, mkdirSync, readdirSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { everyFault } from '../../src/sandbox/index.ts';
import { type Asked, answerInstead, refusal } from '../helpers/replies.ts';
import { createWorld, type World } from '../helpers/world.ts';

const argv = ['--sandbox', '--yes', '--json'];
const path = (world: World): string => join(world.folder, 'reporting-setup.json');
const isNoted = (world: World): boolean =>
  readdirSync(world.folder).some((name) => /^secrets-\w+\.json$/.test(name));
const own = ({ sandbox }: World) =>
  sandbox.tenant.applications.find(({ uniqueName }) => uniqueName === 'reporting-setup');
const secrets = (world: World) => own(world)?.passwordCredentials.map(({ keyId }) => keyId);

const unwrapped = (text: string): string => text.replace(/\s+/g, ' ');

/** A folder stands in the way of the file as soon as the secret is made. */
function getInTheWay(world: World): void {
  world.sandbox.faults.add({
    when: 'after',
    fault: everyFault.reset,
    matches: () => {
      if ((secrets(world) ?? []).length > 0 && !existsSync(path(world))) mkdirSync(path(world));
      return false;
    },
  });
}

/** What copies of the directory say of a secret that they do not know. */
const unknownSecret = refusal(400, 'Request_BadRequest', 'No password credential found with keyId x.');
const notFound = refusal(
  404,
  'Request_ResourceNotFound',
  "Resource 'x' does not exist or one of its queried",
);

const isRemoval = ({ path: asked }: Asked): boolean => asked.endsWith('/removePassword');

describe('a secret that cannot be saved', () => {
  it.each([1, 2, 3, 4, 5, 6])('is gone for certain in a directory that lags (%i)', async () => {
    const world = await createWorld({ scenarios: ['lag'] });
    getInTheWay(world);
    const run = await world.run(argv);
    expect(run.json().error?.message, run.stderr).toContain('it is a folder');
    expect(secrets(world)).toEqual([]);
    expect(isNoted(world)).toBe(false);
  });

  it('is asked for again for as long as it may be that it is not known yet', async () => {
    const world = await createWorld();
    getInTheWay(world);
    let asked = 0;
    answerInstead(world, (one) => (isRemoval(one) && ++asked < 4 ? unknownSecret : undefined));
    const run = await world.run(argv);
    expect(run.json().error?.code).toBe('output-unusable');
    expect(secrets(world)).toEqual([]);
    expect(isNoted(world)).toBe(false);
  });

  it('is named, and its note stays, where Graph denies it and goes on showing it', async () => {
    const world = await createWorld();
    getInTheWay(world);
    answerInstead(world, (one) => (isRemoval(one) ? unknownSecret : undefined));
    const run = await world.run(argv);
    const [keyId] = secrets(world) ?? [];
    const { error, exitCode, ok } = { ...run.json() };
    expect([exitCode, ok, error?.code]).toEqual([2, false, 'output-unusable']);
    expect(error?.message).toContain(`whether the client secret with key ID ${keyId} is gone`);
    expect(error?.remedy).toContain('The next run with the same output');
    expect(isNoted(world)).toBe(true);
    world.sandbox.faults.clear();
    rmdirSync(path(world));
    world.pass(60_000);
    expect((await world.run(argv)).code).toBe(0);
    expect(secrets(world)).toHaveLength(1);
    expect(secrets(world)).not.toContain(keyId);
    expect(isNoted(world)).toBe(false);
  });

  it('is not taken for gone where lists that were garbled show none', async () => {
    const world = await createWorld();
    getInTheWay(world);
    const isList = ({ path: asked }: Asked): boolean => asked.endsWith('$select=id,passwordCredentials');
    answerInstead(world, (one) => {
      if (isList(one)) return { status: 200, body: {} };
      return isRemoval(one) ? unknownSecret : undefined;
    });
    const run = await world.run(argv);
    expect(run.json().error?.message).toContain('it cannot be read');
    expect(isNoted(world)).toBe(true);
  });
});

describe('an undone run', () => {
  const undo = [...argv, '--on-failure', 'undo'];
  const gone = 'Everything that this run made is gone again.';

  /** Stops the run when it asks for the logs. */
  const stopAtProof =
    (world: World) =>
    (stop: () => void): void => {
      answerInstead(world, ({ path: asked }) => {
        if (!asked.startsWith('/auditLogs/')) return undefined;
        stop();
        return { status: 503 };
      });
    };

  it.each([1, 2, 3])('leaves nothing in a directory that lags (%i)', async () => {
    const world = await createWorld({ scenarios: ['lag'] });
    const run = await world.run(undo, { onStop: stopAtProof(world) });
    expect(run.stderr).toContain(gone);
    expect(own(world)).toBeUndefined();
    const { applications, servicePrincipals } = world.sandbox.tenant.deletedItems;
    expect([...applications, ...servicePrincipals]).toEqual([]);
  });

  it.each<[string, (asked: Asked) => boolean, typeof notFound, number]>([
    ['the secret', isRemoval, unknownSecret, 1],
    [
      'a grant',
      ({ method, path: at }) => method === 'DELETE' && at.includes('/appRoleAssignments/'),
      notFound,
      2,
    ],
    [
      'the service principal',
      ({ method, path: at }) => method === 'DELETE' && /^\/servicePrincipals\/[^/]+$/.test(at),
      notFound,
      1,
    ],
    [
      'the application',
      ({ method, path: at }) => method === 'DELETE' && at.startsWith('/applications/'),
      notFound,
      1,
    ],
    [
      'what the recycle bin keeps',
      ({ method, path: at }) => method === 'DELETE' && /deletedItems/.test(at),
      notFound,
      2,
    ],
  ])('does not claim that %s is gone which is denied and shown', async (_what, isIt, denial, count) => {
    const world = await createWorld();
    answerInstead(world, (one) => (isIt(one) ? denial : undefined));
    const run = await world.run(undo, { onStop: stopAtProof(world) });
    expect(run.code).toBe(130);
    expect(run.stderr).not.toContain(gone);
    expect(unwrapped(run.stderr)).toContain(`${count} of 5: nobody can tell yet whether it is gone.`);
    expect(unwrapped(run.stderr)).toContain('Microsoft Graph still shows it');
  });

  it('does not claim that a certificate is gone which a stale list does not show', async () => {
    const world = await createWorld();
    let stale = 3;
    answerInstead(world, ({ method, path: at }) =>
      method === 'GET' &&
      at.endsWith('$select=keyCredentials') &&
      own(world)?.keyCredentials.length &&
      stale-- > 0
        ? { status: 200, body: { keyCredentials: [] } }
        : undefined,
    );
    const run = await world.run([...undo, '--credential', 'certificate'], { onStop: stopAtProof(world) });
    expect(run.stderr).toContain(gone);
    expect(stale).toBeLessThanOrEqual(0);
    expect(own(world)).toBeUndefined();
  });

  it('looks for a secret of an earlier try as well, although a later one came', async () => {
    const world = await createWorld();
    await world.run(['--sandbox', '--yes', '--output', 'elsewhere.json']);
    const before = secrets(world);
    world.pass(60_000);
    let tries = 0;
    // The first reply is lost, and the lists do not show that secret until the end.
    answerInstead(
      world,
      ({ path: at }) => (at.endsWith('/addPassword') && ++tries === 1 ? { status: 503 } : undefined),
      true,
    );
    let looks = 3;
    answerInstead(world, ({ path: at }) =>
      at.endsWith('$select=id,passwordCredentials') && looks-- > 0
        ? { status: 200, body: { id: 'x', passwordCredentials: [] } }
        : undefined,
    );
    const run = await world.run(undo, { onStop: stopAtProof(world) });
    expect([run.code, tries]).toEqual([130, 2]);
    expect(secrets(world)).toEqual(before);
    expect(run.stderr).toContain(gone);
  });

  it('says that a grant whose reply was lost may be there', async () => {
    const world = await createWorld();
    await world.run(['--sandbox', '--yes', '--output', 'elsewhere.json']);
    world.sandbox.tenant.appRoleAssignments.pop();
    world.pass(60_000);
    answerInstead(
      world,
      ({ method, path: at }) =>
        method === 'POST' && at.endsWith('/appRoleAssignedTo') ? { status: 503 } : undefined,
      true,
    );
    const run = await world.run(undo);
    expect(run.stderr).not.toContain(gone);
    expect(unwrapped(run.stderr)).toContain('What it was about to do last may be there');
  });
});

describe('a replaced secret', () => {
  it('keeps its note, and the run is no success, where nobody can tell that it is gone', async () => {
    const world = await createWorld();
    await world.run(argv);
    const first = secrets(world)?.[0];
    world.pass(60_000);
    const config = await world.config();
    // The text in the file no longer fits: another secret is made, and the listed one goes.
    for (const held of own(world)?.passwordCredentials ?? []) Object.assign(held, { secretHash: 'other' });
    answerInstead(world, (one) => (isRemoval(one) ? unknownSecret : undefined));
    const run = await world.run(argv);
    expect([run.code, run.json().ok, run.json().error?.code]).toEqual([7, false, 'removal-unconfirmed']);
    expect(secrets(world)).toContain(first);
    expect(isNoted(world)).toBe(true);
    world.sandbox.faults.clear();
    world.pass(60_000);
    expect((await world.run(argv)).code).toBe(0);
    expect(secrets(world)).not.toContain(first);
    expect((await world.config()).clientSecret).not.toBe(config.clientSecret);
    expect(isNoted(world)).toBe(false);
  });
});
