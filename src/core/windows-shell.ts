type Env = Readonly<Record<string, string | undefined>>;

/** Shells of Windows: Windows PowerShell up to 7.2 hands quotes on to programs in another way than PowerShell since 7.3. */
export type WindowsShell = 'cmd' | 'powershell' | 'pwsh';

/**
 * The shell that a command is most likely typed into. PowerShell puts a folder of the user's before the machine's in
 * PSModulePath (about_PSModulePath); cmd.exe sets PROMPT, also where PowerShell or npx starts a .cmd file. Pure.
 */
export function windowsShell(env: Env): WindowsShell {
  const modules = env['PSModulePath'] ?? '';
  const home = (env['USERPROFILE'] ?? '').toLowerCase();
  const isOwn = (folder: string): boolean =>
    /\\documents\\(?:windows)?powershell\\modules\\?$/i.test(folder) ||
    (home !== '' && folder.toLowerCase().startsWith(`${home}\\`));
  if (modules.split(';').some(isOwn))
    return /\\powershell\\(?:7|modules)/i.test(modules) ? 'pwsh' : 'powershell';
  return env['PROMPT'] === undefined ? 'powershell' : 'cmd';
}

/** What neither shell reads as anything but itself, outside of quotes. */
const bare = /^[\p{L}\p{N}_+=:./\\-]+$/u;

/** PowerShell would make a number of it, written in another way, or two words. */
const changesBare =
  /^(?!(?:0|[1-9]\d{0,8})$)(?:[+-]?(?:0x[\da-f]+|\d*\.?\d+)(?:e[+-]?\d+)?[a-z]{0,4}|-[^-].*[.:].*)$/iu;

/** Within double quotes one of the shells reads these, or both do: quotes of every kind, $ and `, a pair of %. */
const isRead = /["$`\u201c-\u201e]|%.*%/s;

/** Programs take backslashes before a quote for an escape, and a quote behind one for itself (CommandLineToArgvW). */
const escapedQuotes = (word: string): string => word.replace(/(\\*)"/g, '$1$1\\"').replace(/(\\+)$/, '$1$1');

/** Not to be printed as it is: it would be escaped, and name something else. */
const unprintable = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

const codeUnits = (character: string): string =>
  [...Array(character.length).keys()].map((at) => `$([char]${character.charCodeAt(at)})`).join('');

/** In single quotes nothing is read but quotes, of which PowerShell has five. */
function powershellWord(word: string, shell: WindowsShell): string {
  const passed = shell === 'pwsh' ? word : escapedQuotes(word);
  if (word.search(unprintable) < 0) return `'${passed.replace(/['\u2018-\u201b]/g, '$&$&')}'`;
  const inner = passed.replace(/[`"$\u201c-\u201e]/g, '`$&').replace(unprintable, codeUnits);
  return `"${inner}"`;
}

/**
 * Within double quotes cmd.exe reads but them and variables. Where they are, every character with a meaning has a caret before
 * it, the outer quotes too: then cmd.exe sees no quotes, and the program does.
 */
function cmdWord(word: string): string {
  const quoted = `"${escapedQuotes(word)}"`;
  return /["%]/.test(word) ? quoted.replace(/["&|<>()^%!]/g, '^$&') : quoted;
}

/**
 * A word as a program on Windows gets it from cmd.exe and from PowerShell; where no form does for both, as it does from the
 * one that the environment speaks of. Pure.
 */
export function windowsWord(word: string, env: Env): string {
  const isPrintable = word.search(unprintable) < 0;
  if (isPrintable && bare.test(word) && !changesBare.test(word)) return word;
  if (isPrintable && !isRead.test(word)) return `"${escapedQuotes(word)}"`;
  const shell = windowsShell(env);
  return shell === 'cmd' ? cmdWord(word) : powershellWord(word, shell);
}

/** Programs of Windows by their full paths: what else lies on the PATH, or in a folder, is never started. */
export function systemProgram(name: string, env: Env): string {
  const root = env['SystemRoot'] ?? env['SYSTEMROOT'] ?? '';
  return `${/^[a-z]:\\[^"]*$/i.test(root) ? root.replace(/\\+$/, '') : 'C:\\Windows'}\\System32\\${name}`;
}
