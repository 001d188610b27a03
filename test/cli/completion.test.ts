import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { completionScript } from '../../src/cli/completion/index.ts';
import { buildProgram, type Shell, shells } from '../../src/cli/program.ts';
import { targetNames } from '../../src/commands/connect/targets.ts';
import { credentialKinds, sandboxScenarios } from '../../src/core/choices.ts';
import { authMethods } from '../../src/entra/auth-methods.ts';
import { publicCloudNames } from '../../src/entra/clouds.ts';
import { apiNames } from '../../src/tenant/directory-objects.ts';

const program = buildProgram(
  '1.2.3',
  { stdout: () => undefined, stderr: () => undefined, columns: 80, colored: false },
  { run: () => undefined, complete: () => undefined },
);
const script = (shell: Shell): string => completionScript(program, shell, targetNames);
const has = (command: string): boolean => spawnSync(command, ['--version']).status === 0;

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'reporting-setup-completion-'));
  writeFileSync(join(folder, 'prod one.json'), '');
  writeFileSync(join(folder, 'other.env'), '');
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs a shell on its script, with a PATH on which the program is not found; zsh without its completion system. */
const runShell = (shell: 'bash' | 'zsh' | 'fish', args: readonly string[], more: string): string[] =>
  execFileSync(
    shell,
    [...args, '-c', `${shell === 'zsh' ? 'compdef() { :; }\n' : ''}${script(shell)}\n${more}`],
    {
      cwd: folder,
      env: { PATH: '/usr/bin:/bin', HOME: folder },
      encoding: 'utf8',
    },
  )
    .split('\n')
    .filter((line) => line !== '');

/** What bash offers for the last of the words. */
function bash(...words: readonly string[]): string[] {
  const quoted = ['reporting-setup', ...words].map((word) => `'${word}'`).join(' ');
  return runShell(
    'bash',
    ['--norc'],
    `COMP_WORDS=(${quoted}); COMP_CWORD=${words.length}; _reporting_setup; printf '%s\\n' "\${COMPREPLY[@]}"`,
  );
}

/** What fish offers at the end of the line. */
const fish = (line: string): string[] =>
  runShell('fish', ['--no-config'], `complete -C '${line}'`).map((offer) => offer.split('\t')[0] ?? '');

const choices: readonly (readonly [command: string, option: string, choices: readonly string[]])[] = [
  ['setup', '--cloud', publicCloudNames],
  ['verify', '--cloud', publicCloudNames],
  ['setup', '--auth', authMethods],
  ['setup', '--api', apiNames],
  ['setup', '--credential', credentialKinds],
  ['setup', '--format', ['json', 'env']],
  ['setup', '--on-failure', ['keep', 'undo']],
  ['sandbox', '--scenario', sandboxScenarios],
  ['setup', '--sandbox', sandboxScenarios],
];
const files: readonly (readonly [command: string, option: string])[] = [
  ['setup', '--output'],
  ['setup', '--certificate-file'],
  ['verify', '--config'],
  ['sandbox', '--state'],
  ['connect', '--output'],
  ['connect', '--config'],
  ['explore', '--config'],
  ['explore', '--output'],
  ['explore', '--html'],
  ['rotate', '--config'],
  ['teardown', '--config'],
  ['teardown', '--receipt'],
];
const commands = ['setup', 'verify', 'connect', 'sandbox', 'completion', 'help'];

describe.skipIf(!has('bash'))('bash', () => {
  it('offers commands first, and the options of the default one', () => {
    expect(bash('')).toEqual(expect.arrayContaining(commands));
    expect(bash('ver')).toEqual(['verify']);
    expect(bash('--app')).toEqual(['--app-name']);
    expect(bash('--vers')).toEqual(['--version']);
  });

  it('offers the options of the command that is named', () => {
    expect(bash('verify', '--ex')).toEqual(['--expires-within']);
    expect(bash('setup', '--ex')).toEqual([]);
    expect(bash('verify', '--admin', '--js')).toEqual(['--json']);
  });

  it.each(choices)('%s %s: its choices, with an equals sign as well', (command, option, expected) => {
    expect(bash(command, option, '')).toEqual(expected);
    expect(bash(command, option, '=', '')).toEqual(expected);
    expect(bash(command, option, '=')).toEqual(expected);
    const [first = ''] = expected;
    expect(bash(command, option, first)).toContain(first);
  });

  it.each(files)('%s %s: files, with blanks in their names too', (command, option) => {
    expect(bash(command, option, '').sort()).toEqual(['other.env', 'prod one.json']);
    expect(bash(command, option, 'pr')).toEqual(['prod one.json']);
  });

  it('offers files behind verify, and its options behind a dash', () => {
    expect(bash('verify', '').sort()).toEqual(['other.env', 'prod one.json']);
    expect(bash('verify', 'prod one.json', 'o')).toEqual(['other.env']);
    expect(bash('verify', 'prod one.json', '--adm')).toEqual(['--admin']);
  });

  it('offers nothing where a text is due, and never files', () => {
    expect(bash('setup', '--tenant', '')).toEqual([]);
    expect(bash('setup', 'o')).toEqual([]);
  });

  it('goes on after --sandbox without a scenario, and after commas', () => {
    expect(bash('--sandbox', '--ye')).toEqual(['--yes']);
    expect(bash('--sandbox', 'lag,thr')).toEqual(['lag,throttled']);
  });

  it('offers shells and commands where they are due', () => {
    expect(bash('completion', 'z')).toEqual(['zsh']);
    expect(bash('help', 'v')).toEqual(['verify']);
    expect(bash('connect', 'graf')).toEqual(['grafana-infinity']);
  });

  it('takes a value for a value even where it is spelled like a command', () => {
    expect(bash('--app-name', 'verify', '--secret-n')).toEqual(['--secret-name']);
  });

  it('binds itself to the program', () => {
    expect(runShell('bash', ['--norc'], 'complete -p reporting-setup')).toEqual([
      'complete -F _reporting_setup reporting-setup',
    ]);
  });
});

describe.skipIf(!has('fish'))('fish', () => {
  it('offers commands first, and the options of the default one', () => {
    expect(fish('reporting-setup ')).toEqual(expect.arrayContaining(commands));
    expect(fish('reporting-setup --app')).toEqual(['--app-name']);
    expect(fish('reporting-setup verify --ex')).toEqual(['--expires-within']);
    expect(fish('reporting-setup setup --ex')).toEqual([]);
  });

  it.each(choices)('%s %s: its choices', (command, option, expected) => {
    expect(fish(`reporting-setup ${command} ${option} `).sort()).toEqual([...expected].sort());
  });

  it.each(files)('%s %s: files', (command, option) => {
    expect(fish(`reporting-setup ${command} ${option} pr`)).toEqual(['prod one.json']);
  });

  it('offers files behind verify, and nothing else', () => {
    expect(fish('reporting-setup verify pr')).toEqual(['prod one.json']);
    expect(fish('reporting-setup setup pr')).toEqual([]);
  });

  it('offers nothing where a text is due', () => {
    expect(fish('reporting-setup setup --tenant ')).toEqual([]);
    expect(fish('reporting-setup completion f')).toEqual(['fish']);
  });
});

describe.skipIf(!has('zsh'))('zsh', () => {
  /** What zsh hands to its own `_arguments`. */
  const zsh = (...words: readonly string[]): string[] => {
    const quoted = ['reporting-setup', ...words].map((word) => `'${word}'`).join(' ');
    return runShell(
      'zsh',
      ['-f'],
      `_arguments() { print -l -- "$@"; }
       _describe() { print -l -- "\${(@P)2}"; }
       words=(${quoted}); CURRENT=${words.length + 1}; _reporting_setup`,
    );
  };
  const bound = (): string[] =>
    execFileSync(
      'zsh',
      ['-f', '-c', 'autoload -Uz compinit; compinit -u -D; source ./_it; print $_comps[reporting-setup]'],
      {
        cwd: folder,
        env: { PATH: '/usr/bin:/bin', HOME: folder },
        encoding: 'utf8',
      },
    ).split('\n');

  it('binds itself to the program', () => {
    writeFileSync(join(folder, '_it'), script('zsh'));
    expect(bound()[0]).toBe('_reporting_setup');
    rmSync(join(folder, '_it'));
  });

  it('offers commands first, then the options of the one that is named', () => {
    expect(zsh('').map((line) => line.split(':')[0])).toEqual(commands);
    expect(zsh('verify', '--').filter((line) => line.includes('--expires-within'))).toHaveLength(1);
    expect(zsh('setup', '--').filter((line) => line.includes('--expires-within'))).toHaveLength(0);
  });

  it('offers files behind verify', () => {
    expect(zsh('verify', '').filter((line) => line.startsWith('*:'))).toEqual(['*:file:_files']);
    expect(zsh('rotate', '').filter((line) => line.startsWith('*:'))).toEqual([]);
  });

  it.each(choices.filter(([, option]) => option !== '--sandbox'))(
    '%s %s: its choices',
    (command, option, expected) => {
      const found = zsh(command, '--').filter((line) => line.includes(`${option}=`));
      expect(found.map((line) => line.slice(line.lastIndexOf(':')))).toEqual([`:(${expected.join(' ')})`]);
    },
  );

  it.each(files)('%s %s: files', (command, option) => {
    const found = zsh(command, '--').filter((line) => line.includes(`${option}=`));
    expect(found.map((line) => line.endsWith(':file:_files'))).toEqual([true]);
  });
});

describe('PowerShell', () => {
  const text = script('powershell');

  it.each(choices)('%s %s: its choices', (command, option, expected) => {
    expect(text).toContain(`'${command} ${option}' = @('${expected.join("', '")}')\n`);
  });

  it.each(files)('%s %s: left to PowerShell, which offers files', (command, option) => {
    expect(text).toContain(`'${command} ${option}' = $null\n`);
  });

  it('leaves files behind verify to PowerShell', () => {
    expect(text).toContain("@('verify') -contains $command -and -not $wordToComplete.StartsWith('-')");
  });

  it('is plain ASCII, which every code page has', () => {
    expect(text).toMatch(/^[\n -~]+$/);
  });

  it('is balanced, quotes and brackets alike', () => {
    const bare = text
      .replace(/^\s*#.*$/gm, '')
      .replace(/'(?:[^'\n]|'')*'/g, '')
      .replace(/"[^"\n]*"/g, '');
    expect(bare).not.toMatch(/['"]/);
    for (const [open, close] of ['()', '{}', '[]'] as const) {
      expect(bare.split(open ?? '').length).toBe(bare.split(close ?? '').length);
    }
  });
});

describe('every script', () => {
  it.each(shells)('for %s: has every option of every command and runs nothing of the program', (shell) => {
    const text = script(shell);
    for (const command of program.commands) {
      for (const { long } of command.options) {
        const name = long?.slice(2) ?? '';
        expect(text).toMatch(new RegExp(shell === 'fish' ? `-l ${name}\\b` : `--${name}\\b`));
      }
    }
    // Targets of connect are named after programs.
    expect(completionScript(program, shell, [])).not.toMatch(/\b(node|npx|curl|wget|eval)\b/);
    expect(text).not.toMatch(/\$\(\s*reporting-setup|`reporting-setup/);
  });
});
