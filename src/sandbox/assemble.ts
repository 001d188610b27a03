import { randomBytes, randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { disturbances, throttleItems } from './disturbances.ts';
import { createSessions } from './entra/context.ts';
import { roleNames } from './entra/directory.ts';
import type { Exchange } from './exchange.ts';
import { createFaultRules } from './fault-rules.ts';
import { createGraph } from './graph/index.ts';
import type { Tenant } from './model.ts';
import type { SandboxOptions, SandboxUser } from './sandbox.ts';
import type { Combination } from './scenarios.ts';
import { personId } from './seed/people.ts';
import { createTenant } from './seed.ts';
import type { StateFile } from './state.ts';
import type { World } from './world.ts';

function newTenant({ adjust }: SandboxOptions, { edit }: Combination, now: number): Tenant {
  const tenant = createTenant(now);
  edit(tenant);
  adjust?.(tenant);
  return tenant;
}

/**
 * The tenant that `state` keeps, or else a new one. A kept tenant gets new logs, which its scenarios may have to empty.
 * Throws SandboxError where what is kept cannot be used.
 */
export async function loadTenant(
  options: SandboxOptions,
  combination: Combination,
  state: StateFile | undefined,
  now: number,
): Promise<Tenant> {
  const kept = await state?.load(createTenant(now));
  if (kept === undefined) return newTenant(options, combination, now);
  combination.edit(kept);
  return kept;
}

/** The world of one sandbox, which notes in `issued` every secret it sees. */
export function createWorld(
  base: Pick<World, 'origin' | 'tenant' | 'behaviour' | 'key' | 'now'>,
  issued: Set<string>,
): World {
  const world: World = {
    ...base,
    randomUUID: () => randomUUID(),
    randomBytes: (size) => randomBytes(size),
    issue: (secret) => {
      issued.add(secret);
      return secret;
    },
  };
  return base.behaviour.throttled ? { ...world, itemFault: throttleItems(world) } : world;
}

/** The people whose accounts are enabled. */
export function usersOf(world: World): SandboxUser[] {
  return world.tenant.users
    .filter(({ accountEnabled }) => accountEnabled)
    .map(({ id, userPrincipalName, displayName }) => ({
      id,
      userPrincipalName,
      displayName,
      roles: roleNames(world, id),
    }));
}

/** Everything behind the server, made once its origin is known. */
export function createExchange(
  options: SandboxOptions,
  { person, behaviour }: Combination,
  world: World,
  state: StateFile | undefined,
): Exchange {
  const { autoApprove = false, latency = 0, sleep = pause } = options;
  return {
    entra: { world, sessions: createSessions(), ...(autoApprove ? { autoApprove: personId(person) } : {}) },
    graph: createGraph(world),
    faults: createFaultRules(disturbances(behaviour), world),
    requests: [],
    crashes: [],
    save: async () => state?.save(world.tenant),
    delay: async () => (latency > 0 ? sleep(latency) : undefined),
  };
}
