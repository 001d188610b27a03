import type { Application, Group, ServicePrincipal, User } from '../model.ts';
import { isKnown, isVisible } from '../replication.ts';
import { isGuid } from './body.ts';
import { type Call, sameId } from './context.ts';
import { badRequest, notFound, unknownSegment } from './refusal.ts';
import type { Key } from './router.ts';

interface Keyed {
  readonly id: string;
  readonly appId: string;
  readonly uniqueName?: string | null;
  readonly createdDateTime: string | null;
}

function find<T extends Keyed>(all: readonly T[], { by, value }: Key, set: string): T | undefined {
  if (by === undefined || by === 'id') {
    if (!isGuid(value)) throw badRequest(`Invalid object identifier '${value}'.`);
    return all.find(({ id }) => sameId(id, value));
  }
  if (by === 'appId') return all.find(({ appId }) => sameId(appId, value));
  if (by === 'uniqueName' && set === 'applications')
    return all.find(({ uniqueName }) => uniqueName === value);
  throw unknownSegment(set);
}

/** The application with this key, as far as this request's copy of the directory knows it. */
export function findApplication(call: Call, key: Key): Application | undefined {
  const application = find(call.tenant.applications, key, 'applications');
  return application !== undefined && knows(call, application) ? application : undefined;
}

/** As findApplication, throwing 404. */
export function requireApplication(call: Call, key: Key): Application {
  const application = findApplication(call, key);
  if (application === undefined) throw notFound(key.value);
  return application;
}

/** The service principal with this key, as far as this request's copy of the directory knows it. */
export function findPrincipal(call: Call, key: Key): ServicePrincipal | undefined {
  const principal = find(call.tenant.servicePrincipals, key, 'servicePrincipals');
  return principal !== undefined && knows(call, principal) ? principal : undefined;
}

/** As findPrincipal, throwing 404. */
export function requirePrincipal(call: Call, key: Key): ServicePrincipal {
  const principal = findPrincipal(call, key);
  if (principal === undefined) throw notFound(key.value);
  return principal;
}

/** The user with this id or user principal name. Throws 404. */
export function requireUser(call: Call, { value }: Key): User {
  const user = call.tenant.users.find(
    ({ id, userPrincipalName }) => sameId(id, value) || sameId(userPrincipalName, value),
  );
  if (user === undefined) throw notFound(value);
  return user;
}

/** The group with this id. Throws 404. */
export function requireGroup(call: Call, { value }: Key): Group {
  if (!isGuid(value)) throw badRequest(`Invalid object identifier '${value}'.`);
  const group = call.tenant.groups.find(({ id }) => sameId(id, value));
  if (group === undefined) throw notFound(value);
  return group;
}

interface Dated {
  readonly id: string;
  readonly createdDateTime: string | null;
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
