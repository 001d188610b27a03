import { Chalk, type ChalkInstance } from 'chalk';

type Env = Readonly<Record<string, string | undefined>>;

/** The stream that people read. */
export interface PeopleStream {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/** What the terminal can show. */
export interface Style {
  readonly chalk: ChalkInstance;
  /** A line may be drawn again: a terminal that is not dumb. */
  readonly animated: boolean;
  readonly symbols: Symbols;
  /** Columns, read anew each time: windows change size. */
  readonly columns: () => number;
}

export interface Symbols {
  readonly pass: string;
  readonly warn: string;
  readonly fail: string;
  readonly skip: string;
  readonly arrow: string;
  readonly create: string;
  readonly update: string;
  readonly keep: string;
  readonly remove: string;
}

const unicode: Symbols = {
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
const ascii: Symbols = { ...unicode, pass: 'ok', warn: '! ', fail: 'x ', skip: '- ', arrow: '->' };

/** no-color.org and force-color.org: FORCE_COLOR wins, then NO_COLOR, then what the terminal is. */
export function colorLevel(env: Env, isTTY: boolean): 0 | 1 {
  const forced = env['FORCE_COLOR'];
  if (forced !== undefined && forced !== '') return forced === '0' || forced === 'false' ? 0 : 1;
  if (env['NO_COLOR'] !== undefined && env['NO_COLOR'] !== '') return 0;
  return isTTY && env['TERM'] !== 'dumb' ? 1 : 0;
}

function hasUnicode(env: Env, platform: string): boolean {
  if (env['TERM'] === 'dumb' || env['TERM'] === 'linux') return false;
  if (platform === 'win32') return env['WT_SESSION'] !== undefined || env['TERM_PROGRAM'] === 'vscode';
  const locale = env['LC_ALL'] || env['LC_CTYPE'] || env['LANG'];
  return locale === undefined || locale === '' || !/^(C|POSIX)$/.test(locale);
}

/** What to expect of the terminal behind `stream`. */
export function styleFor(stream: PeopleStream, env: Env, platform: string): Style {
  const isTTY = stream.isTTY === true;
  return {
    chalk: new Chalk({ level: colorLevel(env, isTTY) }),
    animated: isTTY && env['TERM'] !== 'dumb',
    symbols: hasUnicode(env, platform) ? unicode : ascii,
    columns: () => Math.max(20, stream.columns ?? 80),
  };
}
