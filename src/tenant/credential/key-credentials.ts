import type { LocalCertificate } from '../../config/certificate.ts';
import { WizardError } from '../../core/errors.ts';
import { type Fields, fieldsOf, listOf, sameId, textOf } from '../../core/fields.ts';
import { DirectoryError } from '../../graph/directory-error.ts';
import { isResource } from '../../graph/resource-schemas.ts';
import { createRetryPolicy } from '../../http/retry.ts';
import { confirms, type Target, targetOf } from '../changes.ts';
import { removeForGood } from '../confirm-removal.ts';
import type { Application, KeyCredential } from '../directory-objects.ts';
import type { ApplyIo, Have, Update } from '../model.ts';

/** Graph shortens longer names (CSDL, keyCredential). */
const longestName = 90;

/** An application whose list of certificates is written as a whole. */
export interface KeyTarget extends Target {
  /** Key ids that this run saw and did not remove: a list without one of them is that of a copy that lags. */
  readonly seen: readonly string[];
}

/** What the list of an application's certificates is to hold, and what no longer. */
export interface KeyChange {
  readonly present?: { readonly certificate: LocalCertificate; readonly displayName: string } | undefined;
  /** Key ids. */
  readonly absent?: readonly string[];
}

/** Graph writes the thumbprint as text or as bytes in base64, depending on how the certificate came. */
const spellings = (thumbprint: string): string[] => [
  thumbprint,
  Buffer.from(thumbprint, 'hex').toString('base64'),
  Buffer.from(thumbprint).toString('base64'),
];

function isListedAs(
  { keyId: ownId, thumbprint }: LocalCertificate,
  { keyId, customKeyIdentifier }: Pick<KeyCredential, 'keyId' | 'customKeyIdentifier'>,
): boolean {
  return (
    sameId(keyId, ownId) ||
    spellings(thumbprint).includes(customKeyIdentifier) ||
    customKeyIdentifier.toUpperCase() === thumbprint
  );
}

/** The entry of an application that is this certificate. Pure. */
export function listedKey(
  certificate: LocalCertificate,
  listed: readonly KeyCredential[],
): KeyCredential | undefined {
  return listed.find((entry) => isListedAs(certificate, entry));
}

/** The key id of the file's certificate where Entra took it in this run: then the application has it, listed or not. */
function acceptedKey({ saved, certificates, config }: Have, listed: readonly KeyCredential[]): string[] {
  if (saved?.accepted !== 'yes' || saved.keyId === '') return [];
  if (config.status !== 'ok' || config.config.credential.kind !== 'certificate') return [];
  const own = certificates.saved;
  return typeof own === 'object' && listedKey(own, listed) ? [] : [saved.keyId];
}

/** The application that a change of its certificates is of, with those that the run saw. Pure. */
export function keyTargetOf(application: Application, have: Have): KeyTarget {
  const listed = application.keyCredentials;
  const known = [...listed.map(({ keyId }) => keyId), ...acceptedKey(have, listed)];
  const removed = have.removedKeys ?? [];
  const seen = known.filter((keyId) => keyId !== '' && !removed.some((gone) => sameId(gone, keyId)));
  return { ...targetOf(application, have), seen };
}

/** What is so once a certificate was removed. */
export const withoutKey =
  (keyId: string): Update =>
  (have) => ({ ...have, removedKeys: [...(have.removedKeys ?? []), keyId] });

function entryFor(certificate: LocalCertificate, displayName: string): Fields {
  return {
    keyId: certificate.keyId,
    displayName: [...displayName].slice(0, longestName).join(''),
    type: 'AsymmetricX509Cert',
    usage: 'Verify',
    key: certificate.key,
    startDateTime: certificate.notBefore,
    endDateTime: certificate.notAfter,
  };
}

/** Whether an entry is this certificate: by its bytes where they show, else by its id or thumbprint. */
export function isSameKey(entry: Fields, certificate: LocalCertificate): boolean {
  const key = textOf(entry['key']);
  if (key !== '') return Buffer.from(key, 'base64').equals(Buffer.from(certificate.key, 'base64'));
  const [keyId, customKeyIdentifier] = [textOf(entry['keyId']), textOf(entry['customKeyIdentifier'])];
  return isListedAs(certificate, { keyId, customKeyIdentifier });
}

/** The list as it is to be; undefined where it is so already. Pure. */
function changed(held: readonly Fields[], { present, absent = [] }: KeyChange): Fields[] | undefined {
  const kept = held.filter((entry) => !absent.some((keyId) => sameId(keyId, textOf(entry['keyId']))));
  const missing = present && !kept.some((entry) => isSameKey(entry, present.certificate));
  if (!missing && kept.length === held.length) return undefined;
  return present && missing ? [...kept, entryFor(present.certificate, present.displayName)] : kept;
}

/**
 * Keys come along only when the certificates of one object are asked for by name (how-to-add-certificate). An entry that
 * shows none is sent back without: Graph knows it by its id and keeps its key (recorded of a client that does so).
 */
export async function readKeys(
  { applicationId, awaits }: Target,
  io: Pick<ApplyIo, 'directory'>,
): Promise<Fields[]> {
  const body = await io.directory.send({
    method: 'GET',
    path: `/applications/${applicationId}?$select=keyCredentials`,
    purpose: "read the application's certificates",
    awaits,
    accepts: isResource('keyCredentials'),
  });
  return listOf(fieldsOf(body)['keyCredentials']);
}

/** Milliseconds between two reads of a list that lacks what was seen, and how long it is read. */
const pause = 2_000;
const longest = 60_000;

const isIn = (keyId: string, held: readonly Fields[]): boolean =>
  held.some((entry) => sameId(textOf(entry['keyId']), keyId));

/**
 * Reads the list until it shows all that this run saw and does not mean to remove: what a written list lacks is gone.
 * Throws WizardError `removal-unconfirmed` or `directory-lagging` where it goes on lacking one.
 */
async function readWhole(
  target: KeyTarget,
  { absent = [] }: KeyChange,
  io: Pick<ApplyIo, 'directory' | 'sleep'>,
): Promise<readonly Fields[]> {
  const needed = target.seen.filter((keyId) => !absent.some((leaving) => sameId(leaving, keyId)));
  for (let waited = 0; ; waited += pause) {
    const held = await readKeys(target, io);
    const lacking = needed.find((keyId) => !isIn(keyId, held));
    if (lacking === undefined) return held;
    if (waited >= longest) {
      throw new WizardError(
        absent.length > 0 ? 'removal-unconfirmed' : 'directory-lagging',
        `The application's certificates were not changed: Microsoft Graph no longer lists the one with key ID ${lacking}, which it listed or accepted when this run began. Its servers may not agree, or somebody has removed it meanwhile.`,
        { remedy: 'Wait a few minutes and run the same command again: it reads the certificates anew.' },
      );
    }
    await io.sleep(pause);
  }
}

type ChangeIo = Pick<ApplyIo, 'directory' | 'now' | 'sleep' | 'random' | 'permitted'>;

/** Writes the list once; the failure, where another try from a fresh read may help. */
async function tryWrite(keys: readonly Fields[], target: Target, io: ChangeIo, purpose: string) {
  try {
    await io.directory.send({
      method: 'PATCH',
      path: `/applications/${target.applicationId}`,
      body: { keyCredentials: keys },
      purpose,
      once: true,
      accepts: confirms(target.applicationId),
    });
    return undefined;
  } catch (error) {
    if (error instanceof DirectoryError) return error;
    throw error;
  }
}

/** The id under which the certificate is listed, or will be. */
function idOf(held: readonly Fields[], { present }: KeyChange): string {
  const entry = present && held.find((candidate) => isSameKey(candidate, present.certificate));
  return textOf(entry?.['keyId']) || (present?.certificate.keyId ?? '');
}

/**
 * Writes the list anew until that succeeds; after a conflict or a lost reply it is read again and merged anew. Gives the
 * list as it was read last. Rejects with DirectoryError, or as readWhole does.
 */
async function mergeKeys(
  target: KeyTarget,
  change: KeyChange,
  purpose: string,
  io: ChangeIo,
): Promise<readonly Fields[]> {
  const patience = createRetryPolicy(io);
  for (;;) {
    const held = await readWhole(target, change, io);
    const keys = changed(held, change);
    if (!keys) return held;
    const error = await tryWrite(keys, target, io, purpose);
    if (!error) return held;
    const wait = patience.after({
      failure: error.failure,
      repeatable: true,
      fresh: target.awaits.length > 0,
      permitted: io.permitted,
    });
    if (!wait) throw error;
    await io.sleep(wait.delay);
  }
}

/**
 * Adds a certificate to an application, where it is not there yet, and leaves all others as they are. Gives its key id.
 * Rejects with DirectoryError, or WizardError `directory-lagging`.
 */
export async function addKey(
  target: KeyTarget,
  present: NonNullable<KeyChange['present']>,
  purpose: string,
  io: ChangeIo,
): Promise<string> {
  return idOf(await mergeKeys(target, { present }, purpose, io), { present });
}

/**
 * Removes a certificate until the lists agree that it is gone. `present` has to stay: a copy of the directory that lags
 * may not show it yet, and left out it would be gone. Rejects with DirectoryError, or with WizardError
 * `removal-unconfirmed`.
 */
export function removeKey(
  target: KeyTarget,
  keyId: string,
  present: KeyChange['present'],
  purpose: string,
  io: ChangeIo,
): Promise<void> {
  const lists = (held: readonly Fields[]): boolean => isIn(keyId, held);
  return removeForGood(
    {
      what: `the certificate with key ID ${keyId}`,
      remove: async () => lists(await mergeKeys(target, { present, absent: [keyId] }, purpose, io)),
      isThere: async () => lists(await readKeys(target, io)),
    },
    io,
  );
}
