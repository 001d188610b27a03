import { isObject, type Json, textOf } from '../../json.ts';
import type { Application, ServicePrincipal } from '../../model.ts';
import { parseBody, readBody } from '../body.ts';
import { type Call, contextOf, noContent, sameId } from '../context.ts';
import { makePassword, mergeKeys, requirePassword } from '../credentials.ts';
import { asKnown, lastChange, remember, requireApplication, requirePrincipal } from '../objects.ts';
import { requireProof } from '../possession-proof.ts';
import { badRequest, concurrent, missingValue } from '../refusal.ts';
import { requireManager } from '../rights.ts';
import type { Handler, Key, Methods, Routes } from '../router.ts';
import { passwordCredential } from '../types/application.ts';
import type { ComplexType } from '../types/spec.ts';

type Find = (call: Call, key: Key) => Application | ServicePrincipal;

const addPasswordParameters: ComplexType = {
  name: 'microsoft.graph.addPassword',
  properties: { passwordCredential },
};

const removePasswordParameters: ComplexType = {
  name: 'microsoft.graph.removePassword',
  properties: { keyId: 'Guid' },
};

/** Milliseconds within which, in the lag scenario, a second write to the same object meets the first one. */
const settling = 300;

/** An action's parameters; Graph pays no heed to others (msgraph-sdk-javascript #960). */
function onlyParameters(call: Call, type: ComplexType): Call['request'] {
  const known = Object.entries(parseBody(call.request)).filter(([name]) =>
    Object.hasOwn(type.properties, name),
  );
  return { ...call.request, body: JSON.stringify(Object.fromEntries(known)) };
}

/** Credentials of a service principal whose application locks them cannot be changed (resources/serviceprincipallockconfiguration.md). */
function requireUnlocked(call: Call, holder: Application | ServicePrincipal): void {
  if (!('accountEnabled' in holder)) return;
  const application = call.tenant.applications.find(({ appId }) => sameId(appId, holder.appId));
  const lock = application?.properties['servicePrincipalLockConfiguration'];
  if (!isObject(lock) || lock['isEnabled'] !== true) return;
  if (lock['allProperties'] !== true && lock['credentialsWithUsageVerify'] !== true) return;
  throw badRequest('The credentials of this service principal are locked by its application.');
}

const addPassword =
  (find: Find): Handler =>
  (call, key) => {
    const body = readBody(onlyParameters(call, addPasswordParameters), addPasswordParameters);
    const holder = find(call, key);
    requireManager(call, holder);
    requireUnlocked(call, holder);
    const wanted = body['passwordCredential'];
    const { credential, shown } = makePassword(call, holder, isObject(wanted) ? wanted : {});
    remember(call, holder);
    // Newest first, as Graph lists them.
    holder.passwordCredentials = [credential, ...holder.passwordCredentials];
    const context = contextOf(call, 'microsoft.graph.passwordCredential');
    const headers = { location: call.world.origin };
    return { status: 200, headers, body: { '@odata.context': context, ...shown } };
  };

const removePassword =
  (find: Find): Handler =>
  (call, key) => {
    const body = readBody(onlyParameters(call, removePasswordParameters), removePasswordParameters);
    const holder = find(call, key);
    requireManager(call, holder);
    const keyId = textOf(body, 'keyId');
    if (keyId === undefined) throw missingValue('keyId', 'PasswordCredential');
    const changed = lastChange(call, holder.id);
    if (changed !== undefined && call.world.now() < changed + settling) throw concurrent();
    // A copy that does not know the secret yet denies it with the words for one that is gone.
    requirePassword(asKnown(call, holder), keyId);
    requirePassword(holder, keyId);
    remember(call, holder);
    holder.passwordCredentials = holder.passwordCredentials.filter((held) => !sameId(held.keyId, keyId));
    return noContent;
  };

/** An application needs no permission to roll over its own certificates (graph-docs application-addkey.md). */
function requireHolder(call: Call, holder: Application | ServicePrincipal): void {
  if (call.caller.kind === 'application' && sameId(call.caller.appId, holder.appId)) return;
  requireManager(call, holder);
}

function readProof(body: Json): string {
  const proof = textOf(body, 'proof');
  if (proof === undefined) throw missingValue('proof', 'KeyCredential');
  return proof;
}

const addKey =
  (find: Find): Handler =>
  (call, key) => {
    const body = parseBody(call.request);
    const holder = find(call, key);
    requireHolder(call, holder);
    requireUnlocked(call, holder);
    requireProof(call, holder, readProof(body));
    const wanted = body['keyCredential'];
    if (!isObject(wanted)) throw missingValue('keyCredential', 'KeyCredential');
    const kept = holder.keyCredentials.map(({ keyId }) => ({ keyId }));
    const keyCredentials = mergeKeys(call, holder, [...kept, wanted]);
    remember(call, holder);
    holder.keyCredentials = keyCredentials;
    // The documented reply shows no key: who wants its id reads the list.
    return { status: 200, body: { '@odata.context': contextOf(call, 'microsoft.graph.keyCredential') } };
  };

const removeKey =
  (find: Find): Handler =>
  (call, key) => {
    const body = parseBody(call.request);
    const holder = find(call, key);
    requireHolder(call, holder);
    requireUnlocked(call, holder);
    requireProof(call, holder, readProof(body));
    const keyId = textOf(body, 'keyId');
    if (keyId === undefined) throw missingValue('keyId', 'KeyCredential');
    const known = asKnown(call, holder).keyCredentials.some((held) => sameId(held.keyId, keyId));
    if (!known) throw badRequest(`No key credential found with keyId ${keyId}.`);
    remember(call, holder);
    holder.keyCredentials = holder.keyCredentials.filter((held) => !sameId(held.keyId, keyId));
    return noContent;
  };

function actions(set: string, find: Find): Record<string, Methods> {
  return {
    [`${set}/{}/addPassword`]: { POST: addPassword(find) },
    [`${set}/{}/removePassword`]: { POST: removePassword(find) },
    [`${set}/{}/addKey`]: { POST: addKey(find) },
    [`${set}/{}/removeKey`]: { POST: removeKey(find) },
  };
}

/** Client secrets and certificates of applications and service principals. */
export const credentialRoutes: Routes = {
  ...actions('applications', requireApplication),
  ...actions('servicePrincipals', requirePrincipal),
};
