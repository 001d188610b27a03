import { WizardError } from '../core/errors.ts';
import { sameId } from '../core/fields.ts';
import type { Directory } from '../graph/directory.ts';
import { DirectoryError, isForbidden, isNotFound, withFallback } from '../graph/directory-error.ts';
import { echoes } from '../graph/resource-schemas.ts';
import { permit } from './account/rights.ts';
import { ownUniqueName } from './application/read-application.ts';
import { removalOf } from './changes.ts';
import { listItems, removeForGood, removeObject, sendRemoval } from './confirm-removal.ts';
import { secretRemoval } from './credential/client-secret.ts';
import { trustRemoval } from './credential/federated-credential.ts';
import { type KeyTarget, keyTargetOf, removeKey } from './credential/key-credentials.ts';
import type { ApplyIo, Change, CreatedCertificate, CreatedCredential, Have, Made } from './model.ts';

/**
 * Deletes an object and then what the recycle bin keeps of it: an application there would hold its uniqueName for 30
 * days (graph-docs directory-deleteditems-delete.md).
 */
async function purge(collection: string, noun: string, { id }: Made, io: ApplyIo) {
  const what = `the ${noun} ${id}`;
  const purpose = `remove the ${noun}`;
  await removeObject({ path: `/${collection}/${id}`, purpose, what, awaits: [id] }, io);
  try {
    const path = `/directory/deletedItems/${id}`;
    await removeObject(
      { path, purpose: `${purpose} for good`, what: `${what} in the recycle bin`, awaits: [id] },
      io,
    );
  } catch (error) {
    if (error instanceof DirectoryError) throw stillInBin(error);
    throw error;
  }
}

/** A grant has no address under which it is known to be read: the list of its service principal shows it. */
export function takeBack(
  principalId: string,
  { id, name }: Pick<Made, 'id' | 'name'>,
  { directory, ...clock }: Pick<ApplyIo, 'directory' | 'now' | 'sleep'>,
  awaits: readonly string[] = [id],
): Promise<void> {
  const list = `/servicePrincipals/${principalId}/appRoleAssignments`;
  const what = `the grant of ${name}`;
  const request = { method: 'DELETE', path: `${list}/${id}`, purpose: `take ${name} back`, awaits };
  return removeForGood(
    {
      what,
      remove: () => sendRemoval(directory, { ...request, method: 'DELETE' }),
      isThere: async () =>
        (await listItems(directory, list, 'appRoleAssignment', what)).some((item) => item['id'] === id),
    },
    clock,
  );
}

/** Not everybody who may delete an application may empty the recycle bin (graph-docs directory-deleteditems-delete.md). */
function stillInBin(cause: DirectoryError): WizardError {
  const why = isForbidden(cause.failure) ? 'this account may not empty it' : 'emptying it failed';
  const message = `It is deleted, but stays in the recycle bin for 30 days: ${why}. The next run restores it.`;
  return new WizardError('graph-refused', message, { cause });
}

/** Only what bears this program's mark is deleted: the id may be another's. Rejects with DirectoryError where it is. */
function requireOwn({ id }: Made, directory: Directory): Promise<unknown> {
  const reading = directory.send({
    method: 'GET',
    path: `/applications/${id}?$select=id,appId,uniqueName`,
    purpose: 'make sure that the application is the one that this run made',
    awaits: [id],
    accepts: echoes('markedApplication', { id, uniqueName: ownUniqueName }),
  });
  return withFallback(reading, isNotFound, undefined);
}

function madeRemoval(made: Made, { servicePrincipal }: Have): Change {
  const { kind, name } = made;
  switch (kind) {
    case 'application': {
      const title = `Remove application "${name}", from the recycle bin too`;
      return removalOf({ ...made, title }, async (_now, io) => {
        await requireOwn(made, io.directory);
        await purge('applications', 'application', made, io);
      });
    }
    case 'servicePrincipal':
      return removalOf({ ...made, title: 'Remove its service principal' }, (_now, io) =>
        purge('servicePrincipals', 'service principal', made, io),
      );
    case 'appRoleAssignment':
      return removalOf({ ...made, title: `Take ${name} back` }, (_now, io) =>
        takeBack(servicePrincipal?.id ?? '', made, io),
      );
  }
}

/** Whether the tenant had the credential before this run, which only wrote it into the file. Pure. */
function wasThere(created: CreatedCredential, before: Have): boolean {
  const { application, federated } = before;
  const held = [...(application?.keyCredentials ?? []), ...(application?.passwordCredentials ?? [])];
  return (
    held.some(({ keyId }) => sameId(keyId, created.keyId)) ||
    (federated ?? []).some(({ id }) => sameId(id, created.keyId))
  );
}

/** Its file goes as well, where this run made it. */
function certificateRemoval(created: CreatedCertificate, target: KeyTarget, before: Have): Change {
  const { keyId, displayName, certificate } = created;
  const { left } = before.certificates.slot;
  const isNew = certificate.isOwn && !(typeof left === 'object' && left.keyId === certificate.keyId);
  const gone = { kind: 'keyCredential', name: displayName, id: keyId } as const;
  return removalOf({ ...gone, title: `Remove certificate "${displayName}"` }, async (_now, io) => {
    await removeKey(target, keyId, undefined, 'remove the certificate', io);
    if (isNew) await io.keys.remove(certificate.path);
  });
}

function credentialRemovals(have: Have, before: Have): Change[] {
  const { created, application } = have;
  if (!created || !application || wasThere(created, before)) return [];
  switch (created.kind) {
    case 'secret': {
      const { keyId, displayName } = created;
      return [secretRemoval(keyId, displayName, `Remove client secret "${displayName}"`)];
    }
    case 'certificate':
      return [certificateRemoval(created, keyTargetOf(application, have), before)];
    case 'federated':
      return [
        trustRemoval(
          created.keyId,
          created.displayName,
          `Remove federated credential "${created.displayName}"`,
        ),
      ];
  }
}

/**
 * What takes away everything that this run made, newest first, and nothing that was there before it. `before` is what
 * was read when the run began. Pure.
 */
export function undoPlan(have: Have, before: Have): Change[] {
  const removals = have.made.map((made) => madeRemoval(made, have));
  return permit([...credentialRemovals(have, before), ...removals.reverse()], before);
}
