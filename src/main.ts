import { readFileSync } from 'node:fs';
import { complaintOf } from './cli/complaint.ts';
import { buildProgram, type Call, isShown, type ProgramOutput, type Shell } from './cli/program.ts';
import type { RunOutcome } from './commands/shared/run-outcome.ts';
import { exitCodes } from './core/errors.ts';
import { type Host, realHost } from './host.ts';
import { colorLevel } from './terminal/color.ts';

const version = (): string => {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  return typeof manifest === 'object' && manifest !== null && 'version' in manifest
    ? String(manifest.version)
    : '';
};

const outputOf = ({ stdout, stderr, env }: Host): ProgramOutput => ({
  stdout: (text) => void stdout.write(text),
  stderr: (text) => void stderr.write(text),
  // A terminal without a size, as `script` and some CI systems make one, has 0 columns; long lines are hard to read.
  columns: Math.min(stdout.columns || 80, 100),
  rowWidth: stdout.isTTY === true && env['TERM'] !== 'dumb' ? stdout.columns || undefined : undefined,
  colored: colorLevel(env, stdout.isTTY === true) > 0,
});

/**
 * Runs the program and gives its exit code. `argv` is what stands behind the program's name. Never throws; what
 * is slow to load is loaded only when a command needs it. `outcome` is filled in for whoever wants more than the code.
 */
export async function main(
  argv: readonly string[],
  host: Host = realHost(),
  outcome: RunOutcome = {},
): Promise<number> {
  let call: Call | undefined;
  let shell: Shell | undefined;
  const program = buildProgram(version(), outputOf(host), {
    run: (called) => {
      call = called;
    },
    complete: (named) => {
      shell = named;
    },
  });
  try {
    program.parse(argv, { from: 'user' });
  } catch (error) {
    if (isShown(error)) return exitCodes.done;
    const complaint = complaintOf(error, program, argv);
    if (complaint === undefined) throw error;
    return (await import('./run.ts')).runComplaint(complaint, argv, host);
  }
  if (shell !== undefined) {
    const { completionScript } = await import('./cli/completion/index.ts');
    const { targetNames } = await import('./commands/connect/targets.ts');
    host.stdout.write(completionScript(program, shell, targetNames));
  }
  if (call === undefined) return exitCodes.done;
  return (await import('./run.ts')).runCall(call, argv, host, outcome);
}
