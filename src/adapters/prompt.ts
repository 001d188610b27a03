import type { Readable, Writable } from 'node:stream';
import { WizardError } from '../core/errors.ts';
import type { Prompt } from '../core/io.ts';
import { safeText } from '../core/text.ts';
import type { Style } from './terminal.ts';

/** The terminal that is asked on. */
export interface Terminal {
  readonly input: Readable;
  readonly output: Writable;
  readonly signal: AbortSignal;
}

/** inquirer's own colours ignore NO_COLOR on Node 20, so each prompt gets ours. */
function themeFor({ chalk, symbols }: Style) {
  const plain = (text: string): string => text;
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
        chalk.dim(keys.map(([key, action]) => `${key} ${action}`).join(', ')),
    },
  };
}

function asCancelled(error: unknown): unknown {
  const name = error instanceof Error ? error.name : '';
  if (name !== 'ExitPromptError' && name !== 'AbortPromptError') return error;
  return new WizardError('cancelled', 'Cancelled. Nothing was changed.', { cause: error });
}

/** Asks a person with inquirer. */
export function createPrompt(terminal: Terminal, style: Style): Prompt {
  const theme = themeFor(style);
  const open = async () => (await import('inquirer')).default.createPromptModule(terminal);
  const orCancelled = async <T>(answering: Promise<{ answer: T }>): Promise<T> => {
    try {
      return (await answering).answer;
    } catch (error) {
      throw asCancelled(error);
    }
  };
  return {
    async select({ message, choices, fallback }) {
      const run = await open();
      const offered = choices.map(({ label }, value) => ({ name: safeText(label, 300), value }));
      const start = choices.findIndex(({ value }) => value === fallback);
      const question = {
        type: 'select',
        message,
        choices: offered,
        default: start,
        loop: false,
        theme,
      } as const;
      const choice = choices[await orCancelled<number>(run({ answer: question }))];
      return choice === undefined ? fallback : choice.value;
    },
    async text({ message, fallback, validate }) {
      const run = await open();
      const check = (text: string): string | true => validate(text) ?? true;
      const question = { type: 'input', message, default: fallback, validate: check, theme } as const;
      return orCancelled<string>(run({ answer: question }));
    },
    async confirm({ message, fallback }) {
      const run = await open();
      const question = { type: 'confirm', message, default: fallback, theme } as const;
      return orCancelled<boolean>(run({ answer: question }));
    },
  };
}

/** Asks for what must not be seen: nothing of it shows, not even its length. Rejects as a Prompt does. */
export function createSecretPrompt(terminal: Terminal, style: Style): (message: string) => Promise<string> {
  const theme = themeFor(style);
  return async (message) => {
    const ask = (await import('inquirer')).default.createPromptModule(terminal);
    const validate = (text: string): string | true => text !== '' || 'Type it, or stop with Ctrl-C';
    const question = { type: 'password', message: safeText(message, 300), validate, theme } as const;
    try {
      const { answer } = await ask<{ answer: string }>({ answer: question });
      return answer;
    } catch (error) {
      throw asCancelled(error);
    }
  };
}

/** Gives every question its default: what `--yes` and a run without a terminal mean. */
export const defaultAnswers: Prompt = {
  select: ({ fallback }) => Promise.resolve(fallback),
  text: ({ fallback }) => Promise.resolve(fallback),
  confirm: ({ fallback }) => Promise.resolve(fallback),
};
