import { Argument, Command, CommanderError, Option } from 'commander';
import { quoted } from '../core/text.ts';
import { formatHelp } from './help.ts';
import { pages } from './manual.ts';
import { isLikeScenario } from './option-parsers.ts';
import { type CommandName, commandNames, commandWords, type OptionDefinition, options } from './options.ts';
import type { RawOptions } from './settings.ts';

/** Shells that completion is made for. */
export const shells = ['bash', 'zsh', 'fish', 'powershell'] as const;
export type Shell = (typeof shells)[number];

/** What was called, before anything is validated. */
export interface Call {
  readonly command: CommandName;
  /** The word behind the command, for one that takes a word. */
  readonly word?: string;
  readonly raw: RawOptions;
}

/** Where help and complaints about the command line go. */
export interface ProgramOutput {
  readonly stdout: (text: string) => void;
  readonly stderr: (text: string) => void;
  readonly columns: number;
  /** Columns after which a terminal goes on in its next row by itself; undefined where nothing does. */
  readonly rowWidth?: number | undefined;
  readonly colored: boolean;
}

/** Who is told what was called. */
export interface Callbacks {
  readonly run: (call: Call) => void;
  readonly complete: (shell: Shell) => void;
}

function describe(
  { describe: text, fallback: usual, fallbacks, env }: OptionDefinition,
  name: CommandName,
): string {
  const fallback = fallbacks?.[name] ?? usual;
  const notes = [
    fallback === undefined ? undefined : `default: ${fallback}`,
    env === undefined ? undefined : `env: ${env}`,
  ].filter((note) => note !== undefined);
  return notes.length === 0 ? text : `${text} (${notes.join('; ')})`;
}

/** Refuses the name of another option in the place of a value, which was forgotten then. */
function requireValue(command: Command, flag: string, value: string): string {
  const taken = command.options.some(({ long, short }) => value === long || value === short);
  return taken
    ? command.error(`option '${flag}' argument missing`, { code: 'commander.optionMissingArgument' })
    : value;
}

function commanderOption(command: Command, name: CommandName, definition: OptionDefinition): Option {
  const { flag, parse, repeatable } = definition;
  const option = new Option(flag, describe(definition, name));
  if (parse === undefined) return option;
  return option.argParser((value, previous: unknown) => {
    const text = requireValue(command, flag, value);
    return repeatable ? [...(Array.isArray(previous) ? previous : []), text] : text;
  });
}

function addOptions(command: Command, name: CommandName): void {
  const groups = new Map<string, Option[]>();
  for (const definition of Object.values<OptionDefinition>(options)) {
    if (definition.commands[name] === undefined) continue;
    const heading = `${definition.commands[name]}:`;
    const option = commanderOption(command, name, definition).helpGroup(heading);
    groups.set(heading, [...(groups.get(heading) ?? []), option]);
  }
  for (const option of [...groups.values()].flat()) command.addOption(option);
}

const helpOption = (): Option => new Option('-h, --help', 'show this help');

/** A command that was copied with `--sandbox` at its end gets its word behind it, where commander takes it for a scenario. */
function refuseWordAsScenario(command: Command, { sandbox }: RawOptions): void {
  const [taken] = command.registeredArguments;
  if (
    taken === undefined ||
    typeof sandbox !== 'string' ||
    !/^[\w-]+$/.test(sandbox) ||
    isLikeScenario(sandbox)
  )
    return;
  command.error(
    `--sandbox: ${quoted(sandbox)} is no scenario (sandbox --help lists them). The ${taken.name()} comes first: reporting-setup ${command.name()} ${sandbox} --sandbox`,
  );
}

function settingCommand(name: CommandName, { run }: Callbacks): Command {
  const command = new Command(name).description(pages[name].summary);
  addOptions(command, name);
  command.addHelpOption(helpOption().helpGroup('Running:'));
  const taken = commandWords[name];
  if (taken === undefined) return command.action((raw: RawOptions) => run({ command: name, raw }));
  command.addArgument(new Argument(taken.flag, taken.describe));
  const { standsFor } = taken;
  if (standsFor !== undefined) {
    return command.action((words: readonly string[], raw: RawOptions) => {
      if (words.length > 0 && raw[standsFor] !== undefined) {
        command.error(`Name the file once: behind ${name}, or with --${standsFor}.`);
      }
      const { sandbox } = raw;
      if (typeof sandbox === 'string' && /[./\\]/.test(sandbox)) {
        command.error(
          `--sandbox takes the name of a scenario. The file comes first: reporting-setup ${name} ${sandbox} --sandbox`,
        );
      }
      if (words.length === 1 && words[0] === 'help') {
        command.error(`For its help: reporting-setup ${name} --help`);
      }
      run({ command: name, raw: words.length === 0 ? raw : { ...raw, [standsFor]: words } });
    });
  }
  return command.action((word: string | undefined, raw: RawOptions) => {
    if (word === undefined) refuseWordAsScenario(command, raw);
    run({ command: name, raw, ...(word === undefined ? {} : { word }) });
  });
}

function completionCommand({ complete }: Callbacks): Command {
  const shell = new Argument('[shell]', shells.join(', '));
  const command = new Command('completion')
    .description(pages.completion.summary)
    .addArgument(shell)
    .addHelpOption(helpOption());
  return command.action((given: string | undefined) => {
    // PowerShell goes by the name of its program too.
    const found = given === 'pwsh' ? 'powershell' : shells.find((shell) => shell === given);
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
  for (const name of commandNames) {
    program.addCommand(settingCommand(name, callbacks), { isDefault: name === commandNames[0] });
  }
  program.addCommand(completionCommand(callbacks));
  program.addCommand(helpCommand(program));
  for (const command of [program, ...program.commands]) {
    command
      .allowExcessArguments(false)
      .exitOverride()
      .configureHelp({
        formatHelp: (shown, helper) => formatHelp(shown, helper, output.rowWidth),
        minWidthToWrap: 16,
        styleTitle: (title) => `\u001b[1m${title}\u001b[22m`,
      })
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
