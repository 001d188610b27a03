import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { environment, pages } from '../../src/cli/manual.ts';
import { type CommandName, commandNames, type OptionDefinition, options } from '../../src/cli/options.ts';
import { sandboxScenarios } from '../../src/core/choices.ts';
import { exitCodes } from '../../src/core/errors.ts';
import { realHost } from '../../src/host.ts';
import { main } from '../../src/main.ts';
import { scenarioNames } from '../../src/sandbox/index.ts';
import { expectGenerated } from '../helpers/generated.ts';

interface Shown {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs what ends before any command begins. */
async function run(
  argv: readonly string[],
  terminal: { readonly columns?: number; readonly isTTY?: boolean } = {},
  env: Readonly<Record<string, string>> = {},
  program: readonly string[] = ['reporting-setup'],
): Promise<Shown> {
  const stdout = Object.assign(new PassThrough(), terminal);
  const stderr = new PassThrough();
  const code = await main(argv, { ...realHost(), program, env, stdout, stderr, stdin: new PassThrough() });
  stdout.end();
  stderr.end();
  return { code, stdout: await text(stdout), stderr: await text(stderr) };
}

const commands = [...commandNames, 'completion', 'help'];
const helps: readonly (readonly [name: string, argv: readonly string[]])[] = [
  ['reporting-setup', ['--help']],
  ...commands.map((name) => [name, [name, '--help']] as const),
];

const definitions: readonly OptionDefinition[] = Object.values(options);
const settings = definitions.flatMap(({ commands: names, flag, fallback: usual, fallbacks = {}, env }) =>
  (Object.keys(names) as CommandName[]).map((command) => {
    const fallback = fallbacks[command] ?? usual;
    return { command, flag, fallback, env };
  }),
);

describe('help', () => {
  it.each(helps)('of %s is as expected at 80 and 40 columns (npm run docs writes it)', async (name, argv) => {
    for (const columns of [80, 40]) {
      const { code, stdout, stderr } = await run(argv, { columns });
      expect([code, stderr]).toEqual([0, '']);
      await expectGenerated(`test/cli/help/${name}-${columns}.txt`, stdout);
    }
  });

  it('has a page for each command, and no page is left of one that is gone', () => {
    const pages = helps.flatMap(([name]) => [`${name}-40.txt`, `${name}-80.txt`]);
    expect(readdirSync(join(import.meta.dirname, 'help')).sort()).toEqual(pages.sort());
  });

  it.each([40, 60, 80, 200])('keeps within %i columns, but for what is to be copied', async (columns) => {
    for (const [, argv] of helps) {
      const { stdout } = await run(argv, { columns });
      const wide = stdout.split('\n').filter((line) => line.length > Math.min(columns, 100));
      const runs = Object.values(pages).flatMap(({ examples }) => examples.map((one) => `    ${one.run}`));
      expect(wide.filter((line) => !runs.includes(line))).toEqual([]);
    }
  });

  it('shows examples before options, on every page', async () => {
    for (const [name, argv] of helps.filter(([name]) => name !== 'help')) {
      const { stdout } = await run(argv);
      const heading = stdout.search(/^(Options|Signing in|Running):$/m);
      expect([name, stdout.indexOf('Examples:') > 0, heading > stdout.indexOf('Examples:')]).toEqual([
        name,
        true,
        true,
      ]);
    }
  });

  it.each(settings)(
    'of $command names flag, default and variable of $flag',
    async ({ command, ...option }) => {
      const { stdout } = await run([command, '--help']);
      const shown = stdout.replace(/\s+/g, ' ');
      expect(shown).toContain(` ${option.flag} `);
      if (option.fallback) expect(shown).toContain(`default: ${option.fallback}`);
      if (option.env) expect(shown).toContain(`env: ${option.env})`);
    },
  );

  it('names the variable of every option on the main page', () => {
    const names = environment.flatMap(([name]) => name.split(', '));
    const needed = settings.flatMap(({ env }) => (env === undefined ? [] : [env]));
    expect(names).toEqual(expect.arrayContaining(needed));
  });

  it('names every exit code', async () => {
    const { stdout } = await run(['--help']);
    const shown = stdout.split('Exit codes:')[1]?.matchAll(/^ {2}(\d+) /gm) ?? [];
    expect([...shown].map((match) => Number(match[1]))).toEqual(Object.values(exitCodes));
  });

  it('lists the scenarios where the sandbox is served, and nowhere else', async () => {
    for (const [name, argv] of helps) {
      const { stdout } = await run(argv);
      expect([name, stdout.includes('registration-disabled')]).toEqual([name, name === 'sandbox']);
    }
  });

  it('names every scenario there is', () => {
    expect([...sandboxScenarios].sort()).toEqual([...scenarioNames].sort());
  });

  it.each(commands)('is the same for "help %s" and "%s --help"', async (name) => {
    expect(await run(['help', name])).toEqual(await run([name, '--help']));
  });

  it('is the main page for "help" alone', async () => {
    expect(await run(['help'])).toEqual(await run(['--help']));
  });

  it.each([
    [{}, { isTTY: true }, true],
    [{ NO_COLOR: '1' }, { isTTY: true }, false],
    [{ TERM: 'dumb' }, { isTTY: true }, false],
    [{}, {}, false],
    [{ FORCE_COLOR: '1' }, {}, true],
  ])('with %j in the environment and stdout being %j: styled is %s', async (env, terminal, styled) => {
    const { stdout } = await run(['--help'], terminal, env);
    expect(stdout !== stripVTControlCharacters(stdout)).toBe(styled);
    expect(stripVTControlCharacters(stdout)).toBe((await run(['--help'])).stdout);
  });

  it('takes a terminal of 0 columns for one of 80', async () => {
    expect(await run(['--help'], { columns: 0 })).toEqual(await run(['--help'], { columns: 80 }));
  });
});

describe('a command line that is wrong', () => {
  it.each([
    [['verfy'], 'There is no command "verfy". Did you mean verify?'],
    [['setpu', '--yes'], 'There is no command "setpu". Did you mean setup?'],
    [['xyz'], 'There is no command "xyz".'],
    [['help', 'sandbx'], 'There is no command "sandbx". Did you mean sandbox?'],
    [['--yes', 'verify'], 'The command comes first: reporting-setup verify …'],
    [['verify', 'prod.env', '--config', 'x.json'], 'Name the file once: behind verify, or with --config.'],
    [['verify', '--sandbox', 'a.json'], 'The file comes first: reporting-setup verify a.json --sandbox'],
    [
      ['explore', '--sandbox', 'audits'],
      '"audits" is no scenario (sandbox --help lists them). The log comes first: reporting-setup explore audits --sandbox',
    ],
    [
      ['connect', '--sandbox', 'splunk-azure'],
      'The target comes first: reporting-setup connect splunk-azure --sandbox',
    ],
    [['connect', '--sandbox', 'no-premum'], 'Did you mean no-premium?'],
    [['connect', 'node', '--sandbox', 'nowhere'], '--sandbox: "nowhere" is not one of: default,'],
    [['--credential', 'cert'], 'secret, certificate, federated. Did you mean certificate?'],
    [['--cert', 'x'], 'Did you mean one of --certificate-file, --certificate-password-stdin?'],
    [['ver'], 'There is no command "ver". Did you mean verify?'],
    [['login'], 'There is no command "login". For that: reporting-setup (it signs you in by itself;'],
    [['Doctor'], 'There is no command "Doctor". For that: reporting-setup verify (it checks'],
    [['version'], 'There is no command "version". For that: reporting-setup --version'],
    [['status'], 'For that: reporting-setup verify (it checks everything'],
    [['config'], 'For that: reporting-setup verify (it shows what is in the config'],
    [['login'], 'nothing stays signed in).'],
    [['setup', '--', '--yes'], '"--yes" belongs to no option.'],
    [['setup', 'setup'], '"setup" belongs to no option.'],
    [['verify', 'help'], 'For its help: reporting-setup verify --help'],
    [['help', 'setup', 'verify'], 'help takes one word; "verify" is one too many.'],
    [['completion', 'bash', 'zsh'], 'completion takes one word; "zsh" is one too many.'],
    [['--yes=true'], '--yes takes no value.'],
    [['verify', '--json=1'], '--json takes no value.'],
    [['--no-input=no'], '--no-input takes no value.'],
    [['--TENANT', 'x'], 'setup has no option "--TENANT". Did you mean --tenant?'],
    [['-tenant', 'x'], 'setup has no option "-tenant". Did you mean --tenant?'],
    [['-v'], 'setup has no option "-v". Did you mean -V?'],
    [
      ['--cloud', 'globl'],
      '--cloud: "globl" is not one of: global, usgov, usgov-dod, china. Did you mean global?',
    ],
    [['--format', 'JSON'], '--format: "JSON" is not one of: json, env. Did you mean json?'],
    [['--sandbox', 'lag,raeder'], `${sandboxScenarios.at(-1)}. Did you mean reader?`],
    [['sandbox', '--scenario', 'lag,raeder'], `${sandboxScenarios.at(-1)}. Did you mean reader?`],
    [['--dryrun'], 'setup has no option "--dryrun". Did you mean --dry-run?'],
    [['--secret-nam=x'], 'setup has no option "--secret-nam". Did you mean --secret-name?'],
    [['verify', '--confg', 'x'], 'verify has no option "--confg". Did you mean --config?'],
    [['--admin'], '--admin is an option of verify, not of setup.'],
    [['verify', '--output', 'x'], '--output is an option of setup, explore and connect, not of verify.'],
    [['-q'], 'setup has no option "-q".'],
    [['--client-secret=hunter2'], 'setup has no option "--client-secret".'],
    [['--tenant'], 'A value is missing: --tenant <id or domain>'],
    [['--app-name', '--yes'], 'A value is missing: --app-name <name>'],
    [['--api', 'microsoft-graph', '--api', '-y'], 'A value is missing: --api <name>'],
    [['completion'], 'Name the shell, one of: bash, zsh, fish, powershell'],
    [['completion', 'tcsh'], 'Name the shell, one of: bash, zsh, fish, powershell'],
    [['\u001b[2Jx'], 'There is no command "\\u{1b}[2Jx".'],
  ])('%j: says so', async (argv, message) => {
    const { code, stdout, stderr } = await run(argv, {}, { LANG: 'C' });
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr.replace(/\s+/g, ' ')).toContain(`${message} `);
    expect(stderr).not.toContain('hunter2');
  });

  it('names the program as it was started', async () => {
    const started = ['npx', 'reporting-setup'];
    const hinted = await run(['doctor'], {}, {}, started);
    expect(hinted.stderr).toContain('For that: npx reporting-setup verify (');
    const moved = await run(['explore', '--sandbox', 'audits'], {}, {}, started);
    expect(moved.stderr.replace(/\s+/g, ' ')).toContain(
      'first: npx reporting-setup explore audits --sandbox',
    );
    const typed = await run(['reporting-setup'], {}, {}, started);
    expect(typed.stderr).toContain('There is no command "reporting-setup".');
  });

  it.each([
    ['AZURE_AUTHORITY_HOST', 'such as https://login.microsoftonline.com'],
    ['REPORTING_SETUP_GRAPH_URL', 'such as https://graph.microsoft.com'],
  ])('names the variable %s where its value is wrong, not the option', async (name, example) => {
    const { code, stderr } = await run(['verify'], {}, { [name]: 'http://x' });
    expect(code).toBe(2);
    const shown = stderr.replace(/\s+/g, ' ');
    expect(shown).toContain(`${name}: "http://x" is not an https address without a path, ${example} `);
    expect(shown).not.toContain('--');
  });

  it('takes an empty variable for none', async () => {
    const { stderr } = await run(['verify', '--expires-within', 'x'], {}, { AZURE_AUTHORITY_HOST: '' });
    expect(stderr).not.toContain('AZURE_AUTHORITY_HOST');
  });

  it('is one JSON document with --json, named after its command', async () => {
    const { code, stdout } = await run(['verify', '--confg=x', '--json']);
    expect(code).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({
      command: 'verify',
      ok: false,
      exitCode: 2,
      error: {
        code: 'invalid-options',
        message: 'verify has no option "--confg". Did you mean --config?',
        remedy: expect.stringMatching(/^See .*reporting-setup verify --help$/),
      },
    });
  });
});

it('shows its version alone', async () => {
  const { code, stdout, stderr } = await run(['--version']);
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
});
