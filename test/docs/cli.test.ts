import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { cliDocument, program } from './cli-document.ts';

const path = join(import.meta.dirname, '../../docs/cli.md');

it('docs/cli.md is what the command tree says (npm run docs writes it)', async () => {
  if (process.env['UPDATE_DOCS']) await writeFile(path, cliDocument());
  expect(await readFile(path, 'utf8')).toBe(cliDocument());
});

it('the manual has a section for each command, and in it each option', () => {
  const sections = cliDocument()
    .split(/^## reporting-setup /m)
    .slice(1);
  expect(sections.map((section) => section.split('\n')[0])).toEqual(
    program.commands.map((command) => command.name()),
  );
  program.commands.forEach((command, index) => {
    for (const { flags } of command.options) {
      expect(sections[index]).toContain(`| \`${flags.replaceAll('|', '\\|')}\` |`);
    }
  });
});
