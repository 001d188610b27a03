/** Writes a call of this program as it has to be typed; `words` are those behind the program's name. */
export type SpellCommand = (words: readonly string[]) => string;

/** What to do, and the commands in it, each as it can be run and as it stands in the text. */
export interface Remedy {
  readonly text: string;
  readonly commands: readonly string[];
}

const program = 'reporting-setup';

/** Stands for all words of the run that gives the remedy: the same command again. */
export const sameCommand = '…';

/** The first word of a command that is to ask: what keeps this run from asking is left out of it. */
export const inTerminal = '?';

/** Stands before a command of this program that is spelled already. */
const spelledAlready = '= ';

/** A command of this program that is spelled already, as it stands in the source of a remedy. */
export const spelledInRemedy = (command: string): string => `\`${spelledAlready}${inRemedy(command)}\``;

/** Stands for a backtick of somebody's name, where a remedy has commands between backticks. */
const namedBacktick = '\ue000';

/** A name or a path as it stands in the source of a remedy. */
export const inRemedy = (name: string): string => name.replaceAll('`', namedBacktick);

const asNamed = (text: string): string => text.replaceAll(namedBacktick, '`');

/**
 * A remedy with its commands spelled out. In its source a command stands between backticks: one of this program as
 * `reporting-setup verify`, which gets the file and the options of this run, any other as it is to be run. Pure.
 */
export function spellRemedy(text: string, spell: SpellCommand): Remedy {
  const commands: string[] = [];
  const parts = text.split('`');
  // An odd backtick is one of somebody's name.
  if (parts.length < 3 || parts.length % 2 === 0) return { text: asNamed(text), commands };
  const spelled = parts.map((part, index) => {
    if (index % 2 === 0) return asNamed(part);
    const [first, ...words] = part.split(' ');
    const isSpelled = part.startsWith(spelledAlready);
    const asIs = asNamed(isSpelled ? part.slice(spelledAlready.length) : part);
    const command = first === program ? spell(words) : asIs;
    commands.push(command);
    return command;
  });
  return { text: spelled.join(''), commands };
}

/** A piece of a remedy: a sentence, or a command that is copied whole. */
export type RemedyPart = { readonly text: string } | { readonly command: string };

const punctuation = /^[\s,.;:]+/;

/** The parts in which a remedy is shown: each command apart, and no sentence that begins with a comma. Pure. */
export function remedyParts({ text, commands }: Remedy): RemedyPart[] {
  const parts: RemedyPart[] = [];
  let rest = text;
  const say = (words: string): void => {
    const sentence = parts.length === 0 ? words.trim() : words.replace(punctuation, '').trim();
    if (sentence !== '') parts.push({ text: sentence });
  };
  for (const command of commands) {
    const at = rest.indexOf(command);
    if (at < 0) continue;
    say(rest.slice(0, at));
    parts.push({ command });
    rest = rest.slice(at + command.length);
  }
  say(rest);
  return parts;
}

/** The same, spelled as it is typed where nothing of a run is known: in the documents. Pure. */
export const spellPlainly: SpellCommand = (words) =>
  [program, ...words.filter((word) => word !== sameCommand && word !== inTerminal)].join(' ');
