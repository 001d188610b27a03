import { WizardError } from '../core/errors.ts';
import { sameId } from '../core/fields.ts';
import type { Directory } from '../graph/directory.ts';
import { DirectoryError, failedWith, isForbidden, isNotFound } from '../graph/directory-error.ts';
import { secretRemoval } from './credential/client-secret.ts';
import { settleKeys } from './credential/key-credentials.ts';
import type { Target } from './credential/password-credentials.ts';
import { awaited } from './graph.ts';
import type { Change, CreatedCertificate, CreatedCredential, Have, Made, Update } from './model.ts';

const unchanged: Update = (have) => have;

/** Deletes an object of this run; one that is gone already is fine, one that a copy does not show yet is waited for. */
async function remove(path: string, purpose: string, awaits: readonly string[], directory: Directory) {
  try {
    await directory.send({ method: 'DELETE', path, purpose, awaits });
  } catch (error) {
    if (!failedWith(error, isNotFound)) throw error;
  }
}

/**
 * Deletes an object and then what the recycle bin keeps of it: an application there would hold its uniqueName for 30
 * days (graph-docs directory-deleteditems-delete.md).
 */
async function purge(collection: string, purpose: string, { id }: Made, directory: Directory) {
  await remove(`/${collection}/${id}`, purpose, [id], directory);
  try {
    await remove(`/directory/deletedItems/${id}`, `${purpose} for good`, [id], directory);
  } catch (error) {
    if (error instanceof DirectoryError) throw stillInBin(error);
    throw error;
  }
}

/** Not everybody who may delete an application may empty the recycle bin (graph-docs directory-deleteditems-delete.md). */
function stillInBin(cause: DirectoryError): WizardError {
  const why = isForbidden(cause.failure) ? 'this account may not empty it' : 'emptying it failed';
  const message = `It is deleted, but stays in the recycle bin for 30 days: ${why}. The next run restores it.`;
  return new WizardError('graph-refused', message, { cause });
}

function removeMade(made: Made, have: Have, directory: Directory): Promise<void> {
  switch (made.kind) {
    case 'application':
      return purge('applications', 'remove the application', made, directory);
    case 'servicePrincipal':
      return purge('servicePrincipals', 'remove the service principal', made, directory);
    case 'appRoleAssignment': {
      const path = `/servicePrincipals/${have.servicePrincipal?.id}/appRoleAssignments/${made.id}`;
      return remove(path, `take ${made.name} back`, [made.id], directory);
    }
  }
}

const titles: Readonly<Record<Made['kind'], (name: string) => string>> = {
  application: (name) => `Remove application "${name}", from the recycle bin too`,
  servicePrincipal: () => 'Remove its service principal',
  appRoleAssignment: (name) => `Take ${name} back`,
};

function removalOf(made: Made, have: Have): Change {
  return {
    action: 'remove',
    ...made,
    title: titles[made.kind](made.name),
    apply: async (_now, io) => {
      await removeMade(made, have, io.directory);
      return unchanged;
    },
  };
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
function certificateRemoval(created: CreatedCertificate, target: Target, before: Have): Change {
  const { keyId, displayName, certificate } = created;
  const { left } = before.certificates.slot;
  const isNew = certificate.isOwn && !(typeof left === 'object' && left.keyId === certificate.keyId);
  return {
    action: 'remove',
    kind: 'keyCredential',
    name: displayName,
    id: keyId,
    title: `Remove certificate "${displayName}"`,
    apply: async (_now, io) => {
      await settleKeys(target, { absent: [keyId] }, 'remove the certificate', io);
      if (isNew) await io.keys.remove(certificate.path);
      return unchanged;
    },
  };
}

function trustRemoval({ keyId, displayName }: CreatedCredential, applicationId: string): Change {
  const path = `/applications/${applicationId}/federatedIdentityCredentials/${keyId}`;
  return {
    action: 'remove',
    kind: 'federatedIdentityCredential',
    name: displayName,
    id: keyId,
    title: `Remove federated credential "${displayName}"`,
    apply: async (_now, io) => {
      await remove(path, 'remove the federated credential', [keyId], io.directory);
      return unchanged;
    },
  };
}

function credentialRemovals(have: Have, before: Have): Change[] {
  const { created, application } = have;
  const target = { applicationId: application?.id ?? '', awaits: awaited(have, application?.id) };
  if (!created || !application || wasThere(created, before)) return [];
  switch (created.kind) {
    case 'secret':
      return [
        secretRemoval(created.keyId, created.displayName, `Remove client secret "${created.displayName}"`),
      ];
    case 'certificate':
      return [certificateRemoval(created, target, before)];
    case 'federated':
      return [trustRemoval(created, application.id)];
  }
}

/**
 * What takes away everything that this run made, newest first, and nothing that was there before it. `before` is what
 * was read when the run began. Pure.
 */
export function undoPlan(have: Have, before: Have): Change[] {
  const removals = have.made.map((made) => removalOf(made, have));
  return [...credentialRemovals(have, before), ...removals.reverse()];
}
