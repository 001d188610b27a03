import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { commandLine, shellWord } from '../../src/core/command-line.ts';

const words = [
  '--output',
  'my file.json',
  "it's",
  '$HOME',
  'a"b',
  '*.json',
  '',
  '日本.json',
  '~/x',
  'a\\b',
  '`id`',
];

it.each(words)('a shell reads %j as it was', (word) => {
  const read = execFileSync('sh', ['-c', `printf '%s|' ${shellWord(word)}`], { encoding: 'utf8' });
  expect(read).toBe(`${word}|`);
});

it.each(['--sandbox', 'lag,throttled', '--output=prod/a.json', 'contoso.com', 'C:/x', '日本.json'])(
  'leaves %j without quotes',
  (word) => {
    expect(shellWord(word)).toBe(word);
  },
);

it('goes through npx where the program was started that way', () => {
  expect(commandLine(['verify', '--config', 'a b'], {})).toBe("reporting-setup verify --config 'a b'");
  expect(commandLine(['verify'], { npm_command: 'exec' })).toBe('npx reporting-setup verify');
  expect(commandLine(['verify'], { npm_command: 'run-script' })).toBe('reporting-setup verify');
});
