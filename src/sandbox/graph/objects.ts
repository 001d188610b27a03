import type { Application, Group, ServicePrincipal, User } from '../model.ts';
import { isGuid } from './body.ts';
import { type Call, sameId } from './context.ts';
import type { Key } from './path.ts';
import { badRequest, notFound, unknownSegment } from './refusal.ts';
import { knows } from './visibility.ts';

interface Keyed {
  readonly id: string;
  readonly appId: string;
  readonly uniqueName?: string | null;
  readonly createdDateTime: string;
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
