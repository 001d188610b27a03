import { unwritable } from './unwritable.ts';

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
