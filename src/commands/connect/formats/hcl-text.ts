import { unwritable } from './unwritable.ts';

/**
 * A text in HCL's double quotes: escapes as in its specification, one for what would begin a template among them (`${`, `%{`;
 * doubled, as is usual, it can be read in two ways behind another `$`). Throws WizardError for a text that is not in
 * Unicode's form C, to which HCL brings each.
 */
function quoted(text: string): string {
  if (text.normalize('NFC') !== text) throw unwritable('an attribute', 'HCL');
  return `"${text
    .replace(/[\\"]/g, '\\$&')
    .replace(/[$%](?=\{)|[\p{Cc}\u2028\u2029\ufeff]/gu, (character) => `\\u${hex(character)}`)}"`;
}

const hex = (character: string): string => character.charCodeAt(0).toString(16).padStart(4, '0');

/** A block with one attribute a line. */
export function hclBlock(head: string, attributes: Readonly<Record<string, string>>): string {
  const width = Math.max(...Object.keys(attributes).map(({ length }) => length));
  const lines = Object.entries(attributes).map(
    ([name, value]) => `  ${name.padEnd(width)} = ${quoted(value)}`,
  );
  return [`${head} {`, ...lines, '}', ''].join('\n');
}
