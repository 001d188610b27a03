import { inTerminal, type SpellCommand, sameCommand } from '../core/remedy.ts';
import { commandLine, type ShellHost } from '../core/text.ts';
import {
  type CommandName,
  commandNames,
  flagOf,
  type OptionDefinition,
  type OptionName,
  options,
} from './options.ts';
import type { RawOptions } from './settings.ts';

/** One run of the program, as it was called. */
export interface CalledRun {
  readonly command: CommandName;
  /** The words of the command line, the program's name aside. */
  readonly argv: readonly string[];
  readonly raw: RawOptions;
}

/** The file that a remedy is about. */
export interface SpelledFile {
  /** As it was given; the one of the command line where absent. */
  readonly file?: string;
  /** The words that say in which cloud its tenant is, for a run that does not say so itself. */
  readonly where?: readonly string[];
}

/** What says where the tenant is and who signs in, and so belongs to every command about the same file. */
const carried: readonly OptionName[] = [
  'sandbox',
  'cloud',
  'authorityHost',
  'graphUrl',
  'tenant',
  'auth',
  'loginClientId',
];

const attributeOf = (flag: string): string =>
  flag.replace(/^--/, '').replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());

/** The option by which a command names the file. */
const fileOption = (command: CommandName): OptionName => (command === 'setup' ? 'output' : 'config');

/** Nobody but an administrator signs in. */
const signsIn: readonly OptionName[] = ['tenant', 'auth', 'loginClientId'];

const has = (command: CommandName, name: OptionName): boolean => {
  const { commands }: OptionDefinition = options[name];
  return commands[command] !== undefined && !(command === 'verify' && signsIn.includes(name));
};

function wordsFor(name: OptionName, raw: RawOptions): string[] {
  const flag = flagOf(name);
  const value = raw[attributeOf(flag)];
  // A bare --sandbox takes no name; the parser hands over the scenario default, or true.
  if (value === true || (name === 'sandbox' && value === 'default')) return [flag];
  return typeof value === 'string' ? [flag, value] : [];
}

const filledIn = 'to-be-filled-in';

const usualFile = options.output.fallback;

/** The file of a run; undefined where there are several. */
function fileOf({ command, raw }: CalledRun): string | undefined {
  const given = raw[attributeOf(flagOf(fileOption(command)))];
  if (Array.isArray(given)) return given.length === 1 ? String(given[0]) : undefined;
  return typeof given === 'string' ? given : usualFile;
}

const isCommand = (word: string | undefined): word is CommandName =>
  commandNames.some((name) => name === word);

/** Drops what `extra` says otherwise: `--credential secret` where it has `--credential certificate`. */
function without(argv: readonly string[], extra: readonly string[]): string[] {
  const flags = extra.filter((word) => word.startsWith('--'));
  const kept: string[] = [];
  for (let index = 0; index < argv.length; index += 1) {
    const word = argv[index] ?? '';
    const flag = flags.find((one) => word === one || word.startsWith(`${one}=`));
    if (flag === undefined) kept.push(word);
    else if (word === flag && !(argv[index + 1] ?? '--').startsWith('-')) index += 1;
  }
  return kept;
}

/** What keeps a run from asking. */
const unasked: readonly string[] = ['-y', '--yes', '--no-input', '--json'];

/** A call of the program; what somebody has to fill in, such as `<file>`, is no word for the shell. */
function lineOf(words: readonly string[], shell: ShellHost): string {
  const isOpen = (word: string): boolean => /^<[\w.-]+>(?:\.\w+)?$/.test(word);
  const spelled = commandLine(
    words.map((word) => (isOpen(word) ? filledIn : word)),
    shell,
  );
  return words.filter(isOpen).reduce((text, word) => text.replace(filledIn, word), spelled);
}

/** Words such as a target, and the options behind them: behind a bare --sandbox a target would be a scenario. */
function divided(words: readonly string[]): {
  readonly subjects: readonly string[];
  readonly extra: readonly string[];
} {
  const at = words.findIndex((word) => word.startsWith('-'));
  return at < 0 ? { subjects: words, extra: [] } : { subjects: words.slice(0, at), extra: words.slice(at) };
}

/** What another command than the run's own has to say of a file: where its tenant is, and its name. */
function otherWords(command: CommandName, run: CalledRun, file: string, where: readonly string[]): string[] {
  const place = carried
    .filter((option) => has(command, option))
    .flatMap((option) => wordsFor(option, run.raw));
  const says = place.some((word) => where.includes(word));
  return [
    ...place,
    ...(says ? [] : where),
    ...(file === usualFile ? [] : [flagOf(fileOption(command)), file]),
  ];
}

/** The run's own command line with some options more. */
const againWith = (more: readonly string[], argv: readonly string[], shell: ShellHost): string =>
  more.length === 0 ? commandLine(argv, shell) : lineOf([...without(argv, more), ...more], shell);

/**
 * Spells the commands of a remedy for one run: with its file, and with its options for where the tenant is and who signs
 * in; the run's own command with all of its options. Pure.
 */
export function commandSpeller(run: CalledRun, shell: ShellHost, about: SpelledFile = {}): SpellCommand {
  const own = fileOf(run);
  const file = about.file ?? own ?? usualFile;
  const spell = (words: readonly string[], argv: readonly string[]): string => {
    const [name] = words;
    if (name === sameCommand) return againWith(words.slice(1), argv, shell);
    // A list or a page is of no file and of no tenant.
    if (words.includes('--list') || words.includes('--help')) return commandLine(words, shell);
    const command = isCommand(name) ? name : 'setup';
    const given = isCommand(name) ? words.slice(1) : words;
    const { subjects, extra } = divided(given);
    const isOwn = command === run.command && file === own && subjects.length === 0;
    if (isOwn) return lineOf([...without(argv, extra), ...extra], shell);
    const place = without(otherWords(command, run, file, about.where ?? []), extra);
    return lineOf([...(command === 'setup' ? [] : [command]), ...subjects, ...place, ...extra], shell);
  };
  return (words) =>
    words[0] === inTerminal
      ? spell(
          words.slice(1),
          run.argv.filter((word) => !unasked.includes(word)),
        )
      : spell(words, run.argv);
}
