import type { SpelledFile } from '../../cli/spell-command.ts';
import type { MakeKeyPair } from '../../config/certificate.ts';
import type { Redactor } from '../../core/redact.ts';
import type { SpellCommand } from '../../core/remedy.ts';
import type { Secret } from '../../core/secret.ts';
import type { WriteLog } from '../../graph/graph-client.ts';
import type { ServerClock } from '../../http/server-clock.ts';
import type { Trace } from '../../http/transport.ts';
import type { Prompt } from '../../terminal/prompt.ts';
import type { Report } from '../../terminal/report.ts';
import type { Outcome, RunOutcome } from './run-outcome.ts';

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
  /** The words with which this program is started again. */
  readonly program?: readonly string[] | undefined;
  /** A person is there to answer. */
  readonly interactive: boolean;
  /** Questions reach that person: not so with `--yes`. */
  readonly asks: boolean;
  /** What a person who signs in can be helped with; absent where nobody is asked anything. */
  readonly signInHelp?: {
    /** Calls back at each Enter until the given function is called. */
    readonly onEnter: (callback: () => void) => () => void;
    /** Hands a text to the clipboard, where the terminal lets it; absent where it is known not to. */
    readonly copy?: (text: string) => void;
  };
  /** Goes to an address in the place of a browser that a person would use, and answers there. */
  readonly visit?: (address: string) => Promise<void>;
  /** Aborted by Ctrl-C, SIGTERM or `--timeout`. */
  readonly signal: AbortSignal;
  /**
   * Does a part of the job that nobody sees, with a redactor of its own and no questions asked. Never rejects; texts of the
   * outcome are to be shown through `redact`.
   */
  readonly alone: (
    work: (io: Io, outcome: RunOutcome) => Promise<number>,
  ) => Promise<{ readonly outcome: Outcome; readonly redact: (text: string) => string }>;
  /** The same with a signal and a prompt of its own, for what has to be done after that one is aborted. */
  readonly afterwards: () => Io;
  /** Where state that is kept between runs lies. */
  readonly stateFolder: () => Promise<string>;
  /** The time of the servers, as far as their replies told it. */
  readonly now: () => Date;
  /** Where the writes of the run are noted, for a receipt; absent where none was asked for. */
  readonly writeLog?: WriteLog | undefined;
  /** What it is told from. */
  readonly clock: ServerClock;
  /** Milliseconds; rejects with WizardError `cancelled` when the signal is aborted. */
  readonly sleep: (delay: number) => Promise<void>;
  /** Aborts after that many milliseconds with a `TimeoutError`. */
  readonly timeoutSignal: (delay: number) => AbortSignal;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  readonly randomUUID: () => string;
  /** Makes the keys of certificates; absent where the program's own way is meant. */
  readonly makeKeyPair?: MakeKeyPair | undefined;
  /** Spells the commands of remedies that are about a file. */
  readonly spellerFor: (about: SpelledFile) => SpellCommand;
  readonly reveal: (secret: Secret) => string;
  /** The pass phrase of a private key. Rejects with WizardError where there is none to be had. */
  readonly passPhrase: (message: string) => Promise<string>;
}
