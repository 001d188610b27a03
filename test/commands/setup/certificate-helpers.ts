import { join } from 'node:path';
import type { World } from '../../helpers/world.ts';

export const certificateRun = ['--sandbox', '--yes', '--json', '--credential', 'certificate'];
export const secretRun = ['--sandbox', '--yes', '--json', '--credential', 'secret'];
export const day = 86_400_000;

export async function applicationIn(world: World) {
  const config = await world.config();
  const found = world.sandbox.tenant.applications.find(({ appId }) => appId === config['clientId']);
  if (!found) throw new Error('no application');
  return found;
}

export const pemIn = (world: World, name = 'reporting-setup.pem'): string => join(world.folder, name);

export const checkOf = (run: Awaited<ReturnType<World['run']>>, id: string) =>
  run.json().checks.find((check) => check.id === id);
