import { readFileSync } from 'node:fs';
import type { Draft } from './commands/draft.ts';
import { exitCodes } from './core/errors.ts';
import { type Host, realHost } from './host.ts';
import { buildProgram, type Call, complaintOf, isShown } from './program.ts';

const version = (): string => {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  return typeof manifest === 'object' && manifest !== null && 'version' in manifest
    ? String(manifest.version)
    : '';
};

/**
 * Runs the program and gives its exit code. `argv` is what stands behind the program's name. Never throws; what
 * is slow to load is loaded only when a command needs it. `outcome` is filled in for whoever wants more than the code.
 */
export async function main(
  argv: readonly string[],
  host: Host = realHost(),
  outcome: Draft = {},
): Promise<number> {
  let call: Call | undefined;
  let complaint: string | undefined;
  const program = buildProgram(
    version(),
    {
      stdout: (text) => void host.stdout.write(text),
      stderr: (text) => void host.stderr.write(text),
      columns: host.stdout.columns ?? 80,
    },
    (called) => {
      call = called;
    },
  );
  try {
    program.parse(argv, { from: 'user' });
  } catch (error) {
    if (isShown(error)) return exitCodes.done;
    complaint = complaintOf(error);
    if (complaint === undefined) throw error;
  }
  const { runCall, runComplaint } = await import('./run.ts');
  if (complaint !== undefined) return runComplaint(complaint, argv, host);
  return call === undefined ? exitCodes.done : runCall(call, host, outcome);
}
