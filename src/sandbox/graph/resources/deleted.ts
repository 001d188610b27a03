import type { Json } from '../../json.ts';
import type { Application, ServicePrincipal } from '../../model.ts';
import { isGuid } from '../body.ts';
import { type Call, contextOf, noContent, type Outcome, sameId } from '../context.ts';
import { count, entity, type Listing, list } from '../odata/list.ts';
import { badRequest, denied, notFound, unknownSegment, unsupportedQuery } from '../refusal.ts';
import { applicationView, principalView, typed } from '../representations.ts';
import { requirePermission, requireRole, rules } from '../rights.ts';
import type { Handler, Key, Routes } from '../router.ts';
import { applicationType, servicePrincipalType } from '../types/application.ts';
import { directoryObjectType, groupType, userType } from '../types/directory.ts';
import { requireFreeName } from './service-principals.ts';

function castListing(call: Call, cast: string): Listing {
  requirePermission(call, rules.readApplications);
  const { applications, servicePrincipals } = call.tenant.deletedItems;
  switch (cast.toLowerCase().replace(/^(microsoft\.)?graph\./, '')) {
    case 'application': {
      const rows = applications.map((application) => applicationView(application));
      return { type: applicationType, set: 'applications', rows };
    }
    case 'serviceprincipal': {
      const rows = servicePrincipals.map((principal) => principalView(call.tenant, principal));
      return { type: servicePrincipalType, set: 'servicePrincipals', rows };
    }
    case 'user':
      return { type: userType, set: 'users', rows: [] };
    case 'group':
      return { type: groupType, set: 'groups', rows: [] };
    default:
      throw unknownSegment(cast);
  }
}

interface Deleted {
  readonly application?: Application;
  readonly principal?: ServicePrincipal;
}

function find(call: Call, { value }: Key): Deleted {
  if (!isGuid(value)) throw badRequest(`Invalid object identifier '${value}'.`);
  const { applications, servicePrincipals } = call.tenant.deletedItems;
  const application = applications.find(({ id }) => sameId(id, value));
  if (application !== undefined) return { application };
  const principal = servicePrincipals.find(({ id }) => sameId(id, value));
  if (principal === undefined) throw notFound(value);
  return { principal };
}

function view(call: Call, { application, principal }: Deleted): Json {
  if (application !== undefined) return typed('application', applicationView(application));
  return principal === undefined ? {} : typed('servicePrincipal', principalView(call.tenant, principal));
}

function castOf({ value }: Key): string | undefined {
  return /^(?:microsoft\.)?graph\.\w+$/i.test(value) ? value : undefined;
}

/** The segment behind deletedItems is a type cast or an id. */
const read: Handler = (call, key) => {
  const cast = castOf(key);
  if (cast !== undefined) return list(call, castListing(call, cast));
  requirePermission(call, rules.readApplications);
  return entity(call, directoryObjectType, 'directoryObjects', view(call, find(call, key)));
};

function requireRecycler(call: Call): void {
  requirePermission(call, rules.writeApplications);
  requireRole(call, 'manageApplications');
}

function forget(call: Call, { application, principal }: Deleted): void {
  const { deletedItems } = call.tenant;
  deletedItems.applications = deletedItems.applications.filter((other) => other !== application);
  deletedItems.servicePrincipals = deletedItems.servicePrincipals.filter((other) => other !== principal);
}

function restorePrincipal(call: Call, principal: ServicePrincipal): void {
  const { tenant } = call;
  if (!tenant.applications.some(({ appId }) => sameId(appId, principal.appId))) {
    throw badRequest(`Cannot restore ServicePrincipal without backing Application ${principal.appId}`);
  }
  requireFreeName(call, principal.appId);
  tenant.servicePrincipals.push({ ...principal, deletedDateTime: null });
}

const restore: Handler = (call, key): Outcome => {
  requireRecycler(call);
  const deleted = find(call, key);
  const { application, principal } = deleted;
  if (principal !== undefined) restorePrincipal(call, principal);
  if (application !== undefined) call.tenant.applications.push({ ...application, deletedDateTime: null });
  forget(call, deleted);
  const context = contextOf(call, 'directoryObjects/$entity');
  return { status: 200, body: { '@odata.context': context, ...view(call, deleted), deletedDateTime: null } };
};

/** Days for which hard deletion protection keeps what was deleted. */
const protectedDays = 7;

/** Conditional Access asks for an authentication context before it lets this happen; no token of this tenant has one. */
const stepUp = Buffer.from(
  JSON.stringify({ access_token: { acrs: { essential: true, value: 'c1' } } }),
).toString('base64');

function requirePurgeable(call: Call, deleted: Deleted): void {
  const { protectedPurge, hardDeleteProtected } = call.world.behaviour;
  if (protectedPurge) throw denied('The request requires a stronger authentication.', stepUp);
  const since = deleted.application?.deletedDateTime ?? deleted.principal?.deletedDateTime ?? '';
  if (hardDeleteProtected && call.world.now() < Date.parse(since) + protectedDays * 86_400_000) {
    throw denied('The object is protected from permanent deletion.');
  }
}

const purge: Handler = (call, key) => {
  requireRecycler(call);
  const deleted = find(call, key);
  requirePurgeable(call, deleted);
  forget(call, deleted);
  return noContent;
};

/** The recycle bin. Its collections must be asked for by type (graph-docs directory-deleteditems-list.md). */
export const deletedRoutes: Routes = {
  'directory/deletedItems': {
    GET: () => {
      throw unsupportedQuery();
    },
  },
  'directory/deletedItems/{}': { GET: read, DELETE: purge },
  'directory/deletedItems/{}/$count': { GET: (call, key) => count(call, castListing(call, key.value)) },
  'directory/deletedItems/{}/restore': { POST: restore },
};
