import { stripVTControlCharacters } from 'node:util';
import { Chalk, type ChalkInstance } from 'chalk';
import wrapAnsi from 'wrap-ansi';
import { colorLevel } from './color.ts';
import { depthOf, fillRows } from './fill-rows.ts';
import { columnsOf } from './text-width.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** The stream that people read. */
export interface PeopleStream {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
  /** Terminals tell by it that their window has another size. */
  on?(event: 'resize', listener: () => void): unknown;
  off?(event: 'resize', listener: () => void): unknown;
}

/** What the terminal can show. */
export interface Style {
  readonly chalk: ChalkInstance;
  /** What is on the screen may be drawn again: a terminal that is not dumb and knows its size. */
  readonly redraws: boolean;
  /** Waiting may be shown by something that moves. */
  readonly animated: boolean;
  /** What is longer than a row goes on in the next one. */
  readonly goesOn: boolean;
  readonly symbols: Symbols;
  /** Columns, read anew each time: windows change size. */
  readonly columns: () => number;
  /** Says where this is, when it is not the real thing; empty where it is. */
  readonly banner: string;
  /** Texts that stay on one line where they fit into it, whatever blanks they have: paths. */
  readonly whole: Set<string>;
}

/** What is known of a run before anything is shown. */
export interface StyleExtras {
  readonly banner?: string;
  /** Texts out of which paths are made: those with blanks are kept whole. */
  readonly paths?: readonly string[];
}

const unicode = {
  pass: '✔',
  warn: '⚠',
  fail: '✖',
  skip: '○',
  arrow: '→',
  create: '+',
  update: '~',
  keep: '=',
  remove: '-',
};
type Symbols = Readonly<typeof unicode>;
const ascii: Symbols = { ...unicode, pass: 'ok', warn: '! ', fail: 'x ', skip: '- ', arrow: '->' };

/**
 * Terminals on Windows whose fonts have them, as the symbols of prompts and spinners look for them too. The console
 * (conhost) is none of them, and says nothing of itself.
 */
const windowsUnicode = ({ WT_SESSION, TERM, TERM_PROGRAM, TERMINAL_EMULATOR, ConEmuTask }: Env): boolean =>
  Boolean(WT_SESSION) ||
  ['vscode', 'Terminus-Sublime', 'WezTerm', 'mintty', 'Hyper'].includes(TERM_PROGRAM ?? '') ||
  ['xterm-256color', 'alacritty', 'rxvt-unicode', 'rxvt-unicode-256color'].includes(TERM ?? '') ||
  TERMINAL_EMULATOR === 'JetBrains-JediTerm' ||
  ConEmuTask === '{cmd::Cmder}';

function hasUnicode(env: Env, platform: string, isTTY: boolean): boolean {
  if (env['TERM'] === 'dumb' || env['TERM'] === 'linux') return false;
  // What is not shown by the terminal is read in the code page of whoever reads it.
  if (platform === 'win32') return isTTY && windowsUnicode(env);
  const locale = env['LC_ALL'] || env['LC_CTYPE'] || env['LANG'];
  return locale === undefined || locale === '' || !/^(C|POSIX)$/.test(locale);
}

/** The fewest columns that anything is laid out for. */
const narrowest = 20;

/** What to expect of the terminal behind `stream`. */
export function styleFor(
  stream: PeopleStream,
  env: Env,
  platform: string,
  { banner = '', paths = [] }: StyleExtras = {},
): Style {
  const isTTY = stream.isTTY === true;
  // A terminal without a size, as `script` and some CI systems make one, has 0 columns.
  const redraws = isTTY && env['TERM'] !== 'dumb' && stream.columns !== 0;
  return {
    chalk: new Chalk({ level: colorLevel(env, isTTY) }),
    redraws,
    animated: redraws,
    goesOn: redraws && (stream.columns ?? 0) >= narrowest,
    symbols: hasUnicode(env, platform, isTTY) ? unicode : ascii,
    columns: () => Math.max(narrowest, stream.columns || 80),
    banner,
    whole: new Set(paths.filter((text) => /\S \S/.test(text))),
  };
}

/** Columns that a text takes, its colours aside. */
export const widthOf = (text: string): number => columnsOf(stripVTControlCharacters(text));

/** Stands for a blank at which nothing is broken; no text of ours has it. */
const firmBlank = '\ue000';

/** The text with firm blanks in the paths that fit into a line. */
function keepPaths(text: string, { whole, columns }: Style): string {
  let kept = text;
  for (const path of whole) {
    if (widthOf(path) < columns()) kept = kept.replaceAll(path, path.replaceAll(' ', firmBlank));
  }
  return kept;
}

/**
 * The text after `first`, broken between words, its further lines `indent` columns deep; ends with a line break. The
 * last column stays free, but for a word that would not be whole without it, such as an id at 40 columns: that stands
 * less deep, too, where it has to. A word that is longer than a line, such as an address, stays in one piece on a line of
 * its own, for the terminal to break and to give back whole.
 */
export function hang(first: string, text: string, indent: number, style: Style): string {
  const columns = style.columns();
  const broken = wrapAnsi(keepPaths(text, style), Math.max(4, columns - indent - 1)).split('\n');
  const lines = broken.map((line) => line.replaceAll(firmBlank, ' '));
  return lines
    .map((line, index) => {
      const width = widthOf(line);
      const left = index === 0 ? first : ' '.repeat(indent);
      if (width <= columns - indent || width > columns) return `${left}${line}\n`;
      const mark = left.trim() === '' ? '' : `${left.trimEnd()}\n`;
      return `${mark}${' '.repeat(depthOf(width, indent, columns))}${line}\n`;
    })
    .join('');
}

/** Something to copy, `indent` columns deep: broken between its words where the terminal gives it back as one line. */
export const copyLine = (text: string, indent: number, style: Style): string =>
  `${style.goesOn ? fillRows(text, indent, style.columns()) : ' '.repeat(indent) + text}\n`;

/** An address or a path on a line of its own. */
export const addressLine = (text: string, indent: number, style: Style): string =>
  `${' '.repeat(depthOf(widthOf(text), indent, style.columns()))}${text}\n`;

/** How many lines a terminal needs for a text that it breaks anywhere. */
export const linesOf = (text: string, columns: number): number =>
  wrapAnsi(text, columns, { hard: true, wordWrap: false, trim: false }).split('\n').length;
