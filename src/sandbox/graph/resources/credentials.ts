import { isObject, textOf } from '../../json.ts';
import type { Application, ServicePrincipal } from '../../model.ts';
import { parseBody, readBody } from '../body.ts';
import { type Call, contextOf, noContent, sameId } from '../context.ts';
import { makePassword, requirePassword } from '../credentials.ts';
import { asKnown, lastChange, remember, requireApplication, requirePrincipal } from '../objects.ts';
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

const addPassword =
  (find: Find): Handler =>
  (call, key) => {
    const body = readBody(onlyParameters(call, addPasswordParameters), addPasswordParameters);
    const holder = find(call, key);
    requireManager(call, holder);
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

/** Rolling certificates over needs a proof signed with one that is there; this tenant takes them by PATCH. */
const keyWithProof =
  (find: Find): Handler =>
  (call, key) => {
    const body = parseBody(call.request);
    requireManager(call, find(call, key));
    if (textOf(body, 'proof') === undefined) throw missingValue('proof', 'KeyCredential');
    throw badRequest('Access Token missing or malformed.', 'Authentication_MissingOrMalformed');
  };

function actions(set: string, find: Find): Record<string, Methods> {
  return {
    [`${set}/{}/addPassword`]: { POST: addPassword(find) },
    [`${set}/{}/removePassword`]: { POST: removePassword(find) },
    [`${set}/{}/addKey`]: { POST: keyWithProof(find) },
    [`${set}/{}/removeKey`]: { POST: keyWithProof(find) },
  };
}

/** Client secrets of applications and service principals. */
export const credentialRoutes: Routes = {
  ...actions('applications', requireApplication),
  ...actions('servicePrincipals', requirePrincipal),
};
