import type { Io } from '../shared/io.ts';
import type { ConnectRequest } from './connect-run.ts';
import type { Target } from './target.ts';
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
