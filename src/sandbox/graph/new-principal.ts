import type { Application, ServicePrincipal } from '../model.ts';
import { publishedBy } from '../published.ts';
import { textsOf } from './body.ts';
import type { Call, Json } from './context.ts';
import { becomesOwner } from './rights.ts';
import { timestamp } from './visibility.ts';

/** Builds the service principal of an application, as a POST asks for it. */
export function makePrincipal(call: Call, application: Application, body: Json): ServicePrincipal {
  return {
    ...publishedBy(application),
    id: call.world.randomUUID(),
    appId: application.appId,
    createdDateTime: timestamp(call),
    deletedDateTime: null,
    accountEnabled: body['accountEnabled'] !== false,
    appOwnerOrganizationId: call.tenant.id,
    servicePrincipalType: 'Application',
    tags: textsOf(body, 'tags'),
    passwordCredentials: [],
    keyCredentials: [],
    owners: becomesOwner(call) ? [call.caller.id] : [],
    properties: { ...restOf(body), createdByAppId: call.caller.appId },
  };
}

const typedProperties = new Set([
  'appId',
  'accountEnabled',
  'servicePrincipalNames',
  'tags',
  'keyCredentials',
  'passwordCredentials',
]);

/** The properties of a body that the model keeps as they are. */
export function restOf(body: Json): Json {
  return Object.fromEntries(Object.entries(body).filter(([name]) => !typedProperties.has(name)));
}
