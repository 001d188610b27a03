import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { commandLine } from '../../src/core/text.ts';
import { systemProgram, windowsShell, windowsWord } from '../../src/core/windows-shell.ts';

/** Of backslashes those before a quote stand for half as many, and the odd one makes the quote a part of the word. */
function unescaped(token: string): { text: string; isQuote: boolean } {
  if (!token.endsWith('"')) return { text: token, isQuote: false };
  const slashes = token.length - 1;
  const isQuote = slashes % 2 === 0;
  return { text: '\\'.repeat(slashes >> 1) + (isQuote ? '' : '"'), isQuote };
}

/** Arguments as CommandLineToArgvW takes a command line apart. */
function argvOf(line: string): string[] {
  const argv: string[] = [];
  let word: string | undefined;
  let inQuotes = false;
  for (const token of line.match(/\\+"|"|\s+|[^\s"\\]+|\\+/g) ?? []) {
    if (/^\s/.test(token) && !inQuotes) {
      if (word !== undefined) argv.push(word);
      word = undefined;
      continue;
    }
    const { text, isQuote } = unescaped(token);
    if (isQuote) inQuotes = !inQuotes;
    word = (word ?? '') + text;
  }
  return word === undefined ? argv : [...argv, word];
}

/** What cmd.exe hands on of a line that somebody types: first variables, then carets and what ends a command. */
function typedIntoCmd(line: string): string {
  const expanded = line.replace(/%(?:PATH|USERNAME)%/gi, 'EXPANDED');
  let handed = '';
  let inQuotes = false;
  for (let at = 0; at < expanded.length; at += 1) {
    const character = expanded.charAt(at);
    if (character === '"') inQuotes = !inQuotes;
    if (!inQuotes && /[&|<>]/.test(character)) throw new Error(`${line} is more than one command`);
    if (!inQuotes && character === '^') at += 1;
    handed += !inQuotes && character === '^' ? expanded.charAt(at) : character;
  }
  return handed;
}

const one = "['\u2018-\u201b]";
const two = '["\u201c-\u201e]';
const powershellWord = new RegExp(
  `${one}(?<single>(?:(?!${one}).|${one}{2})*)${one}|${two}(?<double>(?:\`.|(?!${two}|\`).|${two}{2})*)${two}|(?<bare>[^ ]+)`,
  'gsu',
);

/** What PowerShell makes of the inside of double quotes. */
const inDoubleQuotes = (text: string): string =>
  text.replace(/`(.)|\$\(\[char\](\d+)\)|\$|(["\u201c-\u201e])./gsu, (_all, escaped, code, quote) => {
    if (code !== undefined) return String.fromCharCode(Number(code));
    const literal = escaped ?? quote;
    if (literal === undefined) throw new Error(`${text} has a variable`);
    return literal;
  });

/** The values of the words of a line as PowerShell reads them (about_Parsing, about_Quoting_Rules). */
function powershellWords(line: string): string[] {
  return [...line.matchAll(powershellWord)].map(({ groups = {} }) => {
    const { single, double, bare = '' } = groups;
    if (single !== undefined) return single.replace(new RegExp(`(${one})${one}`, 'g'), '$1');
    if (double !== undefined) return inDoubleQuotes(double);
    if (/[`$;&|<>(){}@#,'"\u2018-\u201e]/.test(bare))
      throw new Error(`${line} has something that is no word`);
    return bare;
  });
}

/** Whether Windows PowerShell puts quotes around a word by itself. */
function needsQuotes(value: string): boolean {
  let inQuotes = false;
  for (let at = 0; at < value.length; at += 1) {
    if (value.charAt(at) === '"' && value.charAt(at - 1) !== '\\') inQuotes = !inQuotes;
    else if (/\s/.test(value.charAt(at)) && !inQuotes) return true;
  }
  return false;
}

const slashesAtEnd = (value: string): string => /\\*$/.exec(value)?.[0] ?? '';

/** How a value gets into a command line: without a look at quotes up to 7.2, and as programs read it since 7.3. */
const handedByPowershell = (value: string): string =>
  needsQuotes(value) ? `"${value}${slashesAtEnd(value)}"` : value;
const handedByPwsh = (value: string): string =>
  value === '' || /[\s"]/.test(value)
    ? `"${value.replace(/(\\*)"/g, '$1$1\\"')}${slashesAtEnd(value)}"`
    : value;

const home = 'C:\\Users\\ada';
const shared = 'C:\\Program Files\\WindowsPowerShell\\Modules';
const shells = {
  cmd: { PROMPT: '$P$G', USERPROFILE: home, PSModulePath: shared },
  powershell: { USERPROFILE: home, PSModulePath: `${home}\\Documents\\WindowsPowerShell\\Modules;${shared}` },
  pwsh: {
    USERPROFILE: home,
    PSModulePath: `${home}\\Documents\\PowerShell\\Modules;C:\\Program Files\\PowerShell\\7\\Modules;${shared}`,
  },
};

const received = {
  cmd: (line: string) => argvOf(typedIntoCmd(line)),
  powershell: (line: string) => argvOf(powershellWords(line).map(handedByPowershell).join(' ')),
  pwsh: (line: string) => argvOf(powershellWords(line).map(handedByPwsh).join(' ')),
};

const names = ['cmd', 'powershell', 'pwsh'] as const;

describe('a command to copy on Windows', () => {
  const pieces = [
    ...'ab1$`"%&|<>()^!;@#{},=:.\\/-~*?[] \'',
    '%PATH%',
    '$env:x',
    '$(x)',
    '\u201c',
    '\u2019',
    '日本',
    'ü',
    'C:\\',
    '--',
    '  ',
  ];
  // A backslash at the end of a quoted word may come twice out of PowerShell, which a path does not mind.
  const word = fc
    .string({ unit: fc.constantFrom(...pieces), minLength: 1, maxLength: 8 })
    .map((text) => `${text}x`);

  it.each(names)('reaches the program whole from %s', (name) => {
    const env = shells[name];
    const check = (words: readonly string[]): void => {
      const line = commandLine(words, { env, platform: 'win32' });
      expect(received[name](line), line).toEqual(['reporting-setup', ...words]);
    };
    check([
      '--output',
      'C:\\Users\\Jörg Müller\\a & b\\50% $x `y`.json',
      '--app-name',
      `O'Brien "x" 100% %PATH%`,
    ]);
    fc.assert(fc.property(fc.array(word, { maxLength: 4 }), check), { numRuns: 400 });
  });

  it('is the same for all of them wherever it can be', () => {
    const plain = fc.string({
      unit: fc.constantFrom(..."ab1&|<>()^!;@#{},=:./- '"),
      minLength: 1,
      maxLength: 8,
    });
    const check = (text: string): void => {
      const line = windowsWord(text, {});
      for (const name of names) {
        expect(windowsWord(text, shells[name])).toBe(line);
        expect(received[name](`x ${line}`)).toEqual(['x', text]);
      }
    };
    fc.assert(fc.property(plain, check), { numRuns: 400 });
  });

  it('names what cannot be seen, in PowerShell', () => {
    const text = 'a\u200b\u0007💡\u{e0041}$b';
    for (const name of ['powershell', 'pwsh'] as const) {
      const line = windowsWord(text, shells[name]);
      expect(line).toMatch(/^[ -~💡]+$/u);
      expect(received[name](line)).toEqual([text]);
    }
  });

  it.each([
    ['reporting-setup.json', 'reporting-setup.json'],
    ['C:\\Users\\ada\\x.json', 'C:\\Users\\ada\\x.json'],
    ['--output=x', '--output=x'],
    ['--sandbox', '--sandbox'],
    ['my file.json', '"my file.json"'],
    ['lag,throttled', '"lag,throttled"'],
    ['90', '"90"'],
    ['-Dx.y', '"-Dx.y"'],
    ['C:\\a b\\', '"C:\\a b\\\\"'],
    ['', '""'],
  ])('writes %j as %s', (text, line) => {
    expect(windowsWord(text, {})).toBe(line);
  });

  it.each([
    [shells.cmd, 'cmd'],
    [shells.powershell, 'powershell'],
    [shells.pwsh, 'pwsh'],
    // A command file that PowerShell starts, npx among them.
    [{ ...shells.powershell, PROMPT: '$P$G' }, 'powershell'],
    [
      {
        ...shells.pwsh,
        PSModulePath: `C:\\Users\\ada\\OneDrive\\Dokumente\\WindowsPowerShell\\Modules;${shared}`,
      },
      'powershell',
    ],
    [{ PROMPT: '$P$G' }, 'cmd'],
    [{}, 'powershell'],
  ] as const)('%j is typed into %s', (env, shell) => {
    expect(windowsShell(env)).toBe(shell);
  });
});

it.each([
  [{ SystemRoot: 'D:\\Windows' }, 'D:\\Windows\\System32\\icacls.exe'],
  [{ SYSTEMROOT: 'C:\\WINNT\\' }, 'C:\\WINNT\\System32\\icacls.exe'],
  [{}, 'C:\\Windows\\System32\\icacls.exe'],
  [{ SystemRoot: '..\\here' }, 'C:\\Windows\\System32\\icacls.exe'],
  [{ SystemRoot: '\\\\evil\\share' }, 'C:\\Windows\\System32\\icacls.exe'],
])('finds the programs of Windows in its own folder: %j', (env, path) => {
  expect(systemProgram('icacls.exe', env)).toBe(path);
});
