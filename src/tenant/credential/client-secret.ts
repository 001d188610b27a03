import type { ReportingConfig } from '../../config/config.ts';
import type { SecretMarker } from '../../config/secret-note.ts';
import { formatDuration } from '../../core/duration.ts';
import { WizardError } from '../../core/errors.ts';
import { sameId } from '../../core/fields.ts';
import { DirectoryError, mayHaveActed } from '../../graph/directory-error.ts';
import { createRetryPolicy } from '../../http/retry.ts';
import { awaited } from '../graph.ts';
import type { ApplyIo, Change, CreatedSecret, Have, Update, Wanted } from '../model.ts';
import { secretEnd } from '../policy/policy.ts';
import { rewrites, saveCreated, savedConfig } from '../saved-config.ts';
import {
  addPassword,
  lostSecrets,
  type PasswordRequest,
  removePassword,
  sweep,
  type Target,
} from './password-credentials.ts';
import { stays } from './saved-credential.ts';

/** Graph's dates without milliseconds, as its samples write them. */
const graphDate = (date: Date): string => `${date.toISOString().slice(0, 19)}Z`;

/**
 * The end is drawn out of ten minutes, so that no two machines make secrets that look the same; nor do two tries,
 * counted from 1, of this one.
 */
function requestFor(
  want: Wanted,
  have: Have,
  attempt: number,
  io: Pick<ApplyIo, 'now' | 'random'>,
): PasswordRequest {
  const now = io.now();
  const { end } = secretEnd(want, have, now);
  const drawn = new Date(end.getTime() - (Math.floor(io.random() * 600) + attempt - 1) * 1_000);
  return { displayName: want.secretName, startDateTime: graphDate(now), endDateTime: graphDate(drawn) };
}

function markerFor(request: PasswordRequest, target: Target, have: Have): SecretMarker {
  return {
    applicationId: target.applicationId,
    displayName: request.displayName,
    endDateTime: request.endDateTime,
    knownKeyIds: have.application?.passwordCredentials.map(({ keyId }) => keyId) ?? [],
  };
}

/**
 * Asks for the secret until it comes. Each try is recorded beforehand by a marker of its own; one whose reply was lost
 * may have made a secret, which is looked for and removed before the next try. `lost` are the markers of such tries.
 */
async function addUntilHeld(want: Wanted, have: Have, target: Target, io: ApplyIo) {
  const policy = createRetryPolicy(io);
  const fresh = target.awaits.length > 0;
  const lost: SecretMarker[] = [];
  for (let attempt = 1; ; attempt += 1) {
    const request = requestFor(want, have, attempt, io);
    const marker = markerFor(request, target, have);
    await io.note.write(marker);
    try {
      return { created: await addPassword(target, request, io.directory), lost };
    } catch (error) {
      lost.push(marker);
      if (!(error instanceof DirectoryError)) throw error;
      // Repeatable as far as the policy is concerned: what a lost reply may have left is removed first.
      const wait = policy.after({ failure: error.failure, repeatable: true, fresh });
      if (!wait) throw error;
      await io.sleep(wait.delay);
      if (mayHaveActed(error.failure)) await sweep(marker, undefined, target.awaits, io);
    }
  }
}

/** Saves what was just made. A secret that cannot be saved is lost for good and must not stay behind as a valid one. */
async function save(
  want: Wanted,
  have: Have,
  created: CreatedSecret,
  target: Target,
  io: ApplyIo,
): Promise<void> {
  try {
    await saveCreated(want, have, created, io);
  } catch (error) {
    // Where it cannot be removed now, the note lets the next run do so.
    await removePassword(target, created.keyId, io.directory).then(io.note.clear, () => undefined);
    throw error;
  }
}

/** The secret is made and saved in one change: nothing comes between the reply and the file. */
async function create(want: Wanted, have: Have, io: ApplyIo): Promise<Update> {
  const { application } = have;
  if (!application) throw new WizardError('unexpected', 'There is no application to create a secret for.');
  const target = { applicationId: application.id, awaits: awaited(have, application.id) };
  const { created, lost } = await addUntilHeld(want, have, target, io);
  await save(want, have, created, target, io);
  return (current) => ({ ...current, created, markers: [...current.markers, ...lost] });
}

/** The saved secret stays; the file is written again only where something else in it changed. */
export function secretKeep(want: Wanted, have: Have, saved: ReportingConfig): Change[] {
  const name = saved.credential.displayName ?? want.secretName;
  const until =
    saved.credential.expires === undefined ? '' : `, valid until ${saved.credential.expires.slice(0, 10)}`;
  const keep: Change = {
    action: 'keep',
    kind: 'passwordCredential',
    name,
    ...(saved.credential.keyId === undefined ? {} : { id: saved.credential.keyId }),
    title: `Client secret "${name}" in the file ${stays(have)}${until}`,
  };
  return [keep, ...rewrites(want, have, saved)];
}

/** The change that removes a client secret by its key id. */
export function secretRemoval(keyId: string, name: string, title: string): Change {
  return {
    action: 'remove',
    kind: 'passwordCredential',
    name,
    id: keyId,
    title,
    apply: async (now, io) => {
      const { application } = now;
      if (application) {
        await removePassword(
          { applicationId: application.id, awaits: awaited(now, application.id) },
          keyId,
          io.directory,
        );
      }
      return (current) => current;
    },
  };
}

/** Secrets that a record of this installation names and whose text nobody has. */
export function lostSecretRemovals(have: Have): Change[] {
  const { application } = have;
  const saved = savedConfig(have)?.credential.keyId;
  return have.markers.flatMap((marker) => {
    if (!application || !sameId(marker.applicationId, application.id)) return [];
    const lost = lostSecrets(marker, application.passwordCredentials).filter(
      ({ keyId }) => !sameId(keyId, saved),
    );
    const [only] = lost;
    if (!only || lost.length > 1) return [];
    const name = only.displayName ?? only.keyId;
    return [
      secretRemoval(
        only.keyId,
        name,
        `Remove client secret "${name}" of a run that was cut: no file holds it any more`,
      ),
    ];
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
    title: `Create client secret "${want.secretName}", valid until ${graphDate(end).slice(0, 10)}${note}, and save it`,
    ...(have.policy?.secretsBlocked ? { blocked: "the tenant's policy blocks client secrets" } : {}),
    apply: (current, io) => create(want, current, io),
  };
}
