import { WizardError } from '../../core/errors.ts';

/** The error for a value that a format cannot hold so that it is read back as it was; the value itself is not told. */
export const unwritable = (what: string, format: string): WizardError =>
  new WizardError('target-value', `${format} cannot hold the value of ${what} so that it is read back.`);

const onOneLine = (text: string, format: string): string => {
  if (/[\p{Cc}\u2028\u2029]/u.test(text)) throw unwritable('a path', format);
  return text;
};

/** A text in PowerShell's single quotes; it takes typographic ones for the same, so each is doubled. */
export const powershellQuoted = (text: string): string =>
  `'${onOneLine(text, 'PowerShell').replace(/['\u2018\u2019\u201a\u201b]/g, '$&$&')}'`;

/** A text in single quotes of a POSIX shell, whatever is in it. */
export const shellQuoted = (text: string): string =>
  `'${onOneLine(text, 'A shell').replaceAll("'", `'\\''`)}'`;

/**
 * A command for a line of crontab, where a percent sign would end it (crontab(5)). Throws WizardError for two characters
 * that not every cron reads alike: a backslash before another one, or before a percent sign.
 */
export function crontabCommand(command: string): string {
  if (/\\[\\%]/.test(command)) throw unwritable('a path', 'A line of crontab');
  return command.replaceAll('%', '\\%');
}

/** A word of ExecStart: quoted, `%` doubled for specifiers, `$` for variables (systemd.service(5), "Command lines"). */
export const systemdWord = (text: string): string =>
  `"${onOneLine(text, 'A systemd unit')
    .replace(/[\\"]/g, '\\$&')
    .replaceAll('%', '%%')
    .replaceAll('$', '$$$$')}"`;

/** A JavaScript or JSON text. */
export const jsonQuoted = (text: string): string =>
  JSON.stringify(text).replace(/[\u007f-\u009f\u2028\u2029]/g, (character) => {
    const code = character.charCodeAt(0).toString(16).padStart(4, '0');
    return `\\u${code}`;
  });

/** A text in Python's double quotes: its escapes are those of JSON. */
export const pythonQuoted = jsonQuoted;
