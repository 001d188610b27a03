import { readdir, readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { catalogue } from '../../src/core/errors.ts';
import { inRemedy, remedyParts, spelledInRemedy, spellPlainly, spellRemedy } from '../../src/core/remedy.ts';

const spell = (words: readonly string[]): string => ['rs', ...words].join(' ');

describe('a remedy', () => {
  it.each<[string, string, readonly string[]]>([
    ['Wait.', 'Wait.', []],
    ['Make one: `reporting-setup`', 'Make one: rs', ['rs']],
    [
      '`reporting-setup verify`, then `chmod 600 x`.',
      'rs verify, then chmod 600 x.',
      ['rs verify', 'chmod 600 x'],
    ],
    ['Again: `reporting-setup …`', 'Again: rs …', ['rs …']],
    [`Now: ${spelledInRemedy("npx x 'a b'")}`, "Now: npx x 'a b'", ["npx x 'a b'"]],
    ['An odd ` of a name', 'An odd ` of a name', []],
    [`Of \`chmod ${inRemedy("'a`b'")}\` and ${inRemedy('a`b')}`, "Of chmod 'a`b' and a`b", ["chmod 'a`b'"]],
  ])('%s is spelled out', (source, text, commands) => {
    expect(spellRemedy(source, spell)).toEqual({ text, commands });
  });

  it('is shown in sentences, and commands of their own', () => {
    const remedy = spellRemedy('Make one: `reporting-setup`, or ask. `reporting-setup verify`.', spell);
    expect(remedyParts(remedy)).toEqual([
      { text: 'Make one:' },
      { command: 'rs' },
      { text: 'or ask.' },
      { command: 'rs verify' },
    ]);
  });

  it('holds its commands between backticks, wherever it is made', async () => {
    const folder = new URL('../../src/', import.meta.url);
    const names = await readdir(folder, { recursive: true });
    for (const name of names.filter((one) => one.endsWith('.ts') && !one.startsWith('sandbox'))) {
      const text = await readFile(new URL(name, folder), 'utf8');
      const remedies = text.match(/remedy(?::|\s=)\s*(['"`])(?:\\.|(?!\1).)*\1/gs) ?? [];
      const bare = remedies
        .map((one) =>
          one
            .replaceAll('\\`', '¦')
            .replace(/¦[^¦]*¦/g, '')
            .replace(/`[^`]*`(?=.)/g, ''),
        )
        .filter((one) =>
          /\breporting-setup (?!is)|\b(?:az|git) (?:login|status|rm|config|ad|account|rest)\b/.test(one),
        );
      expect([name, bare]).toEqual([name, []]);
    }
  });

  it('names no command of this program in the catalogue that would be shown as it is', () => {
    for (const [code, { remedy }] of Object.entries(catalogue)) {
      const { commands } = spellRemedy(remedy, spellPlainly);
      const bare = remedy.split('`').filter((_part, index) => index % 2 === 0);
      expect([code, bare.join(' ')]).toEqual([
        code,
        expect.not.stringMatching(/reporting-setup( |$)(?!--debug)/),
      ]);
      expect(commands.every((command) => !command.includes('`'))).toBe(true);
    }
  });
});
