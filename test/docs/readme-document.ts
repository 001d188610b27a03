import { sandboxScenarios } from '../../src/core/choices.ts';
import { exitCodeMeanings } from '../../src/core/exit-codes.ts';

/** Words in lines of 120 characters at most, the first of which follows `start`. */
function wrapped(start: string, words: readonly string[]): string {
  const lines: string[] = [];
  let line = start;
  for (const word of words) {
    if (`${line} ${word}`.length > 120) {
      lines.push(line);
      line = word;
    } else {
      line = `${line} ${word}`;
    }
  }
  return [...lines, line].join('\n');
}

/** The text with what `pattern` finds replaced. Throws where it finds nothing. */
function replaced(text: string, pattern: RegExp, by: string): string {
  if (!pattern.test(text)) throw new Error(`The document has no ${pattern}`);
  return text.replace(pattern, () => by);
}

const scenarios = wrapped('Scenarios, for `--sandbox` and `--scenario`, combined with commas:', [
  ...sandboxScenarios.map((name, index) => `\`${name}\`${index === sandboxScenarios.length - 1 ? '.' : ','}`),
]);

const exitCodes = exitCodeMeanings.map(([code, meaning]) => `| ${code} | ${meaning} |\n`).join('');

/** docs/sandbox.md with every scenario that there is. */
export const sandboxDocument = (text: string): string =>
  replaced(text, /^Scenarios, for [^.]*\.$/m, scenarios);

/** README.md with the exit codes as help has them. */
export function readmeDocument(readme: string): string {
  return replaced(
    readme,
    /(?<=^## Exit codes\n\n\| Code \| Meaning \|\n\|---\|---\|\n)(?:\| .*\n)+/m,
    exitCodes,
  );
}
