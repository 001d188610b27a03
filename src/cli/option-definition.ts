import { oneOf, parsePath } from './option-parsers.ts';

/** The commands that have options of their own; the first one runs where none is named. */
export const commandNames = ['setup', 'verify', 'connect', 'rotate', 'teardown', 'sandbox'] as const;
export type CommandName = (typeof commandNames)[number];

/** One option. Flags, environment, validation, help, completion and the manual all come from it. */
export interface OptionDefinition {
  /** As commander writes it: `--tenant <id or domain>`, `-y, --yes`. */
  readonly flag: string;
  readonly describe: string;
  /** The commands that have it, each with the heading of its help under which the option stands. */
  readonly commands: Readonly<Partial<Record<CommandName, string>>>;
  /** The variable that stands for it. */
  readonly env?: string;
  /** Shown in help; the value itself is filled in where it is used. */
  readonly fallback?: string;
  /** The same where a command has another. */
  readonly fallbacks?: Readonly<Partial<Record<CommandName, string>>>;
  readonly repeatable?: boolean;
  /** Every valid value, where there is a fixed choice. */
  readonly choices?: readonly string[];
  /** The value names a file. */
  readonly isFile?: boolean;
  /** Throws RangeError with a sentence that says what is valid. A switch has none: it stands for itself. */
  readonly parse?: (text: string) => unknown;
}

/** A word that may stand behind the name of a command. */
export interface CommandWord {
  /** As commander writes it. */
  readonly flag: string;
  readonly describe: string;
  /** The option, by its name in code, that says the same; it and the word exclude each other. */
  readonly standsFor?: string;
}

/** The commands that take a word, each with what it stands for. */
export const commandWords: Readonly<Partial<Record<CommandName, CommandWord>>> = {
  verify: {
    flag: '[file...]',
    describe: 'the file that setup wrote, as with --config; several are checked together',
    standsFor: 'config',
  },
  connect: { flag: '[target]', describe: 'what takes it; --list names them all' },
};

/** What a fixed choice needs. */
export const choice = <const T extends string>(choices: readonly T[]) => ({ choices, parse: oneOf(choices) });

/** What the name of a file needs. */
export const file = { isFile: true, parse: parsePath } as const;
