import { WizardError } from '../core/errors.ts';
import { safeText } from '../core/text.ts';
import { createLinePrompt } from './line-prompt.ts';
import {
  asked,
  broken,
  type Choice,
  cancelled,
  leastRoom,
  longest,
  markWidth,
  matches,
  type Prompt,
  questionText,
  type Terminal,
} from './question.ts';
import { hang, type Style, widthOf } from './style.ts';

export type { Choice, Prompt, Terminal } from './question.ts';

/** inquirer's own colours ignore NO_COLOR on Node 20, so each prompt gets ours. */
function themeFor(style: Style) {
  const { chalk, symbols } = style;
  const plain = (text: string): string => text;
  const keyNames: Readonly<Record<string, string>> =
    symbols.arrow === '→' ? {} : { '↑↓': 'up/down', '⏎': 'enter' };
  return {
    prefix: { idle: chalk.cyan('?'), done: chalk.green(symbols.pass) },
    icon: { cursor: symbols.arrow },
    style: {
      answer: chalk.cyan,
      message: plain,
      error: (text: string) => chalk.red(broken(text, 0, style)),
      defaultAnswer: (text: string) => chalk.dim(`(${text})`),
      help: chalk.dim,
      highlight: chalk.cyan,
      key: chalk.cyan,
      disabled: chalk.dim,
      description: (text: string) => chalk.dim(broken(text, 0, style)),
      keysHelpTip: (keys: readonly (readonly [string, string])[]) =>
        chalk.dim(keys.map(([key, action]) => `${keyNames[key] ?? key} ${action}`).join(', ')),
    },
  };
}

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

/** The choices of a long list: each is one line, for the list may begin and end anywhere; what is more stands below it. */
function searched(labels: readonly string[], indent: number) {
  const isNarrow = labels.some((label) => label.includes('\n'));
  return labels.map((label, value) => {
    const [, name = label, more = ''] = /^(\S+):\s+(.*)$/s.exec(label) ?? [];
    if (!isNarrow || more === '') return { name: label, value };
    return { name, value, description: more.replaceAll(`\n${' '.repeat(indent)}`, ' ') };
  });
}

function createDrawnPrompt(terminal: Terminal, style: Style): Prompt {
  const theme = themeFor(style);
  const { chalk, symbols } = style;
  const label = (text: string): string => broken(safeText(text, longest), markWidth, style);
  /** What stays of a question. */
  const keep = (message: string, answer: string): void => {
    const first = `${chalk.green(symbols.pass)} `;
    const text = `${asked(message)} ${chalk.cyan(safeText(answer, longest))}`;
    terminal.output.write(hang(first, text, symbols.pass.length + 1, style));
  };
  return {
    async select({ message, choices, fallback }) {
      const offered = choices.map((choice, value) => ({ name: label(choice.label), value }));
      const start = choices.findIndex(({ value }) => value === fallback);
      const question = {
        type: 'select',
        message: questionText(message, 0, style),
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
      const offered = searched(
        choices.map((choice) => label(choice.label)),
        markWidth,
      );
      const source = (typed: string | undefined) =>
        offered.filter(({ value }) => matches(choices[value]?.label ?? '', typed ?? ''));
      const question = {
        type: 'search',
        message: questionText(message, 0, style),
        source,
        theme,
      } as const;
      const choice = choices[await askOnce<number>(terminal, (run) => run({ answer: question }))];
      if (choice === undefined) throw cancelled(undefined);
      keep(message, choice.label);
      return choice.value;
    },
    async text({ message, fallback, validate }) {
      const room = Math.max(leastRoom, widthOf(fallback) + 2);
      const check = async (text: string): Promise<string | true> => (await validate(text)) ?? true;
      const question = {
        type: 'input',
        // Behind the banner, what is typed would read as one with it.
        message: questionText(message, style.banner === '' ? room : Number.POSITIVE_INFINITY, style),
        default: fallback,
        validate: check,
        theme,
      } as const;
      const answer = await askOnce<string>(terminal, (run) => run({ answer: question }));
      if (/\S \S/.test(answer)) style.whole.add(answer.trim());
      keep(message, answer);
      return answer;
    },
    async confirm({ message, fallback }) {
      const question = {
        type: 'confirm',
        message: questionText(message, leastRoom, style),
        default: fallback,
        theme,
      } as const;
      const answer = await askOnce<boolean>(terminal, (run) => run({ answer: question }));
      keep(message, answer ? 'Yes' : 'No');
      return answer;
    },
  };
}

/** Asks a person: with inquirer where the screen can be drawn again, else line by line. */
export function createPrompt(terminal: Terminal, style: Style): Prompt {
  return style.redraws ? createDrawnPrompt(terminal, style) : createLinePrompt(terminal, style);
}

/** Columns of `[input is masked]`. */
const maskWidth = 17;

/** Asks for what must not be seen: nothing of it shows, not even its length. Rejects as a Prompt does. */
export function createSecretPrompt(terminal: Terminal, style: Style): (message: string) => Promise<string> {
  const theme = themeFor(style);
  return async (message) => {
    const validate = (text: string): string | true => text !== '' || 'Type it, or stop with Ctrl-C';
    const question = {
      type: 'password',
      message: questionText(message, maskWidth, style),
      validate,
      toggleMask: false,
      theme,
    } as const;
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
