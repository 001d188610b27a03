import type { SecretMarker } from '../../config/secret-note.ts';
import { WizardError } from '../../core/errors.ts';
import { fieldsOf, sameId, textOf } from '../../core/fields.ts';
import { Secret } from '../../core/secret.ts';
import type { Directory } from '../../graph/directory.ts';
import { isNotFound, withFallback } from '../../graph/directory-error.ts';
import { parseApplication } from '../application/read-application.ts';
import type { Target } from '../changes.ts';
import type { ListedCredential } from '../directory-objects.ts';
import type { ApplyIo, CreatedSecret } from '../model.ts';

/** What a new client secret is asked to be. ISO 8601; it begins now by default (graph-docs application-addpassword). */
export interface PasswordRequest {
  readonly displayName: string;
  readonly endDateTime: string;
}

/** The client secrets an application lists now. */
async function listPasswords(target: Target, directory: Directory): Promise<readonly ListedCredential[]> {
  const body = await directory.send({
    method: 'GET',
    path: `/applications/${target.applicationId}?$select=id,passwordCredentials`,
    purpose: 'look for a client secret whose text was lost',
    awaits: target.awaits,
  });
  return parseApplication(body).passwordCredentials;
}

/** Asks for a new client secret once. Rejects with DirectoryError, or WizardError when the reply holds none. */
export async function addPassword(
  target: Target,
  request: PasswordRequest,
  directory: Directory,
): Promise<CreatedSecret> {
  const body = await directory.send({
    method: 'POST',
    path: `/applications/${target.applicationId}/addPassword`,
    body: { passwordCredential: request },
    purpose: 'create the client secret',
    awaits: target.awaits,
    once: true,
  });
  const fields = fieldsOf(body);
  const text = textOf(fields['secretText']);
  const keyId = textOf(fields['keyId']);
  if (text === '' || keyId === '') {
    throw new WizardError(
      'graph-refused',
      'Microsoft Graph answered without the client secret it was asked for.',
      {
        remedy: 'Run the same command again: it removes the secret that nobody holds and makes another.',
      },
    );
  }
  return {
    kind: 'secret',
    keyId,
    displayName: request.displayName,
    expires: textOf(fields['endDateTime']) || request.endDateTime,
    secret: Secret.of(text),
  };
}

/** Removes a client secret; one that is gone already is fine. */
export async function removePassword(
  { applicationId, awaits }: Target,
  keyId: string,
  directory: Directory,
): Promise<void> {
  const removal = directory.send({
    method: 'POST',
    path: `/applications/${applicationId}/removePassword`,
    body: { keyId },
    purpose: 'remove a client secret',
    awaits,
    repeatable: true,
  });
  await withFallback(removal, (failure) => isNotFound(failure) || isUnknownKey(failure.message), undefined);
}

/** Graph's words for a keyId that the application no longer lists are not documented; the list decides. */
const isUnknownKey = (message: string): boolean => /no password credential found with keyid/i.test(message);

/** The secrets that fit a marker: new since it was written, of its name and of its very end. Pure. */
export function lostSecrets(
  marker: SecretMarker,
  listed: readonly ListedCredential[],
): readonly ListedCredential[] {
  return listed.filter(
    (credential) =>
      credential.displayName === marker.displayName &&
      Date.parse(credential.endDateTime) === Date.parse(marker.endDateTime) &&
      !marker.knownKeyIds.some((keyId) => sameId(keyId, credential.keyId)),
  );
}

/** Reads that may miss what was written a moment ago, so one empty answer proves little. */
const looks = 3;
const pause = 1_000;

/**
 * Finds and removes the secret of a marker, except `kept`. More than one match means that the marker is not enough:
 * then none is removed. Returns the key ids that were removed.
 */
export async function removeLostSecret(
  marker: SecretMarker,
  kept: string | undefined,
  awaits: readonly string[],
  io: Pick<ApplyIo, 'directory' | 'sleep'>,
): Promise<readonly string[]> {
  const target = { applicationId: marker.applicationId, awaits };
  for (let look = 1; look <= looks; look += 1) {
    const matches = lostSecrets(marker, await listPasswords(target, io.directory)).filter(
      (credential) => !sameId(credential.keyId, kept),
    );
    const [only] = matches;
    if (only && matches.length === 1) {
      await removePassword(target, only.keyId, io.directory);
      return [only.keyId];
    }
    if (look < looks) await io.sleep(pause);
  }
  return [];
}
