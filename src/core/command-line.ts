/** A word as a POSIX shell and PowerShell take it: in single quotes where it holds what they would read. */
export function shellWord(word: string): string {
  return /^[\p{L}\p{N}_@%+=:,./-]+$/u.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** A call of this program that can be copied; through npx where it was started that way, for then no PATH has it. */
export function commandLine(
  words: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): string {
  const program = env['npm_command'] === 'exec' ? ['npx', 'reporting-setup'] : ['reporting-setup'];
  return [...program, ...words.map(shellWord)].join(' ');
}
