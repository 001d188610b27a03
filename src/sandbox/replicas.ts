import { delayOf, isVisible, replicaCount } from './replication.ts';
import type { World } from './world.ts';

/** The copy of the directory that this request happens to meet. */
export function meetReplica(world: World): number {
  return world.randomBytes(1).readUInt8(0) % replicaCount;
}

/** Whether this request's replica knows what was created at `createdDateTime`; always, outside the lag scenario. */
export function isKnown(world: World, seed: string, createdDateTime: string, replica: number): boolean {
  if (!world.behaviour.lag) return true;
  return isVisible({ changedAt: Date.parse(createdDateTime), replica, seed, now: world.now() });
}

/**
 * Whether the token endpoint accepts a credential yet. In the lag scenario the replicas learn it one after the other,
 * so that a success proves only that one of them has.
 */
export function isUsable(world: World, keyId: string, usableFrom: number, replica: number): boolean {
  const first = Math.min(...Array.from({ length: replicaCount }, (_, index) => delayOf(keyId, index)));
  const lateness = world.behaviour.lag ? delayOf(keyId, replica) - first : 0;
  return world.now() >= usableFrom + lateness;
}
