import type { SecretMarker } from '../../config/secret-note.ts';
import { WizardError } from '../../core/errors.ts';
import { fieldsOf, sameId, textOf } from '../../core/fields.ts';
import { Secret } from '../../core/secret.ts';
import { joinWords } from '../../core/text.ts';
import type { Directory } from '../../graph/directory.ts';
import { isNotFound, withFallback } from '../../graph/directory-error.ts';
import { isResource } from '../../graph/resource-schemas.ts';
import type { Failure } from '../../http/retry.ts';
import { parseCredentials } from '../application/read-application.ts';
import type { Target } from '../changes.ts';
import { removeForGood, sendRemoval } from '../confirm-removal.ts';
import type { ListedCredential } from '../directory-objects.ts';
import type { ApplyIo, CreatedSecret } from '../model.ts';

type RemovalIo = Pick<ApplyIo, 'directory' | 'now' | 'sleep'>;

/** What a new client secret is asked to be. ISO 8601; it begins now by default (graph-docs application-addpassword). */
export interface PasswordRequest {
  readonly displayName: string;
  readonly endDateTime: string;
}

/** The client secrets an application lists now; none where it is gone: what belongs to it goes with it. */
export async function listPasswords(
  target: Target,
  directory: Directory,
): Promise<readonly ListedCredential[]> {
  const body = directory.send({
    method: 'GET',
    path: `/applications/${target.applicationId}?$select=id,passwordCredentials`,
    purpose: 'read the client secrets of the application',
    awaits: target.awaits,
    accepts: isResource('passwordCredentials'),
  });
  const listed = body.then((shown) => parseCredentials(fieldsOf(shown)).passwordCredentials);
  return withFallback(listed, isNotFound, []);
}

/** Completes "could not …". */
export const creationPurpose = 'create the client secret';

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
    purpose: creationPurpose,
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

/** What a client secret is called where nobody can tell whether it is gone. */
const secretName = (keyId: string): string => `the client secret with key ID ${keyId}`;

/**
 * Removes a client secret until the lists agree that it is gone. Rejects with DirectoryError, or with WizardError
 * `removal-unconfirmed`.
 */
export function removePassword(target: Target, keyId: string, io: RemovalIo): Promise<void> {
  const { applicationId, awaits } = target;
  const request = {
    method: 'POST',
    path: `/applications/${applicationId}/removePassword`,
    body: { keyId },
    purpose: 'remove a client secret',
    awaits,
    repeatable: true,
  } as const;
  return removeForGood(
    {
      what: secretName(keyId),
      remove: () => sendRemoval(io.directory, request, isUnknownSecret),
      isThere: async () =>
        (await listPasswords(target, io.directory)).some((held) => sameId(held.keyId, keyId)),
    },
    io,
  );
}

/** Recorded of a secret that is gone, and of one made seconds ago that a copy of the directory does not know yet. */
const isUnknownSecret = (failure: Failure): boolean =>
  isNotFound(failure) || /no password credential found with keyid/i.test(failure.message);

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

/** How long a lost secret is looked for: looks in a row that show none, and milliseconds since it may have been made. */
interface Search {
  readonly looks: number;
  readonly span: number;
}

/** Between two tries, where it is looked for once more in the end; and where nobody looks again. */
export const quickSearch: Search = { looks: 3, span: 0 };
export const fullSearch: Search = { looks: 2, span: 10_000 };

const pause = 1_000;

const ambiguous = (matches: readonly ListedCredential[]): WizardError =>
  new WizardError(
    'removal-unconfirmed',
    `Several client secrets may be the one whose reply was lost: key IDs ${joinWords(matches.map(({ keyId }) => keyId))}.`,
    {
      remedy:
        'Find out which of them nobody uses, and remove it under App registrations > Certificates & secrets. Then run the same command again.',
    },
  );

/**
 * Finds and removes the secret of a marker, except `kept`. `since` is when it may have been made, in epoch milliseconds;
 * now where it is absent. Returns the key ids that were removed. Rejects with WizardError `removal-unconfirmed` where more
 * than one fits, of which none is removed, or where nobody can tell whether it is gone; and with DirectoryError.
 */
export async function removeLostSecret(
  marker: SecretMarker,
  kept: readonly string[],
  awaits: readonly string[],
  io: RemovalIo,
  { looks, span }: Search,
  since: number = io.now().getTime(),
): Promise<readonly string[]> {
  const target = { applicationId: marker.applicationId, awaits };
  for (let look = 1; ; look += 1) {
    const matches = lostSecrets(marker, await listPasswords(target, io.directory)).filter(
      ({ keyId }) => !kept.some((held) => sameId(held, keyId)),
    );
    const [only] = matches;
    if (matches.length > 1) throw ambiguous(matches);
    if (only) {
      await removePassword(target, only.keyId, io);
      return [only.keyId];
    }
    if (look >= looks && io.now().getTime() - since >= span) return [];
    await io.sleep(pause);
  }
}
