import type { PlannedChange } from '../core/engine.ts';
import type { Finding } from '../core/findings.ts';
import type { Redactor } from '../core/redact.ts';
import { type Remedy, remedyParts, type SpellCommand, spellPlainly, spellRemedy } from '../core/remedy.ts';
import { safeText } from '../core/text.ts';
import { describeProgress, type Progress, tenthOf } from './progress.ts';
import { addressLine, copyLine, hang, type PeopleStream, type Style } from './style.ts';
import { type TableRow, tableText } from './table.ts';

/** A line that shows work going on. */
export interface Task {
  /** Says what is being waited for. */
  wait(text: string): void;
  /** Says how far work is that has many parts. */
  progress(progress: Progress): void;
  succeed(text?: string): void;
  fail(text?: string): void;
  /** Ends without a word: what came of it is told elsewhere. */
  drop(): void;
}

/** What a person sees while a command runs. Every text is plain: colour, wrapping and escaping happen behind it. */
export interface Report {
  title(text: string): void;
  line(text: string): void;
  /** One of several lines under a title. */
  item(text: string): void;
  /** A label and its value, aligned with its neighbours. */
  fact(label: string, value: string): void;
  finding(finding: Finding): void;
  table(rows: readonly TableRow[]): void;
  change(change: Pick<PlannedChange, 'action' | 'title' | 'blocked'>): void;
  /** A command, or other code to copy as one line. */
  code(text: string): void;
  /** An address or a path, on a line of its own. */
  address(text: string): void;
  /** A command to copy beside what it does, where both fit into a line; else below. */
  command(does: string, line: string): void;
  warn(text: string): void;
  task(text: string): Task;
  error(message: string, remedy: string, detail?: string): void;
  /** Ends whatever task is open, so that the terminal is left clean. */
  stop(how: 'succeed' | 'fail'): void;
}

/** The most characters of one text; nothing that belongs to a tenant is longer. */
const most = 2_000;

/** The most characters of something to copy: cut off, it would be something else. A path alone may have 4,096. */
const mostToCopy = 20_000;

/** What begins a line of ours: in a text from elsewhere, broken into lines, it could pass for one. */
const marks = /[✔✓✅✖✗✘❌⚠○→]/gu;
const escapeMark = (mark: string): string => `\\u{${mark.codePointAt(0)?.toString(16)}}`;

/** Writes blocks of text that is safe to show. */
function createWriter(stream: PeopleStream, style: Style, redactor: Redactor) {
  const clean = (text: string, length = most): string =>
    safeText(redactor.redact(text), length).replace(marks, escapeMark);
  return {
    /** Plain text, escaped and redacted. */
    clean,
    /** One styled block after `first`, its further lines indented as deep. */
    block: (first: string, text: string, indent = first.length): void =>
      void stream.write(hang(first, text, indent, style)),
    /** Something to copy, whole. */
    copy: (text: string, indent = 4): void =>
      void stream.write(copyLine(clean(text, mostToCopy), indent, style)),
    address: (text: string): void => void stream.write(addressLine(clean(text, mostToCopy), 4, style)),
  };
}

type Writer = ReturnType<typeof createWriter>;

/** Columns of a label: the longest is `Application`. */
const labelWidth = 11;

/** A value that would be torn apart, such as an id in a narrow window, gets a line of its own. */
function factLines({ clean, block }: Writer, { chalk, columns }: Style, label: string, value: string): void {
  const indent = labelWidth + 4;
  const words = clean(value).split(' ');
  if (words.every(({ length }) => length < columns() - indent)) {
    block(`  ${chalk.dim(clean(label).padEnd(labelWidth))}  `, clean(value), indent);
  } else {
    block('  ', chalk.dim(clean(label)));
    block('   ', clean(value));
  }
}

/** Columns of what a command does: the longest is `Check it again`. */
const doesWidth = 14;

function commandLines({ clean, block, copy }: Writer, { columns }: Style, does: string, line: string): void {
  const first = `  ${clean(does).padEnd(doesWidth)}  `;
  if (first.length + clean(line).length < columns()) block(first, clean(line));
  else {
    block('  ', clean(does));
    copy(line);
  }
}

/** What is shown of a remedy: sentences behind an arrow, and each command on a line of its own, never broken. */
function remedyLines(
  { clean, block, copy }: Writer,
  { symbols }: Style,
  indent: number,
  remedy: Remedy,
): void {
  const arrow = `${' '.repeat(indent)}${symbols.arrow} `;
  for (const [index, part] of remedyParts(remedy).entries()) {
    if ('command' in part) copy(part.command, arrow.length + 2);
    else block(index === 0 ? arrow : ' '.repeat(arrow.length), clean(part.text), arrow.length);
  }
}

/** The code is what scripts and docs/errors.md call it by. */
const codeOf = ({ status, code }: Finding): string =>
  code === undefined || status === 'pass' || status === 'skip' ? '' : ` [${code}]`;

function findingLines(writer: Writer, style: Style, finding: Finding, spell: SpellCommand): void {
  const { clean, block } = writer;
  const { chalk, symbols } = style;
  const paint = { pass: chalk.green, warn: chalk.yellow, fail: chalk.red, skip: chalk.dim }[finding.status];
  const mark = symbols[finding.status];
  const indent = mark.length + 3;
  const told = chalk.dim(`: ${clean(finding.evidence)}${codeOf(finding)}`);
  block(`  ${paint(mark)} `, `${clean(finding.title)}${told}`, indent);
  const { remedy, commands } = finding;
  if (remedy === undefined) return;
  remedyLines(writer, style, indent, commands ? { text: remedy, commands } : spellRemedy(remedy, spell));
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
  const end = (mark: string, line = text): void => {
    ended();
    writer.block(`${mark} `, writer.clean(line));
  };
  return {
    wait: (reason) => {
      if (!waited) writer.block('  ', `${writer.clean(reason)} (${title})`);
      waited = true;
    },
    progress: (progress) => {
      if (tenthOf(progress) === tenth) return;
      tenth = tenthOf(progress);
      writer.block('  ', `${title}: ${describeProgress(progress)}`);
    },
    succeed: (line) => end(style.symbols.pass, line),
    fail: (line) => end(style.symbols.fail, line),
    drop: ended,
  };
}

/** What is the same in everything that a report shows. */
export interface ReportExtras {
  /** How commands in a remedy are written. */
  readonly spell?: SpellCommand;
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
  { spell = spellPlainly }: ReportExtras = {},
): Report {
  const writer = createWriter(stream, style, redactor);
  const { chalk, symbols, banner } = style;
  const paint = { create: chalk.green, update: chalk.yellow, keep: chalk.dim, remove: chalk.red } as const;
  const { clean, block, copy, address } = writer;
  const sign = banner === '' ? '' : `  ${chalk.yellow(banner)}`;
  let open: Task | undefined;
  return {
    title(text) {
      stream.write('\n');
      block('', `${chalk.bold(clean(text))}${sign}`);
    },
    line: (text) => block('', clean(text)),
    item: (text) => block('  ', clean(text)),
    fact: (label, value) => factLines(writer, style, label, value),
    finding: (finding) => findingLines(writer, style, finding, spell),
    table: (rows) =>
      void stream.write(
        tableText(
          rows.map(({ status, cells, note }) => ({
            status,
            cells: cells.map((cell) => clean(cell)),
            note: clean(note),
          })),
          style,
        ),
      ),
    change({ action, title, blocked }) {
      const mark = blocked === undefined ? paint[action](symbols[action]) : chalk.yellow('!');
      block(`  ${mark} `, blocked === undefined ? clean(title) : `${clean(title)}: ${clean(blocked)}`, 4);
    },
    code: (text) => copy(text),
    address,
    command: (does, line) => commandLines(writer, style, does, line),
    warn: (text) => block(`${chalk.yellow(symbols.warn)} `, clean(text), symbols.warn.length + 1),
    task(text) {
      open?.succeed();
      open = startTask({ writer, style, stream }, text, () => {
        open = undefined;
      });
      return open;
    },
    error(message, remedy, detail) {
      open?.fail();
      for (const [index, line] of message.split('\n').entries()) {
        const mark = index === 0 ? `${chalk.red(symbols.fail)} ` : ' '.repeat(symbols.fail.length + 1);
        block(mark, chalk.bold(clean(line)), symbols.fail.length + 1);
      }
      remedyLines(writer, style, 2, spellRemedy(remedy, spell));
      const told = [detail, banner].filter((text) => text).join(', ');
      if (told !== '') block('    ', chalk.dim(clean(told)));
    },
    stop: (how) => open?.[how](),
  };
}

const nothing = (): void => undefined;

/** A report that nobody sees: for one of many that are told of together. */
export const silentReport: Report = {
  title: nothing,
  line: nothing,
  item: nothing,
  fact: nothing,
  finding: nothing,
  table: nothing,
  change: nothing,
  code: nothing,
  address: nothing,
  command: nothing,
  warn: nothing,
  task: () => ({ wait: nothing, progress: nothing, succeed: nothing, fail: nothing, drop: nothing }),
  error: nothing,
  stop: nothing,
};

/** Findings under a heading; a heading without findings is left out. */
export function showFindings(title: string, findings: readonly Finding[], report: Report): void {
  if (findings.length === 0) return;
  report.title(title);
  for (const finding of findings) report.finding(finding);
}
