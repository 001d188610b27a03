import { expect, it } from 'vitest';
import { expectGenerated } from '../helpers/generated.ts';
import { cliDocument, program } from './cli-document.ts';

it('docs/cli.md is what the command tree says (npm run docs writes it)', async () => {
  await expectGenerated('docs/cli.md', cliDocument());
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
