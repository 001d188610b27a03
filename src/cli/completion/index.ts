import type { Command } from 'commander';
import type { Shell } from '../program.ts';
import { bashScript } from './bash.ts';
import { type Completion, completionOf } from './completion-model.ts';
import { fishScript } from './fish.ts';
import { powershellScript } from './powershell.ts';
import { zshScript } from './zsh.ts';

const scripts: Readonly<Record<Shell, (completion: Completion) => string>> = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
  powershell: powershellScript,
};

/**
 * The script that completes the program's command line in that shell; it runs nothing of the program. `targets` are what
 * connect connects. Pure.
 */
export const completionScript = (program: Command, shell: Shell, targets: readonly string[]): string =>
  scripts[shell](completionOf(program, targets));
