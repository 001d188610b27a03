import type { PreviousCredential, ReportingConfig } from '../../config/config.ts';
import { addDuration, type Duration } from '../../core/duration.ts';
import { sameId } from '../../core/fields.ts';
import type { Have } from '../model.ts';

/** How long a credential that was replaced stays at least, where nobody says. */
export const defaultOverlap: Duration = { months: 0, days: 7, seconds: 0 };

/** Key ids of everything that a config file names: none of it is a stranger's, and none was lost. Pure. */
export const namedKeyIds = (config: ReportingConfig | undefined): readonly string[] => {
  const { keyId, previous = [] } = config?.credential ?? {};
  return [...(keyId === undefined ? [] : [keyId]), ...previous.map((entry) => entry.keyId)];
};

/** To the second, as Graph writes dates; up, so that no sign-in of before counts as one of after. */
const wholeSecond = (date: Date): string =>
  `${new Date(Math.ceil(date.getTime() / 1_000) * 1_000).toISOString().slice(0, 19)}Z`;

/** Key ids that this program made are GUIDs of version 8 (RFC 9562), which Graph gives to none. */
export const isOwnKeyId = (keyId: string): boolean => /^.{8}-.{4}-8.{3}-8/.test(keyId);

/** Whether it is for this program to remove one day: a certificate that somebody else added stays. */
function isOurs({ credential, certificatePath }: ReportingConfig, { certificates }: Have): boolean {
  const { kind, keyId = '', displayName = '' } = credential;
  if (kind === 'secret') return true;
  if (kind === 'federated') return displayName.startsWith('reporting-setup-');
  const { saved } = certificates;
  return (
    isOwnKeyId(keyId) ||
    (certificatePath !== undefined && typeof saved === 'object' && saved.isOwn && !saved.isEncrypted)
  );
}

/**
 * Whether the file's credential goes on working when another takes its place: then it is kept beside that, and named in
 * the file. `saved` is what the file holds of this application. Pure.
 */
export function staysBeside(saved: ReportingConfig | undefined, have: Have): boolean {
  if (saved?.credential.keyId === undefined || have.saved === undefined || !isOurs(saved, have)) return false;
  const { accepted, keyId } = have.saved;
  if (saved.credential.kind === 'federated') return accepted !== 'no';
  if (accepted === 'yes' || accepted === 'presumed') return true;
  const listed = [
    ...(have.application?.passwordCredentials ?? []),
    ...(have.application?.keyCredentials ?? []),
  ];
  return accepted === 'unknown' && listed.some((held) => sameId(held.keyId, keyId));
}

/** The entry of a credential that is replaced at that time. Pure. */
function entryFor(saved: ReportingConfig, now: Date, overlap: Duration): PreviousCredential {
  const { kind, keyId = '', expires } = saved.credential;
  const replacedAt = wholeSecond(now);
  const retireAfter = `${addDuration(new Date(replacedAt), overlap).toISOString().slice(0, 19)}Z`;
  return {
    kind,
    keyId,
    ...(expires === undefined ? {} : { expires }),
    replacedAt,
    retireAfter,
    ...(saved.certificatePath === undefined ? {} : { certificatePath: saved.certificatePath }),
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
    saved && staysBeside(saved, have) && !sameId(saved.credential.keyId, keyId)
      ? [entryFor(saved, now, overlap)]
      : [];
  const earlier = (saved?.credential.previous ?? []).filter(
    (entry) => !sameId(entry.keyId, keyId) && !sameId(entry.keyId, replaced[0]?.keyId),
  );
  const previous = [...earlier, ...replaced];
  return previous.length === 0 ? {} : { previous };
}
