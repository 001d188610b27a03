import { type ExitCode, exitCodes } from '../../core/errors.ts';
import type { Style } from '../../terminal/style.ts';
import { pairText } from '../../terminal/table.ts';
import type { Io } from '../shared/io.ts';
import type { RunOutcome } from '../shared/run-outcome.ts';
import type { ConnectRequest } from './connect-run.ts';
import { type Target, targetGroups } from './target.ts';
import { loadTarget, loadTargets } from './targets.ts';

/** The target that was named, or chosen in a terminal; undefined where nobody can choose. Throws WizardError. */
export async function chooseTarget({ name }: ConnectRequest, io: Io): Promise<Target | undefined> {
  if (name !== undefined) return loadTarget(name);
  if (!io.asks) return undefined;
  const targets = await loadTargets();
  return io.prompt.search({
    message: 'What to connect',
    choices: targets.map((target) => ({
      value: target,
      label: `${target.name}: ${target.title}`,
    })),
  });
}

/** One of the list of `--list --json`: its fields are part of the command-line contract. */
const described = ({ name, group, title, credentials, permissions, secret, needs }: Target) => ({
  name,
  group,
  title,
  credentials,
  permissions,
  secret,
  needs,
});

const headings = {
  collector: 'Collectors',
  tool: 'Tools',
  code: 'Your own code',
  store: 'Secret stores',
  reminder: 'Reminders',
} as const;

/** Every target under its group, for people and for `grep`, which gets a line of each; for a terminal in its `style`. Pure. */
export function formatList(targets: readonly Target[], style?: Style): string {
  const width = Math.max(...targets.map(({ name }) => name.length));
  const lines = (of: readonly Target[]): string =>
    style
      ? pairText(
          of.map(({ name, title }) => [name.padEnd(width), title]),
          style,
        )
      : of.map(({ name, title }) => `  ${name.padEnd(width)}  ${title}\n`).join('');
  return targetGroups
    .map((group) => ({ group, of: targets.filter((target) => target.group === group) }))
    .filter(({ of }) => of.length > 0)
    .map(({ group, of }) => `${headings[group]}\n${lines(of)}`)
    .join('\n');
}

/** Names every target on standard output. */
export async function listTargets(
  { json, stdout, style }: ConnectRequest,
  outcome: RunOutcome,
): Promise<ExitCode> {
  const targets = await loadTargets();
  outcome.details = { targets: targets.map(described) };
  if (!json) stdout(formatList(targets, style.goesOn ? style : undefined));
  return exitCodes.done;
}
