import Builder from 'fast-xml-builder';
import { unwritable } from './unwritable.ts';

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
