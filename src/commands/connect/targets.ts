import { suggestion } from '../../cli/complaint.ts';
import { WizardError } from '../../core/errors.ts';
import { quoted } from '../../core/text.ts';
import type { Target } from './target.ts';

/** Every target, in the order of the list; what one needs is loaded when it is asked for. */
const table = {
  filebeat: () => import('./collectors/filebeat.ts'),
} as const satisfies Record<string, () => Promise<{ readonly target: Target }>>;

type TargetName = keyof typeof table;

export const targetNames = Object.keys(table) as TargetName[];

/** The target of that name. Throws WizardError where there is none. */
export async function loadTarget(name: string): Promise<Target> {
  const found = targetNames.find((known) => known === name);
  if (found !== undefined) return (await table[found]()).target;
  const meant = suggestion(name, targetNames);
  throw new WizardError('invalid-options', `There is no target ${quoted(name)}.${meant}`, {
    remedy: 'See them all with reporting-setup connect --list.',
  });
}

/** All of them, in the order of the list. */
export const loadTargets = (): Promise<Target[]> =>
  Promise.all(targetNames.map(async (name) => (await table[name]()).target));
