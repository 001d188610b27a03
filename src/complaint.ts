import { Command, CommanderError } from 'commander';
import { joinWords, quoted } from './core/text.ts';

/** What somebody may have meant, by commander's own measure: ` Did you mean verify?`, or nothing. */
function suggestion(word: string, names: readonly string[]): string {
  const asking = new Command().helpCommand(false).exitOverride();
  asking.configureOutput({ writeOut: () => undefined, writeErr: () => undefined });
  for (const name of names) asking.command(name);
  try {
    asking.parse(['--', word], { from: 'user' });
  } catch (error) {
    const found = error instanceof Error ? /\((Did you mean .*\?)\)/.exec(error.message) : null;
    if (found) return ` ${found[1]}`;
  }
  return '';
}

const longFlags = (command: Command): string[] =>
  command.options.flatMap(({ long, hidden }) => (long && !hidden ? [long] : []));

/** A value that belongs to an option nobody knows may be a secret: it is not repeated. */
function unknownOption(written: string, command: Command, others: readonly Command[]): string {
  const flag = written.split('=')[0] ?? '';
  const owners = others.filter((other) => longFlags(other).includes(flag)).map((other) => other.name());
  if (owners.length > 0) return `${flag} is an option of ${joinWords(owners)}, not of ${command.name()}.`;
  const flags = longFlags(command).map((known) => known.replace(/^--/, ''));
  const guess = suggestion(flag.replace(/^-+/, ''), flags).replace(
    /(mean(?: one of)? )(.*)\?/,
    (_, start: string, names: string) => `${start}${names.replace(/(^|, )/g, '$1--')}?`,
  );
  return `${command.name()} has no option ${quoted(flag)}.${guess}`;
}

function noCommand(program: Command, word: string): string {
  const names = program.commands.map((known) => known.name());
  return `There is no command ${quoted(word)}.${suggestion(word, names)}`;
}

function excess(program: Command, command: Command, first: string | undefined): string {
  const word = command.args[0] ?? '';
  if (word === first) return noCommand(program, word);
  const isCommand = program.commands.some((known) => known.name() === word);
  if (isCommand) return `The command comes first: reporting-setup ${word} …`;
  return `${quoted(word)} stands alone: ${command.name()} takes options.`;
}

function sentence(
  { code, message }: CommanderError,
  program: Command,
  called: Command,
  first?: string,
): string {
  const named = /'([^']*)'/s.exec(message)?.[1] ?? '';
  const others = program.commands.filter((command) => command !== called);
  if (code === 'commander.unknownOption') return unknownOption(named, called, others);
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
