import type { Command, Option } from 'commander';
import { environment, type Page, pages } from '../../src/cli/manual.ts';
import { type CommandName, type OptionDefinition, options } from '../../src/cli/options.ts';
import { buildProgram } from '../../src/cli/program.ts';
import { exitCodeMeanings } from '../../src/core/exit-codes.ts';

/** The command tree as the program builds it. */
export const program = buildProgram(
  '',
  { stdout: () => undefined, stderr: () => undefined, columns: 80, colored: false },
  { run: () => undefined, complete: () => undefined },
);

const definitions: readonly OptionDefinition[] = Object.values(options);
const pageOf = new Map<string, Page>(Object.entries(pages));

const cell = (text: string): string => text.replaceAll('|', '\\|').replace(/<([^>]*)>/g, '`<$1>`');
const code = (text: string): string => `\`${text.replaceAll('|', '\\|')}\``;

function optionRow(command: Command, option: Option): string {
  const definition = definitions.find(
    ({ flag, commands }) => flag === option.flags && Object.hasOwn(commands, command.name()),
  );
  const { describe = option.description, fallback: usual = '', fallbacks, env } = definition ?? {};
  const fallback = fallbacks?.[command.name() as CommandName] ?? usual;
  return `| ${code(option.flags)} | ${cell(describe)} | ${cell(fallback)} | ${env ? code(env) : ''} |`;
}

/** Options as tables, one for each group, in the order of the help. */
function optionTables(command: Command): string[] {
  const help = command.createHelp();
  const groups = help.groupItems(
    [],
    help.visibleOptions(command),
    (option) => option.helpGroupHeading ?? 'Options:',
  );
  return [...groups].flatMap(([heading, options]) => [
    '',
    `**${heading.replace(/:$/, '')}**`,
    '',
    '| Option | Meaning | Default | Environment |',
    '|---|---|---|---|',
    ...options.map((option) => optionRow(command, option)),
  ]);
}

function section(command: Command): string[] {
  const examples = pageOf.get(command.name())?.examples ?? [];
  const shown = examples.flatMap(({ does, run }, index) => [...(index ? [''] : []), `# ${does}`, run]);
  return [
    '',
    `## reporting-setup ${command.name()}`,
    '',
    command.description(),
    '',
    '```',
    `reporting-setup ${command.name()} ${command.createHelp().commandUsage(command).split(' ').slice(2).join(' ')}`,
    '```',
    ...(examples.length === 0 ? [] : ['', '```sh', ...shown, '```']),
    ...optionTables(command),
  ];
}

const files: readonly (readonly [name: string, meaning: string])[] = [
  ['reporting-setup.json', 'the credential, or whatever `--output` names; readable by its owner alone'],
  [
    'reporting-setup.pem, reporting-setup.next.pem',
    'the private key and certificate that setup made, one in use and one for its successor; named after the output',
  ],
  [
    '<output>.consent.md',
    'what somebody else needs to give consent, or to register the application where this account may not; goes away once it is done',
  ],
  ['<output>.lock', 'keeps a second run away from the same output while one is under way, whoever runs it'],
  [
    'the state folder of the user',
    'how to recognise a secret that was about to be made when a run was stopped (no secret in it), locks of applications, and the tenants of `--sandbox`, one file for each set of scenarios: on Linux `$XDG_STATE_HOME/reporting-setup`, by default `~/.local/state/reporting-setup`. It is yours alone (mode 0700); where it cannot be, runs go on and say what was not recorded',
  ],
  [
    'the cache folder of the user',
    'compiled code, so that a start takes less time (Node 22.8 and later): on Linux `$XDG_CACHE_HOME/reporting-setup`, by default `~/.cache/reporting-setup`; not used where anybody else could write to it',
  ],
];

/** The manual of the command line as Markdown, made from the command tree itself. */
export function cliDocument(): string {
  const lines = [
    '# reporting-setup(1)',
    '',
    '<!-- Made from the options, pages and commands in src/cli by `npm run docs`; change it there. -->',
    '',
    '## Name',
    '',
    `reporting-setup: ${program.description().replace(/^One/, 'one').replace(/\.$/, '')}`,
    '',
    '## Synopsis',
    '',
    '```',
    ...program.commands.map((command) => {
      const usage = command.createHelp().commandUsage(command);
      return command.name() === 'setup' ? usage.replace(' setup', ' [setup]') : usage;
    }),
    'reporting-setup --help | --version',
    '```',
    '',
    '## Description',
    '',
    'Without the name of a command, `setup` runs. A command comes before its options; flags beat the environment, the environment beats defaults. Text for people goes to standard error; `--json` prints one document for programs on standard output. Without a terminal, in CI, and with `--no-input` or `--json` nothing is asked: what is missing is named, all at once, with exit code 2.',
    ...program.commands.flatMap(section),
    '',
    '## Exit codes',
    '',
    '| Exit code | Meaning |',
    '|---|---|',
    ...exitCodeMeanings.map(([exitCode, meaning]) => `| ${exitCode} | ${meaning} |`),
    '',
    'Every error has a code of its own as well: see [errors.md](errors.md).',
    '',
    '## Environment',
    '',
    '| Variable | Meaning |',
    '|---|---|',
    ...environment.map(
      ([names, meaning]) => `| ${names.split(', ').map(code).join(', ')} | ${cell(meaning)} |`,
    ),
    '',
    '## Files',
    '',
    '| File | What it holds |',
    '|---|---|',
    ...files.map(
      ([name, meaning]) =>
        `| ${name.startsWith('the ') ? name : name.split(', ').map(code).join(', ')} | ${meaning} |`,
    ),
  ];
  return `${lines.join('\n')}\n`;
}
