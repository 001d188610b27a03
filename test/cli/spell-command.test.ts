import { describe, expect, it } from 'vitest';
import type { CommandName } from '../../src/cli/options.ts';
import { buildProgram } from '../../src/cli/program.ts';
import { commandSpeller, type SpelledFile } from '../../src/cli/spell-command.ts';

/** What a run that was called with these words makes of the words of a command. */
function spelled(argv: readonly string[], words: readonly string[], about?: SpelledFile): string {
  let called: { command: CommandName; raw: Readonly<Record<string, unknown>> } | undefined;
  const output = { stdout: () => undefined, stderr: () => undefined, columns: 80, colored: false };
  const program = buildProgram('', output, { run: (call) => (called = call), complete: () => undefined });
  program.parse(argv, { from: 'user' });
  if (!called) throw new Error('Nothing was called');
  return commandSpeller({ ...called, argv }, { env: {}, platform: 'linux' }, about)(words);
}

describe('a command in a remedy', () => {
  it.each<[string, string, string]>([
    // In setup it is the same command, with what is to be different.
    ['--output a.json --auth device-code', '', 'reporting-setup --output a.json --auth device-code'],
    [
      '--credential secret --yes',
      '--credential certificate',
      'reporting-setup --yes --credential certificate',
    ],
    ['--credential=secret -y', '--credential certificate', 'reporting-setup -y --credential certificate'],
    ['setup --output x.env', '…', 'reporting-setup setup --output x.env'],
    // One that is to ask drops what keeps this run from asking.
    [
      '--sandbox deactivated --yes --json --output a.json',
      '?',
      'reporting-setup --sandbox deactivated --output a.json',
    ],
    ['setup -y --no-input --plain', '? --audience x', 'reporting-setup setup --plain --audience x'],
    ['verify a.json --json', '?', 'reporting-setup --output a.json'],
    // From another command it takes the file, where the tenant is, and who signs in.
    ['verify', '', 'reporting-setup'],
    ['verify --config reporting-setup.json', '', 'reporting-setup'],
    ['verify --config tenants/customer-07.json', '', 'reporting-setup --output tenants/customer-07.json'],
    ['verify tenants/customer-07.json', '', 'reporting-setup --output tenants/customer-07.json'],
    [
      'verify a.json --sandbox lag --expires-within 60d',
      '--credential certificate',
      'reporting-setup --sandbox lag --output a.json --credential certificate',
    ],
    [
      'verify --admin --auth device-code --tenant contoso.com --cloud usgov',
      '',
      'reporting-setup --cloud usgov --tenant contoso.com --auth device-code',
    ],
    [
      '--output a.json --auth browser --sandbox',
      'verify',
      'reporting-setup verify --sandbox --config a.json',
    ],
    ['verify a.json --json', 'verify', 'reporting-setup verify a.json --json'],
    ['--sandbox', '--client-id <client-id>', 'reporting-setup --sandbox --client-id <client-id>'],
    [
      'rotate --sandbox',
      'connect filebeat --output x',
      'reporting-setup connect filebeat --sandbox --output x',
    ],
    ['connect wazuh --sandbox', 'connect filebeat', 'reporting-setup connect filebeat --sandbox'],
    ['connect nosuch --config a.json', 'connect --list', 'reporting-setup connect --list'],
    ['verify a.json --sandbox', 'connect --list', 'reporting-setup connect --list'],
    ['connect filebeat --config a.json', '--output <file>.json', 'reporting-setup --output <file>.json'],
  ])('after "%s", "%s" is %s', (argv, words, line) => {
    expect(spelled(argv.split(' '), words.split(' ').filter(Boolean))).toBe(line);
  });

  it('is about one of several files, and its cloud', () => {
    const argv = ['verify', 'a.json', "it's b.json"];
    expect(spelled(argv, [], { file: "it's b.json" })).toBe("reporting-setup --output 'it'\\''s b.json'");
    expect(spelled(argv, ['verify'], { file: 'a.json' })).toBe('reporting-setup verify --config a.json');
    const where = ['--cloud', 'usgov'];
    expect(spelled(argv, [], { file: 'a.json', where })).toBe(
      'reporting-setup --cloud usgov --output a.json',
    );
    expect(spelled([...argv, '--cloud', 'usgov'], [], { file: 'a.json', where })).toBe(
      'reporting-setup --cloud usgov --output a.json',
    );
  });
});
