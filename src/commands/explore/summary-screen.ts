import { safeText } from '../../core/text.ts';
import { columnsOf } from '../../terminal/text-width.ts';
import { clockText, type OffsetOf, offsetText } from './local-time.ts';
import { hanging, wrapped } from './row-table.ts';
import {
  type AuditSummary,
  type Count,
  groupHours,
  type HourCount,
  type SignInSummary,
  type Summary,
  type SummaryRange,
} from './summary.ts';

/** What a screen is drawn with. */
export interface ScreenStyle {
  /** Columns. */
  readonly room: number;
  readonly offsetOf: OffsetOf;
  readonly hasUnicode: boolean;
  readonly bold: (text: string) => string;
}

const number = (count: number): string => count.toLocaleString('en-US');

function cut(text: string, room: number): string {
  const safe = safeText(text, 200);
  if (columnsOf(safe) <= room) return safe;
  let kept = '';
  for (const character of safe) {
    if (columnsOf(kept + character) > room - 1) break;
    kept += character;
  }
  return `${kept}…`;
}

const padded = (text: string, room: number): string => text + ' '.repeat(Math.max(0, room - columnsOf(text)));

const steps = { unicode: ' ▁▂▃▄▅▆▇█', ascii: ' .:-=+*#@' } as const;

/** One line of bars: what is there at all is seen. */
function bars(counts: readonly number[], hasUnicode: boolean, width: number): string {
  const signs = hasUnicode ? steps.unicode : steps.ascii;
  const most = Math.max(1, ...counts);
  const last = signs.length - 1;
  return counts
    .map((count) =>
      signs.charAt(count === 0 ? 0 : Math.max(1, Math.round((count / most) * last))).repeat(width),
    )
    .join('');
}

/** Bars by hour of what there was and of what failed, with their times below. */
function chart(hours: readonly HourCount[], { room, offsetOf, hasUnicode }: ScreenStyle): string[] {
  const label = 9;
  const space = Math.max(12, room - label - 3);
  const shown = groupHours(hours, space);
  const width = Math.max(1, Math.min(3, Math.floor(space / Math.max(1, shown.length))));
  const most = Math.max(0, ...shown.map(({ total }) => total));
  const line = (name: string, counts: readonly number[]): string =>
    `  ${padded(name, label)}${bars(counts, hasUnicode, width)}`.trimEnd();
  const time = (at: string | undefined): string =>
    at === undefined ? '' : clockText(Date.parse(at), offsetOf(Date.parse(at))).slice(5, 16);
  const length = shown.length * width;
  const [first, last] = [time(shown[0]?.hour), time(shown.at(-1)?.hour)];
  const axis =
    length >= first.length + last.length + 2
      ? `  ${' '.repeat(label)}${first}${' '.repeat(length - first.length - last.length)}${last}`
      : `  ${' '.repeat(label)}${first}`;
  const legend = `most ${number(most)}`;
  return [
    line(
      'all',
      shown.map(({ total }) => total),
    ),
    line(
      'failed',
      shown.map(({ failed }) => failed),
    ),
    ...(columnsOf(`${axis}  ${legend}`) <= room
      ? [`${axis}  ${legend}`]
      : [axis, `  ${' '.repeat(label)}${legend}`]),
  ];
}

/** The first of some counts as the parts of their lines: how many, of whom, and how many of them failed. */
function countParts(counts: readonly Count[], rows: number) {
  const shown = counts.slice(0, rows);
  const digits = Math.max(0, ...shown.map(({ total }) => number(total).length));
  return shown.map(({ name, total, failed }) => ({
    count: number(total).padStart(digits),
    name,
    bad: failed > 0 ? ` (${number(failed)} failed)` : '',
  }));
}

/** A list under its title, in full. */
function oneList(
  [title, counts]: readonly [title: string, counts: readonly Count[]],
  rows: number,
  room: number,
  bold: (text: string) => string,
): string[] {
  const lines = countParts(counts, rows).flatMap(({ count, name, bad }) =>
    hanging(`${count} `, `${safeText(name, 200)}${bad}`, room - 2),
  );
  return [bold(title), ...lines.map((line) => `  ${line}`)];
}

/** Lists side by side, each under its title; one below the other where they do not fit. */
function lists(
  columns: readonly (readonly [title: string, counts: readonly Count[]])[],
  rows: number,
  { room, bold }: ScreenStyle,
): string[] {
  const width = Math.floor((room - 2) / columns.length) - 1;
  if (width < 18) return columns.flatMap((column) => oneList(column, rows, room, bold));
  const texts = columns.map(([, counts]) =>
    countParts(counts, rows).map(
      ({ count, name, bad }) =>
        `${count} ${cut(name, Math.max(6, width - count.length - 1 - bad.length))}${bad}`,
    ),
  );
  const height = Math.max(0, ...texts.map(({ length }) => length));
  const side = (cells: readonly string[]): string =>
    cells
      .map((cell) => padded(cut(cell, width), width))
      .join(' ')
      .trimEnd();
  return [
    bold(side(columns.map(([title]) => title))),
    ...Array.from({ length: height }, (_, index) => `  ${side(texts.map((cells) => cells[index] ?? ''))}`),
  ];
}

function rangeText({ from, until, isComplete }: SummaryRange, { offsetOf }: ScreenStyle): string {
  const short = (at: string): string => clockText(Date.parse(at), offsetOf(Date.parse(at))).slice(5, 16);
  const range = `${short(from)} to ${short(until)} (${offsetText(offsetOf(Date.parse(until)))})`;
  return isComplete ? range : `a sample: the newest rows alone, ${range}`;
}

/** Rows that do not say how it ended are no successes. */
const unknownText = (count: number): string => (count === 0 ? '' : `, ${number(count)} unknown`);

function signInLines(summary: SignInSummary, style: ScreenStyle): string[] {
  const { total, failed, interrupted, unknown, topErrors } = summary;
  const { room, bold } = style;
  const head = `${number(total)} sign-ins: ${number(total - failed - interrupted - unknown)} succeeded, ${number(failed)} failed, ${number(interrupted)} interrupted${unknownText(unknown)}`;
  const lines = [
    ...wrapped(head, room).map((line) => bold(line)),
    ...wrapped(rangeText(summary, style), room - 2).map((line) => `  ${line}`),
  ];
  if (total === 0) return lines;
  const errors = topErrors.filter(({ isInterruption }) => !isInterruption).slice(0, 3);
  const digits = Math.max(0, ...errors.map((one) => number(one.total).length));
  return [
    ...lines,
    ...chart(summary.byHour, style),
    ...(errors.length === 0 ? [] : [bold('Why they failed')]),
    ...errors.flatMap(({ total: count, code, meaning }) =>
      hanging(`${number(count).padStart(digits)} `, safeText(`${code} ${meaning}`, 200), room - 2).map(
        (line) => `  ${line}`,
      ),
    ),
    ...lists(
      [
        ['Applications', summary.topApps],
        ['Users', summary.topUsers],
        ['Countries', summary.byCountry],
      ],
      3,
      style,
    ),
  ];
}

function auditLines(summary: AuditSummary, style: ScreenStyle): string[] {
  const { total, failed, unknown } = summary;
  const { room, bold } = style;
  const lines = wrapped(
    `${number(total)} changes in the directory, ${number(failed)} failed${unknownText(unknown)}`,
    room,
  ).map((line) => bold(line));
  const range = wrapped(rangeText(summary, style), room - 2).map((line) => `  ${line}`);
  if (total === 0) return [...lines, ...range];
  return [
    ...lines,
    ...(summary.isComplete ? [] : range),
    ...lists(
      [
        ['What', summary.topActivities],
        ['By whom', summary.topActors],
      ],
      3,
      style,
    ),
  ];
}

/** One screen of what happened; its lines without an end. Texts are made safe to print. Pure. */
export function summaryScreen({ signIns, audits }: Summary, style: ScreenStyle): string[] {
  return [
    ...(signIns === null ? [] : signInLines(signIns, style)),
    ...(audits === null ? [] : auditLines(audits, style)),
  ];
}
