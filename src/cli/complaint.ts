import { type Command, CommanderError } from 'commander';
import { joinWords, quoted } from '../core/text.ts';
import { suggestion } from './suggestion.ts';

const longFlags = (command: Command): string[] =>
  command.options.flatMap(({ long, hidden }) => (long && !hidden ? [long] : []));

const shortFlags = (command: Command): string[] => command.options.flatMap(({ short }) => short ?? []);

const undashed = (flag: string): string => flag.replace(/^-+/, '');

/** `--tenant` for `--tennant`, `--TENANT` and `-tenant`; `-y` for `-Y`. */
function meantFlag(flag: string, command: Command, program: Command): string {
  const isShort = /^-[^-]$/.test(flag);
  const known = [command, program].flatMap(isShort ? shortFlags : longFlags);
  const names = new Map(known.map((name) => [undashed(name), name]));
  return suggestion(undashed(flag), [...names.keys()], (name) => names.get(name) ?? name);
}

/** A value that belongs to an option nobody knows may be a secret: it is not repeated. */
function unknownOption(written: string, program: Command, command: Command): string {
  const flag = written.split('=')[0] ?? '';
  if (longFlags(command).includes(flag)) return `${flag} takes no value.`;
  const owners = program.commands
    .filter((other) => longFlags(other).includes(flag))
    .map((other) => other.name());
  if (owners.length > 0) return `${flag} is an option of ${joinWords(owners)}, not of ${command.name()}.`;
  return `${command.name()} has no option ${quoted(flag)}.${meantFlag(flag, command, program)}`;
}

function noCommand(program: Command, word: string): string {
  const names = program.commands.map((known) => known.name());
  return `There is no command ${quoted(word)}.${suggestion(word, names)}`;
}

/** A word too many, told by what it may be. */
function excess(program: Command, command: Command, first: string | undefined): string {
  const name = command.name();
  const taken = command.registeredArguments.length;
  const word = command.args[taken] ?? '';
  if (taken > 0) return `${name} takes one word; ${quoted(word)} is one too many.`;
  if (word === first && word !== name) return noCommand(program, word);
  if (word === 'help') return `For its help: reporting-setup ${name} --help`;
  const isCommand = word !== name && program.commands.some((known) => known.name() === word);
  if (isCommand) return `The command comes first: reporting-setup ${word} …`;
  const meant = name === 'verify' ? ' A config file is named with --config.' : '';
  return `${quoted(word)} belongs to no option.${meant}`;
}

function sentence(
  { code, message }: CommanderError,
  program: Command,
  called: Command,
  first?: string,
): string {
  const named = /'([^']*)'/s.exec(message)?.[1] ?? '';
  if (code === 'commander.unknownOption') return unknownOption(named, program, called);
  if (code === 'commander.unknownCommand') return noCommand(program, named);
  if (code === 'commander.excessArguments') return excess(program, called, first);
  if (code === 'commander.optionMissingArgument') return `A value is missing: ${named}`;
  return message.replace(/^error: /, '');
}

/** What is wrong with a command line. */
export interface Complaint {
  /** The command that it was meant for. */
  readonly command: string;
  readonly message: string;
}

/** Commander's complaint about `argv`, or undefined for any other error. `program` is the tree that complained. */
export function complaintOf(
  error: unknown,
  program: Command,
  argv: readonly string[],
): Complaint | undefined {
  if (!(error instanceof CommanderError)) return undefined;
  const called =
    program.commands.find((command) => command.name() === argv[0]) ??
    program.commands.find((command) => command.name() === 'setup') ??
    program;
  return { command: called.name(), message: sentence(error, program, called, argv[0]) };
}
