import { randomUUID } from 'node:crypto';
import type { Tenant } from '../../../src/sandbox/index.ts';
import { createWorld, type World } from '../../helpers/world.ts';

export const setup = ['--sandbox', '--yes', '--json'];
export const down = ['teardown', '--sandbox', '--json'];
export const appName = 'Reporting API application';

type Registered = Tenant['applications'][number];

/** The application that this program registered. */
export function ownOf({ sandbox }: World): Registered {
  const found = sandbox.tenant.applications.find(({ uniqueName }) => uniqueName === 'reporting-setup');
  if (!found) throw new Error('There is no application of this program.');
  return found;
}

/** The one of somebody else that is called the same. */
export function foreignOf({ sandbox }: World): Registered {
  const found = sandbox.tenant.applications.find(
    ({ displayName, uniqueName }) => displayName === appName && uniqueName === null,
  );
  if (!found) throw new Error('The tenant has lost its other application.');
  return found;
}

/** A world in which setup has run; nothing of it counts as new any more. */
export async function preparedWorld(
  options: Parameters<typeof createWorld>[0] = {},
  argv: readonly string[] = setup,
): Promise<World> {
  const world = await createWorld(options);
  const run = await world.run(argv);
  if (run.code !== 0) throw new Error(`The world cannot be prepared (${run.code}):\n${run.stderr}`);
  world.pass(60_000);
  world.newWrites();
  return world;
}

/** Adds a secret that another machine made. */
export function plantSecret(application: Registered): string {
  const keyId = randomUUID();
  application.passwordCredentials.push({
    keyId,
    displayName: 'Reporting API',
    startDateTime: '2026-01-01T00:00:00Z',
    endDateTime: '2028-01-01T00:00:00Z',
    hint: 'oth',
    secretHash: '0'.repeat(64),
    usableFrom: 0,
  } as Registered['passwordCredentials'][number]);
  return keyId;
}

/** What belongs to others, as text. */
export function others({ sandbox }: World, own: Pick<Registered, 'appId'>): string {
  const { applications, servicePrincipals, appRoleAssignments, deletedItems } = sandbox.tenant;
  const principal = servicePrincipals.find(({ appId }) => appId === own.appId);
  return JSON.stringify([
    applications.filter(({ appId }) => appId !== own.appId),
    servicePrincipals.filter(({ appId }) => appId !== own.appId),
    appRoleAssignments.filter(({ principalId }) => principalId !== principal?.id),
    deletedItems.applications.filter(({ appId }) => appId !== own.appId),
  ]);
}
