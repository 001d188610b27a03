import type { Command, Help } from 'commander';
import { exitCodeMeanings } from '../core/exit-codes.ts';
import { fillRows } from '../terminal/fill-rows.ts';
import { environment, type Page, type PageName, pages } from './manual.ts';

type Item = readonly [term: string, description: string];

/** Below this many columns a description stands under its term, not beside it. */
const sideBySide = 64;
const termWidth = 28;

const pageOf = (name: string): Page | undefined =>
  Object.hasOwn(pages, name) ? pages[name as PageName] : undefined;

function paragraph(text: string, indent: number, columns: number, helper: Help): string {
  const left = ' '.repeat(indent);
  return helper.boxWrap(text, columns - indent).replace(/^/gm, left);
}

function formatItem([term, description]: Item, width: number, columns: number, helper: Help): string {
  if (term.length <= width && (columns >= sideBySide || width < termWidth)) {
    return helper.formatItem(term, width, description, helper);
  }
  return `${paragraph(term, 2, columns, helper)}\n${paragraph(description, 4, columns, helper)}`;
}

function list(
  heading: string,
  items: readonly Item[],
  columns: number,
  helper: Help,
  width = termWidth,
): string {
  const lines = items.map((item) => formatItem(item, width, columns, helper));
  return [helper.styleTitle(heading), ...lines].join('\n');
}

/** Examples can be copied: a command is never broken over lines, but by a terminal that gives it back as one. */
function examples(name: string, columns: number, helper: Help, rowWidth: number | undefined): string[] {
  const page = pageOf(name);
  if (page === undefined) return [];
  const command = (run: string): string =>
    rowWidth === undefined ? `    ${run}` : fillRows(run, 4, rowWidth);
  const texts = page.examples.map(
    ({ does, run }) => `${paragraph(does, 2, columns, helper)}\n${command(run)}`,
  );
  return [[helper.styleTitle('Examples:'), ...texts].join('\n')];
}

function optionGroups(command: Command, columns: number, helper: Help): string[] {
  const options = helper.visibleOptions(command);
  const groups = helper.groupItems([], options, (option) => option.helpGroupHeading ?? 'Options:');
  return [...groups].map(([heading, group]) =>
    list(
      heading,
      group.map((option) => [helper.optionTerm(option), helper.optionDescription(option)]),
      columns,
      helper,
    ),
  );
}

/** The main page: the commands, and the whole of the default one. */
function overview(program: Command, columns: number, helper: Help, rowWidth: number | undefined): string[] {
  const setup = program.commands.find((command) => command.name() === 'setup');
  const commands = helper
    .visibleCommands(program)
    .map((command): Item => [helper.subcommandTerm(command), helper.subcommandDescription(command)]);
  return [
    ...examples('setup', columns, helper, rowWidth),
    list('Commands:', commands, columns, helper),
    ...optionGroups(program, columns, helper),
    paragraph('The options of setup, which runs where no command is named:', 0, columns, helper),
    ...(setup === undefined ? [] : optionGroups(setup, columns, helper)),
  ];
}

/**
 * The help of a command, examples first: what commander shows in place of its own layout. `rowWidth` is after how many
 * columns the terminal goes on in its next row.
 */
export function formatHelp(command: Command, helper: Help, rowWidth?: number): string {
  const columns = helper.helpWidth ?? 80;
  const isProgram = command.parent === null;
  const codes = exitCodeMeanings.map(([code, meaning]): Item => [String(code), meaning]);
  const sections = [
    paragraph(command.description(), 0, columns, helper),
    paragraph(`${helper.styleTitle('Usage:')} ${helper.commandUsage(command)}`, 0, columns, helper),
    ...(isProgram
      ? overview(command, columns, helper, rowWidth)
      : [...examples(command.name(), columns, helper, rowWidth), ...optionGroups(command, columns, helper)]),
    ...(['completion', 'help'].includes(command.name())
      ? []
      : [list('Exit codes:', codes, columns, helper, 3)]),
    ...(isProgram ? [list('Environment:', environment, columns, helper)] : []),
  ];
  return `${sections.join('\n\n')}\n`;
}
