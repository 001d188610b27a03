import { Command, CommanderError, Option } from 'commander';
import { type CommandName, type Field, fields, type RawOptions } from './options.ts';

/** What was called, before anything is validated. */
export interface Call {
  readonly command: CommandName;
  readonly raw: RawOptions;
}

/** Where help and complaints about the command line go. */
export interface ProgramOutput {
  readonly stdout: (text: string) => void;
  readonly stderr: (text: string) => void;
  readonly columns: number;
}

const collect = (value: string, previous: readonly string[] | undefined): string[] => [
  ...(previous ?? []),
  value,
];

function describe(definition: Field<unknown>): string {
  const notes = [
    definition.fallback === undefined ? undefined : `default: ${definition.fallback}`,
    definition.env === undefined ? undefined : `env: ${definition.env}`,
  ].filter((note) => note !== undefined);
  return notes.length === 0 ? definition.describe : `${definition.describe} (${notes.join('; ')})`;
}

function addFields(command: Command, name: CommandName): void {
  const definitions: Field<unknown>[] = Object.values(fields);
  for (const definition of definitions.filter(({ commands }) => commands.includes(name))) {
    const option = new Option(definition.flag, describe(definition)).helpGroup(`${definition.group}:`);
    command.addOption(definition.repeatable ? option.argParser(collect) : option);
  }
}

function addFlag(command: Command, flag: string, description: string, group = 'Running'): void {
  command.addOption(new Option(flag, description).helpGroup(`${group}:`));
}

function addCommon(command: Command): void {
  addFlag(
    command,
    '--no-input',
    'never ask; on by itself without a terminal or with CI set (env: REPORTING_SETUP_NO_INPUT)',
  );
  addFlag(command, '--json', 'one JSON document on stdout; implies --no-input');
  addFlag(command, '--debug', 'log every request on stderr, without secrets');
  command.helpOption('-h, --help', 'show this help').allowExcessArguments(false).showHelpAfterError(false);
}

const sandboxFlag = '--sandbox [scenario]';
const passPhraseFlag = '--certificate-password-stdin';
const passPhraseText = 'read the pass phrase of an encrypted private key from standard input';

function setupCommand(run: (call: Call) => void): Command {
  const command = new Command('setup').description(
    'Register the application, grant it, make its credential, prove it and save it (default command).',
  );
  addFields(command, 'setup');
  addFlag(command, sandboxFlag, 'run against the built-in sandbox tenant', 'Sandbox');
  addFlag(command, passPhraseFlag, passPhraseText, 'What to set up');
  addFlag(command, '--dry-run', 'show what would change, write nothing');
  addFlag(command, '-y, --yes', 'take the defaults and do not ask for confirmation');
  addCommon(command);
  return command
    .action((raw: RawOptions) => run({ command: 'setup', raw }))
    .addHelpText(
      'after',
      `
Examples:
  reporting-setup                                   ask, then set everything up
  reporting-setup --dry-run                         only show what would be done
  reporting-setup --yes --output .env               no questions, credential as environment variables
  reporting-setup --tenant contoso.com --auth device-code
  reporting-setup --sandbox                         try it all on a built-in tenant; nothing leaves this machine
`,
    );
}

function verifyCommand(run: (call: Call) => void): Command {
  const command = new Command('verify').description(
    'Check every prerequisite again, with the credential in the file.',
  );
  addFields(command, 'verify');
  addFlag(command, '--admin', 'sign an administrator in too: roles, policies and drift', 'Signing in');
  addFlag(command, sandboxFlag, 'the file was made in the sandbox tenant', 'Sandbox');
  addFlag(command, passPhraseFlag, passPhraseText);
  addCommon(command);
  return command
    .action((raw: RawOptions) => run({ command: 'verify', raw }))
    .addHelpText(
      'after',
      `
Examples:
  reporting-setup verify
  reporting-setup verify --config prod.env --expires-within 60d --json
  reporting-setup verify --admin                    also check roles, policies and what changed since setup
`,
    );
}

function sandboxCommand(run: (call: Call) => void): Command {
  const command = new Command('sandbox').description('Serve the sandbox tenant on 127.0.0.1 until stopped.');
  addFields(command, 'sandbox');
  addCommon(command);
  return command
    .action((raw: RawOptions) => run({ command: 'sandbox', raw }))
    .addHelpText(
      'after',
      `
Examples:
  reporting-setup sandbox
  reporting-setup sandbox --scenario no-premium --scenario lag --port 8443
`,
    );
}

/** A fresh command tree; `run` is told what was called. */
export function buildProgram(version: string, output: ProgramOutput, run: (call: Call) => void): Command {
  const program = new Command('reporting-setup')
    .description(
      'One command to a proven credential for the Microsoft Entra reporting API:\nsign-in logs and directory audit logs.',
    )
    .version(version, '-V, --version', 'show the version')
    .helpOption('-h, --help', 'show this help')
    .helpCommand('help [command]', 'show help of a command');
  program.addCommand(setupCommand(run), { isDefault: true });
  program.addCommand(verifyCommand(run));
  program.addCommand(sandboxCommand(run));
  for (const command of [program, ...program.commands]) {
    command.exitOverride().configureOutput({
      writeOut: output.stdout,
      writeErr: output.stderr,
      outputError: () => undefined,
      getOutHelpWidth: () => output.columns,
      getErrHelpWidth: () => output.columns,
    });
  }
  return program;
}

/** True for what commander throws when it has shown the help or the version. */
export const isShown = (error: unknown): boolean => error instanceof CommanderError && error.exitCode === 0;

/** Commander's complaint as a sentence, or undefined for any other error. */
export function complaintOf(error: unknown): string | undefined {
  if (!(error instanceof CommanderError)) return undefined;
  return error.message.replace(/^error: /, '');
}
