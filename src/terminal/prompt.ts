import { createInterface } from 'node:readline/promises';
import type { Readable, Writable } from 'node:stream';
import { WizardError } from '../core/errors.ts';
import { safeText } from '../core/text.ts';
import { hang, type Style } from './style.ts';

/** One answer that can be chosen. */
export interface Choice<T> {
  readonly value: T;
  readonly label: string;
}

/** Whoever answers questions: a person, or the defaults. Rejects with WizardError `cancelled` on Ctrl-C. */
export interface Prompt {
  /** One of several; the cursor starts on `fallback`. */
  select<T>(question: {
    readonly message: string;
    readonly choices: readonly Choice<T>[];
    readonly fallback: T;
  }): Promise<T>;
  /** One of many, found by typing a part of its label. */
  search<T>(question: { readonly message: string; readonly choices: readonly Choice<T>[] }): Promise<T>;
  /** A line of text; `validate` gives what is wrong with it, or undefined. */
  text(question: {
    readonly message: string;
    readonly fallback: string;
    readonly validate: (text: string) => string | undefined | Promise<string | undefined>;
  }): Promise<string>;
  confirm(question: { readonly message: string; readonly fallback: boolean }): Promise<boolean>;
}

/** The terminal that is asked on. */
export interface Terminal {
  readonly input: Readable;
  readonly output: Writable;
  readonly signal: AbortSignal;
  /** Stops the process as Ctrl-Z does, until somebody lets it go on; absent where there is no such thing. */
  readonly suspend?: (() => Promise<void>) | undefined;
}

const longest = 300;

/** `Domain:` before an answer; a question that ends with its own mark keeps it. */
const asked = (message: string): string => {
  const text = safeText(message, longest);
  return /[?:]$/.test(text) ? text : `${text}:`;
};
const withoutMark = (message: string): string => asked(message).slice(0, -1);

/** inquirer's own colours ignore NO_COLOR on Node 20, so each prompt gets ours. */
function themeFor({ chalk, symbols }: Style) {
  const plain = (text: string): string => text;
  const keyNames: Readonly<Record<string, string>> =
    symbols.arrow === '→' ? {} : { '↑↓': 'up/down', '⏎': 'enter' };
  return {
    prefix: { idle: chalk.cyan('?'), done: chalk.green(symbols.pass) },
    icon: { cursor: symbols.arrow },
    style: {
      answer: chalk.cyan,
      message: plain,
      error: (text: string) => chalk.red(text),
      defaultAnswer: (text: string) => chalk.dim(`(${text})`),
      help: chalk.dim,
      highlight: chalk.cyan,
      key: chalk.cyan,
      disabled: chalk.dim,
      description: chalk.dim,
      keysHelpTip: (keys: readonly (readonly [string, string])[]) =>
        chalk.dim(keys.map(([key, action]) => `${keyNames[key] ?? key} ${action}`).join(', ')),
    },
  };
}

const cancelled = (cause: unknown): WizardError =>
  new WizardError('cancelled', 'Cancelled. Nothing was changed.', { cause });

function asCancelled(error: unknown): unknown {
  const name = error instanceof Error ? error.name : '';
  return name === 'ExitPromptError' || name === 'AbortPromptError' ? cancelled(error) : error;
}

/** A key as readline tells it. */
interface Key {
  readonly ctrl?: boolean;
  readonly meta?: boolean;
  name?: string;
}

/** Keys that a list knows beside those that carry text. */
const listKeys: ReadonlySet<string | undefined> = new Set(['up', 'down', 'return', 'enter', 'backspace']);

/**
 * A list takes every other key for a search, and finds its first entry where nothing was typed (@inquirer/select 5): a key
 * without text, such as Esc, Home or Ctrl-L, becomes one that deletes in a line that is empty anyway.
 */
function silence(text: string | undefined, key: Key): void {
  const carriesText = text !== undefined && !/\p{Cc}/u.test(text) && !key.ctrl && !key.meta;
  if (carriesText || listKeys.has(key.name) || (key.ctrl && /^[cdz]$/.test(key.name ?? ''))) return;
  Object.assign(key, { name: 'backspace', ctrl: false, meta: false, shift: false });
}

/** What the terminal's keys ask for beside an answer. */
interface KeyWatch {
  /** Aborts on Ctrl-D in an empty line and when the input ends, for which inquirer would wait without end; on Ctrl-Z. */
  readonly signal: AbortSignal;
  readonly isSuspended: () => boolean;
  readonly off: () => void;
}

function watchKeys({ input, suspend }: Terminal, isList: boolean): KeyWatch {
  const ended = new AbortController();
  let suspended = false;
  const end = (): void => ended.abort();
  const onKey = (text: string | undefined, key: Key): void => {
    if (isList) silence(text, key);
    // With something in the line Ctrl-D deletes; without, it closes the line, which pauses the input.
    if (key.ctrl && key.name === 'd') setImmediate(() => input.isPaused() && end());
    if (!suspend || !key.ctrl || key.name !== 'z') return;
    // readline would stop the process by itself, and hear no key any more once it goes on: it must not know this one.
    key.name = 'suspend';
    suspended = true;
    setImmediate(end);
  };
  input.on('keypress', onKey).once('end', end);
  return {
    signal: ended.signal,
    isSuspended: () => suspended,
    off: () => void input.off('keypress', onKey).off('end', end),
  };
}

const open = async (terminal: Terminal) =>
  (await import('inquirer')).default.createPromptModule({ ...terminal, clearPromptOnDone: true });

type Ask = Awaited<ReturnType<typeof open>>;

/**
 * Asks one question, which leaves the screen when it is answered or given up; after Ctrl-Z it is asked anew. Throws
 * WizardError `cancelled`.
 */
async function askOnce<T>(
  terminal: Terminal,
  ask: (run: Ask) => Promise<{ answer: T }>,
  isList = false,
): Promise<T> {
  const { signal, isSuspended, off } = watchKeys(terminal, isList);
  try {
    const run = await open({ ...terminal, signal: AbortSignal.any([terminal.signal, signal]) });
    return (await ask(run)).answer;
  } catch (error) {
    if (!isSuspended() || terminal.signal.aborted) throw asCancelled(error);
  } finally {
    off();
  }
  await terminal.suspend?.();
  return askOnce(terminal, ask, isList);
}

/** Whether a label has every word of what was typed, in whatever order. */
const matches = (label: string, typed: string): boolean =>
  typed
    .toLowerCase()
    .split(/\s+/)
    .every((word) => label.toLowerCase().includes(word));

function createDrawnPrompt(terminal: Terminal, style: Style): Prompt {
  const theme = themeFor(style);
  const { chalk, symbols, columns } = style;
  /** Broken between words: inquirer breaks anywhere. Two columns stand before each line. */
  const broken = (text: string): string => hang('', text, 2, columns()).trimEnd();
  /** What stays of a question: broken between words, where inquirer would break anywhere. */
  const keep = (message: string, answer: string): void => {
    const first = `${chalk.green(symbols.pass)} `;
    const text = `${asked(message)} ${chalk.cyan(safeText(answer, longest))}`;
    terminal.output.write(hang(first, text, symbols.pass.length + 1, columns()));
  };
  return {
    async select({ message, choices, fallback }) {
      const offered = choices.map(({ label }, value) => ({ name: broken(safeText(label, longest)), value }));
      const start = choices.findIndex(({ value }) => value === fallback);
      const question = {
        type: 'select',
        message: broken(asked(message)),
        choices: offered,
        default: start,
        loop: false,
        theme,
      } as const;
      const choice = choices[await askOnce<number>(terminal, (run) => run({ answer: question }), true)];
      keep(message, choice?.label ?? '');
      return choice === undefined ? fallback : choice.value;
    },
    async search<T>({ message, choices }: { message: string; choices: readonly Choice<T>[] }) {
      const offered = choices.map(({ label }, value) => ({ name: broken(safeText(label, longest)), value }));
      const source = (typed: string | undefined) =>
        offered.filter(({ name }) => matches(name.replace(/\s+/g, ' '), typed ?? ''));
      const question = { type: 'search', message: broken(asked(message)), source, theme } as const;
      const choice = choices[await askOnce<number>(terminal, (run) => run({ answer: question }))];
      if (choice === undefined) throw cancelled(undefined);
      keep(message, choice.label);
      return choice.value;
    },
    async text({ message, fallback, validate }) {
      const check = async (text: string): Promise<string | true> => (await validate(text)) ?? true;
      const question = {
        type: 'input',
        message: broken(asked(message)),
        default: fallback,
        validate: check,
        theme,
      } as const;
      const answer = await askOnce<string>(terminal, (run) => run({ answer: question }));
      keep(message, answer);
      return answer;
    },
    async confirm({ message, fallback }) {
      const question = {
        type: 'confirm',
        message: broken(asked(message)),
        default: fallback,
        theme,
      } as const;
      const answer = await askOnce<boolean>(terminal, (run) => run({ answer: question }));
      keep(message, answer ? 'Yes' : 'No');
      return answer;
    },
  };
}

/** One line of an answer, without the space around it. Throws WizardError `cancelled`, also when the input ends. */
async function readLine({ input, output, signal }: Terminal, question: string): Promise<string> {
  const ended = new AbortController();
  const lines = createInterface({ input, output, terminal: false });
  lines.once('close', () => ended.abort());
  try {
    const answer = await lines.question(question, { signal: AbortSignal.any([signal, ended.signal]) });
    return answer.trim();
  } catch (error) {
    output.write('\n');
    throw cancelled(error);
  } finally {
    lines.close();
  }
}

type Outcome<T> = { readonly value: T } | { readonly wrong: string };

/** Asks until `read` understands the answer; it gives what is wrong with one that it does not. */
async function askUntil<T>(
  terminal: Terminal,
  question: string,
  read: (answer: string) => Outcome<T> | Promise<Outcome<T>>,
): Promise<T> {
  for (;;) {
    const outcome = await read(await readLine(terminal, question));
    if ('value' in outcome) return outcome.value;
    terminal.output.write(`  ${safeText(outcome.wrong, longest)}\n`);
  }
}

/** Asks by numbered lists and whole lines: nothing on the screen is ever drawn again, so any terminal can show it. */
function createPlainPrompt(terminal: Terminal): Prompt {
  return {
    select({ message, choices, fallback }) {
      const start = choices.findIndex(({ value }) => value === fallback) + 1;
      const list = choices
        .map(({ label }, index) => `  ${index + 1}  ${safeText(label, longest)}\n`)
        .join('');
      terminal.output.write(`${asked(message)}\n${list}`);
      return askUntil(terminal, `Number (${start}): `, (answer) => {
        const choice = choices[(answer === '' ? start : Number(answer)) - 1];
        return choice ?? { wrong: `Type a number from 1 to ${choices.length}.` };
      });
    },
    search({ message, choices }) {
      const list = choices.map(({ label }) => `  ${safeText(label, longest)}\n`).join('');
      terminal.output.write(`${withoutMark(message)}:\n${list}`);
      return askUntil(terminal, 'Name, or a part of it: ', (answer) => {
        const found = choices.filter(({ label }) => matches(label, answer));
        const exact = found.find(({ label }) => label.startsWith(`${answer}:`));
        const choice = exact ?? (found.length === 1 ? found[0] : undefined);
        return choice ?? { wrong: `${found.length} of them fit: type more of one.` };
      });
    },
    text({ message, fallback, validate }) {
      return askUntil(
        terminal,
        `${withoutMark(message)} (${safeText(fallback, longest)}): `,
        async (answer) => {
          const value = answer === '' ? fallback : answer;
          const wrong = await validate(value);
          return wrong === undefined ? { value } : { wrong };
        },
      );
    },
    confirm({ message, fallback }) {
      return askUntil(terminal, `${withoutMark(message)}? (${fallback ? 'Y/n' : 'y/N'}) `, (answer) => {
        if (answer === '') return { value: fallback };
        if (/^y(es)?$/i.test(answer)) return { value: true };
        return /^no?$/i.test(answer) ? { value: false } : { wrong: 'Type y or n.' };
      });
    },
  };
}

/** Asks a person: with inquirer where the screen can be drawn again, else line by line. */
export function createPrompt(terminal: Terminal, style: Style): Prompt {
  return style.redraws ? createDrawnPrompt(terminal, style) : createPlainPrompt(terminal);
}

/** Asks for what must not be seen: nothing of it shows, not even its length. Rejects as a Prompt does. */
export function createSecretPrompt(terminal: Terminal, style: Style): (message: string) => Promise<string> {
  const theme = themeFor(style);
  return async (message) => {
    const validate = (text: string): string | true => text !== '' || 'Type it, or stop with Ctrl-C';
    const question = { type: 'password', message: asked(message), validate, theme } as const;
    return askOnce<string>(terminal, (run) => run<{ answer: string }>({ answer: question }));
  };
}

/** Gives every question its default: what `--yes` and a run without a terminal mean. */
export const defaultAnswers: Prompt = {
  select: ({ fallback }) => Promise.resolve(fallback),
  search: () => Promise.reject(new WizardError('missing-options', 'Nobody can be asked here.')),
  text: ({ fallback }) => Promise.resolve(fallback),
  confirm: ({ fallback }) => Promise.resolve(fallback),
};
