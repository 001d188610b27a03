import { Command } from 'commander';

/** The names that are close to a word, by commander's own measure. */
function closest(word: string, names: readonly string[]): string[] {
  const asking = new Command().helpCommand(false).exitOverride();
  asking.configureOutput({ writeOut: () => undefined, writeErr: () => undefined });
  for (const name of names) asking.command(name);
  try {
    asking.parse(['--', word], { from: 'user' });
  } catch (error) {
    const found = error instanceof Error ? /\(Did you mean (?:one of )?(.*)\?\)/.exec(error.message) : null;
    if (found) return (found[1] ?? '').split(', ');
  }
  return [];
}

/**
 * What somebody may have meant: ` Did you mean verify?`, or nothing. Upper and lower case make no difference.
 * `spell` writes a name as it is to be typed.
 */
export function suggestion(
  word: string,
  names: readonly string[],
  spell: (name: string) => string = (name) => name,
): string {
  const same = names.filter((name) => name.toLowerCase() === word.toLowerCase());
  const meant = (same.length > 0 ? same : closest(word, names)).map(spell);
  return meant.length === 0 ? '' : ` Did you mean ${meant.length > 1 ? 'one of ' : ''}${meant.join(', ')}?`;
}
