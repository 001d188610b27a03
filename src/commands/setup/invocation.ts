import type { CommandName } from '../../cli/options.ts';
import type { Flags, Settings } from '../../cli/settings.ts';
import { commandLine } from '../../core/text.ts';
import type { Io } from '../shared/io.ts';

/** How this run was called, to be repeated, and what comes after it: `reporting-setup --sandbox`. */
export interface Invocation {
  readonly again: string;
  readonly verify: string;
  /** The same for another file, which an answer named. */
  readonly withOutput: (output: string) => Invocation;
  /** Without `--confirm`. */
  readonly teardown: string;
  /** Makes a new credential. */
  readonly rotate: string;
}

/** The words of another command that goes on with what setup writes; where the tenant is stands in the file. */
function wordsFor(
  command: CommandName,
  { output }: Pick<Settings, 'output'>,
  { sandbox }: Pick<Flags, 'sandbox'>,
): string[] {
  return [
    command,
    ...(sandbox === undefined ? [] : sandbox === 'default' ? ['--sandbox'] : ['--sandbox', sandbox]),
    ...(output === undefined ? [] : ['--config', output]),
  ];
}

/** The words of setup with another --output. Pure. */
function namingOutput(argv: readonly string[], output: string): string[] {
  const isNamed = (word: string | undefined): boolean => word === '--output';
  const others = argv.filter(
    (word, index) => !isNamed(word) && !isNamed(argv[index - 1]) && !word.startsWith('--output='),
  );
  return [...others, '--output', output];
}

/** The command lines that setup tells of. `argv` are the words of its own. Pure. */
export function invocationOf(
  argv: readonly string[],
  settings: Pick<Settings, 'output'>,
  flags: Pick<Flags, 'sandbox'>,
  io: Pick<Io, 'env' | 'platform' | 'program'>,
): Invocation {
  return {
    again: commandLine(argv, io),
    verify: commandLine(wordsFor('verify', settings, flags), io),
    withOutput: (output) => invocationOf(namingOutput(argv, output), { output }, flags, io),
    teardown: commandLine([...wordsFor('teardown', settings, flags), '--mode', 'delete'], io),
    rotate: commandLine([...wordsFor('rotate', settings, flags), '--yes'], io),
  };
}
