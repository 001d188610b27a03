import type { Complaint } from './cli/complaint.ts';
import { type Flags, requireComplete, resolveFlags } from './cli/flags.ts';
import { resolveSettings } from './cli/options.ts';
import type { WrittenCall } from './cli/program.ts';
import { documentOf, formatDocument, type Outcome } from './commands/shared/document.ts';
import type { Draft } from './commands/shared/draft.ts';
import type { Io } from './commands/shared/io.ts';
import { exitCodes, WizardError } from './core/errors.ts';
import { createRedactor, type Redactor } from './core/redact.ts';
import { dispatch } from './dispatch.ts';
import type { Host } from './host.ts';
import { settle } from './settle.ts';
import { createDebugLog, type DebugLog } from './terminal/debug-log.ts';
import { createPassPhrases } from './terminal/pass-phrase.ts';
import { createPrompt, createSecretPrompt, defaultAnswers } from './terminal/prompt.ts';
import type { Report } from './terminal/report.ts';
import { createReport, silentReport } from './terminal/report.ts';
import { type Style, styleFor } from './terminal/style.ts';

interface Presentation {
  readonly report: Report;
  readonly style: Style;
  readonly redactor: Redactor;
  readonly debug: DebugLog;
}

const mayAsk = ({ interactive, yes }: Flags): boolean => interactive && !yes;

async function present(host: Host, flags: Pick<Flags, 'debug'>, asks = false): Promise<Presentation> {
  const style = styleFor(host.stderr, host.env, host.platform);
  const redactor = createRedactor();
  // A log line would tear a spinner apart.
  const calm = flags.debug ? { ...style, animated: false } : style;
  // Keys typed meanwhile are swallowed, Ctrl-C excepted; ora hears them only on an input that was paused before.
  if (asks) host.stdin.pause();
  const tasks = calm.animated ? (await import('./terminal/spinner.ts')).spinnerTasks(asks) : undefined;
  const report = createReport(host.stderr, calm, redactor, tasks);
  return { report, style: calm, redactor, debug: createDebugLog(host.stderr, redactor, flags.debug) };
}

const outcomeOf = (draft: Draft): Outcome => ({
  exitCode: exitCodes.unexpected,
  checks: [],
  changes: [],
  ...draft,
});

/** For what runs among many: seen by nobody, and with secrets that concern nobody else. */
function presentAlone(host: Host, flags: Flags, style: Style): Presentation {
  const redactor = createRedactor();
  const debug = createDebugLog(host.stderr, redactor, flags.debug);
  return { report: silentReport, style, redactor, debug };
}

/** Tells how a run ended: to people always, as JSON where asked for. */
function conclude(
  command: string,
  draft: Draft,
  json: boolean,
  host: Host,
  { report, redactor, debug }: Presentation,
): number {
  const { error } = draft;
  if (error) {
    const detail = error.requestId === undefined ? undefined : `request-id ${error.requestId}`;
    report.error(error.message, error.remedy, [error.code, detail].filter(Boolean).join(', '));
    if (error.code === 'unexpected') debug.failure(error.cause ?? error);
  }
  const outcome = outcomeOf(draft);
  if (json) host.stdout.write(formatDocument(documentOf(command, outcome), redactor.redact));
  return outcome.exitCode;
}

/** Stops what is under way on request; `off` ends that. */
function createStop(host: Host): { readonly stop: AbortController; readonly off: () => void } {
  const stop = new AbortController();
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

function createIo(host: Host, flags: Flags, presentation: Presentation, signal: AbortSignal): Io {
  const { report, style, redactor, debug } = presentation;
  const terminal = { input: host.stdin, output: host.stderr, signal, suspend: host.suspend };
  const shared = createPassPhrases({
    stdin: host.stdin,
    fromStdin: flags.passPhraseOnStdin,
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
    interactive: flags.interactive,
    asks: mayAsk(flags),
    signal,
    alone: async (work) => {
      const own = presentAlone(host, flags, style);
      const draft: Draft = {};
      const io = createIo(host, { ...flags, interactive: false }, own, signal);
      const passPhrase = async (message: string): Promise<string> => {
        const phrase = await shared(message);
        own.redactor.add(phrase);
        return phrase;
      };
      await settle(() => work({ ...io, passPhrase }, draft), draft, own.redactor, signal);
      return { outcome: outcomeOf(draft), redact: own.redactor.redact };
    },
    afterwards: () => createIo(host, flags, presentation, createStop(host).stop.signal),
    stateFolder: host.stateFolder,
    now: host.now,
    timeoutSignal: host.timeoutSignal,
    random: host.random,
    randomUUID: host.randomUUID,
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

/** Runs one call to its end, fills in `draft` and gives the exit code. Never throws. */
export async function runCall(call: WrittenCall, host: Host, draft: Draft): Promise<number> {
  const flags = resolveFlags(call.raw, host);
  const presentation = await present(host, flags, mayAsk(flags));
  const { stop, off } = createStop(host);
  const run = (): Promise<number> => {
    const settings = resolveSettings(call.command, call.raw, host.env);
    requireComplete(call.command, flags, call.raw);
    limit(stop, host, settings.timeout);
    const io = createIo(host, flags, presentation, stop.signal);
    return dispatch(call.command, settings, flags, { host, io, draft, argv: call.argv });
  };
  await settle(run, draft, presentation.redactor, stop.signal);
  off();
  return conclude(call.command, draft, flags.json && call.command !== 'sandbox', host, presentation);
}

/** Tells what is wrong with the command line itself. */
export async function runComplaint(
  { command, message }: Complaint,
  argv: readonly string[],
  host: Host,
): Promise<number> {
  const page = command === 'setup' ? '' : ` ${command}`;
  const error = new WizardError('invalid-options', message, { remedy: `See reporting-setup${page} --help.` });
  const draft: Draft = { error, exitCode: error.exitCode };
  return conclude(command, draft, argv.includes('--json'), host, await present(host, { debug: false }));
}
