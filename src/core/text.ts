import { programWords } from './called-program.ts';
import { windowsWord } from './windows-shell.ts';

/**
 * What could move the cursor, forge a line or hide: controls, line and paragraph separators, lone surrogates,
 * and everything invisible (bidi controls, zero-width and tag characters among them), except the two selectors
 * that choose between text and emoji.
 */
const unsafe = /(?![\ufe0e\ufe0f])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

const escaped = (character: string): string => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;

let segmenter: Intl.Segmenter | undefined;

/** Made when it is first needed: that takes a tenth of the time in which help is shown. */
function graphemes(): Intl.Segmenter {
  segmenter ??= new Intl.Segmenter('en', { granularity: 'grapheme' });
  return segmenter;
}

/** Most of what is printed, tokens among it: no grapheme of it is longer than a character. */
const plain = /^[ -~]*$/;

/**
 * Makes a text from elsewhere safe to print within one line: line breaks and tabs become a space, whatever
 * else is unsafe a visible escape such as `\u{1b}`. At most `most` characters (code points), the last being …
 * when something was cut off.
 */
export function safeText(text: string, most = 200): string {
  if (plain.test(text)) return text.length > most ? `${text.slice(0, Math.max(0, most - 1))}…` : text;
  const parts: string[] = [];
  let length = 0;
  for (const { segment } of graphemes().segment(text.replace(/[\t\n\r]+/g, ' '))) {
    const part = segment.replace(unsafe, escaped);
    const size = [...part].length;
    if (length + size > most) return cutOff(parts, most);
    parts.push(part);
    length += size;
  }
  return parts.join('');
}

/** Drops whole graphemes until the ellipsis fits. */
function cutOff(parts: readonly string[], most: number): string {
  const kept = [...parts];
  while (kept.length > 0 && [...kept.join('')].length >= most) kept.pop();
  return `${kept.join('')}…`;
}

/** The text made safe and put in double quotes; quotes within it are escaped. */
export function quoted(text: string, most?: number): string {
  return `"${safeText(text, most).replaceAll('"', '\\"')}"`;
}

/** The text, with a full stop where it ends with none: something follows. */
export const sentence = (text: string): string => (/[.!?…]$/.test(text) ? text : `${text}.`);

/** `a`, `a and b`, `a, b and c`. */
export function joinWords(words: readonly string[]): string {
  const last = words.at(-1) ?? '';
  return words.length < 2 ? last : `${words.slice(0, -1).join(', ')} and ${last}`;
}

/** What no shell reads as anything but itself. */
const shellSafe = /^[\p{L}\p{N}_@%+=:,./-]+$/u;

/** What a shell needs help with: printed as it is, it would be escaped or become a space, and name something else. */
const unprintable = new RegExp(`${unsafe.source}|[^ -~\\p{L}\\p{N}\\p{M}]`, 'u');

const utf8 = new TextEncoder();

const octal = (character: string): string =>
  [...utf8.encode(character)].map((byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('');

/** By printf, which every POSIX shell has. $(…) takes line breaks off the end: IFS holds one, behind a space and a tab. */
function printedWord(word: string): string {
  const body = word.replace(/\n+$/, '');
  const inner = [...body].map((character) => {
    if (unprintable.test(character) || character === "'" || character === '\\') return octal(character);
    return character === '%' ? '%%' : character;
  });
  const lineBreak = `\${IFS#??}`;
  return `"$(printf '${inner.join('')}')${lineBreak.repeat(word.length - body.length)}"`;
}

/** A word as a POSIX shell takes it: in single quotes where it holds what it would read. */
export function shellWord(word: string): string {
  const isPrintable = !unprintable.test(word);
  if (isPrintable && shellSafe.test(word)) return word;
  return isPrintable ? `'${word.replaceAll("'", `'\\''`)}'` : printedWord(word);
}

/** A system with its shell. */
export interface ShellHost {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly platform: string;
  /** The words with which this program is started; by its name, or through npx, where absent. */
  readonly program?: readonly string[] | undefined;
}

/** Git Bash and MSYS2 have a POSIX shell on Windows, and say so by MSYSTEM. */
const hasWindowsShell = ({ env, platform }: ShellHost): boolean => platform === 'win32' && !env['MSYSTEM'];

/** A call of any program that can be copied. */
export function programLine(words: readonly string[], host: ShellHost): string {
  const isWindows = hasWindowsShell(host);
  return words.map((word) => (isWindows ? windowsWord(word, host.env) : shellWord(word))).join(' ');
}

/** A call of this program that can be copied. */
export function commandLine(words: readonly string[], host: ShellHost): string {
  const {
    env,
    platform,
    program = programWords({ script: '', env, cwd: '', platform }, () => undefined),
  } = host;
  return programLine([...program, ...words], host);
}
