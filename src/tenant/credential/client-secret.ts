import type { SecretMarker } from '../../config/secret-note.ts';
import { cappedEnd, formatDuration } from '../../core/duration.ts';
import { WizardError } from '../../core/errors.ts';
import { sameId } from '../../core/fields.ts';
import { isoSeconds } from '../../core/moment.ts';
import { DirectoryError, graphError, mayHaveActed } from '../../graph/directory-error.ts';
import { createRetryPolicy } from '../../http/retry.ts';
import { removalOf, requireApplication, type Target, targetOf } from '../changes.ts';
import { isUnconfirmed } from '../confirm-removal.ts';
import type { ApplyIo, Change, CreatedSecret, Have, LostMarker, Update, Wanted } from '../model.ts';
import { saveCreated, savedConfig } from '../saved-config.ts';
import {
  addPassword,
  lostSecrets,
  type PasswordRequest,
  quickSearch,
  removeLostSecret,
  removePassword,
} from './password-credentials.ts';
import { namedKeyIds } from './previous-credentials.ts';

/** When a secret made now ends, and whether the tenant's cap shortened it. Pure. */
export const secretEnd = (
  want: Pick<Wanted, 'secretLifetime'>,
  { policy }: Pick<Have, 'policy'>,
  now: Date,
) => cappedEnd(now, want.secretLifetime, policy?.secretLifetimeCap);

/** The end of the first try, drawn out of ten minutes, so that no two machines make secrets that look the same. */
function drawnEnd(want: Wanted, have: Have, io: Pick<ApplyIo, 'now' | 'random'>): Date {
  const { end } = secretEnd(want, have, io.now());
  return new Date(end.getTime() - Math.floor(io.random() * 600) * 1_000);
}

/** Each try, counted from 1, ends a second earlier than the one before it. It begins when Entra says: by the clock that judges it. */
const requestFor = ({ secretName }: Wanted, end: Date, attempt: number): PasswordRequest => ({
  displayName: secretName,
  endDateTime: isoSeconds(new Date(end.getTime() - (attempt - 1) * 1_000)),
});

function markerFor(request: PasswordRequest, target: Target, have: Have): SecretMarker {
  return {
    applicationId: target.applicationId,
    displayName: request.displayName,
    endDateTime: request.endDateTime,
    knownKeyIds: have.application?.passwordCredentials.map(({ keyId }) => keyId) ?? [],
  };
}

const markerOf = (created: CreatedSecret, target: Target, have: Have): SecretMarker =>
  markerFor({ displayName: created.displayName, endDateTime: created.expires }, target, have);

/** A secret whose text is held, and the marks of tries that may have made another. */
interface Added {
  readonly created: CreatedSecret;
  readonly lost: readonly LostMarker[];
}

/** Whether what a try may have made is certainly gone: found, and seen to be removed. */
async function isCleared(marker: SecretMarker, target: Target, io: ApplyIo): Promise<boolean> {
  try {
    return (await removeLostSecret(marker, [], target.awaits, io, quickSearch)).length > 0;
  } catch (error) {
    if (error instanceof DirectoryError || isUnconfirmed(error)) return false;
    throw error;
  }
}

/** Replies that are garbled each time are not going to be another: each may have made a secret. */
const isHopeless = ({ failure }: DirectoryError, attempt: number): boolean =>
  failure.kind === 'malformed' && attempt >= 3;

/** The mark of a try that failed, where nobody saw what it may have made go. */
async function lostBy(
  { failure }: DirectoryError,
  marker: LostMarker,
  target: Target,
  io: ApplyIo,
): Promise<LostMarker[]> {
  if (!mayHaveActed(failure)) return [{ ...marker, denied: true }];
  return (await isCleared(marker, target, io)) ? [] : [marker];
}

/**
 * Asks for the secret until it comes. Each try is recorded beforehand by a marker of its own; one whose reply was lost
 * may have made a secret, which is looked for and removed before the next try. `lost` are the markers of such tries of
 * which nobody saw a secret go, and of those that were refused: they are looked for in the end.
 */
async function addUntilHeld(want: Wanted, have: Have, target: Target, io: ApplyIo): Promise<Added> {
  const patience = createRetryPolicy(io);
  const fresh = target.awaits.length > 0;
  const lost: LostMarker[] = [];
  const end = drawnEnd(want, have, io);
  for (let attempt = 1; ; attempt += 1) {
    const request = requestFor(want, end, attempt);
    const marker = markerFor(request, target, have);
    await io.note.write(marker);
    try {
      return { created: await addPassword(target, request, marker.knownKeyIds, io.directory), lost };
    } catch (error) {
      if (!(error instanceof DirectoryError)) throw error;
      const at = io.now().getTime();
      // Repeatable as far as the policy is concerned: what a lost reply may have left is removed first.
      const wait = patience.after({
        failure: error.failure,
        repeatable: true,
        fresh,
        permitted: io.permitted,
      });
      if (!wait || isHopeless(error, attempt)) {
        // Nobody looks for it after this one: what it may have left goes now, or is told of by the note.
        await lostBy(error, { ...marker, at }, target, io);
        throw error;
      }
      await io.sleep(wait.delay);
      lost.push(...(await lostBy(error, { ...marker, at }, target, io)));
    }
  }
}

/** A secret that cannot be saved, and of which nobody can tell that it is gone: whoever reads the error has to know. */
function stillValid(error: unknown, doubt: unknown, keyId: string): unknown {
  if (!(error instanceof WizardError)) return error;
  const why = doubt instanceof DirectoryError ? graphError(doubt).message : '';
  const told = why || (doubt instanceof Error ? doubt.message : String(doubt));
  return new WizardError(
    error.code,
    `${error.message} The client secret that was made for it (key ID ${keyId}) may still be valid. ${told}`,
    {
      remedy: `${error.remedy} The next run with the same output looks for that secret and removes it.`,
      cause: error,
    },
  );
}

/** Saves what was just made. A secret that cannot be saved is lost for good and must not stay behind as a valid one. */
async function save(want: Wanted, have: Have, { created, lost }: Added, target: Target, io: ApplyIo) {
  try {
    await saveCreated(want, have, created, io);
  } catch (error) {
    try {
      await removePassword(target, created.keyId, io);
      // The reply may have shown the key id of another: by its name and end it has to be gone as well.
      await removeLostSecret(markerOf(created, target, have), [], target.awaits, io, quickSearch);
    } catch (doubt) {
      // The note stays, so that the next run looks for it.
      throw stillValid(error, doubt, created.keyId);
    }
    if (have.markers.length + lost.length === 0) await io.note.clear();
    throw error;
  }
}

/** The secret is made and saved in one change: nothing comes between the reply and the file. */
async function create(want: Wanted, have: Have, io: ApplyIo): Promise<Update> {
  const target = targetOf(requireApplication(have), have);
  const added = await addUntilHeld(want, have, target, io);
  await save(want, have, added, target, io);
  const { created, lost } = added;
  return (current) => ({ ...current, created, markers: [...current.markers, ...lost] });
}

/** The change that removes a client secret by its key id. */
export const secretRemoval = (keyId: string, name: string, title: string): Change =>
  removalOf({ kind: 'passwordCredential', name, id: keyId, title }, async (now, io) => {
    const { application } = now;
    if (application) await removePassword(targetOf(application, now), keyId, io);
  });

/** Secrets that a record of this installation names and whose text nobody has. */
export function lostSecretRemovals(have: Have): Change[] {
  const { application } = have;
  const named = namedKeyIds(savedConfig(have));
  return have.markers.flatMap((marker) => {
    if (!application || !sameId(marker.applicationId, application.id)) return [];
    const lost = lostSecrets(marker, application.passwordCredentials).filter(
      ({ keyId }) => !named.some((held) => sameId(held, keyId)),
    );
    const [only] = lost;
    if (!only || lost.length > 1) return [];
    const name = only.displayName ?? only.keyId;
    const title = `Remove client secret "${name}" of a run that was cut: no file near by holds it`;
    return [secretRemoval(only.keyId, name, title)];
  });
}

/** The change that makes a client secret and saves it. */
export function secretCreation(want: Wanted, have: Have, now: Date): Change {
  const { end, capped } = secretEnd(want, have, now);
  const note = capped ? ` (the tenant allows ${formatDuration(capped)} at most)` : '';
  return {
    action: 'create',
    kind: 'passwordCredential',
    name: want.secretName,
    title: `Create client secret "${want.secretName}", valid until ${isoSeconds(end).slice(0, 10)}${note}, and save it`,
    ...(have.policy?.secretsBlocked ? { blocked: "the tenant's policy blocks client secrets" } : {}),
    apply: (current, io) => create(want, current, io),
  };
}
