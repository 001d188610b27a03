import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { commandLine, shellWord } from '../../src/core/command-line.ts';

const linux = { env: {}, platform: 'linux' };

it('is read back by a shell as it was, whatever is in it', () => {
  const word = fc.string({ unit: fc.constantFrom(...'ab \'"$`\\;&|*?~#!\n()<>é日'), maxLength: 12 });
  fc.assert(
    fc.property(fc.array(word, { maxLength: 5 }), (words) => {
      const script = `printf '%s\\0' ${commandLine(words, linux)}`;
      const read = execFileSync('sh', ['-c', script], { encoding: 'utf8' }).split('\0').slice(0, -1);
      expect(read).toEqual(['reporting-setup', ...words]);
    }),
    { numRuns: 60 },
  );
});

it.each(['--sandbox', 'lag,throttled', '--output=prod/a.json', 'contoso.com', 'C:/x', '日本.json'])(
  'leaves %j without quotes',
  (word) => {
    expect(shellWord(word)).toBe(word);
  },
);

it.each([
  ['linux', `reporting-setup --output 'my file.json' --app-name 'O'\\''Brien' --cloud usgov ''`],
  ['win32', `reporting-setup --output "my file.json" --app-name "O'Brien" --cloud usgov ""`],
])('quotes what needs it on %s', (platform, line) => {
  const words = ['--output', 'my file.json', '--app-name', "O'Brien", '--cloud', 'usgov', ''];
  expect(commandLine(words, { env: {}, platform })).toBe(line);
});

it('goes through npx where the program was started that way', () => {
  const from = (npm_command: string) => ({ ...linux, env: { npm_command } });
  expect(commandLine(['verify'], from('exec'))).toBe('npx reporting-setup verify');
  expect(commandLine(['verify'], from('run-script'))).toBe('reporting-setup verify');
});
