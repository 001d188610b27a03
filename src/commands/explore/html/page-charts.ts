import { clockText, type OffsetOf } from '../local-time.ts';
import { type Count, groupHours, type HourCount } from '../summary.ts';
import { htmlText, numberText } from './html-text.ts';

/** What results are called. */
export type ResultName = 'succeeded' | 'interrupted' | 'failed' | 'unknown';

/** Patterns that tell results apart where colours do not; once in a page. */
export const chartPatterns = `<svg class="none" aria-hidden="true" focusable="false"><defs>
<pattern id="stripes" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><line class="stripe" x1="1" y1="0" x2="1" y2="6" stroke-width="2"/></pattern>
</defs></svg>`;

const part = (name: ResultName, x: number, y: number, width: number, height: number): string => {
  if (width <= 0 || height <= 0) return '';
  const at = [x, y, width, height].map((one) => one.toFixed(2));
  const place = `x="${at[0]}" y="${at[1]}" width="${at[2]}" height="${at[3]}"`;
  const stripes = name === 'failed' ? `<rect fill="url(#stripes)" ${place}/>` : '';
  return `<rect class="fill-${name}" ${place}/>${stripes}`;
};

/** What stands for a result in charts, with its name. Pure. */
export const chartKey = (name: ResultName): string =>
  `<svg class="key" viewBox="0 0 16 16" aria-hidden="true" focusable="false">${part(name, 1, 1, 14, 14)}</svg>`;

/** A round number that can be halved, at least as large; 1 for what is smaller. */
function roundUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, value)));
  return ([1, 2, 4, 6, 8, 10].find((one) => one * power >= value) ?? 10) * power;
}

/** Bars at most: more are no more than a stroke each. */
const mostBars = 168;

/** Hours that a bar may stand for. */
const stretches = [1, 2, 3, 4, 6, 8, 12, 24] as const;

/** Neighbouring hours put together, so many at a time as people count. */
function barsOf(byHour: readonly HourCount[]): readonly HourCount[] {
  const stretch = stretches.find((one) => byHour.length <= one * mostBars) ?? 24;
  return groupHours(byHour, Math.ceil(byHour.length / stretch));
}

const size = { width: 960, height: 220, left: 56, bottom: 24, top: 10 } as const;

/** Results of a stretch of time, in the order in which they are piled up. */
const resultsIn = ({
  total,
  failed,
  interrupted,
  unknown,
}: HourCount): readonly (readonly [ResultName, number])[] => [
  ['succeeded', total - failed - interrupted - unknown],
  ['interrupted', interrupted],
  ['failed', failed],
  ['unknown', unknown],
];

const hourText = (at: string, offsetOf: OffsetOf): string =>
  clockText(Date.parse(at), offsetOf(Date.parse(at))).slice(0, 16);

/** What the label of an hour takes. */
const labelWidth = 86;

function grid(most: number): string {
  const height = size.height - size.bottom - size.top;
  const steps = most > 1 ? [0, 0.5, 1] : [0, 1];
  return steps
    .map((step) => {
      const y = size.top + height * (1 - step);
      return `<line x1="${size.left}" x2="${size.width}" y1="${y}" y2="${y}"/><text x="${size.left - 6}" y="${y + 4}" text-anchor="end">${numberText(most * step)}</text>`;
    })
    .join('');
}

function bars(hours: readonly HourCount[], most: number, offsetOf: OffsetOf): string {
  const height = size.height - size.bottom - size.top;
  const width = (size.width - size.left) / Math.max(1, hours.length);
  const every = Math.max(1, Math.ceil(hours.length / 7));
  return hours
    .map((one, index) => {
      const x = size.left + index * width;
      let y = size.top + height;
      const piled = resultsIn(one).map(([name, count]) => {
        const tall = (count / most) * height;
        y -= tall;
        return part(name, x + width * 0.08, y, width * 0.84, tall);
      });
      const counts = resultsIn(one)
        .filter(([name, count]) => name !== 'unknown' || count > 0)
        .map(([name, count]) => `${numberText(count)} ${name}`);
      const title = `<title>${hourText(one.hour, offsetOf)}: ${counts.join(', ')}</title>`;
      const label =
        index % every === 0 && x < size.width - labelWidth
          ? `<text x="${x.toFixed(1)}" y="${size.height - 6}">${hourText(one.hour, offsetOf).slice(5)}</text>`
          : '';
      return `<g>${title}${piled.join('')}</g>${label}`;
    })
    .join('');
}

/** How many hours a bar stands for, in words. */
function stretchText([first, second]: readonly HourCount[]): string {
  const hours = first && second ? (Date.parse(second.hour) - Date.parse(first.hour)) / 3_600_000 : 1;
  return hours === 1 ? 'hour' : `${hours} hours`;
}

/** Results by hour as bars, and as a table; `id` is one of the page. Pure. */
export function hourChart(
  id: string,
  what: string,
  results: readonly ResultName[],
  { byHour, offsetOf, zone }: { byHour: readonly HourCount[]; offsetOf: OffsetOf; zone: string },
): string {
  const hours = barsOf(byHour);
  const most = roundUp(Math.max(0, ...hours.map(({ total }) => total)));
  const title = `${what} by ${stretchText(hours)} and result (${zone})`;
  const rows = hours
    .filter(({ total }) => total > 0)
    .map((one) => {
      const counts = resultsIn(one).filter(([name]) => results.includes(name));
      const cells = counts.map(([, count]) => `<td class="count">${numberText(count)}</td>`).join('');
      return `<tr><th scope="row">${hourText(one.hour, offsetOf)}</th>${cells}</tr>`;
    });
  const heads = results
    .map((name) => `<th scope="col" class="count">${chartKey(name)} ${name}</th>`)
    .join('');
  return `<h3 id="${id}-title">${htmlText(title)}</h3>
<p class="soft">${results.map((name) => `${chartKey(name)} ${name}`).join(' &nbsp; ')}</p>
<div class="scroll" tabindex="0" role="region" aria-labelledby="${id}-title"><svg class="chart" viewBox="0 0 ${size.width} ${size.height}" role="img" aria-labelledby="${id}-title" aria-describedby="${id}-hint">${grid(most)}${bars(hours, most, offsetOf)}</svg></div>
<details><summary id="${id}-hint">The same as a table</summary><table aria-labelledby="${id}-title"><thead><tr><th scope="col">From</th>${heads}</tr></thead><tbody>${rows.join('')}</tbody></table></details>`;
}

/** A list of counts: a name may be longer than it is, made so by `nameOf`. */
export interface CountList {
  readonly id: string;
  readonly title: string;
  readonly counts: readonly Count[];
  /** What is counted, in the plural. */
  readonly unit: string;
  /** Said below. */
  readonly remark?: string | undefined;
}

/** Names that are seen at once. */
const mostAtOnce = 10;

function countRows(counts: readonly Count[], most: number): string {
  return counts
    .map(({ name, total, failed }) => {
      const [good, bad] = [total - failed, failed].map((one) => (one / most) * 100);
      const bar = `<svg class="bar" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true" focusable="false">${part('succeeded', 0, 0, good ?? 0, 6)}${part('failed', good ?? 0, 0, bad ?? 0, 6)}</svg>`;
      return `<tr><th scope="row">${htmlText(name)}${bar}</th><td class="count">${numberText(total)}</td><td class="count">${numberText(failed)}</td></tr>`;
    })
    .join('');
}

/** Counts as a table whose rows have bars. Pure. */
export function countTable({ id, title, counts, unit, remark }: CountList): string {
  const most = Math.max(1, ...counts.map(({ total }) => total));
  const head = `<thead><tr><th scope="col">Name</th><th scope="col" class="count">${htmlText(unit)}</th><th scope="col" class="count">Failed</th></tr></thead>`;
  const table = (shown: readonly Count[]): string =>
    `<table aria-labelledby="${id}">${head}<tbody>${countRows(shown, most)}</tbody></table>`;
  const rest = counts.slice(mostAtOnce);
  const more =
    rest.length === 0 ? '' : `<details><summary>${rest.length} more</summary>${table(rest)}</details>`;
  const shown = counts.length === 0 ? '' : table(counts.slice(0, mostAtOnce)) + more;
  const said = remark ?? (counts.length === 0 ? 'None.' : '');
  return `<div><h3 id="${id}">${htmlText(title)}</h3>${shown}${said === '' ? '' : `<p class="soft">${htmlText(said)}</p>`}</div>`;
}
