import { describe, expect, it } from 'vitest';
import { hang, styleFor } from '../../src/terminal/style.ts';

const terminal = { write: () => true, isTTY: true, columns: 80 };
const file = { write: () => true };

it.each([
  ['Windows Terminal', 'win32', terminal, { WT_SESSION: 'x' }, '✔'],
  ['VS Code', 'win32', terminal, { TERM_PROGRAM: 'vscode' }, '✔'],
  ['Cmder', 'win32', terminal, { ConEmuTask: '{cmd::Cmder}' }, '✔'],
  ['JetBrains', 'win32', terminal, { TERMINAL_EMULATOR: 'JetBrains-JediTerm' }, '✔'],
  ['Alacritty', 'win32', terminal, { TERM: 'alacritty' }, '✔'],
  ['the console', 'win32', terminal, {}, 'ok'],
  ['ssh to a dumb terminal', 'win32', terminal, { WT_SESSION: 'x', TERM: 'dumb' }, 'ok'],
  ['a file, in Windows Terminal', 'win32', file, { WT_SESSION: 'x' }, 'ok'],
  ['Terminal on macOS', 'darwin', terminal, { TERM: 'xterm-256color', LANG: 'de_DE.UTF-8' }, '✔'],
  ['macOS without a locale', 'darwin', terminal, {}, '✔'],
  ['Linux', 'linux', terminal, { LANG: 'C.UTF-8' }, '✔'],
  ['a file on Linux', 'linux', file, { LANG: 'C.UTF-8' }, '✔'],
  ['Linux in the C locale', 'linux', terminal, { LANG: 'C' }, 'ok'],
  ['the console of Linux', 'linux', terminal, { TERM: 'linux' }, 'ok'],
])('%s gets symbols that it can show', (_name, platform, stream, env, pass) => {
  expect(styleFor(stream, env, platform).symbols.pass).toBe(pass);
});

describe('text that hangs behind a mark', () => {
  const id = '5af9d67e-209e-43f6-a38b-b9a174b9df36';
  const path = 'my files/kept for later.json';
  const style = styleFor({ ...terminal, columns: 40 }, {}, 'linux', { paths: ['verify', path, '/a b'] });

  it.each([
    [
      'breaks between words',
      'File permissions: mode 0600, your own',
      ['  ok File permissions: mode 0600, your', '     own'],
    ],
    ['has an id further left where it fits so', `Key ID ${id},`, ['  ok Key ID', `   ${id},`]],
    ['has what is wider than its room below the mark', `${id} x`, ['  ok', `    ${id}`, '     x']],
    [
      'keeps a path whole that has blanks',
      `Config file: ${path}, in json`,
      ['  ok Config file:', `     ${path}, in`, '     json'],
    ],
    [
      'keeps what begins with such a path',
      'That is the file of yours now: /a b/c',
      ['  ok That is the file of yours now:', '     /a b/c'],
    ],
    [
      'leaves what is longer than a line to the terminal',
      `At https://${id}/x or`,
      ['  ok At', `     https://${id}/x`, '     or'],
    ],
  ])('%s', (_what, text, expected) => {
    expect(hang('  ok ', text, 5, style).split('\n')).toEqual([...expected, '']);
  });

  it('keeps no path whole that is longer than a line', () => {
    const long = 'a folder of mine/with a name/that goes on and on.json';
    const narrow = styleFor({ ...terminal, columns: 40 }, {}, 'linux', { paths: [long] });
    expect(hang('', long, 0, narrow)).toBe('a folder of mine/with a name/that goes\non and on.json\n');
  });
});
