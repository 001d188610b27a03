import type { Application, ServicePrincipal } from '../../model.ts';
import { readReference } from '../body.ts';
import { type Call, noContent, sameId } from '../context.ts';
import { asKnown, remember, requireApplication, requirePrincipal } from '../objects.ts';
import { list } from '../odata/list.ts';
import { badRequest, notFound } from '../refusal.ts';
import { directoryObjects } from '../representations.ts';
import { requireManager, requirePermission, rules } from '../rights.ts';
import type { Handler, Key, Methods, Routes } from '../router.ts';
import { directoryObjectType } from '../types/directory.ts';

type Find = (call: Call, key: Key) => Application | ServicePrincipal;

const listOwners =
  (find: Find): Handler =>
  (call, key) => {
    requirePermission(call, rules.readApplications);
    const rows = directoryObjects(call.tenant, asKnown(call, find(call, key)).owners);
    return list(call, { type: directoryObjectType, set: 'directoryObjects', rows });
  };

/** Users and service principals may own. */
function requirePossibleOwner(call: Call, id: string): string {
  const { users, servicePrincipals } = call.tenant;
  const owner = [...users, ...servicePrincipals].find((candidate) => sameId(candidate.id, id));
  if (owner === undefined) throw notFound(id);
  return owner.id;
}

const addOwner =
  (find: Find): Handler =>
  (call, key) => {
    const reference = readReference(call.request);
    const owned = find(call, key);
    requireManager(call, owned);
    const owner = requirePossibleOwner(call, reference);
    if (owned.owners.includes(owner)) {
      throw badRequest(
        "One or more added object references already exist for the following modified properties: 'owners'.",
      );
    }
    remember(call, owned);
    owned.owners = [...owned.owners, owner];
    return noContent;
  };

const removeOwner =
  (find: Find): Handler =>
  (call, key, owner) => {
    const owned = find(call, key);
    requireManager(call, owned);
    const kept = owned.owners.filter((id) => !sameId(id, owner.value));
    if (kept.length === owned.owners.length) throw notFound(owner.value);
    remember(call, owned);
    owned.owners = kept;
    return noContent;
  };

function ownerRoutes(set: string, find: Find): Record<string, Methods> {
  return {
    [`${set}/{}/owners`]: { GET: listOwners(find) },
    [`${set}/{}/owners/$ref`]: { POST: addOwner(find) },
    [`${set}/{}/owners/{}/$ref`]: { DELETE: removeOwner(find) },
  };
}

/** Owners of applications and service principals. */
export const ownersRoutes: Routes = {
  ...ownerRoutes('applications', requireApplication),
  ...ownerRoutes('servicePrincipals', requirePrincipal),
};
