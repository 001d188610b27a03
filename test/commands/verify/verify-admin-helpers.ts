import { expect } from 'vitest';
import type { Application, ServicePrincipal } from '../../../src/sandbox/index.ts';
import { createWorld, type Run, type World } from '../../helpers/world.ts';

export const graphAppId = '00000003-0000-0000-c000-000000000000';
export const auditLogReadAll = 'b0afded3-3588-46d8-8b3d-9842eff778da';

/** A world in which setup has run, and what it made there. */
export interface Ready {
  readonly world: World;
  readonly application: Application;
  readonly principal: ServicePrincipal;
  /** Runs verify --admin as JSON; nothing it does may reach Graph as a write. */
  readonly verify: (...more: readonly string[]) => Promise<Run>;
}

export async function ready(): Promise<Ready> {
  const world = await createWorld();
  expect((await world.run(['--sandbox', '--yes'])).code).toBe(0);
  world.pass(60_000);
  world.newWrites();
  const { tenant } = world.sandbox;
  const { clientId } = await world.config();
  const application = tenant.applications.find(({ appId }) => appId === clientId);
  const principal = tenant.servicePrincipals.find(({ appId }) => appId === clientId);
  if (!application || !principal) throw new Error('setup registered nothing');
  const verify = async (...more: readonly string[]): Promise<Run> => {
    const run = await world.run(['verify', '--sandbox', '--admin', '--json', ...more], { columns: 2_000 });
    expect(world.newWrites()).toEqual([]);
    return run;
  };
  return { world, application, principal, verify };
}

export const find = (run: Run, id: string) => run.json().checks.find((check) => check.id === id);

/** Status and code of some findings; every one that warns or fails has a remedy. */
export function verdicts(run: Run, ...ids: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    ids.map((id) => {
      const { status = 'absent', code, remedy } = find(run, id) ?? {};
      if (status === 'warn' || status === 'fail') expect(remedy, id).toMatch(/\w{3}/);
      return [id, code === undefined ? status : `${status} ${code}`];
    }),
  );
}

export const loud = (run: Run): string[] =>
  run
    .json()
    .checks.filter(({ status }) => status === 'warn' || status === 'fail')
    .map(({ id }) => id);
