import { sameId } from '../../core/fields.ts';
import type { Have, SavedCredential } from '../model.ts';

/**
 * Entra refuses every credential of an application that is disabled here, or has no service principal. That says
 * nothing about the file's own while the application still lists it: made anew, each run would add another. Pure.
 */
export function presume(
  saved: SavedCredential | undefined,
  { application, servicePrincipal }: Pick<Have, 'application' | 'servicePrincipal'>,
  now: Date,
): SavedCredential | undefined {
  if (saved?.accepted !== 'no' || !application || servicePrincipal?.accountEnabled) return saved;
  const listed = [...application.passwordCredentials, ...application.keyCredentials].find(({ keyId }) =>
    sameId(keyId, saved.keyId),
  );
  const isValid = listed !== undefined && Date.parse(listed.endDateTime) > now.getTime();
  return isValid ? { ...saved, accepted: 'presumed' } : saved;
}

/** Whether the file's credential can stay. Pure. */
export const isUsable = ({ saved }: Pick<Have, 'saved'>): boolean =>
  saved?.accepted === 'yes' || saved?.accepted === 'presumed';

/** How a credential that stays is called. Pure. */
export const stays = ({ saved }: Pick<Have, 'saved'>): string =>
  saved?.accepted === 'yes' ? 'still works' : 'stays, as the application lists it';
