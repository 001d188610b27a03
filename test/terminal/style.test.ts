import { expect, it } from 'vitest';
import { styleFor } from '../../src/terminal/style.ts';

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
