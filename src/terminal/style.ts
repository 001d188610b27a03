import { stripVTControlCharacters } from 'node:util';
import { Chalk, type ChalkInstance } from 'chalk';
import wrapAnsi from 'wrap-ansi';
import { colorLevel } from './color.ts';

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
  readonly symbols: Symbols;
  /** Columns, read anew each time: windows change size. */
  readonly columns: () => number;
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

/** What to expect of the terminal behind `stream`. */
export function styleFor(stream: PeopleStream, env: Env, platform: string): Style {
  const isTTY = stream.isTTY === true;
  // A terminal without a size, as `script` and some CI systems make one, has 0 columns.
  const redraws = isTTY && env['TERM'] !== 'dumb' && stream.columns !== 0;
  return {
    chalk: new Chalk({ level: colorLevel(env, isTTY) }),
    redraws,
    animated: redraws,
    symbols: hasUnicode(env, platform, isTTY) ? unicode : ascii,
    columns: () => Math.max(20, stream.columns || 80),
  };
}

const widthOf = (word: string): number => [...stripVTControlCharacters(word)].length;

/**
 * The text after `first`, broken between words, its further lines `indent` columns deep; ends with a line break. The
 * last column stays free, but for a word that would not be whole without it, such as an id at 40 columns. A word that is
 * longer than a line, such as a path, stays whole: a terminal that breaks it gives it back in one piece.
 */
export function hang(first: string, text: string, indent: number, columns: number): string {
  const room = columns - indent;
  const isExact = text.split(' ').some((word) => widthOf(word) === room);
  const lines = wrapAnsi(text, Math.max(4, isExact ? room : room - 1)).split('\n');
  return lines.map((line, index) => `${index === 0 ? first : ' '.repeat(indent)}${line}\n`).join('');
}

/** How many lines a terminal needs for a text that it breaks anywhere. */
export const linesOf = (text: string, columns: number): number =>
  wrapAnsi(text, columns, { hard: true, wordWrap: false, trim: false }).split('\n').length;
