import { type Fields, fieldsOf, textOf } from '../../core/fields.ts';
import type { Answer } from '../../core/findings.ts';
import { isoSeconds } from '../../core/moment.ts';
import { safeText } from '../../core/text.ts';
import type { Directory } from '../../graph/directory.ts';
import { listAll } from '../../graph/directory.ts';
import { DirectoryError, isFinal } from '../../graph/directory-error.ts';
import { isResource } from '../../graph/resource-schemas.ts';
import type { KeyUse, UseEvidence } from '../credential/retirement.ts';
import { readIfPossible, seenIn, whyUnread } from '../optional-read.ts';
import { errorCodeOf } from './row-conditions.ts';

/**
 * The application's own sign-ins, which beta alone shows (graph-docs beta resources/signin). No filter by key is
 * documented: rows are compared afterwards.
 */
export function signInsPath(clientId: string, since: number): string {
  const filter = `signInEventTypes/any(t: t eq 'servicePrincipal') and appId eq '${clientId}' and createdDateTime ge ${isoSeconds(since)}`;
  return `/auditLogs/signIns?$filter=${encodeURIComponent(filter)}&$top=999`;
}

/** Whether Entra let a sign-in through; a row without a status does not tell. */
function outcomeOf(row: Fields): Answer {
  const code = errorCodeOf(row);
  if (code === undefined) return 'unknown';
  return code === 0 ? 'yes' : 'no';
}

/** A row that tells with what the application signed in; rows of failed sign-ins prove no use. */
function useIn(row: Fields, outcome: Answer): KeyUse[] {
  const keyId = textOf(row['servicePrincipalCredentialKeyId']) || textOf(row['federatedCredentialId']);
  const at = textOf(row['createdDateTime']);
  if (keyId === '' || outcomeOf(row) !== outcome || Number.isNaN(Date.parse(at))) return [];
  return [{ keyId, at, ipAddress: safeText(textOf(row['ipAddress']), 100) || null }];
}

/**
 * Sign-ins since a time, epoch milliseconds. Refused for good (no licence, not offered, no permission) they are
 * unreadable. Rejects with DirectoryError where an answer may come another time: then nobody must act on its absence.
 */
async function readSignIns(
  directory: Directory,
  clientId: string,
  since: number,
): Promise<UseEvidence['signIns']> {
  const path = signInsPath(clientId, since);
  const purpose = 'see who still uses the replaced credential';
  const request = { method: 'GET', version: 'beta', path, purpose } as const;
  try {
    const rows = await listAll(directory, request, isResource('keyUseRow'));
    const of = (outcome: Answer): KeyUse[] => rows.flatMap((row) => useIn(row, outcome));
    return { since, uses: of('yes'), untold: of('unknown') };
  } catch (error) {
    if (!(error instanceof DirectoryError) || !isFinal(error.failure)) throw error;
    return { unreadable: whyUnread(error.failure, 'the sign-ins of applications') };
  }
}

/** The samples of this report differ: a list of rows, or one row alone (graph-docs beta appcredentialsigninactivity). */
function activitiesIn(body: unknown): Pick<KeyUse, 'keyId' | 'at'>[] {
  const { value } = fieldsOf(body);
  const rows: readonly unknown[] = Array.isArray(value) ? value : [value ?? body];
  return rows.flatMap((row) => {
    const keyId = textOf(fieldsOf(row)['keyId']);
    const at = textOf(fieldsOf(fieldsOf(row)['signInActivity'])['lastSignInDateTime']);
    return keyId === '' || Number.isNaN(Date.parse(at)) ? [] : [{ keyId, at }];
  });
}

/** The report of when each credential was used last (graph-docs beta reports/appCredentialSignInActivities). */
export const activityPath = (clientId: string): string =>
  `/reports/appCredentialSignInActivities?$filter=${encodeURIComponent(`appId eq '${clientId}'`)}`;

/** When each key was used last, as far as the report of credentials tells: it is offered in the global cloud alone. */
async function readActivity(directory: Directory, clientId: string): Promise<UseEvidence['activity']> {
  const path = activityPath(clientId);
  const purpose = 'see when each credential was used last';
  const seen = await readIfPossible(directory, async (optional) =>
    activitiesIn(await optional.send({ method: 'GET', version: 'beta', path, purpose, once: true })),
  );
  return seenIn(seen) ?? [];
}

/**
 * Who used which key of an application since a time, epoch milliseconds, asked with whatever `directory` is signed in
 * with. Rejects with DirectoryError where the sign-ins may be readable another time.
 */
export async function readKeyUse(
  directory: Directory,
  clientId: string,
  since: number,
): Promise<UseEvidence> {
  const [signIns, activity] = await Promise.all([
    readSignIns(directory, clientId, since),
    readActivity(directory, clientId),
  ]);
  return { signIns, activity };
}
