import { expect, it } from 'vitest';
import { windowsNameFault } from '../../src/config/windows-names.ts';

it.each([
  'C:\\x\\CON',
  'C:\\x\\con.json',
  'C:\\x\\NUL',
  'C:\\aux\\reporting.json',
  'c:/x/Com1.env',
  'C:\\x\\LPT\u00b9.json',
  'C:\\x\\COM0',
  'C:\\x\\prn .json',
  'C:\\x\\CONIN$',
  'C:\\x\\nul:stream',
  '\\\\server\\share\\aux.json',
  '\\\\?\\C:\\x\\nul',
])('%j is a device', (path) => {
  expect(windowsNameFault(path)).toBe('Windows has a device of that name');
});

it.each([
  ['C:\\x\\a.json:b', /stream/],
  ['C:\\x\\a.json::$DATA', /stream/],
  ['C:\\x\\a.', /dots and blanks/],
  ['C:\\x\\a.json ', /dots and blanks/],
  ['C:\\x.\\a.json', /dots and blanks/],
  ['C:\\x\\...', /dots and blanks/],
  ['C:\\x\\a*b', /no names with/],
  ['C:\\x\\a?.json', /no names with/],
  ['C:\\x\\"a".json', /no names with/],
  ['C:\\x\\a\u0007', /no names with/],
  ['C:\\x\\a|b', /no names with/],
  [`C:\\x\\${'a'.repeat(256)}`, /255/],
  ['\\\\.\\pipe\\x', /names a device/],
  ['\\\\.\\C:\\x', /names a device/],
  ['//./PhysicalDrive0', /names a device/],
  ['\\\\?\\GLOBALROOT\\Device\\x', /names a device/],
  ['\\\\server', /network share/],
  ['\\\\server\\', /network share/],
  ['\\\\server\\share', /drive or a share/],
  ['\\\\server\\share\\', /drive or a share/],
  ['\\\\?\\UNC\\server\\share', /drive or a share/],
  ['C:', /drive or a share/],
  ['C:\\', /drive or a share/],
])('%j is refused: %s', (path, fault) => {
  expect(windowsNameFault(path)).toMatch(fault);
});

it.each([
  'C:\\Users\\ada\\reporting-setup.json',
  'C:/Users/ada/reporting-setup.json',
  'c:\\.env',
  'C:\\a b\\..\\.\\c.json',
  'C:\\x\\console.json',
  'C:\\x\\com10.json',
  'C:\\x\\nulls',
  'C:\\x\\aux-1.json',
  'C:\\x\\日本 ü & %PATH% $a `b`.json',
  '\\\\server\\share\\a.json',
  '//server/share/a.json',
  '\\\\server\\c$\\a.json',
  '\\\\?\\C:\\x\\a.json',
  '\\\\?\\UNC\\server\\share\\a.json',
  `\\\\?\\Volume{b75e2c83-0000-0000-0000-602f00000000}\\a.json`,
  `C:\\${'long\\'.repeat(80)}a.json`,
  `C:\\x\\${'a'.repeat(255)}`,
])('%j is a file', (path) => {
  expect(windowsNameFault(path)).toBeUndefined();
});
