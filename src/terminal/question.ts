import type { Readable, Writable } from 'node:stream';
import { WizardError } from '../core/errors.ts';
import { safeText } from '../core/text.ts';
import { hang, type Style, widthOf } from './style.ts';

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

/** The most characters of a text in a question. */
export const longest = 300;

/** `Domain:` before an answer; a question that ends with its own mark keeps it. */
export const asked = (message: string): string => {
  const text = safeText(message, longest);
  return /[?:]$/.test(text) ? text : `${text}:`;
};

/** A text broken between words, where inquirer would break anywhere; `indent` columns stand before each line. */
export const broken = (text: string, indent: number, style: Style): string =>
  hang('', text, indent, style).trimEnd();

/** Columns of the mark before a question, and of the cursor before a choice. */
export const markWidth = 2;

/** Columns that an answer gets at least before it goes on in the next row: `(Y/n) Yes` and more. */
export const leastRoom = 12;

/** What a question says. What is to stand behind it, `room` columns of it, stands below where it has no room there. */
export function questionText(message: string, room: number, style: Style): string {
  const { banner, chalk, columns } = style;
  const where = banner === '' ? '' : `  ${chalk.yellow(banner)}`;
  const text = broken(`${asked(message)}${where}`, markWidth, style);
  if (room === 0) return text;
  const last = text.split('\n').at(-1) ?? '';
  const used = widthOf(last) + (last === text ? markWidth : 0);
  return used + 1 + room < columns() ? text : `${text}\n `;
}

/** What Ctrl-C, and an input that ends, mean for a question. */
export const cancelled = (cause: unknown): WizardError =>
  new WizardError('cancelled', 'Cancelled. Nothing was changed.', { cause });

/** Whether a label has every word of what was typed, in whatever order. */
export const matches = (label: string, typed: string): boolean =>
  typed
    .toLowerCase()
    .split(/\s+/)
    .every((word) => label.toLowerCase().includes(word));
