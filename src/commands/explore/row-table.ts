import { safeText } from '../../core/text.ts';
import { columnsOf } from '../../terminal/text-width.ts';

/** Rows as texts, each with as many cells as there are titles. */
interface TableTexts {
  readonly titles: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

const gap = 2;

/** Columns that a cell needs at least to say anything. */
const narrowest = 8;

/** The most characters of a cell. */
const mostInCell = 200;

/** The text in exactly so many columns, cut off where it is longer. */
function fitted(text: string, width: number): string {
  if (columnsOf(text) <= width) return text + ' '.repeat(width - columnsOf(text));
  let cut = '';
  for (const character of text) {
    if (columnsOf(cut + character) > width - 1) break;
    cut += character;
  }
  return `${cut}…${' '.repeat(Math.max(0, width - 1 - columnsOf(cut)))}`;
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

/** Widths that fit into the room, the widest giving way first; undefined where not even narrow columns fit. */
function widthsFor(
  natural: readonly number[],
  titles: readonly number[],
  room: number,
): readonly number[] | undefined {
  const widths = [...natural];
  const least = natural.map((width, index) => Math.max(Math.min(width, narrowest), titles[index] ?? 0));
  const available = room - gap * (natural.length - 1);
  if (sum(least) > available) return undefined;
  while (sum(widths) > available) {
    // The first column, the time, is of no use in part.
    const shrinkable = widths.map((width, index) => (index > 0 && width > (least[index] ?? 0) ? width : 0));
    const widest = Math.max(...shrinkable);
    if (widest === 0) return undefined;
    widths[shrinkable.indexOf(widest)] = widest - 1;
  }
  return widths;
}

/** Safe text over as many lines as it takes, between its words where it can. */
export function wrapped(text: string, room: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && columnsOf(last) + 1 + columnsOf(word) <= room)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

/** Safe text behind `first`, its further lines as deep; a word that is longer than a line is cut. */
export function hanging(first: string, text: string, room: number): string[] {
  const space = Math.max(6, room - columnsOf(first));
  return wrapped(text, space).map((line, index) =>
    `${index === 0 ? first : ' '.repeat(columnsOf(first))}${fitted(line, space)}`.trimEnd(),
  );
}

/** A table in lines without an end. */
export interface TableLines {
  /** The line of titles, to stand once above parts that follow each other; none where each row names its own. */
  readonly head: readonly string[];
  readonly body: readonly string[];
}

function blocks({ titles, rows }: TableTexts, room: number): string[] {
  const label = Math.max(0, ...titles.map(columnsOf));
  return rows.flatMap((cells) => [
    ...cells.flatMap((cell, index) =>
      cell === '' ? [] : hanging(`${(titles[index] ?? '').padEnd(label)}  `, cell, room),
    ),
    '',
  ]);
}

interface TableOptions {
  /** Columns of the terminal. */
  readonly room: number;
  readonly bold?: ((line: string) => string) | undefined;
  /** How wide columns were in the part above; filled in for the part below. */
  readonly widths?: number[] | undefined;
}

/**
 * A table that fits into `room` columns, titles whole where there is room for them; where columns do not fit side by side
 * each row becomes a block. Texts are made safe to print. Pure.
 */
export function rowTable(
  { titles, rows }: TableTexts,
  { room, bold = (line) => line, widths: before = [] }: TableOptions,
): TableLines {
  const safe = rows.map((cells) => cells.map((cell) => safeText(cell, mostInCell)));
  const natural = titles.map((title, index) =>
    Math.max(before[index] ?? 0, columnsOf(title), ...safe.map((cells) => columnsOf(cells[index] ?? ''))),
  );
  before.splice(0, before.length, ...natural);
  const widths = widthsFor(natural, titles.map(columnsOf), room) ?? widthsFor(natural, [], room);
  if (!widths) return { head: [], body: blocks({ titles, rows: safe }, room) };
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, index) => fitted(cell, widths[index] ?? 0))
      .join(' '.repeat(gap))
      .trimEnd();
  return { head: [bold(line(titles))], body: safe.map(line) };
}
