import type { Fields } from '../../core/fields.ts';
import { joinWords, safeText } from '../../core/text.ts';
import type { LogStream } from '../../tenant/logs/log-streams.ts';
import { isDisplayName } from '../../tenant/logs/row-conditions.ts';
import type { ExploreRun } from './explore-run.ts';
import { valueAt } from './row-columns.ts';
import { namesNoProperty, seesPolicies } from './table-columns.ts';

/** Says which lists come from where Microsoft may change them at any time. */
export function tellBeta(streams: readonly LogStream[], { io }: ExploreRun): void {
  const titles = streams.flatMap(({ version, title }) => (version === 'beta' ? [title] : []));
  if (titles.length === 0) return;
  io.report.line(
    `Through beta: ${joinWords(titles)}, which v1.0 does not have. Microsoft may change beta at any time.`,
  );
}

/** Says what an empty list of policies means where the token does not let its holder see them. */
export function tellHiddenPolicies(streams: readonly LogStream[], { io, session, wishes }: ExploreRun): void {
  if (wishes.format === 'table' || wishes.format === 'summary') return;
  if (streams[0]?.log !== 'sign-ins' || seesPolicies(session.roles) !== false) return;
  io.report.line(
    'An empty appliedConditionalAccessPolicies means "not permitted to see" here, not "none": the token has no Policy.Read.All.',
  );
}

/** Says what a display name does not find: audits whose `initiatedBy.user.displayName` is null, as in Microsoft's own sample. */
export function tellUnnamedActors({ io, wishes }: ExploreRun): void {
  const { log = 'audits', rows } = wishes;
  if (log !== 'audits' || rows.user === undefined || !isDisplayName(rows.user)) return;
  io.report.warn(
    'Audits may lack the display name of who made the change, and are not found by it then: --user with a user principal name or an object ID finds them.',
  );
}

/** Finds columns that somebody named and no row has: a typing error, perhaps. */
interface MissingColumns {
  readonly see: (row: Fields) => void;
  /** Says which are missing, unless there was no row at all. */
  readonly tell: () => void;
}

/** Looks for the columns of a run in the rows of some lists. */
export function watchColumns(streams: readonly LogStream[], { io, wishes }: ExploreRun): MissingColumns {
  let missing = (wishes.columns ?? []).filter((name) => !namesNoProperty(name, streams));
  let hasRows = false;
  return {
    see: (row) => {
      hasRows = true;
      if (missing.length > 0) missing = missing.filter((name) => valueAt(row, name) === undefined);
    },
    tell: () => {
      if (!hasRows || missing.length === 0) return;
      io.report.warn(`No row here has ${joinWords(missing.map((name) => safeText(name, 100)))}.`);
    },
  };
}
