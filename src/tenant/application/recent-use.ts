import { fieldsOf, textOf, valuesOf } from '../../core/fields.ts';
import { isoSeconds } from '../../core/moment.ts';
import type { Directory, DirectoryRequest } from '../../graph/directory.ts';
import { isPage, isResource } from '../../graph/resource-schemas.ts';
import { activityPath, signInsPath } from '../logs/read-key-use.ts';
import { readIfPossible, seenIn } from '../optional-read.ts';
import type { Seen } from '../verdict.ts';

/** One use of an application. */
export interface Use {
  /** ISO 8601. */
  readonly at: string;
  /** Unknown where only the time was told. */
  readonly ipAddress: string | null;
  /** Of the credential; null where Graph does not say. */
  readonly keyId: string | null;
}

/** The last uses of an application and of each of its credentials that were seen, newest first. */
export interface RecentUse {
  readonly uses: readonly Use[];
  /** How far back was looked, ISO 8601. */
  readonly since: string;
}

/** Entra keeps sign-ins for 30 days (entra-docs reference-reports-data-retention). Milliseconds. */
const kept = 30 * 86_400_000;

const signInRequest = (appId: string, since: number): DirectoryRequest => ({
  method: 'GET',
  version: 'beta',
  path: signInsPath(appId, since),
  purpose: 'see when the application was used last',
  accepts: (body) => isPage(body, isResource('principalSignIn')),
});

const activityRequest = (appId: string): DirectoryRequest => ({
  method: 'GET',
  version: 'beta',
  path: activityPath(appId),
  purpose: 'see when its credentials were used last',
  accepts: (body) => isPage(body, isResource('credentialActivity')),
});

function signInsOf(body: unknown): Use[] {
  return valuesOf(body)
    .filter((row) => (fieldsOf(row['status'])['errorCode'] ?? 0) === 0)
    .map((row) => ({
      at: textOf(row['createdDateTime']),
      ipAddress: textOf(row['ipAddress']) || null,
      keyId: textOf(row['servicePrincipalCredentialKeyId']) || null,
    }));
}

function activitiesOf(body: unknown): Use[] {
  return valuesOf(body)
    .map((row) => ({
      at: textOf(fieldsOf(row['signInActivity'])['lastSignInDateTime']),
      ipAddress: null,
      keyId: textOf(row['keyId']) || null,
    }))
    .filter(({ at }) => at !== '');
}

/** Newest first; of one time the one with an address. */
const byTime = (a: Use, b: Use): number =>
  Date.parse(b.at) - Date.parse(a.at) || (a.ipAddress === null ? 1 : 0) - (b.ipAddress === null ? 1 : 0);

/**
 * When and from where an application was used last, as far as sign-in logs and reports tell: both are beta, come late and
 * may be missing, so that no use in them proves nothing. Never rejects for what Graph answers.
 */
export async function readRecentUse(
  directory: Directory,
  appId: string,
  now: Date,
): Promise<Seen<RecentUse>> {
  const since = now.getTime() - kept;
  const [signIns, activities] = await Promise.all([
    readIfPossible(directory, (optional) => optional.send(signInRequest(appId, since)), 'its sign-ins'),
    readIfPossible(directory, (optional) => optional.send(activityRequest(appId))),
  ]);
  if ('hidden' in signIns && 'hidden' in activities) return { hidden: signIns.hidden };
  const uses = [...signInsOf(seenIn(signIns)), ...activitiesOf(seenIn(activities))].sort(byTime);
  return { value: { uses, since: isoSeconds(since) } };
}
