import type { PreviousCredential, ReportingConfig } from '../../config/config.ts';
import { addDuration, type Duration } from '../../core/duration.ts';
import { sameId } from '../../core/fields.ts';
import { isoSeconds } from '../../core/moment.ts';
import type { Application, ListedCredential } from '../directory-objects.ts';
import type { Have } from '../model.ts';

/** How long a credential that was replaced stays at least, where nobody says. */
export const defaultOverlap: Duration = { months: 0, days: 7, seconds: 0 };

/** Key ids of everything that a config file names: none of it is a stranger's, and none was lost. Pure. */
export const namedKeyIds = (config: ReportingConfig | undefined): readonly string[] => {
  const { keyId, previous = [] } = config?.credential ?? {};
  return [...(keyId === undefined ? [] : [keyId]), ...previous.map((entry) => entry.keyId)];
};

/** To the second, as Graph writes dates; up, so that no sign-in of before counts as one of after. */
const wholeSecond = (date: Date): string => isoSeconds(Math.ceil(date.getTime() / 1_000) * 1_000);

/** Key ids that this program made are GUIDs of version 8 (RFC 9562), which Graph gives to none. */
export const isOwnKeyId = (keyId: string): boolean => /^.{8}-.{4}-8.{3}-8/.test(keyId);

/** The secret or certificate that an application lists with that key id. Pure. */
export const listedByKeyId = (
  { keyId }: Pick<PreviousCredential, 'keyId'>,
  application: Application | undefined,
): ListedCredential | undefined =>
  application &&
  [...application.passwordCredentials, ...application.keyCredentials].find((one) => sameId(one.keyId, keyId));

/** What the names of federated credentials begin with that this program made. */
export const trustNamePrefix = 'reporting-setup-';

/** Whether a federated credential goes by a name that only this program gives. Pure. */
export const isNamedByUs = (name: string | undefined): name is string =>
  name?.startsWith(trustNamePrefix) === true;

/** Whether it is for this program to remove one day: a certificate that somebody else added stays. */
function isOurs(saved: Held, { certificates }: Have): boolean {
  const { kind, keyId, displayName } = saved.credential;
  if (kind === 'secret') return true;
  if (kind === 'federated') return isNamedByUs(displayName);
  const file = saved.certificatePath === undefined ? undefined : certificates.saved;
  return isOwnKeyId(keyId) || (typeof file === 'object' && file.isOwn && !file.isEncrypted);
}

/** What a file holds that names its credential by a key id. */
type Held = ReportingConfig & { readonly credential: { readonly keyId: string } };

const namesKey = (saved: ReportingConfig | undefined): saved is Held => saved?.credential.keyId !== undefined;

function goesOnWorking({ credential }: Held, { saved, application }: Have): boolean {
  if (saved === undefined || saved.accepted === 'no') return false;
  if (saved.accepted !== 'unknown' || credential.kind === 'federated') return true;
  return listedByKeyId(saved, application) !== undefined;
}

/**
 * Whether the file's credential goes on working when another takes its place: then it is kept beside that, and named in
 * the file. `saved` is what the file holds of this application. Pure.
 */
export const staysBeside = (saved: ReportingConfig | undefined, have: Have): saved is Held =>
  namesKey(saved) && isOurs(saved, have) && goesOnWorking(saved, have);

/** The entry of a credential that is replaced at that time. Pure. */
function entryFor({ credential, certificatePath }: Held, now: Date, overlap: Duration): PreviousCredential {
  const { kind, keyId, expires } = credential;
  const replacedAt = wholeSecond(now);
  const retireAfter = wholeSecond(addDuration(new Date(replacedAt), overlap));
  return {
    kind,
    keyId,
    ...(expires === undefined ? {} : { expires }),
    replacedAt,
    retireAfter,
    ...(certificatePath === undefined ? {} : { certificatePath }),
  };
}

/**
 * What the file is to name as replaced once it names the credential with that key id: what it named before, and the one
 * that goes on working. Nothing where there is none. Pure.
 */
export function previousAfter(
  keyId: string,
  saved: ReportingConfig | undefined,
  have: Have,
  { now, overlap = defaultOverlap }: { readonly now: Date; readonly overlap?: Duration | undefined },
): { readonly previous?: readonly PreviousCredential[] } {
  const replaced =
    staysBeside(saved, have) && !sameId(saved.credential.keyId, keyId) ? [entryFor(saved, now, overlap)] : [];
  const earlier = (saved?.credential.previous ?? []).filter(
    (entry) => !sameId(entry.keyId, keyId) && !sameId(entry.keyId, replaced[0]?.keyId),
  );
  const previous = [...earlier, ...replaced];
  return previous.length === 0 ? {} : { previous };
}
