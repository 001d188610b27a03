/** What no shell reads as anything but itself. */
const plain = /^[\p{L}\p{N}_@%+=:,./-]+$/u;

/** A word as a POSIX shell and PowerShell take it: in single quotes where it holds what they would read. */
export function shellWord(word: string): string {
  return plain.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** A word as programs on Windows read it, behind cmd.exe or PowerShell. */
const windowsWord = (word: string): string => (plain.test(word) ? word : `"${word.replaceAll('"', '\\"')}"`);

/** A call of this program that can be copied; through npx where it was started that way, for then no PATH has it. */
export function commandLine(
  words: readonly string[],
  host: { readonly env: Readonly<Record<string, string | undefined>>; readonly platform: string },
): string {
  const program = host.env['npm_command'] === 'exec' ? ['npx', 'reporting-setup'] : ['reporting-setup'];
  return [...program, ...words.map(host.platform === 'win32' ? windowsWord : shellWord)].join(' ');
}
