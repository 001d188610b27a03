import { publishedBy } from '../../application-properties.ts';
import { type Json, textOf } from '../../json.ts';
import type { Application } from '../../model.ts';
import { changeApplication, makeApplication } from '../application-body.ts';
import { readBody } from '../body.ts';
import { type Call, contextOf, directoryLink, noContent, type Outcome, sameId } from '../context.ts';
import { timestamp } from '../dates.ts';
import { asKnown, findApplication, lists, remember, requireApplication } from '../objects.ts';
import { count, entity, type Listing, list, type Navigation } from '../odata/list.ts';
import { badRequest, denied, notFound } from '../refusal.ts';
import { applicationView, directoryObjects } from '../representations.ts';
import { mayRegister, requireManager, requirePermission, rules } from '../rights.ts';
import type { Handler, Key, Routes } from '../router.ts';
import { applicationType } from '../types/application.ts';
import { removePrincipal } from './service-principals.ts';

function navigation(call: Call): Navigation {
  const behind = (row: Json): Application | undefined => {
    const application = call.tenant.applications.find(({ id }) => id === row['id']);
    return application === undefined ? undefined : asKnown(call, application);
  };
  return {
    owners: (row) => directoryObjects(call.tenant, behind(row)?.owners ?? []),
    federatedIdentityCredentials: (row) =>
      (behind(row)?.federatedIdentityCredentials ?? []).map(({ usableFrom: _usable, ...shown }) => shown),
    appManagementPolicies: () => [],
  };
}

function listing(call: Call): Listing {
  requirePermission(call, rules.readApplications);
  const rows = call.tenant.applications
    .filter((application) => lists(call, application))
    .map((application) => applicationView(asKnown(call, application)));
  return { type: applicationType, set: 'applications', rows, navigation: navigation(call) };
}

const read: Handler = (call, key) => {
  requirePermission(call, rules.readApplications);
  const application = requireApplication(call, key);
  const withKeys = call.query.select?.includes('keyCredentials') === true;
  const row = applicationView(asKnown(call, application), withKeys);
  return entity(call, applicationType, 'applications', row, navigation(call));
};

function register(call: Call, body: Json): Outcome {
  requirePermission(call, rules.registerApplications);
  if (!mayRegister(call)) throw denied();
  const { application, passwords } = makeApplication(call, body);
  call.tenant.applications.push(application);
  return {
    status: 201,
    headers: { location: directoryLink(call, application.id, 'Application') },
    body: {
      '@odata.context': contextOf(call, 'applications/$entity'),
      ...applicationView(application),
      createdDateTime: application.createdDateTime,
      passwordCredentials: passwords.map(({ shown }) => shown),
    },
  };
}

const create: Handler = (call) => register(call, readBody(call.request, applicationType));

function update(call: Call, application: Application, body: Json): Outcome {
  requireManager(call, application);
  const before = structuredClone(application);
  changeApplication(call, application, body);
  remember(call, before);
  for (const principal of call.tenant.servicePrincipals) {
    if (!sameId(principal.appId, application.appId)) continue;
    remember(call, principal);
    Object.assign(principal, publishedBy(application));
  }
  return noContent;
}

/** The key of an upsert names an alternate key, which the body need not repeat. */
function upsert(call: Call, { by, value }: Key, body: Json): Outcome {
  const given = textOf(body, 'uniqueName');
  if (by !== 'uniqueName') throw notFound(value);
  if (given !== undefined && given !== value)
    throw badRequest("Property 'uniqueName' does not match the key.");
  return register(call, { ...body, uniqueName: value });
}

const patch: Handler = (call, key) => {
  const body = readBody(call.request, applicationType);
  const application = findApplication(call, key);
  if (application !== undefined) return update(call, application, body);
  requirePermission(call, rules.registerApplications);
  const creates = /\bcreate-if-missing\b/i.test(call.request.headers['prefer'] ?? '');
  if (!creates) throw notFound(key.value);
  return upsert(call, key, body);
};

const remove: Handler = (call, key) => {
  const application = requireApplication(call, key);
  requireManager(call, application);
  const { tenant } = call;
  tenant.applications = tenant.applications.filter(({ id }) => id !== application.id);
  tenant.deletedItems.applications.push({ ...application, deletedDateTime: timestamp(call) });
  const principal = tenant.servicePrincipals.find(({ appId }) => sameId(appId, application.appId));
  if (principal !== undefined) removePrincipal(call, principal);
  return noContent;
};

/** Application registrations. */
export const applicationRoutes: Routes = {
  applications: { GET: (call) => list(call, listing(call)), POST: create },
  'applications/$count': { GET: (call) => count(call, listing(call)) },
  'applications/{}': { GET: read, PATCH: patch, DELETE: remove },
};
