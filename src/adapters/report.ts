import ora from 'ora';
import type { Report, Task } from '../core/io.ts';
import type { Finding } from '../core/model.ts';
import { describeProgress, type Progress, tenthOf } from '../core/progress.ts';
import type { Redactor } from '../core/redact.ts';
import { safeText } from '../core/text.ts';
import { tableText } from './table.ts';
import { hang, linesOf, type PeopleStream, type Style } from './terminal.ts';

/** The most characters of one text; longer ones come from somebody who plays tricks. */
const most = 2_000;

/** What begins a line of ours: in a text from elsewhere, broken into lines, it could pass for one. */
const marks = /[✔✓✅✖✗✘❌⚠○→]/gu;
const escapeMark = (mark: string): string => `\\u{${mark.codePointAt(0)?.toString(16)}}`;

interface Writer {
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

interface Screen {
  readonly writer: Writer;
  readonly style: Style;
  readonly stream: PeopleStream;
  readonly swallowsKeys: boolean;
}

/** Ten cells, as many of them full as tenths are done. */
function bar(progress: Progress, style: Style): string {
  const [full, empty] = style.symbols.pass === 'ok' ? ['#', '.'] : ['█', '░'];
  return full.repeat(tenthOf(progress)) + empty.repeat(10 - tenthOf(progress));
}

/** A task on a terminal that can be drawn again: ora's spinner, then one line that stays. */
function animatedTask(
  { writer, style, stream, swallowsKeys }: Screen,
  text: string,
  ended: () => void,
): Task {
  const fits = (line: string): string => safeText(line, Math.max(10, style.columns() - 4));
  const title = writer.clean(text);
  let line = title;
  const spinner = ora({
    text: fits(line),
    stream: stream as unknown as NodeJS.WritableStream,
    color: style.chalk.level > 0 ? 'cyan' : false,
    isEnabled: true,
    discardStdin: swallowsKeys,
  }).start();
  const show = (text: string): void => {
    line = text;
    spinner.text = fits(line);
  };
  // A window that gets narrower breaks what is shown into several lines, of which ora would clear the last alone.
  const onResize = (): void => {
    const above = linesOf(`  ${spinner.text}`, style.columns()) - 1;
    if (above > 0) stream.write(`\u001b[${above}A\u001b[J`);
    show(line);
  };
  stream.on?.('resize', onResize);
  const end = (mark: string, last: string): void => {
    stream.off?.('resize', onResize);
    spinner.stop();
    ended();
    writer.block(`${mark} `, last, 2);
  };
  return {
    wait: (reason) => show(`${title}: ${writer.clean(reason)}`),
    progress: (progress) => {
      show(`${bar(progress, style)} ${describeProgress(progress)}`);
      // At once and not with the next frame: a count that moved is shown even where all ends soon.
      spinner.render();
    },
    succeed: (line) =>
      end(style.chalk.green(style.symbols.pass), line === undefined ? title : writer.clean(line)),
    fail: (line) => end(style.chalk.red(style.symbols.fail), line === undefined ? title : writer.clean(line)),
  };
}

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
 * Everything people read: escaped, redacted, wrapped and coloured here and nowhere else. `swallowsKeys`: what is typed
 * while a task runs is neither shown nor taken as an answer; it asks for a paused standard input.
 */
export function createReport(
  stream: PeopleStream,
  style: Style,
  redactor: Redactor,
  swallowsKeys = false,
): Report {
  const writer = createWriter(stream, style, redactor);
  const { chalk, symbols } = style;
  const paint = { create: chalk.green, update: chalk.yellow, keep: chalk.dim, remove: chalk.red } as const;
  const { clean, block, blank } = writer;
  const screen: Screen = { writer, style, stream, swallowsKeys };
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
      open = (style.animated ? animatedTask : plainTask)(screen, text, ended);
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
