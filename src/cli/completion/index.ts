import type { Command } from 'commander';
import { bashScript } from './bash.ts';
import { type Completion, completionOf } from './completion-model.ts';
import { fishScript } from './fish.ts';
import { powershellScript } from './powershell.ts';
import type { Shell } from './shells.ts';
import { zshScript } from './zsh.ts';

const scripts: Readonly<Record<Shell, (completion: Completion) => string>> = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
  powershell: powershellScript,
};

/** The script that completes the program's command line in that shell; it runs nothing of the program. Pure. */
export const completionScript = (program: Command, shell: Shell): string =>
  scripts[shell](completionOf(program));
