import { Argument, Command, CommanderError, Option } from 'commander';
import { type Shell, shellOf, shells } from './completion/shells.ts';
import { formatHelp } from './help.ts';
import { pages } from './manual.ts';
import { type CommandName, type Field, fields, type RawOptions } from './options.ts';
import { type Switch, switches } from './switches.ts';

/** What was called, before anything is validated. */
export interface Call {
  readonly command: CommandName;
  readonly raw: RawOptions;
}

/** A call and the words that it was written with, the program's name aside. */
export interface WrittenCall extends Call {
  readonly argv: readonly string[];
}

/** Where help and complaints about the command line go. */
export interface ProgramOutput {
  readonly stdout: (text: string) => void;
  readonly stderr: (text: string) => void;
  readonly columns: number;
  readonly colored: boolean;
}

/** Who is told what was called. */
export interface Callbacks {
  readonly run: (call: Call) => void;
  readonly complete: (shell: Shell) => void;
}

function describe({ describe: text, fallback, env }: Field<unknown> | Switch): string {
  const notes = [
    fallback === undefined ? undefined : `default: ${fallback}`,
    env === undefined ? undefined : `env: ${env}`,
  ].filter((note) => note !== undefined);
  return notes.length === 0 ? text : `${text} (${notes.join('; ')})`;
}

const collect = (value: string, previous: readonly string[] | undefined): string[] => [
  ...(previous ?? []),
  value,
];

/** Refuses the name of another option in the place of a value, which was forgotten then. */
function requireValue(command: Command, flag: string, value: string): string {
  const taken = command.options.some(({ long, short }) => value === long || value === short);
  return taken
    ? command.error(`option '${flag}' argument missing`, { code: 'commander.optionMissingArgument' })
    : value;
}

function valueOption(command: Command, field: Field<unknown>): Option {
  const option = new Option(field.flag, describe(field));
  return field.repeatable
    ? option.argParser((value, previous: readonly string[] | undefined) =>
        collect(requireValue(command, field.flag, value), previous),
      )
    : option.argParser((value) => requireValue(command, field.flag, value));
}

function addOptions(command: Command, name: CommandName): void {
  const definitions: readonly Field<unknown>[] = Object.values(fields);
  const groups = new Map<string, Option[]>();
  const add = (definition: Field<unknown> | Switch, option: Option): void => {
    const heading = `${definition.group}:`;
    groups.set(heading, [...(groups.get(heading) ?? []), option.helpGroup(heading)]);
  };
  for (const field of definitions.filter(({ commands }) => commands.includes(name))) {
    add(field, valueOption(command, field));
  }
  for (const flag of switches.filter(({ commands }) => commands.includes(name))) {
    add(flag, new Option(flag.flag, describe(flag)));
  }
  for (const option of [...groups.values()].flat()) command.addOption(option);
}

const helpOption = (): Option => new Option('-h, --help', 'show this help');

function settingCommand(name: CommandName, { run }: Callbacks): Command {
  const command = new Command(name).description(pages[name].summary);
  addOptions(command, name);
  command.addHelpOption(helpOption().helpGroup('Running:'));
  return command.action((raw: RawOptions) => run({ command: name, raw }));
}

function completionCommand({ complete }: Callbacks): Command {
  const shell = new Argument('[shell]', shells.join(', '));
  const command = new Command('completion')
    .description(pages.completion.summary)
    .addArgument(shell)
    .addHelpOption(helpOption());
  return command.action((given: string | undefined) => {
    const found = shellOf(given);
    if (found !== undefined) complete(found);
    else command.error(`Name the shell, one of: ${shells.join(', ')}`);
  });
}

function helpCommand(program: Command): Command {
  return new Command('help')
    .description('Show the help of a command.')
    .argument('[command]')
    .addHelpOption(helpOption())
    .action((name: string | undefined) => {
      const found = program.commands.find((command) => command.name() === name);
      if (name !== undefined && found === undefined) {
        program.error(`unknown command '${name}'`, { code: 'commander.unknownCommand' });
      }
      (found ?? program).help();
    });
}

/** A fresh command tree; the callbacks are told what was called. */
export function buildProgram(version: string, output: ProgramOutput, callbacks: Callbacks): Command {
  const program = new Command('reporting-setup')
    .description(
      'One command to a proven credential for the Microsoft Entra reporting API: sign-in logs and directory audit logs.',
    )
    .usage('[command] [options]')
    .version(version, '-V, --version', 'show the version')
    .addHelpOption(helpOption())
    .helpCommand(false);
  program.addCommand(settingCommand('setup', callbacks), { isDefault: true });
  program.addCommand(settingCommand('verify', callbacks));
  program.addCommand(settingCommand('sandbox', callbacks));
  program.addCommand(completionCommand(callbacks));
  program.addCommand(helpCommand(program));
  for (const command of [program, ...program.commands]) {
    command
      .allowExcessArguments(false)
      .exitOverride()
      .configureHelp({ formatHelp, minWidthToWrap: 16, styleTitle: (title) => `\u001b[1m${title}\u001b[22m` })
      .configureOutput({
        writeOut: output.stdout,
        writeErr: output.stderr,
        outputError: () => undefined,
        getOutHelpWidth: () => output.columns,
        getErrHelpWidth: () => output.columns,
        getOutHasColors: () => output.colored,
        getErrHasColors: () => output.colored,
      });
  }
  return program;
}

/** True for what commander throws when it has shown the help or the version. */
export const isShown = (error: unknown): boolean => error instanceof CommanderError && error.exitCode === 0;
