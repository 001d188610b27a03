import { columnsOf } from './text-width.ts';

/** What ends what was opened: quotes, and brackets with what `$(` runs inside a quotation. */
const closers: Readonly<Record<string, string>> = { '"': '"', "'": "'", '`': '`', '(': ')' };

/** What is open behind a character. Nothing opens in single quotes, and in double ones `$(` alone. */
function openBehind(open: readonly string[], character: string, before: string): readonly string[] {
  const inner = open.at(-1);
  if (character === inner) return open.slice(0, -1);
  const closer = closers[character];
  const isCode = inner === undefined || inner === ')';
  const opens = isCode || (inner === '"' && character === '(' && before === '$');
  return closer !== undefined && opens ? [...open, closer] : open;
}

/** The words of a line of code: what its language reads alike whether one blank stands between them or many. */
function codeWords(line: string): string[] {
  const words = [''];
  let open: readonly string[] = [];
  let before = '';
  for (const character of line) {
    const isEscaped = before === '\\' && open.at(-1) !== "'";
    const isBetween = open.length === 0 || open.at(-1) === ')';
    if (character === ' ' && isBetween && !isEscaped) words.push('');
    else words.push(`${words.pop()}${character}`);
    if (!isEscaped) open = openBehind(open, character, before);
    before = isEscaped ? '' : character;
  }
  return words.filter((word) => word !== '');
}

/** How deep a text stands: less deep than wanted where it has no room else, and has it there. */
export const depthOf = (width: number, wanted: number, columns: number): number =>
  width > columns ? wanted : Math.min(wanted, columns - width);

/**
 * A command or other code as one line for a terminal that goes on in its next row by itself: filled up with blanks, so
 * that no word is torn, and what is copied is still one line that means the same. Ends without a line break. Pure.
 */
export function fillRows(line: string, indent: number, columns: number): string {
  if (indent + columnsOf(line) <= columns) return ' '.repeat(indent) + line;
  const [first = '', ...words] = codeWords(line);
  const start = indent + line.search(/\S|$/);
  const width = columnsOf(first);
  const depth = depthOf(width, start, columns);
  let filled = ' '.repeat(depth) + first;
  let used = depth + width;
  for (const word of words) {
    // What is wider than a row has filled several.
    if (used > columns) used %= columns;
    const width = columnsOf(word);
    const fits = used + 1 + width <= columns;
    // Two words never become one.
    const blanks = fits ? 1 : Math.max(1, columns - used + depthOf(width, start + 2, columns));
    filled += ' '.repeat(blanks) + word;
    used += blanks + width - (fits ? 0 : columns);
  }
  return filled;
}
