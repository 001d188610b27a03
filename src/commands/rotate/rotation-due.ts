import type { PreviousCredential, ReportingConfig } from '../../config/config.ts';
import { addDuration, type Duration } from '../../core/duration.ts';
import { sameId } from '../../core/fields.ts';
import { isDue } from '../../tenant/credential/retirement.ts';

/** What a run of rotate has to do. */
export interface RotationDue {
  /** A new credential is made. */
  readonly makes: boolean;
  /** An earlier run saved a credential and did not see it through: this one goes on from there. */
  readonly continues: boolean;
  /** Replaced credentials whose time is over. */
  readonly retires: readonly PreviousCredential[];
}

/** Whether a credential ends within that time, or nothing tells when it ends. */
function endsWithin({ credential }: ReportingConfig, within: Duration, now: Date): boolean {
  const end = Date.parse(credential.expires ?? '');
  return Number.isNaN(end) || end <= addDuration(now, within).getTime();
}

/**
 * What is due. `within` is when a new credential is made, always where it is absent; `unfinished` the key id of one that
 * an earlier run has saved and not seen through. Pure.
 */
export function rotationDue(
  config: ReportingConfig,
  {
    within,
    unfinished,
  }: { readonly within?: Duration | undefined; readonly unfinished?: string | undefined },
  now: Date,
): RotationDue {
  const { kind, keyId, previous = [] } = config.credential;
  const continues = sameId(keyId, unfinished);
  return {
    makes: kind !== 'federated' && !continues && (within === undefined || endsWithin(config, within, now)),
    continues,
    retires: previous.filter((entry) => isDue(entry, now)),
  };
}

/** Whether there is nothing at all to do. Pure. */
export const isNothingDue = ({ makes, continues, retires }: RotationDue): boolean =>
  !makes && !continues && retires.length === 0;
