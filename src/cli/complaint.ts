import { Command, CommanderError } from 'commander';
import { joinWords, quoted } from '../core/text.ts';

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
  const typed = word.toLowerCase();
  const same = names.filter((name) => name.toLowerCase() === typed);
  // Nothing is taken for what it begins with, but it is the likeliest to be meant.
  const longer = typed.length < 2 ? [] : names.filter((name) => name.toLowerCase().startsWith(typed));
  const meant = ([same, longer].find((found) => found.length > 0) ?? closest(word, names)).map(spell);
  return meant.length === 0 ? '' : ` Did you mean ${meant.length > 1 ? 'one of ' : ''}${meant.join(', ')}?`;
}

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
  return `There is no command ${quoted(word)}.${hintFor(word, names) ?? suggestion(word, names)}`;
}

/** What people type who come from other programs, with the commands that do it here, the best one first. */
const otherWords: Readonly<Record<string, readonly [command: string, does: string]>> = {
  login: ['setup', 'it signs you in by itself; nothing stays signed in'],
  signin: ['setup', 'it signs you in by itself; nothing stays signed in'],
  auth: ['setup', 'it signs you in by itself; nothing stays signed in'],
  logout: ['setup', 'nothing stays signed in: each run signs in anew'],
  init: ['setup', 'it registers, grants, proves and saves'],
  create: ['setup', 'it registers, grants, proves and saves'],
  install: ['setup', 'it registers, grants, proves and saves'],
  configure: ['setup', 'it registers, grants, proves and saves'],
  run: ['setup', 'it registers, grants, proves and saves'],
  start: ['setup', 'it registers, grants, proves and saves'],
  doctor: ['verify', 'it checks everything again'],
  status: ['verify', 'it checks everything again'],
  check: ['verify', 'it checks everything again'],
  test: ['verify', 'it checks everything again'],
  validate: ['verify', 'it checks everything again'],
  whoami: ['verify', 'it says whose credential the file holds, and whether it works'],
  config: ['verify', 'it shows what is in the config file; setup writes it, and connect hands it on'],
  show: ['verify', 'it shows what is in the config file and whether it works'],
  logs: ['explore', 'it shows the logs'],
  query: ['explore', 'it shows the logs'],
  list: ['explore', 'it shows the logs'],
  export: ['explore', 'it exports the logs'],
  renew: ['rotate', 'it makes a new credential'],
  refresh: ['rotate', 'it makes a new credential'],
  reset: ['rotate', 'it makes a new credential'],
  delete: ['teardown', 'it removes what setup made'],
  remove: ['teardown', 'it removes what setup made'],
  destroy: ['teardown', 'it removes what setup made'],
  uninstall: ['teardown', 'it removes what setup made'],
  undo: ['teardown', 'it removes what setup made'],
  disable: ['teardown', 'it switches off what setup made'],
  serve: ['sandbox', 'it serves the sandbox tenant'],
  demo: ['sandbox', 'it serves the sandbox tenant'],
  integrate: ['connect', 'it turns the file into what a collector takes'],
};

/** For commands that this version does not have. */
const insteadOf: Readonly<Record<string, string>> = {
  explore: 'This version reads logs to prove the credential, in setup and verify; it does not show them.',
  rotate: 'reporting-setup asks whether to make a new credential.',
  teardown: 'What setup made goes in the Entra admin center, under App registrations.',
};

/** ` For that: reporting-setup verify (it checks everything again).`; undefined for a word that nobody expects. */
function hintFor(word: string, names: readonly string[]): string | undefined {
  const typed = word.toLowerCase();
  if (typed === 'version') return ' For that: reporting-setup --version';
  const known = Object.hasOwn(otherWords, typed) ? otherWords[typed] : undefined;
  if (known === undefined) return undefined;
  const [command, does] = known;
  if (names.includes(command)) {
    return ` For that: reporting-setup${command === 'setup' ? '' : ` ${command}`} (${does}).`;
  }
  return ` ${insteadOf[command] ?? ''}`;
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
