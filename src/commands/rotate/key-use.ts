import type { AppSession, Directory } from '../../graph/directory.ts';
import { DirectoryError } from '../../graph/directory-error.ts';
import { noEvidence, quietTime, type UseEvidence } from '../../tenant/credential/retirement.ts';
import { readKeyUse } from '../../tenant/logs/read-key-use.ts';
import type { SignedInRotateRun } from './rotate-run.ts';

/** What the logs say of the application's keys; `later` where they may be readable another time. */
export interface SeenUse {
  readonly evidence: UseEvidence;
  readonly later?: DirectoryError;
}

/** Nothing was asked: the file names no credential that was replaced. */
export const unasked: SeenUse = { evidence: noEvidence };

/**
 * Looks who used which key of late, with the application's own right to read the logs; the administrator's where it has no
 * session. Shows nothing: it goes on beside other work.
 */
export async function seeKeyUse(
  session: AppSession | undefined,
  { held, directory, io }: SignedInRotateRun,
): Promise<SeenUse> {
  const reader: Directory = session?.directory ?? directory;
  try {
    return { evidence: await readKeyUse(reader, held.clientId, io.now().getTime() - quietTime) };
  } catch (error) {
    if (!(error instanceof DirectoryError)) throw error;
    return { evidence: { signIns: { unreadable: error.message }, activity: [] }, later: error };
  }
}
