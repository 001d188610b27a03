import type { Fields } from '../../core/fields.ts';
import { joinWords, safeText } from '../../core/text.ts';
import type { LogStream } from '../../tenant/logs/log-streams.ts';
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

/** Says which of the columns that somebody named no row has: a typing error, perhaps. */
export function tellMissingColumns(
  rows: readonly Fields[],
  streams: readonly LogStream[],
  { io, wishes }: ExploreRun,
): void {
  const missing = (wishes.columns ?? []).filter(
    (name) => !namesNoProperty(name, streams) && rows.every((row) => valueAt(row, name) === undefined),
  );
  if (missing.length === 0) return;
  io.report.warn(`No row here has ${joinWords(missing.map((name) => safeText(name, 100)))}.`);
}
