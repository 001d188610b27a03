import type { Finding } from '../core/findings.ts';
import type { Redactor } from '../core/redact.ts';
import { safeText } from '../core/text.ts';
import type { Report, Task } from './io.ts';
import { describeProgress, tenthOf } from './progress.ts';
import { hang, type PeopleStream, type Style } from './style.ts';
import { tableText } from './table.ts';

/** The most characters of one text; longer ones come from somebody who plays tricks. */
const most = 2_000;

/** What begins a line of ours: in a text from elsewhere, broken into lines, it could pass for one. */
const marks = /[✔✓✅✖✗✘❌⚠○→]/gu;
const escapeMark = (mark: string): string => `\\u{${mark.codePointAt(0)?.toString(16)}}`;

/** Writes blocks of text that is safe to show. */
export interface Writer {
  /** Plain text, escaped and redacted. */
  readonly clean: (text: string) => string;
  /** One styled block after `first`, its further lines indented as deep. */
  readonly block: (first: string, text: string, indent?: number) => void;
  readonly blank: () => void;
}

function createWriter(stream: PeopleStream, style: Style, redactor: Redactor): Writer {
  return {
    clean: (text) => safeText(redactor.redact(text), most).replace(marks, escapeMark),
    block: (first, text, indent = first.length) =>
      void stream.write(hang(first, text, indent, style.columns())),
    blank: () => void stream.write('\n'),
  };
}

/** Columns of a label: the longest is `Application`. */
const labelWidth = 11;

/** A value that would be torn apart, such as an id in a narrow window, gets a line of its own. */
function factLines({ clean, block }: Writer, { chalk, columns }: Style, label: string, value: string): void {
  const indent = labelWidth + 4;
  const longest = Math.max(
    ...clean(value)
      .split(' ')
      .map((word) => word.length),
  );
  const narrow = longest > columns() - indent - 1;
  const padded = `  ${chalk.dim(clean(label).padEnd(labelWidth))}  `;
  if (narrow) {
    block('  ', chalk.dim(clean(label)));
    block('   ', clean(value));
  } else {
    block(padded, clean(value), indent);
  }
}

function findingLines({ clean, block }: Writer, { chalk, symbols }: Style, finding: Finding): void {
  const paint = { pass: chalk.green, warn: chalk.yellow, fail: chalk.red, skip: chalk.dim }[finding.status];
  const mark = symbols[finding.status];
  const indent = mark.length + 3;
  block(`  ${paint(mark)} `, `${clean(finding.title)}${chalk.dim(`: ${clean(finding.evidence)}`)}`, indent);
  if (finding.remedy === undefined) return;
  const arrow = `${' '.repeat(indent)}${symbols.arrow} `;
  block(arrow, clean(finding.remedy), arrow.length);
}

/** What a task shows itself on. */
export interface Screen {
  readonly writer: Writer;
  readonly style: Style;
  readonly stream: PeopleStream;
}

/** Begins to show a task; `ended` is called when it is over. */
export type StartTask = (screen: Screen, text: string, ended: () => void) => Task;

/** A task where nothing may be drawn again: a line for the first wait and each tenth, and one for the end. */
function plainTask({ writer, style }: Screen, text: string, ended: () => void): Task {
  const title = writer.clean(text);
  let waited = false;
  let tenth = 0;
  const end = (mark: string, line: string): void => {
    ended();
    writer.block(`${mark} `, line);
  };
  return {
    wait: (reason) => {
      if (!waited) writer.block('  ', `${title}: ${writer.clean(reason)}`);
      waited = true;
    },
    progress: (progress) => {
      if (tenthOf(progress) === tenth) return;
      tenth = tenthOf(progress);
      writer.block('  ', `${title}: ${describeProgress(progress)}`);
    },
    succeed: (line) => end(style.symbols.pass, line === undefined ? title : writer.clean(line)),
    fail: (line) => end(style.symbols.fail, line === undefined ? title : writer.clean(line)),
  };
}

/**
 * Everything people read: escaped, redacted, wrapped and coloured here and nowhere else. `startTask` shows what is under
 * way, line by line where it is left out.
 */
export function createReport(
  stream: PeopleStream,
  style: Style,
  redactor: Redactor,
  startTask: StartTask = plainTask,
): Report {
  const writer = createWriter(stream, style, redactor);
  const { chalk, symbols } = style;
  const paint = { create: chalk.green, update: chalk.yellow, keep: chalk.dim, remove: chalk.red } as const;
  const { clean, block, blank } = writer;
  const screen: Screen = { writer, style, stream };
  let open: Task | undefined;
  return {
    title(text) {
      blank();
      block('', chalk.bold(clean(text)));
    },
    line: (text) => block('', clean(text)),
    item: (text) => block('  ', clean(text)),
    fact: (label, value) => factLines(writer, style, label, value),
    finding: (finding) => findingLines(writer, style, finding),
    table: (rows) =>
      void stream.write(
        tableText(
          rows.map(({ status, cells, note }) => ({ status, cells: cells.map(clean), note: clean(note) })),
          style,
        ),
      ),
    change({ action, title, blocked }) {
      const mark = blocked === undefined ? paint[action](symbols[action]) : chalk.yellow('!');
      block(`  ${mark} `, blocked === undefined ? clean(title) : `${clean(title)}: ${clean(blocked)}`, 4);
    },
    code: (text) => void stream.write(`    ${clean(text)}\n`),
    warn: (text) => block(`${chalk.yellow(symbols.warn)} `, clean(text), symbols.warn.length + 1),
    task(text) {
      open?.succeed();
      const ended = (): void => {
        open = undefined;
      };
      open = startTask(screen, text, ended);
      return open;
    },
    error(message, remedy, detail) {
      open?.fail();
      for (const [index, line] of message.split('\n').entries()) {
        const mark = index === 0 ? `${chalk.red(symbols.fail)} ` : ' '.repeat(symbols.fail.length + 1);
        block(mark, chalk.bold(clean(line)), symbols.fail.length + 1);
      }
      block(`  ${symbols.arrow} `, clean(remedy), symbols.arrow.length + 3);
      if (detail !== undefined) block('    ', chalk.dim(clean(detail)));
    },
    stop: (how) => open?.[how](),
  };
}
