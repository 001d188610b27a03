import type { OffsetOf } from '../local-time.ts';
import type { AuditSummary, Count, ProvisioningSummary, SignInSummary } from '../summary.ts';
import { htmlText, numberText } from './html-text.ts';
import { type CountList, chartKey, countTable, hourChart, type ResultName } from './page-charts.ts';

/** How times are shown. */
export interface PageTimes {
  readonly offsetOf: OffsetOf;
  /** Of the whole page, in words. */
  readonly zone: string;
}

const sumOf = (counts: readonly Count[]): number => counts.reduce((sum, { total }) => sum + total, 0);

/** Names in a list of a summary at most. */
const longest = 50;

/** Says what a list does not have: rows without a name, and names behind the longest list. */
function restOf(counts: readonly Count[], total: number, without: string): string | undefined {
  const rest = total - sumOf(counts);
  if (rest <= 0 || counts.length === 0) return undefined;
  return counts.length >= longest
    ? `The ${longest} most frequent; ${numberText(rest)} are of others, or ${without}.`
    : `${numberText(rest)} more are ${without}.`;
}

const results = (counts: readonly (readonly [ResultName | undefined, string, number])[]): string =>
  `<ul class="tiles">${counts
    .map(
      ([name, words, count]) =>
        `<li><strong>${numberText(count)}</strong>${name === undefined ? '' : `${chartKey(name)} `}${words}</li>`,
    )
    .join('')}</ul>`;

let regions: Intl.DisplayNames | undefined;

/** A country's name with its code; anything else stays as it is. */
function countryName(code: string): string {
  if (!/^[A-Z]{2}$/.test(code)) return code;
  regions ??= new Intl.DisplayNames('en', { type: 'region' });
  const name = regions.of(code) ?? code;
  return name === code ? code : `${name} (${code})`;
}

/** Why sign-ins did not succeed, by error code. */
function errorTable({ topErrors }: SignInSummary): string {
  const most = Math.max(1, ...topErrors.map(({ total }) => total));
  const rows = topErrors.map(({ code, meaning, total, isInterruption }) => {
    const name = isInterruption ? 'interrupted' : 'failed';
    const words = meaning === '' ? 'no meaning known' : meaning;
    const bar = `<svg class="bar" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true" focusable="false"><rect class="fill-${name}" width="${((total / most) * 100).toFixed(2)}" height="6"/></svg>`;
    const shown = Number.isFinite(code) ? String(code) : 'no code';
    return `<tr><th scope="row">${shown}</th><td>${htmlText(words)}${bar}</td><td>${chartKey(name)} ${name}</td><td class="count">${numberText(total)}</td></tr>`;
  });
  const head =
    '<thead><tr><th scope="col">Code</th><th scope="col">Meaning</th><th scope="col">Kind</th><th scope="col" class="count">Sign-ins</th></tr></thead>';
  const table = `<table aria-labelledby="errors">${head}<tbody>${rows.join('')}</tbody></table>`;
  const rest = topErrors.length < longest ? '' : `<p class="soft">The ${longest} most frequent codes.</p>`;
  return `<div class="wide"><h3 id="errors">Why sign-ins did not succeed, by error code</h3>${rows.length === 0 ? '<p class="soft">None failed or was interrupted.</p>' : table}${rest}</div>`;
}

/** What is known of risk: what is hidden is told, and never counted as none. */
function riskList({ byRisk, hiddenRisk, total }: SignInSummary): CountList {
  const silent = total - hiddenRisk - sumOf(byRisk);
  const hidden =
    hiddenRisk === 0
      ? []
      : [
          `Not permitted to see: Microsoft hides the risk of ${numberText(hiddenRisk)} sign-ins. That is not the same as none; to see it takes Microsoft Entra ID P2.`,
        ];
  const missing = silent > 0 ? [`Of ${numberText(silent)} nothing is said about risk.`] : [];
  const remark = [...hidden, ...missing].join(' ');
  return {
    id: 'risk',
    title: 'Risk while signing in',
    unit: 'Sign-ins',
    counts: byRisk,
    ...(remark === '' ? {} : { remark }),
  };
}

const grid = (parts: readonly string[]): string => `<div class="grid">${parts.join('\n')}</div>`;

/** Rows that do not say how it ended, where there are any. */
const unknownIn = (count: number): readonly (readonly [ResultName, string, number])[] =>
  count === 0 ? [] : [['unknown', 'do not say how it ended', count]];

const withUnknown = (results: readonly ResultName[], count: number): readonly ResultName[] =>
  count === 0 ? results : [...results, 'unknown'];

/** Charts of sign-ins. Pure. */
export function signInCharts(summary: SignInSummary, { offsetOf, zone }: PageTimes): string {
  const { total, failed, interrupted, unknown, byHour } = summary;
  const list = (id: string, title: string, counts: readonly Count[], without: string): string =>
    countTable({ id, title, counts, unit: 'Sign-ins', remark: restOf(counts, total, without) });
  const countries = summary.byCountry.map((one) => ({ ...one, name: countryName(one.name) }));
  return [
    results([
      [undefined, 'sign-ins', total],
      ['succeeded', 'succeeded', total - failed - interrupted - unknown],
      ['failed', 'failed', failed],
      ['interrupted', 'interrupted, to ask for more', interrupted],
      ...unknownIn(unknown),
    ]),
    hourChart('sign-in-hours', 'Sign-ins', withUnknown(['succeeded', 'interrupted', 'failed'], unknown), {
      byHour,
      offsetOf,
      zone,
    }),
    grid([
      errorTable(summary),
      list('countries', 'Countries', countries, 'without a country'),
      list('applications', 'Applications', summary.topApps, 'without an application'),
      list('clients', 'Client applications and credentials', summary.byClient, 'without a client'),
      list('users', 'Users and service principals', summary.topUsers, 'without a name'),
      countTable(riskList(summary)),
    ]),
  ].join('\n');
}

const succeededOrNot = ['succeeded', 'failed'] as const satisfies readonly ResultName[];

/** Charts of changes to the directory. Pure. */
export function auditCharts(summary: AuditSummary, { offsetOf, zone }: PageTimes): string {
  const { total, failed, unknown, byHour } = summary;
  const list = (id: string, title: string, counts: readonly Count[], without: string): string =>
    countTable({ id, title, counts, unit: 'Changes', remark: restOf(counts, total, without) });
  return [
    results([
      [undefined, 'changes in the directory', total],
      ['succeeded', 'succeeded', total - failed - unknown],
      ['failed', 'did not succeed', failed],
      ...unknownIn(unknown),
    ]),
    hourChart('audit-hours', 'Changes', withUnknown(succeededOrNot, unknown), { byHour, offsetOf, zone }),
    grid([
      list('activities', 'Activities', summary.topActivities, 'without an activity'),
      list('results', 'Results', summary.byResult, 'without a result'),
      list('actors', 'By whom', summary.topActors, 'by nobody named'),
      list('categories', 'Categories', summary.byCategory, 'without a category'),
    ]),
  ].join('\n');
}

/** Charts of provisioning. Pure. */
export function provisioningCharts(summary: ProvisioningSummary, { offsetOf, zone }: PageTimes): string {
  const { total, failed, unknown, byHour } = summary;
  const list = (id: string, title: string, counts: readonly Count[], without: string): string =>
    countTable({ id, title, counts, unit: 'Entries', remark: restOf(counts, total, without) });
  return [
    results([
      [undefined, 'provisioning entries', total],
      ['succeeded', 'did not fail', total - failed - unknown],
      ['failed', 'failed', failed],
      ...unknownIn(unknown),
    ]),
    hourChart('provisioning-hours', 'Provisioning', withUnknown(succeededOrNot, unknown), {
      byHour,
      offsetOf,
      zone,
    }),
    grid([
      list('actions', 'Actions', summary.byAction, 'without an action'),
      list('statuses', 'Results', summary.byResult, 'without a result'),
      list('systems', 'Target systems', summary.bySystem, 'without a system'),
    ]),
  ].join('\n');
}
