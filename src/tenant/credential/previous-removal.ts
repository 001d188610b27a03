import type { LocalCertificate } from '../../config/certificate.ts';
import type { PreviousCredential } from '../../config/config.ts';
import { sameId, textOf } from '../../core/fields.ts';
import { removalOf, targetOf } from '../changes.ts';
import { isGone } from '../confirm-removal.ts';
import type { ApplyIo, Change, Have } from '../model.ts';
import { savedConfig } from '../saved-config.ts';
import { secretRemoval } from './client-secret.ts';
import { trustRemoval } from './federated-credential.ts';
import { type KeyTarget, keyTargetOf, readKeys, removeKey, withoutKey } from './key-credentials.ts';
import { listPasswords } from './password-credentials.ts';
import { listedByKeyId } from './previous-credentials.ts';
import { rollOut } from './self-roll.ts';

/** The certificate in use; undefined where another kind of credential is. */
function currentCertificate({ created, certificates, ...rest }: Have): LocalCertificate | undefined {
  if (created) return created.kind === 'certificate' ? created.certificate : undefined;
  const isSaved = savedConfig({ created, certificates, ...rest })?.credential.kind === 'certificate';
  return isSaved && typeof certificates.saved === 'object' ? certificates.saved : undefined;
}

async function removeCertificate(keyId: string, target: KeyTarget, now: Have, io: ApplyIo): Promise<void> {
  if (io.possession) return rollOut(target, keyId, io.possession, io);
  const current = currentCertificate(now);
  // A copy of the directory that lags may not show the one in use yet: left out of the list, it would be gone.
  const present = current && { certificate: current, displayName: now.created?.displayName ?? current.name };
  return removeKey(target, keyId, present, 'remove the replaced certificate', io);
}

/**
 * The change that removes a credential which the file names as replaced, and then `file`, its key where this program made
 * it.
 */
export function previousRemoval(
  { kind, keyId }: Pick<PreviousCredential, 'kind' | 'keyId'>,
  {
    name,
    title,
    file,
  }: { readonly name: string; readonly title: string; readonly file?: string | undefined },
): Change {
  if (kind === 'secret') return secretRemoval(keyId, name, title);
  if (kind === 'federated') return trustRemoval(keyId, name, title);
  const remove = async (now: Have, io: ApplyIo): Promise<void> => {
    if (now.application) await removeCertificate(keyId, keyTargetOf(now.application, now), now, io);
    if (file !== undefined) await io.keys.remove(file);
  };
  return removalOf({ kind: 'keyCredential', name, id: keyId, title }, remove, withoutKey(keyId));
}

/** Whether the application lists a secret or certificate with that key id, as it was read. Pure. */
export const isListed = (entry: Pick<PreviousCredential, 'keyId'>, have: Have): boolean =>
  listedByKeyId(entry, have.application) !== undefined;

/** An entry with the end that the application lists; the file's own counts only where it is not listed. Pure. */
export function withListedEnd(entry: PreviousCredential, have: Have): PreviousCredential {
  const listed = listedByKeyId(entry, have.application);
  if (listed === undefined) return entry;
  const { expires: _fromFile, ...rest } = entry;
  return listed.endDateTime === '' ? rest : { ...rest, expires: listed.endDateTime };
}

/**
 * Whether a credential that a read did not show is gone: somebody else removed it. Rejects with WizardError
 * `removal-unconfirmed` where that cannot be read.
 */
export function isGoneAlready(
  { kind, keyId }: Pick<PreviousCredential, 'kind' | 'keyId'>,
  have: Have,
  io: Pick<ApplyIo, 'directory' | 'now' | 'sleep'>,
): Promise<boolean> {
  const { application } = have;
  if (!application || kind === 'federated') return Promise.resolve(false);
  const target = targetOf(application, have);
  const what = `the replaced ${kind === 'secret' ? 'client secret' : 'certificate'} with key ID ${keyId}`;
  const lists = async (): Promise<readonly string[]> =>
    kind === 'secret'
      ? (await listPasswords(target, io.directory)).map((held) => held.keyId)
      : (await readKeys(target, io)).map((entry) => textOf(entry['keyId']));
  return isGone({ what, isThere: async () => (await lists()).some((held) => sameId(held, keyId)) }, io);
}
