import { createHash } from 'node:crypto';
import { safeText } from '../../../core/text.ts';
import type { LogName } from '../../../tenant/logs/log-streams.ts';
import { clockText } from '../local-time.ts';
import { htmlText, numberText, scriptJson } from './html-text.ts';
import { chartPatterns } from './page-charts.ts';
import { pageScript } from './page-script.ts';
import type { PageTimes } from './page-sections.ts';
import { pageStyle } from './page-style.ts';

/** How each page begins: what begins otherwise was not written here, and is never replaced. */
export const pageStart = '<!doctype html><!-- written by reporting-setup explore -->\n';

/** What the page is of. Texts are as they come: made safe here. */
export interface PageSubject {
  readonly title: string;
  /** Labels and values, in the order in which they are shown. */
  readonly facts: readonly (readonly [label: string, value: string])[];
  /** Rows are those of the built-in tenant. */
  readonly isSandbox: boolean;
}

const hashOf = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

/** Nothing is loaded or sent, and nothing runs but the one script. */
const policy = (): string =>
  `default-src 'none'; script-src ${hashOf(pageScript)}; style-src ${hashOf(pageStyle)}; base-uri 'none'; form-action 'none'`;

/** Everything before the rows. Pure. */
export function pageHead({ title, facts, isSandbox }: PageSubject): string {
  const sandbox = isSandbox
    ? '<p class="note"><strong>SANDBOX</strong>: everything here is made up, of a tenant that is none.</p>\n'
    : '';
  const list = facts.map(([label, value]) => `<dt>${htmlText(label)}</dt><dd>${htmlText(value, 2_000)}</dd>`);
  return `${pageStart}<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy()}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="robots" content="noindex">
<title>${htmlText(title)}</title>
<style>${pageStyle}</style>
</head>
<body>
<a class="skip" href="#main">To the numbers</a>
<header>
<h1>${htmlText(title)}</h1>
${sandbox}<dl class="facts">${list.join('')}</dl>
<p class="soft">These rows are personal data: they say who signed in when and from where, and who changed what.</p>
</header>
`;
}

/** What is told apart in tables of rows. */
export type RowResult = 'succeeded' | 'interrupted' | 'failed' | 'unknown';

/** The most characters of a cell. */
const mostInCell = 300;

/** The time of a row as the page shows it; with its offset where that changes within the page. Pure. */
export const timeText = (at: number, { offsetOf }: PageTimes): string => clockText(at, offsetOf(at));

/** Rows of a log stand in a script element that is never run; `rowText` makes each, with nothing before the first. Pure. */
export const rowsStart = (log: LogName): string => `<script type="application/json" id="data-${log}">[`;
export const rowsEnd = ']</script>\n';

/** One row; `at` in epoch milliseconds. Pure. */
export const rowText = (at: number, result: RowResult, cells: readonly string[], isFirst: boolean): string =>
  `${isFirst ? '' : ','}\n${scriptJson([at, result, ...cells.map((cell) => safeText(cell, mostInCell))])}`;

/** A log in the page: its charts, and where its rows are shown. */
export interface LogSection {
  readonly log: LogName;
  readonly title: string;
  /** HTML. */
  readonly charts: string;
  /** Columns of rows. */
  readonly columns: readonly { readonly title: string; readonly isTime: boolean }[];
  /** Rows that stand in the page, and rows that were counted. */
  readonly rows: number;
  readonly total: number;
  readonly results: readonly RowResult[];
}

const option = (value: string | number, words: string, isChosen = false): string =>
  `<option value="${value}"${isChosen ? ' selected' : ''}>${words}</option>`;

/** The table of rows, which the script fills. */
function rowsTable({ log, title, columns, rows, total, results }: LogSection): string {
  const heads = columns.map(
    (column) =>
      `<th scope="col"${column.isTime ? ' data-time aria-sort="descending"' : ''}><button type="button">${htmlText(column.title)}</button></th>`,
  );
  const sizes = [25, 100, 500].map((size) => option(size, String(size), size === 100));
  const named = results.map((one) => option(one, one));
  const cut =
    rows < total
      ? `<p class="note">The table has the newest ${numberText(rows)} of ${numberText(total)} rows; the charts count all of them. explore ${log} --output &lt;file&gt; takes all of them along.</p>`
      : '';
  const pages = ['first', 'previous', 'next', 'last'].map(
    (one) => `<button type="button" value="${one}">${one[0]?.toUpperCase()}${one.slice(1)}</button>`,
  );
  return `<div data-rows="data-${log}">
<h3 id="rows-${log}">Rows: ${htmlText(title)}</h3>
${cut}<noscript><p class="note">Rows are shown by the page's own script, which does not run here.</p></noscript>
<form class="controls" data-controls hidden>
<label>Search in every column<input type="search" data-search autocomplete="off" spellcheck="false"></label>
<label>Result<select data-result>${option('', 'all', true)}${named.join('')}</select></label>
<label>Rows at once<select data-size>${sizes.join('')}</select></label>
</form>
<p role="status" data-status></p>
<div class="scroll" tabindex="0" role="region" aria-labelledby="rows-${log}"><table class="rows" aria-labelledby="rows-${log}"><thead><tr>${heads.join('')}</tr></thead><tbody data-body></tbody></table></div>
<div class="pager" role="group" aria-label="Pages of ${htmlText(title.toLowerCase())}" data-pager hidden>${pages.join('')}</div>
</div>`;
}

function sectionText(section: LogSection): string {
  const rows = section.total === 0 ? '' : rowsTable(section);
  return `<section aria-labelledby="log-${section.log}"><h2 id="log-${section.log}">${htmlText(section.title)}</h2>
${section.total === 0 ? '<p>No rows in this time.</p>' : section.charts}
${rows}</section>`;
}

/** What is not in a page, one sentence each. */
export interface PageRemarks {
  /** It was asked for. */
  readonly leftOut: readonly string[];
  readonly unsaid: readonly string[];
}

function remarkList(id: string, title: string, remarks: readonly string[]): string {
  if (remarks.length === 0) return '';
  const items = remarks.map((remark) => `<li>${htmlText(remark, 2_000)}</li>`);
  return `<section class="note" aria-labelledby="${id}"><h2 id="${id}">${title}</h2><ul>${items.join('')}</ul></section>\n`;
}

/** Everything behind the rows. Pure. */
export function pageFoot(sections: readonly LogSection[], { leftOut, unsaid }: PageRemarks): string {
  return `<main id="main" tabindex="-1">
${remarkList('left-out', 'Left out', leftOut)}${chartPatterns}
${sections.map(sectionText).join('\n')}
${remarkList('unsaid', 'What this page does not say', unsaid)}</main>
<footer><p>Made by reporting-setup explore. Nothing in this page is loaded from or sent to anywhere.</p></footer>
<script>${pageScript}</script>
</body>
</html>
`;
}
