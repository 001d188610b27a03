import { createInterface } from 'node:readline/promises';
import { safeText } from '../core/text.ts';
import {
  asked,
  broken,
  cancelled,
  leastRoom,
  longest,
  matches,
  type Prompt,
  type Terminal,
} from './question.ts';
import { hang, type Style, widthOf } from './style.ts';

const withoutMark = (message: string): string => asked(message).slice(0, -1);

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

/** A question that waits for a line: behind it, or below it where there is next to no room. */
function awaiting(question: string, style: Style): string {
  const text = broken(question, 0, style);
  const used = widthOf(text.split('\n').at(-1) ?? '');
  return used + leastRoom < style.columns() ? `${text} ` : `${text}\n  `;
}

type Outcome<T> = { readonly value: T } | { readonly wrong: string };

/** Asks until `read` understands the answer; it gives what is wrong with one that it does not. */
async function askUntil<T>(
  terminal: Terminal,
  style: Style,
  question: string,
  read: (answer: string) => Outcome<T> | Promise<Outcome<T>>,
): Promise<T> {
  for (;;) {
    const outcome = await read(await readLine(terminal, awaiting(question, style)));
    if ('value' in outcome) return outcome.value;
    terminal.output.write(hang('  ', safeText(outcome.wrong, longest), 2, style));
  }
}

/** Asks by numbered lists and whole lines: nothing on the screen is ever drawn again, so any terminal can show it. */
export function createLinePrompt(terminal: Terminal, style: Style): Prompt {
  const where = style.banner === '' ? '' : `${style.banner}: `;
  const show = (first: string, text: string): void =>
    void terminal.output.write(hang(first, safeText(text, longest), first.length, style));
  return {
    select({ message, choices, fallback }) {
      const start = choices.findIndex(({ value }) => value === fallback) + 1;
      show('', `${where}${asked(message)}`);
      for (const [index, { label }] of choices.entries()) show(`  ${index + 1}  `, label);
      return askUntil(terminal, style, `Number (${start}):`, (answer) => {
        const choice = choices[(answer === '' ? start : Number(answer)) - 1];
        return choice ?? { wrong: `Type a number from 1 to ${choices.length}.` };
      });
    },
    search({ message, choices }) {
      show('', `${where}${withoutMark(message)}:`);
      for (const { label } of choices) show('  ', label);
      return askUntil(terminal, style, 'Name, or a part of it:', (answer) => {
        const found = choices.filter(({ label }) => matches(label, answer));
        const exact = found.find(({ label }) => label.startsWith(`${answer}:`));
        const choice = exact ?? (found.length === 1 ? found[0] : undefined);
        return choice ?? { wrong: `${found.length} of them fit: type more of one.` };
      });
    },
    text({ message, fallback, validate }) {
      const usual = fallback === '' ? '' : ` (${safeText(fallback, longest)})`;
      return askUntil(terminal, style, `${where}${withoutMark(message)}${usual}:`, async (answer) => {
        const value = answer === '' ? fallback : answer;
        const wrong = await validate(value);
        return wrong === undefined ? { value } : { wrong };
      });
    },
    confirm({ message, fallback }) {
      const question = `${where}${withoutMark(message)}? (${fallback ? 'Y/n' : 'y/N'})`;
      return askUntil(terminal, style, question, (answer) => {
        if (answer === '') return { value: fallback };
        if (/^y(es)?$/i.test(answer)) return { value: true };
        return /^no?$/i.test(answer) ? { value: false } : { wrong: 'Type y or n.' };
      });
    },
  };
}
