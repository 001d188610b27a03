import { stripVTControlCharacters } from 'node:util';

const spinner = /^[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏-] /;

/** What a program wrote to a terminal, a line each, without what was drawn to be drawn over. */
export const linesOf = (written: string): string[] =>
  written
    // biome-ignore lint/suspicious/noControlCharactersInRegex: it goes back to the beginning of a line, and draws it anew
    .split(/\r|\u001b\[\d*G/)
    .map(stripVTControlCharacters)
    .filter((drawn) => !spinner.test(drawn))
    .flatMap((drawn) => drawn.split('\n'))
    .map((line) => line.trimEnd())
    .filter((line) => line !== '');

/** Where a terminal goes on in its next row within one word: a quotation is one, and so is an address. */
function tornWords(line: string, columns: number): string[] {
  const torn: string[] = [];
  for (const { 0: word, index } of line.matchAll(/"(?!\$)(?:\\.|[^"\\])*"[^\s"]*|'[^']*'\S*|\S+/g)) {
    const start = index % columns;
    const isOver = start + word.length > columns;
    const before = line.slice(index - start, index).trim();
    // It has a row of its own, but for the mark of a line, and no row is wide enough.
    const hasRow = before.length <= 1 && word.length > columns - 2;
    if (isOver && !hasRow) torn.push(word);
  }
  return torn;
}

/** The words of some lines that a terminal with so many columns shows torn. Lines that it broke are whole again. */
export const tornIn = (lines: readonly string[], columns: number): string[] =>
  lines.flatMap((line) => tornWords(line, columns));

const anId = /\b[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}\b/g;

/** The words of some lines, bars of a chart aside; what differs from run to run is the same in all of them. */
const wordsOf = (lines: readonly string[]): string[] =>
  lines
    .flatMap((line) => line.replace(anId, '<id>').replace(/\d/g, '0').split(/\s+/))
    .filter((word) => /[^▁-█]/.test(word));

/** Pieces of words: what stands in some lines and is no word where nothing had to be broken. */
export function piecesIn(lines: readonly string[], unbroken: readonly string[]): string[] {
  const words = new Set(wordsOf(unbroken));
  return wordsOf(lines).filter((word) => !words.has(word));
}
