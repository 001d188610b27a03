/** A text in HCL's double quotes: escapes as in its specification, and `${` and `%{` doubled, which begin templates. */
export const hclQuoted = (text: string): string =>
  `"${text
    .replace(/[\\"]/g, '\\$&')
    .replace(/[\p{Cc}\u2028\u2029\ufeff]/gu, (character) => `\\u${hex(character)}`)
    .replace(/([$%])\{/g, '$1$1{')}"`;

const hex = (character: string): string => character.charCodeAt(0).toString(16).padStart(4, '0');

/** A block with one attribute a line. */
export function hclBlock(head: string, attributes: Readonly<Record<string, string>>): string {
  const width = Math.max(...Object.keys(attributes).map(({ length }) => length));
  const lines = Object.entries(attributes).map(
    ([name, value]) => `  ${name.padEnd(width)} = ${hclQuoted(value)}`,
  );
  return [`${head} {`, ...lines, '}', ''].join('\n');
}
