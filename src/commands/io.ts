import type { Trace } from '../adapters/transport.ts';
import type { Prompt, Report } from '../core/io.ts';
import type { Redactor } from '../core/redact.ts';
import type { Secret } from '../core/secret.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** Everything outside a command that it may touch, apart from the tenant itself. */
export interface Io {
  readonly prompt: Prompt;
  readonly report: Report;
  readonly redactor: Redactor;
  readonly trace: Trace;
  readonly env: Env;
  readonly cwd: string;
  readonly platform: string;
  /** A person is there to answer. */
  readonly interactive: boolean;
  /** Aborted by Ctrl-C, SIGTERM or `--timeout`. */
  readonly signal: AbortSignal;
  readonly now: () => Date;
  /** Milliseconds; rejects with WizardError `cancelled` when the signal is aborted. */
  readonly sleep: (delay: number) => Promise<void>;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  readonly randomUUID: () => string;
  readonly reveal: (secret: Secret) => string;
}
