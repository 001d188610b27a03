import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { commandLine } from '../../src/core/command-line.ts';

it('is read back by a shell as it was, whatever is in it', () => {
  const word = fc.string({ unit: fc.constantFrom(...'ab \'"$`\\;&|*?~#!\n()<>é'), maxLength: 12 });
  fc.assert(
    fc.property(fc.array(word, { maxLength: 5 }), (words) => {
      const script = `printf '%s\\0' ${commandLine(['x', ...words], 'linux')}`;
      const read = execFileSync('sh', ['-c', script], { encoding: 'utf8' }).split('\0').slice(0, -1);
      expect(read).toEqual(['x', ...words]);
    }),
    { numRuns: 60 },
  );
});

it.each([
  ['linux', `reporting-setup --output 'my file.json' --app-name 'O'\\''Brien' --cloud usgov ''`],
  ['win32', `reporting-setup --output "my file.json" --app-name "O'Brien" --cloud usgov ""`],
])('quotes what needs it on %s', (platform, line) => {
  const words = [
    'reporting-setup',
    '--output',
    'my file.json',
    '--app-name',
    "O'Brien",
    '--cloud',
    'usgov',
    '',
  ];
  expect(commandLine(words, platform)).toBe(line);
});
