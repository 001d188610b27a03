import { createInterface } from 'node:readline/promises';
import type { Readable, Writable } from 'node:stream';
import { WizardError } from '../core/errors.ts';
import { safeText } from '../core/text.ts';
import type { Prompt } from './io.ts';

/** The terminal that is asked on, line by line. */
export interface LineTerminal {
  readonly input: Readable;
  readonly output: Writable;
  readonly signal: AbortSignal;
}

const cancelled = (cause: unknown): WizardError =>
  new WizardError('cancelled', 'Cancelled. Nothing was changed.', { cause });

/** One line of an answer, without the space around it. Throws WizardError `cancelled`, also when the input ends. */
async function readLine({ input, output, signal }: LineTerminal, question: string): Promise<string> {
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

/** Asks until `read` understands the answer; it gives what is wrong with one that it does not. */
async function askUntil<T>(
  terminal: LineTerminal,
  question: string,
  read: (answer: string) => { readonly value: T } | { readonly wrong: string },
): Promise<T> {
  for (;;) {
    const outcome = read(await readLine(terminal, question));
    if ('value' in outcome) return outcome.value;
    terminal.output.write(`  ${safeText(outcome.wrong, 300)}\n`);
  }
}

const withMark = (message: string): string => {
  const text = safeText(message, 300);
  return /[?:]$/.test(text) ? text.slice(0, -1) : text;
};

/** Asks by numbered lists and whole lines: nothing on the screen is ever drawn again, so any terminal can show it. */
export function createPlainPrompt(terminal: LineTerminal): Prompt {
  return {
    select({ message, choices, fallback }) {
      const start = choices.findIndex(({ value }) => value === fallback) + 1;
      const list = choices.map(({ label }, index) => `  ${index + 1}  ${safeText(label, 300)}\n`).join('');
      terminal.output.write(`${withMark(message)}:\n${list}`);
      return askUntil(terminal, `Number (${start}): `, (answer) => {
        const choice = choices[(answer === '' ? start : Number(answer)) - 1];
        return choice ?? { wrong: `Type a number from 1 to ${choices.length}.` };
      });
    },
    text({ message, fallback, validate }) {
      return askUntil(terminal, `${withMark(message)} (${safeText(fallback, 300)}): `, (answer) => {
        const value = answer === '' ? fallback : answer;
        const wrong = validate(value);
        return wrong === undefined ? { value } : { wrong };
      });
    },
    confirm({ message, fallback }) {
      return askUntil(terminal, `${withMark(message)}? (${fallback ? 'Y/n' : 'y/N'}) `, (answer) => {
        if (answer === '') return { value: fallback };
        if (/^y(es)?$/i.test(answer)) return { value: true };
        return /^no?$/i.test(answer) ? { value: false } : { wrong: 'Type y or n.' };
      });
    },
  };
}
