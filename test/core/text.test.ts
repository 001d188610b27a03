import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { commandLine, joinWords, quoted, safeText, shellWord } from '../../src/core/text.ts';

/** Every code point, lone surrogates too, with the dangerous ones often. */
const hostile = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'binary', maxLength: 3 }),
      fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)),
      fc.constantFrom(
        '\u001b[2J',
        '\r\n',
        '\t',
        '\u202e',
        '\u2066',
        '\u200b',
        '\u2028',
        '\u009b1A',
        '\u{e0041}',
        'e\u0301',
      ),
    ),
    { maxLength: 80 },
  )
  .map((parts) => parts.join(''));

describe('safeText', () => {
  it.each([
    ['Contoso Ltd – Zürich 東京', 'Contoso Ltd – Zürich 東京'],
    ['a\u001b[31mred\u0007', 'a\\u{1b}[31mred\\u{7}'],
    ['one\r\ntwo\tthree', 'one two three'],
    ['\u009b2J', '\\u{9b}2J'],
    ['invoice\u202efdp.exe', 'invoice\\u{202e}fdp.exe'],
    ['a\u2066b\u2069\u200e\u200f\u061c', 'a\\u{2066}b\\u{2069}\\u{200e}\\u{200f}\\u{61c}'],
    ['zero\u200bwidth\ufeff\u00ad', 'zero\\u{200b}width\\u{feff}\\u{ad}'],
    ['\u2028\u2029', '\\u{2028}\\u{2029}'],
    ['\ud800x\udfff', '\\u{d800}x\\u{dfff}'],
    ['\u{e0001}\u{e0041}', '\\u{e0001}\\u{e0041}'],
    ['\u3164\u115f', '\\u{3164}\\u{115f}'],
    ['❤\ufe0f', '❤\ufe0f'],
  ])('%j becomes %j', (text, safe) => {
    expect(safeText(text)).toBe(safe);
  });

  it('is one line without anything invisible, at most as long as asked, and settled', () => {
    fc.assert(
      fc.property(hostile, fc.integer({ min: 1, max: 60 }), (text, most) => {
        const safe = safeText(text, most);
        expect(safe).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
        expect([...safe].length).toBeLessThanOrEqual(most);
        expect(safeText(safe, most)).toBe(safe);
      }),
    );
  });

  it('cuts between what a reader takes for characters', () => {
    expect(safeText('abcdef', 6)).toBe('abcdef');
    expect(safeText('abcdefg', 6)).toBe('abcde…');
    expect(safeText('abcde\u0301f', 6)).toBe('abcd…');
    expect(safeText(`ab${'💡'.repeat(9)}`, 4)).toBe('ab💡…');
    expect(safeText('abc\u001b', 6)).toBe('abc…');
    expect(safeText(`a${'\u0301'.repeat(10_000)}`, 20)).toBe('…');
  });

  it('is quick with a text of a million characters', () => {
    expect(safeText('x\u001b'.repeat(500_000))).toHaveLength(198);
  });
});

describe('quoted and joined texts', () => {
  it('puts quotes around, and escapes those inside', () => {
    expect(quoted('Reporting API')).toBe('"Reporting API"');
    expect(quoted('a" is fine; "b\n')).toBe('"a\\" is fine; \\"b "');
    expect(quoted('abcdef', 3)).toBe('"ab…"');
  });

  it('joins words', () => {
    expect([[], ['a'], ['a', 'b'], ['a', 'b', 'c']].map(joinWords)).toEqual([
      '',
      'a',
      'a and b',
      'a, b and c',
    ]);
  });
});

describe('a command line', () => {
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

  it('names the same file when it is printed, whatever is in the name', () => {
    const odd = [
      '\n',
      '\r\n',
      '\t',
      '\u001b[2J',
      '\u202e',
      '\u200b',
      '\u3164',
      '✔',
      '💡',
      '%',
      "'",
      '\\',
      'é',
      'a b',
    ];
    const word = fc.string({ unit: fc.constantFrom(...odd), maxLength: 8 });
    const check = (words: readonly string[]): void => {
      const printed = safeText(commandLine(words, linux), 20_000);
      expect(printed).not.toMatch(/[✔\n]/u);
      const script = `printf '%s\\0' ${printed}`;
      const read = execFileSync('sh', ['-c', script], { encoding: 'utf8' }).split('\0').slice(0, -1);
      expect(read).toEqual(['reporting-setup', ...words]);
    };
    check(['--output', 'line\nbreak.json', 'at the end\n\n', '\n', '~\u001b]0;x\u0007']);
    fc.assert(fc.property(fc.array(word, { maxLength: 3 }), check), { numRuns: 60 });
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
});
