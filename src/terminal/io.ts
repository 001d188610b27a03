import type { PlannedChange } from '../core/engine.ts';
import type { Finding } from '../core/findings.ts';
import type { Wait } from '../http/retry.ts';
import type { Progress } from './progress.ts';

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
  /** A line of text; `validate` returns what is wrong with it, or undefined. */
  text(question: {
    readonly message: string;
    readonly fallback: string;
    readonly validate: (text: string) => string | undefined;
  }): Promise<string>;
  confirm(question: { readonly message: string; readonly fallback: boolean }): Promise<boolean>;
}

/** A line that shows work going on. */
export interface Task {
  /** Says what is being waited for. */
  wait(text: string): void;
  /** Says how far work is that has many parts. */
  progress(progress: Progress): void;
  succeed(text?: string): void;
  fail(text?: string): void;
}

/** One row of a table: short texts in columns, and a longer one behind them. */
export interface TableRow {
  readonly status: Finding['status'];
  readonly cells: readonly string[];
  readonly note: string;
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
  /** Something to copy: never wrapped. */
  code(text: string): void;
  warn(text: string): void;
  task(text: string): Task;
  error(message: string, remedy: string, detail?: string): void;
  /** Ends whatever task is open, so that the terminal is left clean. */
  stop(how: 'succeed' | 'fail'): void;
}

/** Seconds in which a wait may be told: "waiting 3 s for the new application to reach every server". */
export function describeWait(wait: Wait): string {
  const seconds = Math.max(1, Math.round(wait.delay / 1_000));
  const reasons = {
    replication: 'Entra is still spreading what was just created',
    throttling: 'Microsoft asks to slow down',
    concurrency: 'another change to this tenant is under way',
    service: 'the service does not answer properly',
    challenge: 'Entra asks for a new token',
  } as const;
  return `${reasons[wait.reason]}: trying again in ${seconds} s`;
}
