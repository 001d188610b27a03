import type { SecretMarker } from '../../config/secret-note.ts';
import { fieldsOf, sameId, textOf } from '../../core/fields.ts';
import { Secret } from '../../core/secret.ts';
import type { Directory } from '../../graph/directory.ts';
import { isNotFound, withFallback } from '../../graph/directory-error.ts';
import { isResource } from '../../graph/resource-schemas.ts';
import { parseCredentials } from '../application/read-application.ts';
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
    accepts: isResource('passwordCredentials'),
  });
  return parseCredentials(fieldsOf(body)).passwordCredentials;
}

/** Graph may shorten a long name, as it does those of certificates. */
const isNamed = (shown: string, asked: string): boolean =>
  shown === asked || (shown.length >= 60 && asked.startsWith(shown));

/** Whether a reply shows the secret that was asked for, under a key id that was not there before. Pure. */
export function showsSecret(
  shown: unknown,
  { displayName }: Pick<PasswordRequest, 'displayName'>,
  known: readonly string[],
): boolean {
  if (!isResource('newPassword')(shown)) return false;
  const { keyId, secretText, hint, displayName: name } = fieldsOf(shown);
  if (!isNamed(textOf(name), displayName)) return false;
  if (known.some((id) => sameId(id, textOf(keyId)))) return false;
  // The hint is how the text begins (graph-docs passwordcredential): another one is of another secret.
  return textOf(secretText).startsWith(textOf(hint)) && textOf(secretText) !== textOf(keyId);
}

/**
 * Asks for a new client secret once; `known` are the key ids that were there before. Rejects with DirectoryError, also
 * where the reply does not show it.
 */
export async function addPassword(
  target: Target,
  request: PasswordRequest,
  known: readonly string[],
  directory: Directory,
): Promise<CreatedSecret> {
  const body = await directory.send({
    method: 'POST',
    path: `/applications/${target.applicationId}/addPassword`,
    body: { passwordCredential: request },
    purpose: 'create the client secret',
    awaits: target.awaits,
    once: true,
    accepts: (shown) => showsSecret(shown, request, known),
  });
  const fields = fieldsOf(body);
  return {
    kind: 'secret',
    keyId: textOf(fields['keyId']),
    displayName: request.displayName,
    expires: textOf(fields['endDateTime']),
    secret: Secret.of(textOf(fields['secretText'])),
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
