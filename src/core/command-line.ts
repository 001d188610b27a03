/** What no shell reads as anything but itself. */
const plain = /^[\w@%+=:,./-]+$/;

function quotedFor(word: string, platform: string): string {
  if (plain.test(word)) return word;
  if (platform === 'win32') return `"${word.replaceAll('"', '\\"')}"`;
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

/** A command line to be copied: a POSIX shell, or one of Windows, reads these words from it. */
export function commandLine(words: readonly string[], platform: string): string {
  return words.map((word) => quotedFor(word, platform)).join(' ');
}
