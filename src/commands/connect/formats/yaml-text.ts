import { stringify } from 'yaml';

/**
 * A YAML text in which every text stands in double quotes: what begins with `~`, or looks like a number or a date, stays
 * a text in YAML 1.1 and 1.2 alike. Ends with a line break.
 */
export const yamlText = (value: unknown): string =>
  stringify(value, { defaultStringType: 'QUOTE_DOUBLE', defaultKeyType: 'PLAIN', lineWidth: 0 });
