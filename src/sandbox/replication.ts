import { createHash } from 'node:crypto';
import type { World } from './world.ts';

/** How many copies of the directory answer requests in the lag scenario. */
export const replicaCount = 3;

/** Milliseconds after which the first copy knows a new value, and by which every copy does. */
const replicationDelay = { first: 300, last: 2600 } as const;

/** What decides whether one copy of the directory knows a value yet. All times in epoch milliseconds. */
interface ReplicaRead {
  /** When the value was created or last changed. */
  readonly changedAt: number;
  /** 0 to `replicaCount - 1`. */
  readonly replica: number;
  /** The object's id (with a suffix for a part of it): different objects spread differently. */
  readonly seed: string;
  readonly now: number;
}

/** Milliseconds until `replica` knows a value called `seed`; each replica of an object has its own delay. */
export function delayOf(seed: string, replica: number): number {
  const digest = createHash('sha256').update(seed).digest();
  const turn = (replica + digest.readUInt8(0)) % replicaCount;
  const slot = (replicationDelay.last - replicationDelay.first) / replicaCount;
  const jitter = digest.readUInt8(1 + replica) / 256;
  return Math.round(replicationDelay.first + slot * (turn + jitter));
}

/** Whether the copy `replica` knows the value yet: late and unevenly, so that reads flap, but always in the end. */
export function isVisible({ changedAt, replica, seed, now }: ReplicaRead): boolean {
  return now >= changedAt + delayOf(seed, replica);
}

/** The copy of the directory that this request happens to meet. */
export function pickReplica(world: World): number {
  return world.randomBytes(1).readUInt8(0) % replicaCount;
}

/** Whether this request's replica knows what was created at `createdDateTime`; always, outside the lag scenario. */
export function isKnown(
  world: World,
  seed: string,
  createdDateTime: string | null,
  replica: number,
): boolean {
  if (!world.behaviour.lag || createdDateTime === null) return true;
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
