import { newProperties } from '../application-properties.ts';
import { isObject, type Json, objectsOf, textOf, textsOf } from '../json.ts';
import type { Application } from '../model.ts';
import { type Call, sameId } from './context.ts';
import { type MadePassword, makePassword, mergeKeys } from './credentials.ts';
import { timestamp } from './dates.ts';

import { badRequest, invalidValue, missingValue } from './refusal.ts';
import { passwordView } from './representations.ts';
import { becomesOwner } from './rights.ts';

const longestDisplayName = 256;
const longestDescription = 1024;
/** graph-docs resources/application.md. */
const mostResources = 50;
const mostPermissions = 400;

const audiences = [
  'AzureADMyOrg',
  'AzureADMultipleOrgs',
  'AzureADandPersonalMicrosoftAccount',
  'PersonalMicrosoftAccount',
];

/** Complex properties are merged one level at a time, collections replaced whole. */
function merge(before: unknown, after: unknown): unknown {
  if (!isObject(before) || !isObject(after)) return after;
  const merged = Object.entries(after).map(([name, value]) => [name, merge(before[name], value)] as const);
  return { ...before, ...Object.fromEntries(merged) };
}

const typedProperties = new Set([
  'displayName',
  'uniqueName',
  'signInAudience',
  'tags',
  'requiredResourceAccess',
  'passwordCredentials',
  'keyCredentials',
]);

function checkAccess(wanted: readonly Json[]): void {
  const access = wanted.map((resource) => objectsOf(resource, 'resourceAccess'));
  if (wanted.length > mostResources || access.flat().length > mostPermissions) {
    throw invalidValue('requiredResourceAccess', 'Application');
  }
  if (wanted.some((resource) => textOf(resource, 'resourceAppId') === undefined)) {
    throw missingValue('resourceAppId', 'RequiredResourceAccess');
  }
  for (const item of access.flat()) {
    if (textOf(item, 'id') === undefined) throw missingValue('id', 'ResourceAccess');
    const type = textOf(item, 'type');
    if (type !== 'Role' && type !== 'Scope') throw invalidValue('type', 'ResourceAccess');
  }
}

function taken(property: string): Error {
  const message = `Another object with the same value for property ${property} already exists.`;
  const details = [{ code: 'ObjectConflict', target: property, message }];
  return badRequest(message, 'Request_BadRequest', property === 'identifierUris' ? details : undefined);
}

/** uniqueName stays reserved in the recycle bin, too; so do identifier URIs of what is live. */
function checkUnique(call: Call, body: Json, self: string | undefined): void {
  const { applications, deletedItems } = call.tenant;
  const others = applications.filter(({ id }) => id !== self);
  const name = textOf(body, 'uniqueName');
  const reserved = [...others, ...deletedItems.applications];
  if (name !== undefined && reserved.some(({ uniqueName }) => uniqueName === name)) throw taken('uniqueName');
  const uris = new Set(textsOf(body, 'identifierUris'));
  const used = others.flatMap(({ properties }) => textsOf(properties, 'identifierUris'));
  if (used.some((uri) => uris.has(uri))) throw taken('identifierUris');
}

/** Both entra-docs reply-url.md, for accounts of work or school. */
const longestRedirect = 256;
const mostRedirects = 256;

/** Whether an application may send people back to this address (entra-docs reply-url.md). */
function isRedirect(uri: string): boolean {
  if (!URL.canParse(uri) || uri.length > longestRedirect || /[#!$'(),;]/.test(uri)) return false;
  const { protocol, hostname } = new URL(uri);
  return protocol !== 'http:' || hostname === 'localhost' || hostname === '127.0.0.1';
}

function checkRedirects(body: Json): void {
  const uris = ['web', 'spa', 'publicClient'].flatMap((platform) => {
    const value = body[platform];
    return isObject(value) ? textsOf(value, 'redirectUris') : [];
  });
  if (uris.length > mostRedirects || !uris.every(isRedirect))
    throw invalidValue('redirectUris', 'Application');
}

/**
 * An https identifier lies below a domain of the tenant, but for an application that asks for tokens of version 2
 * (entra-docs reference-breaking-changes.md, October 2021).
 */
function checkIdentifiers(call: Call, body: Json, self: string | undefined): void {
  const before = call.tenant.applications.find(({ id }) => id === self)?.properties ?? {};
  const { api } = { ...before, ...body };
  if (isObject(api) && api['requestedAccessTokenVersion'] === 2) return;
  const domains = call.tenant.domains
    .filter(({ isVerified }) => isVerified)
    .map(({ id }) => id.toLowerCase());
  for (const uri of textsOf(body, 'identifierUris')) {
    if (!URL.canParse(uri)) throw invalidValue('identifierUris', 'Application');
    const { protocol, hostname } = new URL(uri);
    const isOwn = domains.some((domain) => hostname === domain || hostname.endsWith(`.${domain}`));
    if (isOwn || !/^https?:$/.test(protocol)) continue;
    throw badRequest(
      `Values of identifierUris property must use a verified domain of the organization or its subdomain: '${uri}'`,
      'HostNameNotOnVerifiedDomain',
    );
  }
}

function checkValues(call: Call, body: Json, self: string | undefined): void {
  const displayName = body['displayName'];
  if (displayName === null || displayName === '') throw missingValue('displayName', 'Application');
  if (typeof displayName === 'string' && displayName.length > longestDisplayName) {
    throw invalidValue('displayName', 'Application');
  }
  const description = textOf(body, 'description');
  if (description !== undefined && description.length > longestDescription) {
    throw invalidValue('description', 'Application');
  }
  const audience = body['signInAudience'];
  if (audience !== undefined && !audiences.includes(String(audience))) {
    throw invalidValue('signInAudience', 'Application');
  }
  checkAccess(objectsOf(body, 'requiredResourceAccess'));
  checkRedirects(body);
  checkIdentifiers(call, body, self);
  checkUnique(call, body, self);
}

function accessOf(body: Json): Application['requiredResourceAccess'] {
  return objectsOf(body, 'requiredResourceAccess').map((resource) => ({
    resourceAppId: textOf(resource, 'resourceAppId') ?? '',
    resourceAccess: objectsOf(resource, 'resourceAccess').map((item) => ({
      id: textOf(item, 'id') ?? '',
      type: textOf(item, 'type') === 'Scope' ? 'Scope' : 'Role',
    })),
  }));
}

function restOf(body: Json): Json {
  return Object.fromEntries(Object.entries(body).filter(([name]) => !typedProperties.has(name)));
}

/** A registration with the secrets that were made for it, which only this reply shows. */
interface MadeApplication {
  readonly application: Application;
  readonly passwords: readonly MadePassword[];
}

/** Builds the registration that a POST asks for. Throws 400 for values that Graph does not take. */
export function makeApplication(call: Call, body: Json): MadeApplication {
  if (textOf(body, 'displayName') === undefined) throw missingValue('displayName', 'Application');
  checkValues(call, body, undefined);
  const createdDateTime = timestamp(call);
  const passwords = objectsOf(body, 'passwordCredentials').map((wanted) =>
    makePassword(call, { createdDateTime }, wanted),
  );
  const keys = mergeKeys(call, { createdDateTime, keyCredentials: [] }, objectsOf(body, 'keyCredentials'));
  const application: Application = {
    id: call.world.randomUUID(),
    appId: call.world.randomUUID(),
    displayName: textOf(body, 'displayName') ?? '',
    uniqueName: textOf(body, 'uniqueName') ?? null,
    createdDateTime,
    deletedDateTime: null,
    createdByAppId: call.caller.appId,
    signInAudience: textOf(body, 'signInAudience') ?? 'AzureADMyOrg',
    tags: textsOf(body, 'tags'),
    requiredResourceAccess: accessOf(body),
    passwordCredentials: passwords.map(({ credential }) => credential),
    keyCredentials: keys,
    federatedIdentityCredentials: [],
    owners: becomesOwner(call) ? [call.caller.id] : [],
    properties: {},
  };
  const merged = merge(
    newProperties(call.tenant.domains.find(({ isInitial }) => isInitial)?.id ?? null),
    restOf(body),
  );
  application.properties = isObject(merged) ? merged : {};
  return { application, passwords };
}

function checkPasswords(application: Application, body: Json): void {
  if (body['passwordCredentials'] === undefined) return;
  const held = application.passwordCredentials.map(passwordView);
  const added = objectsOf(body, 'passwordCredentials').find(
    (wanted) => !held.some(({ keyId }) => sameId(String(keyId), textOf(wanted, 'keyId'))),
  );
  if (added !== undefined) {
    throw badRequest('New password credentials must be generated with service actions.');
  }
}

/** Changes an application as a PATCH asks. Throws 400, having changed nothing, for values that Graph does not take. */
export function changeApplication(call: Call, application: Application, body: Json): void {
  const uniqueName = textOf(body, 'uniqueName') ?? null;
  const renamed = body['uniqueName'] !== undefined && uniqueName !== application.uniqueName;
  // Who was made without a unique name may get one once (learn, "Reference existing resources" of Bicep templates).
  if (renamed && application.uniqueName !== null) {
    throw badRequest("Property 'uniqueName' is read-only and cannot be set.");
  }
  checkValues(call, body, application.id);
  checkPasswords(application, body);
  const keys = Array.isArray(body['keyCredentials'])
    ? mergeKeys(call, application, objectsOf(body, 'keyCredentials'))
    : application.keyCredentials;
  const kept = new Set(
    objectsOf(body, 'passwordCredentials').map(({ keyId }) => String(keyId).toLowerCase()),
  );
  application.keyCredentials = keys;
  if (Array.isArray(body['passwordCredentials'])) {
    application.passwordCredentials = application.passwordCredentials.filter(({ keyId }) =>
      kept.has(keyId.toLowerCase()),
    );
  }
  if (renamed) application.uniqueName = uniqueName;
  application.displayName = textOf(body, 'displayName') ?? application.displayName;
  application.signInAudience = textOf(body, 'signInAudience') ?? application.signInAudience;
  if (Array.isArray(body['tags'])) application.tags = textsOf(body, 'tags');
  if (Array.isArray(body['requiredResourceAccess'])) application.requiredResourceAccess = accessOf(body);
  const merged = merge(application.properties, restOf(body));
  if (isObject(merged)) application.properties = merged;
}
