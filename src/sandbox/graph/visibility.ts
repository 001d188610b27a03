import { isKnown } from '../replicas.ts';
import { isVisible } from '../replication.ts';
import type { Call } from './context.ts';

interface Dated {
  readonly id: string;
  readonly createdDateTime: string;
}

/** Milliseconds that a new credential takes to reach the token endpoint's first copy in the lag scenario. */
const credentialDelay = 2000;

/** Whether this request's copy of the directory knows the object. */
export function knows(call: Call, { id, createdDateTime }: Dated): boolean {
  return isKnown(call.world, id, createdDateTime, call.replica);
}

/** Whether a listing shows the object: its index learns of it after the directory itself. */
export function lists(call: Call, object: Dated): boolean {
  return (
    knows(call, object) && isKnown(call.world, `${object.id}/index`, object.createdDateTime, call.replica)
  );
}

/** Notes what `object` is before it changes, so that copies which lag can still show that. */
export function remember(call: Call, object: { readonly id: string }): void {
  if (!call.world.behaviour.lag) return;
  const { revisions } = call.graph;
  const earlier = revisions.get(object.id) ?? [];
  revisions.set(object.id, [...earlier, { changedAt: call.world.now(), before: structuredClone(object) }]);
}

/** Epoch milliseconds of the object's last change as far as this server saw one. */
export function lastChange(call: Call, id: string): number | undefined {
  return call.graph.revisions.get(id)?.at(-1)?.changedAt;
}

/** The object as this request's copy of the directory knows it: perhaps as it was before its last changes. */
export function asKnown<T extends { readonly id: string }>(call: Call, object: T): T {
  let known = object;
  for (const { changedAt, before } of [...(call.graph.revisions.get(object.id) ?? [])].reverse()) {
    const seed = `${object.id}/${changedAt}`;
    if (isVisible({ changedAt, replica: call.replica, seed, now: call.world.now() })) break;
    // Only `remember` writes revisions, and only of the object with this id.
    known = before as T;
  }
  return known;
}

/** Epoch milliseconds from which the token endpoint may accept a credential made now. */
export function usableFrom(call: Call): number {
  return call.world.now() + (call.world.behaviour.lag ? credentialDelay : 0);
}

/** The present as Graph writes it. */
export function timestamp(call: Call): string {
  return new Date(call.world.now()).toISOString().replace(/Z$/, '0000Z');
}
