import type { PreviousCredential, ReportingConfig } from '../../config/config.ts';
import { credentialNouns } from '../../core/choices.ts';
import { sameId } from '../../core/fields.ts';
import { utcMinutes } from '../../core/moment.ts';
import { safeText } from '../../core/text.ts';
import {
  type LastUse,
  lastUntold,
  lastUseOf,
  quietTime,
  type UseEvidence,
} from '../../tenant/credential/retirement.ts';
import type { Have } from '../../tenant/model.ts';

type Key = Pick<PreviousCredential, 'kind' | 'keyId'>;

/** What the application calls a credential; its key id where it lists none such. Pure. */
export function nameOf({ keyId }: Key, { application, created }: Have): string {
  if (created && sameId(created.keyId, keyId)) return created.displayName;
  const listed = [...(application?.passwordCredentials ?? []), ...(application?.keyCredentials ?? [])];
  return listed.find((held) => sameId(held.keyId, keyId))?.displayName ?? keyId;
}

/** `client secret "Reporting API"`. Pure. */
export function namedAs(key: Key, have: Have): string {
  const name = nameOf(key, have);
  return name === key.keyId
    ? credentialNouns[key.kind]
    : `${credentialNouns[key.kind]} "${safeText(name, 120)}"`;
}

const hours = quietTime / 3_600_000;

/** When a key was used last, from where and how often. Pure. */
export function describeUse(keyId: string, used: LastUse | null, evidence: UseEvidence): string {
  const { signIns } = evidence;
  if (used !== null) {
    const from = used.ipAddress === null ? '' : ` from ${used.ipAddress}`;
    const times =
      used.count === null ? '' : `, ${used.count} ${used.count === 1 ? 'time' : 'times'} in ${hours} hours`;
    return `last used ${utcMinutes(used.at)}${from}${times}`;
  }
  const untold = lastUntold(keyId, evidence);
  if (untold !== undefined)
    return `the log has a sign-in of ${utcMinutes(untold)} and does not tell whether it succeeded`;
  if ('uses' in signIns)
    return `no use in the last ${hours} hours is in the log, whose rows come late, up to hours`;
  return `nobody can tell when it was used: ${signIns.unreadable}`;
}

/** The credential in the file and those that it replaced, each with its last use. Pure. */
export function keyLines(
  { credential }: ReportingConfig,
  have: Have,
  evidence: UseEvidence,
): readonly string[] {
  const { kind, keyId = '', previous = [] } = credential;
  const line = (entry: Key, standing: string): string =>
    `${namedAs(entry, have)} (key ID ${entry.keyId}), ${standing}: ${describeUse(entry.keyId, lastUseOf(entry.keyId, evidence), evidence)}`;
  return [
    line({ kind, keyId }, 'in the file'),
    ...previous.map((entry) =>
      line(
        entry,
        `replaced on ${entry.replacedAt.slice(0, 10)}, to go from ${utcMinutes(entry.retireAfter)} on`,
      ),
    ),
  ];
}
