import type { Command, Option } from 'commander';
import { commandNames, commandWords, type OptionDefinition, options } from '../options.ts';
import { shells } from '../program.ts';

/** What stands behind an option. */
export type Values =
  | { readonly kind: 'none' }
  | { readonly kind: 'text' }
  | { readonly kind: 'file' }
  /** `several`: names with commas between; `optional`: the option can do without. */
  | {
      readonly kind: 'choice';
      readonly choices: readonly string[];
      readonly optional: boolean;
      readonly several: boolean;
    };

export interface CompletedOption {
  readonly long: string;
  readonly short?: string;
  readonly description: string;
  readonly repeatable: boolean;
  readonly values: Values;
}

export interface CompletedCommand {
  readonly name: string;
  readonly description: string;
  readonly options: readonly CompletedOption[];
  /** What may stand behind the command by itself. */
  readonly words: readonly string[];
  /** Names of files may stand there. */
  readonly takesFiles: boolean;
}

/** What can be completed; where no command is named, the first one is meant. */
export interface Completion {
  readonly program: string;
  readonly commands: readonly CompletedCommand[];
  /** Options of the program as a whole. */
  readonly options: readonly CompletedOption[];
}

const definitions: readonly OptionDefinition[] = Object.values(options);

function valuesOf({ required, optional }: Option, definition: OptionDefinition | undefined): Values {
  if (!required && !optional) return { kind: 'none' };
  if (definition?.choices) {
    return { kind: 'choice', choices: definition.choices, optional, several: optional };
  }
  return { kind: definition?.isFile ? 'file' : 'text' };
}

function completedOption(option: Option): CompletedOption {
  const definition = definitions.find(({ flag }) => flag === option.flags);
  return {
    long: option.long ?? '',
    ...(option.short === undefined ? {} : { short: option.short }),
    description: definition?.describe ?? option.description,
    repeatable: definition?.repeatable === true,
    values: valuesOf(option, definition),
  };
}

const optionsOf = (command: Command): CompletedOption[] =>
  command.createHelp().visibleOptions(command).map(completedOption);

/** Whether the word behind a command says the same as an option that names a file. */
const takesFiles = (name: string): boolean => {
  const command = commandNames.find((one) => one === name);
  const standsFor = command && commandWords[command]?.standsFor;
  const named = Object.entries(options).find(([option]) => option === standsFor)?.[1];
  return named !== undefined && 'isFile' in named;
};

/** What the command tree offers, names of files and fixed choices included. Pure. */
export function completionOf(program: Command, targets: readonly string[]): Completion {
  const names = program.commands.map((command) => command.name());
  const words: Readonly<Record<string, readonly string[]>> = {
    connect: targets,
    explore: ['sign-ins', 'audits', 'provisioning'],
    completion: shells,
    help: names,
  };
  return {
    program: program.name(),
    commands: program.commands.map((command) => ({
      name: command.name(),
      description: command.description(),
      options: optionsOf(command),
      words: words[command.name()] ?? [],
      takesFiles: takesFiles(command.name()),
    })),
    options: optionsOf(program),
  };
}

/** What `use` makes of each option of each command. */
export const perCommand = <T>(
  { commands }: Completion,
  use: (command: CompletedCommand, option: CompletedOption) => T,
): T[] => commands.flatMap((command) => command.options.map((option) => use(command, option)));
