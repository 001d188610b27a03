import { sameId } from '../../core/fields.ts';
import type { Directory } from '../../graph/directory.ts';
import type { Target } from '../changes.ts';
import type { ListedCredential } from '../directory-objects.ts';
import type { CreatedSecret } from '../model.ts';
import { readIfPossible, seenIn } from '../optional-read.ts';
import { listPasswords, lostSecrets } from './password-credentials.ts';

/** A list in which a secret that was just made is seen. */
export interface SeenSecret {
  /** Under this it is listed: what the reply to its making said may have been of another. */
  readonly keyId: string;
  readonly listed: readonly ListedCredential[];
}

/** Copies of the directory that lag show it within seconds; what is not seen by then is left to the next run. */
const looks = 4;
const pause = 1_000;

/** The secret by its key id, else the only one of its name and its very end that was not there before. Pure. */
function findCreated(
  { keyId, displayName, expires }: CreatedSecret,
  applicationId: string,
  knownKeyIds: readonly string[],
  listed: readonly ListedCredential[],
): string | undefined {
  const byId = listed.find((one) => sameId(one.keyId, keyId));
  if (byId) return byId.keyId;
  const marker = { applicationId, displayName, endDateTime: expires, knownKeyIds };
  const [only, ...others] = lostSecrets(marker, listed);
  return others.length === 0 ? only?.keyId : undefined;
}

/**
 * Looks for a secret that was just made in the application's own list. Undefined where it is not seen: that says nothing.
 * Rejects when the run is cancelled. Milliseconds.
 */
export async function seeCreated(
  created: CreatedSecret,
  knownKeyIds: readonly string[],
  target: Target,
  io: { readonly directory: Directory; readonly sleep: (delay: number) => Promise<void> },
): Promise<SeenSecret | undefined> {
  for (let look = 1; ; look += 1) {
    const listed = seenIn(await readIfPossible(io.directory, (optional) => listPasswords(target, optional)));
    const keyId = listed && findCreated(created, target.applicationId, knownKeyIds, listed);
    if (listed && keyId !== undefined) return { keyId, listed };
    if (look >= looks) return undefined;
    await io.sleep(pause);
  }
}
