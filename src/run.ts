import { setMaxListeners } from 'node:events';
import type { Complaint } from './cli/complaint.ts';
import type { Call } from './cli/program.ts';
import { type Flags, requireComplete, resolveFlags, resolveSettings, type Settings } from './cli/settings.ts';
import { type CalledRun, commandSpeller } from './cli/spell-command.ts';
import type { Io } from './commands/shared/io.ts';
import type { RunReceipt } from './commands/shared/receipt.ts';
import type { Outcome, RunOutcome } from './commands/shared/run-outcome.ts';
import { documentOf, formatDocument, spelledOutcome } from './commands/shared/run-outcome.ts';
import { asWizardError, noteClock, settle } from './commands/shared/settle.ts';
import { exitCodes, fileCode, WizardError } from './core/errors.ts';
import { createRedactor, type Redactor } from './core/redact.ts';
import { commandLine } from './core/text.ts';
import type { WriteLog } from './graph/graph-client.ts';
import type { Host } from './host.ts';
import { createServerClock, type ServerClock } from './http/server-clock.ts';
import { runCommand } from './run-command.ts';
import { createDebugLog, type DebugLog } from './terminal/debug-log.ts';
import { createKeyWatch, type KeyWatch } from './terminal/key-watch.ts';
import { createPassPhrases } from './terminal/pass-phrase.ts';
import { createPrompt, createSecretPrompt, defaultAnswers } from './terminal/prompt.ts';
import type { Report } from './terminal/report.ts';
import { createReport, silentReport } from './terminal/report.ts';
import { type Style, styleFor } from './terminal/style.ts';

/** Runs one call to its end, fills in `outcome` and gives the exit code. Never throws. */
export async function runCall(
  { command, word, raw }: Call,
  argv: readonly string[],
  host: Host,
  outcome: RunOutcome,
): Promise<number> {
  const flags = resolveFlags(raw, host);
  const presentation = await present(host, flags, { command, argv, raw }, mayAsk(flags));
  const { stop, off } = createStop(host);
  const clock = createServerClock(host.now);
  let receipt: RunReceipt | undefined;
  const run = async (): Promise<number> => {
    const settings = resolveSettings(command, raw, host.env);
    requireComplete(command, flags, raw);
    limit(stop, host, settings.timeout);
    receipt = await receiptFor(settings, flags, host, presentation, clock);
    const io = createIo(host, flags, presentation, stop.signal, clock, receipt?.writeLog);
    return runCommand(command, { settings, flags, host, io, outcome, argv, word });
  };
  await settle(() => unlessLost(run, presentation, stop, host), outcome, presentation.redactor, stop.signal);
  off();
  if (outcome.error) noteClock(clock, outcome, presentation.report);
  if (receipt) await keepReceipt(receipt, command, outcome, flags);
  return conclude(command, outcome, flags.json && command !== 'sandbox', host, presentation);
}

/** Opens the receipt that was asked for; a dry run writes none. Throws WizardError. */
async function receiptFor(
  { receipt, output, configFile }: Settings,
  flags: Flags,
  { cwd, env, platform, program }: Host,
  { redactor }: Presentation,
  { now }: ServerClock,
): Promise<RunReceipt | undefined> {
  if (receipt === undefined || flags.dryRun) return undefined;
  const { openReceipt } = await import('./commands/shared/receipt.ts');
  const configName = output ?? configFile;
  const called = { cwd, env, platform, program, configName };
  return openReceipt(receipt, { ...called, now, redact: redactor.redact });
}

/** One that was asked for and cannot be kept is no success; a failure of the run itself is told before it. */
async function keepReceipt(
  receipt: RunReceipt,
  command: Call['command'],
  outcome: RunOutcome,
  { sandbox }: Flags,
): Promise<void> {
  try {
    const kept = await receipt.keep(command, outcomeOf(outcome), sandbox);
    if (kept) outcome.receipt = kept;
  } catch (error) {
    if (!(error instanceof WizardError)) throw error;
    if (outcome.error) return;
    outcome.error = error;
    outcome.exitCode = error.exitCode;
  }
}

/**
 * Runs to the end, or to where nobody is left who could end it: an error that no promise carries, a library that waits
 * for what no longer comes. What is still under way is stopped.
 */
async function unlessLost(
  run: () => Promise<number>,
  { redactor }: Presentation,
  stop: AbortController,
  host: Host,
): Promise<number> {
  const { signal } = new AbortController();
  let off: (() => void) | undefined;
  const lost = new Promise<never>((_, reject) => {
    off = host.onLost?.((error) => {
      reject(asWizardError(error, redactor, signal));
      stop.abort();
    });
  });
  try {
    return await Promise.race([run(), lost]);
  } finally {
    off?.();
  }
}

/** Tells what is wrong with the command line itself. */
export async function runComplaint(
  { command, message }: Complaint,
  argv: readonly string[],
  host: Host,
): Promise<number> {
  // A hint such as `For that: reporting-setup verify` is typed as the program was; what somebody wrote stands in quotes.
  const hinted = message.replace(/(?<=: )reporting-setup(?= )/g, () => commandLine([], host));
  const error = new WizardError('invalid-options', hinted, {
    remedy: `See \`reporting-setup ${command} --help\``,
  });
  const outcome: RunOutcome = { error, exitCode: error.exitCode };
  const presentation = await present(host, nothingSet, { command: 'setup', argv, raw: {} });
  return conclude(command, outcome, argv.includes('--json'), host, presentation);
}

/** Stops what is under way on request; `off` ends that. */
function createStop(host: Host): { readonly stop: AbortController; readonly off: () => void } {
  const stop = new AbortController();
  // Everything under way listens to it: many files that are verified at once are no leak, and nothing to warn of.
  setMaxListeners(0, stop.signal);
  return { stop, off: host.onStop(() => stop.abort()) };
}

/** Stops a run that takes longer than it may. Milliseconds. */
function limit(stop: AbortController, host: Host, timeout: number | undefined): void {
  if (timeout === undefined) return;
  const signal = host.timeoutSignal(timeout);
  const end = (): void => {
    const message = `The run was stopped after ${timeout / 1_000} s, as --timeout asks.`;
    stop.abort(new WizardError('timed-out', message));
  };
  if (signal.aborted) end();
  else signal.addEventListener('abort', end);
}

const mayAsk = ({ interactive, yes }: Flags): boolean => interactive && !yes;

function createIo(
  host: Host,
  flags: Flags,
  presentation: Presentation,
  signal: AbortSignal,
  clock: ServerClock,
  writeLog?: WriteLog,
): Io {
  const { called, report, style, redactor, debug } = presentation;
  const terminal = { input: host.stdin, output: host.stderr, signal, suspend: host.suspend };
  const shared = createPassPhrases({
    stdin: host.stdin,
    fromStdin: flags.certificatePasswordStdin,
    ask: flags.interactive ? createSecretPrompt(terminal, style) : undefined,
    redactor,
  });
  return {
    prompt: mayAsk(flags) ? createPrompt(terminal, style) : defaultAnswers,
    report,
    redactor,
    trace: debug.exchange,
    env: host.env,
    cwd: host.cwd,
    platform: host.platform,
    program: host.program,
    interactive: flags.interactive,
    asks: mayAsk(flags),
    ...(presentation.keys && { signInHelp: helpWith(presentation.keys, host, style) }),
    signal,
    alone: async (work) => {
      const own = presentAlone(host, flags, called, style);
      const outcome: RunOutcome = {};
      const io = createIo(host, { ...flags, interactive: false }, own, signal, clock);
      const passPhrase = async (message: string): Promise<string> => {
        const phrase = await shared(message);
        own.redactor.add(phrase);
        return phrase;
      };
      await settle(() => work({ ...io, passPhrase }, outcome), outcome, own.redactor, signal);
      if (outcome.error) noteClock(clock, outcome, own.report);
      return { outcome: outcomeOf(outcome), redact: own.redactor.redact };
    },
    afterwards: () => createIo(host, flags, presentation, createStop(host).stop.signal, clock, writeLog),
    stateFolder: host.stateFolder,
    now: clock.now,
    writeLog,
    clock,
    timeoutSignal: host.timeoutSignal,
    random: host.random,
    randomUUID: host.randomUUID,
    makeKeyPair: host.makeKeyPair,
    spellerFor: (about) => commandSpeller(called, host, about),
    reveal: (secret) => {
      const text = secret.reveal();
      redactor.add(text);
      return text;
    },
    passPhrase: shared,
    sleep: async (milliseconds) => {
      try {
        await host.sleep(milliseconds, signal);
      } catch (error) {
        throw new WizardError('cancelled', 'Cancelled while waiting.', { cause: error });
      }
    },
  };
}

/** What a person who signs in can be helped with. */
function helpWith(keys: KeyWatch, { stderr, env }: Host, { redraws }: Style): NonNullable<Io['signInHelp']> {
  return {
    onEnter(callback) {
      const [release, off] = [keys.hold(), keys.onEnter(callback)];
      return () => {
        off();
        release();
      };
    },
    // OSC 52: the terminal puts it on the clipboard of whoever sits before it, or ignores it.
    ...(redraws && env['TERM'] !== 'linux'
      ? {
          copy: (text: string) =>
            void stderr.write(`\u001b]52;c;${Buffer.from(text).toString('base64')}\u0007`),
        }
      : {}),
  };
}

/** For what runs among many: seen by nobody, and with secrets that concern nobody else. */
function presentAlone(host: Host, flags: Flags, called: CalledRun, style: Style): Presentation {
  const redactor = createRedactor();
  const debug = createDebugLog(host.stderr, redactor, flags.debug);
  return { called, report: silentReport, style, redactor, keys: undefined, debug };
}

interface Presentation {
  readonly called: CalledRun;
  readonly report: Report;
  readonly style: Style;
  readonly redactor: Redactor;
  readonly keys: KeyWatch | undefined;
  readonly debug: DebugLog;
}

/** What keys ask for while nothing is asked; undefined where nobody is to be asked anything. */
function watchKeys(host: Host): KeyWatch {
  // It is heard only on an input that was paused before.
  host.stdin.pause();
  return createKeyWatch(host.stdin, {
    interrupt: host.interrupt ?? (() => undefined),
    suspend: host.suspend,
  });
}

const nothingSet = { debug: false, plain: false, sandbox: undefined } as const;

async function present(
  host: Host,
  flags: Pick<Flags, 'debug' | 'plain' | 'sandbox'>,
  called: CalledRun,
  asks = false,
): Promise<Presentation> {
  const banner = flags.sandbox === undefined ? '' : 'SANDBOX';
  const paths = [...called.argv, host.cwd];
  const drawn = styleFor(host.stderr, host.env, host.platform, { banner, paths });
  const style = flags.plain ? { ...drawn, redraws: false, animated: false } : drawn;
  const redactor = createRedactor();
  // A log line would tear a spinner apart.
  const calm = flags.debug ? { ...style, animated: false } : style;
  const keys = asks ? watchKeys(host) : undefined;
  const tasks = calm.animated ? (await import('./terminal/spinner.ts')).spinnerTasks(keys) : undefined;
  const report = createReport(host.stderr, calm, redactor, tasks, { spell: commandSpeller(called, host) });
  const debug = createDebugLog(host.stderr, redactor, flags.debug);
  return { called, report, style: calm, redactor, keys, debug };
}

const outcomeOf = (outcome: RunOutcome): Outcome => ({
  exitCode: exitCodes.unexpected,
  checks: [],
  changes: [],
  ...outcome,
});

/** Writes a text to its end; gives why that failed. */
function writeWhole(stream: Host['stdout'], text: string): Promise<Error | undefined> {
  return new Promise((done) => {
    // A stream that fails says so to whoever listens too, and ends the process where nobody does.
    stream.once('error', done);
    stream.write(text, (error) => {
      stream.off('error', done);
      // Not before every listener was told.
      if (error) stream.once('error', () => undefined);
      done(error ?? undefined);
    });
  });
}

/** Tells how a run ended: to people always, as JSON where asked for. A document that nobody got is no success. */
async function conclude(
  command: string,
  outcome: RunOutcome,
  json: boolean,
  host: Host,
  { called, report, redactor, debug }: Presentation,
): Promise<number> {
  const { error } = outcome;
  if (error) {
    const detail = error.requestId === undefined ? undefined : `request-id ${error.requestId}`;
    report.error(error.message, error.remedy, [error.code, detail].filter(Boolean).join(', '));
    if (error.code === 'unexpected') debug.failure(error.cause ?? error);
  }
  const whole = spelledOutcome(outcomeOf(outcome), commandSpeller(called, host));
  if (!json) return whole.exitCode;
  const asciiAlone = host.platform === 'win32' && host.stdout.isTTY !== true;
  const text = formatDocument(documentOf(command, whole), redactor.redact, { asciiAlone });
  const lost = await writeWhole(host.stdout, text);
  if (lost === undefined) return whole.exitCode;
  report.warn(`The result could not be written to stdout (${fileCode(lost) ?? lost.message}).`);
  return whole.exitCode === exitCodes.done ? exitCodes.unexpected : whole.exitCode;
}
