import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createWorld, type World } from '../helpers/world.ts';

const again = ['--sandbox', '--yes', '--json'];

/** An application of somebody else, with what may be changed of it. */
function foreignOf({ sandbox }: World) {
  const found = sandbox.tenant.applications.find(
    ({ displayName }) => displayName === 'Reporting API application',
  );
  if (!found) throw new Error('The tenant has lost its other application.');
  return found;
}

/** A file that names somebody else's application, as whoever may edit it would write it. */
async function worldWithEditedFile(): Promise<World> {
  const world = await createWorld();
  await world.run(again);
  const path = join(world.folder, 'reporting-setup.json');
  const config = JSON.parse(await readFile(path, 'utf8'));
  const { appId, id } = foreignOf(world);
  const application = { ...config.application, objectId: id };
  await writeFile(path, JSON.stringify({ ...config, clientId: appId, application }));
  return world;
}

it.each([
  ['a run', again],
  ['a dry run', [...again, '--dry-run']],
  ['a run for a workload', [...again, '--credential', 'federated', '--github', 'example/repository']],
])('%s gives no right and no credential to an application that only the file names', async (_name, argv) => {
  const world = await worldWithEditedFile();
  const before = JSON.stringify([foreignOf(world), world.sandbox.tenant.appRoleAssignments]);
  const run = await world.run(argv);
  expect([run.code, run.json().error?.code]).toEqual([2, 'application-unnamed']);
  expect(run.json().error?.remedy).toContain(`--client-id ${foreignOf(world).appId}`);
  expect(JSON.stringify([foreignOf(world), world.sandbox.tenant.appRoleAssignments])).toBe(before);
});

it('goes on with it where the command line names it, and asks for no name where nothing is left to do', async () => {
  const world = await worldWithEditedFile();
  const named = await world.run([...again, '--client-id', foreignOf(world).appId]);
  expect(named.code).toBe(0);
  world.pass(60_000);
  const unchanged = await world.run(again);
  expect([unchanged.code, unchanged.json().error]).toEqual([0, undefined]);
});
