import { spawn } from 'node:child_process';
import { fileCode, WizardError } from '../../../core/errors.ts';
import { safeText } from '../../../core/text.ts';
import type { Io } from '../../shared/io.ts';

/** Milliseconds that a program may take: one that asks a person where nobody is would wait without end. */
const patience = 120_000;

/** A call of another program. What is secret goes through `input`, and never into the words. */
export interface ProgramCall {
  readonly program: string;
  readonly words: readonly string[];
  /** What it reads on standard input, to the byte. */
  readonly input?: string;
  /** It opens /dev/stdin by its name, which has to be a pipe then: what Node hands over is a socket on Linux. */
  readonly opensInput?: true;
  /** Beside the variables of this process; nothing secret. */
  readonly env?: Readonly<Record<string, string>>;
}

/** How it ended. Its output may hold what it was asked to read back. */
export interface ProgramEnd {
  /** Undefined where it was stopped. */
  readonly code: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

type ProgramIo = Pick<Io, 'env' | 'cwd' | 'signal' | 'timeoutSignal' | 'redactor'>;

/** What is not there to be started, told with how to get it. */
const missing = (program: string, howToGet: string): WizardError =>
  new WizardError('store-program-missing', `There is no ${program} here.`, {
    remedy: `The config file is as it was. ${howToGet}`,
  });

/**
 * Runs a program to its end, without a shell. Throws WizardError `store-program-missing` where it is not there, `cancelled`
 * where the run was stopped.
 */
export function runProgram(call: ProgramCall, howToGet: string, io: ProgramIo): Promise<ProgramEnd> {
  const { program, input = '', env = {} } = call;
  const [first = program, ...words] = call.opensInput
    ? ['/bin/sh', '-c', 'cat | "$@"', 'sh', program, ...call.words]
    : [program, ...call.words];
  const timeout = io.timeoutSignal(patience);
  return new Promise((resolve, reject) => {
    const started = spawn(first, words, {
      cwd: io.cwd,
      env: { ...io.env, ...env },
      stdio: 'pipe',
      windowsHide: true,
      signal: AbortSignal.any([io.signal, timeout]),
    });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    started.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    started.stderr.on('data', (chunk: Buffer) => err.push(chunk));
    started.on('error', (error) => {
      if (io.signal.aborted) reject(new WizardError('cancelled', `Cancelled while ${program} ran.`));
      else if (timeout.aborted) {
        reject(
          new WizardError('store-unreachable', `${program} did not end within ${patience / 1_000} seconds.`),
        );
      } else if (['ENOENT', 'EACCES'].includes(fileCode(error) ?? '')) reject(missing(program, howToGet));
      else reject(error);
    });
    started.on('close', (code) =>
      resolve({
        code: code ?? undefined,
        stdout: Buffer.concat(out).toString('utf8'),
        stderr: Buffer.concat(err).toString('utf8'),
      }),
    );
    // A program may end before it has read everything.
    started.stdin.on('error', () => undefined);
    started.stdin.end(input);
  });
}

/** What a program said of its failure, safe to show. */
export function complaintOf({ stdout, stderr, code }: ProgramEnd, io: ProgramIo): string {
  const said = stderr.trim() === '' ? stdout : stderr;
  const text = safeText(io.redactor.redact(said.trim()), 600);
  return text === '' ? `exit code ${code ?? 'unknown'}` : text;
}

/** What a caller wants of a program. */
export interface Wish {
  /** For people: `The GitHub secret was not written`. */
  readonly failed: string;
  /** What to do, beside what the program says. */
  readonly remedy: (complaint: string) => string | undefined;
  readonly howToGet: string;
}

/** The same, for a program that has to succeed: its standard output. Throws WizardError `store-refused` in its words. */
export async function requireProgram(call: ProgramCall, wish: Wish, io: ProgramIo): Promise<string> {
  const ended = await runProgram(call, wish.howToGet, io);
  if (ended.code === 0) return ended.stdout;
  const complaint = complaintOf(ended, io);
  const remedy = wish.remedy(complaint);
  throw new WizardError('store-refused', `${wish.failed}: ${call.program} says: ${complaint}`, {
    ...(remedy === undefined ? {} : { remedy: `The config file is as it was. ${remedy}` }),
  });
}
