import type { Finding } from '../core/findings.ts';
import { hang, type Style } from './style.ts';
import { columnsOf } from './text-width.ts';

/** One row of a table: short texts in columns, and a longer one behind them. */
export interface TableRow {
  readonly status: Finding['status'];
  readonly cells: readonly string[];
  readonly note: string;
}

/** The least columns in which a note can be read. */
const leastNote = 20;

const gap = '  ';

/** How wide each column but the note's is; undefined where the rows do not fit side by side. */
function widthsOf(rows: readonly TableRow[], room: number): readonly number[] | undefined {
  const count = Math.max(0, ...rows.map(({ cells }) => cells.length));
  const widths = Array.from({ length: count }, (_none, index) =>
    Math.max(...rows.map(({ cells }) => cells[index]?.length ?? 0)),
  );
  const taken = widths.reduce((sum, width) => sum + width + gap.length, 0);
  return taken + leastNote <= room ? widths : undefined;
}

/** The least columns in which what a name means can be read. */
const leastMeaning = 24;

/** Names and what they mean, side by side where there is room, else one below the other. */
export function pairText(pairs: readonly (readonly [name: string, meaning: string])[], style: Style): string {
  const indent = 2 + Math.max(0, ...pairs.map(([name]) => columnsOf(name))) + gap.length;
  const isWide = indent + leastMeaning <= style.columns();
  return pairs
    .map(([name, meaning]) =>
      isWide
        ? hang(`  ${name}`.padEnd(indent), meaning, indent, style)
        : hang('  ', name, 2, style) + hang('    ', meaning, 4, style),
    )
    .join('');
}

/** The lines of a table: columns side by side where they fit, else each row a block of its own. */
export function tableText(rows: readonly TableRow[], style: Style): string {
  const { chalk, symbols, columns } = style;
  const paints = { pass: chalk.green, warn: chalk.yellow, fail: chalk.red, skip: chalk.dim };
  const widths = widthsOf(rows, columns() - symbols.pass.length - 4);
  return rows
    .map(({ status, cells, note }) => {
      const mark = `  ${paints[status](symbols[status])} `;
      const indent = symbols[status].length + 3;
      if (!widths) {
        const rest = [...cells.slice(1), note].filter((text) => text !== '').join(', ');
        return `${hang(mark, cells[0] ?? '', indent, style)}${hang(' '.repeat(indent), rest, indent, style)}`;
      }
      const side = cells.map((cell, index) => cell.padEnd(widths[index] ?? 0) + gap).join('');
      return hang(mark + side, note, indent + side.length, style);
    })
    .join('');
}
