import Builder from 'fast-xml-builder';
import { stringify } from 'yaml';
import { unwritable } from './quoting.ts';

/**
 * A YAML text in which every text stands in double quotes: what begins with `~`, or looks like a number or a date, stays
 * a text in YAML 1.1 and 1.2 alike. Ends with a line break.
 */
export const yamlText = (value: unknown): string =>
  stringify(value, { defaultStringType: 'QUOTE_DOUBLE', defaultKeyType: 'PLAIN', lineWidth: 0 });

const builder = new Builder({ format: true, indentBy: '  ', suppressEmptyNode: false });

/** What no XML 1.0 document may hold, escaped or not (w3.org/TR/xml, Char), and further controls, which nobody needs. */
const forbidden = /[^\P{Cc}\t\n\r]|[\p{Cs}\ufffe\uffff]/u;

const textsIn = (value: unknown): unknown[] =>
  typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [value];

/**
 * An XML fragment: elements named after the fields, a list as repeated elements. Ends with a line break. Throws
 * WizardError for a value that XML cannot hold.
 */
export function xmlText(value: Readonly<Record<string, unknown>>): string {
  if (textsIn(value).some((text) => forbidden.test(String(text)))) throw unwritable('a field', 'XML');
  return builder.build(value);
}

type Section = Readonly<Record<string, string | number>>;

/** A line of `key = value`. Readers of such files take the rest of the line as it is, so that nothing is quoted. */
function line(key: string, value: string | number): string {
  const text = String(value);
  // A backslash at the end joins lines in Splunk's files.
  if (/[\p{Cc}\u2028\u2029]|^\s|\s$|\\$|^$/u.test(text)) throw unwritable(key, 'an INI file');
  return `${key} = ${text}`;
}

/** Sections of `key = value` lines. Throws WizardError for a value that no reader would get back. */
export const iniText = (sections: Readonly<Record<string, Section>>): string =>
  Object.entries(sections)
    .map(([name, section]) =>
      [`[${name}]`, ...Object.entries(section).map(([key, value]) => line(key, value)), ''].join('\n'),
    )
    .join('\n');

/** Lines without a section, as Wazuh's Azure module reads them: it drops spaces, and takes no comment and no empty line. */
export function keyValueText(values: Section): string {
  for (const [key, value] of Object.entries(values)) {
    if (/\s/u.test(String(value))) throw unwritable(key, "Wazuh's file of credentials");
  }
  return Object.entries(values)
    .map(([key, value]) => `${line(key, value)}\n`)
    .join('');
}

/**
 * A text in HCL's double quotes: escapes as in its specification, one for what would begin a template among them (`${`, `%{`;
 * doubled, as is usual, it can be read in two ways behind another `$`). Throws WizardError for a text that is not in
 * Unicode's form C, to which HCL brings each.
 */
function hclQuoted(text: string): string {
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
    ([name, value]) => `  ${name.padEnd(width)} = ${hclQuoted(value)}`,
  );
  return [`${head} {`, ...lines, '}', ''].join('\n');
}
