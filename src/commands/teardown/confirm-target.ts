import { type TeardownMode, teardownModes } from '../../cli/teardown-options.ts';
import { isPending } from '../../core/engine.ts';
import { WizardError } from '../../core/errors.ts';
import { sameId } from '../../core/fields.ts';
import { quoted } from '../../core/text.ts';
import { activatable, activationPlace } from '../../tenant/account/account.ts';
import { rightsOf } from '../../tenant/account/rights.ts';
import { tasks } from '../../tenant/account/role-table.ts';
import type { Target, TeardownView } from './find-target.ts';
import type { Removal } from './plan-teardown.ts';
import type { SignedInTeardown } from './teardown-run.ts';

const labels: Readonly<Record<TeardownMode, string>> = {
  deactivate: 'Deactivate: no more tokens, everything is kept; setup switches it on again',
  delete: 'Delete: into the recycle bin, where it can be restored for 30 days',
  purge: 'Purge: for good',
};

/** How far to go: asked where nobody said. The mildest is offered first. */
export async function chooseMode({ settings, io }: SignedInTeardown): Promise<TeardownMode> {
  if (settings.mode !== undefined) return settings.mode;
  return io.prompt.select({
    message: 'How far to go',
    choices: teardownModes.map((value) => ({ value, label: labels[value] })),
    fallback: 'deactivate',
  });
}

/** Throws WizardError where the account may certainly not do it: nothing is tried then. */
export function requireRight({ have }: TeardownView, plan: readonly Removal[]): void {
  const { account } = have;
  if (!plan.some(isPending) || !account || rightsOf(have).credential !== 'no') return;
  const inactive = activatable(account, 'credential');
  if (inactive) {
    const message = `This account is eligible for ${inactive.displayName}, and has not activated it.`;
    throw new WizardError('role-inactive', message, {
      remedy: `Activate it at ${activationPlace(account)}, then run the same command again. Nothing was changed.`,
    });
  }
  const isPerson = account.kind === 'user';
  throw new WizardError(
    'role-missing',
    `${account.name} may not ${isPerson ? 'change or delete the application' : 'change this application'}.`,
    {
      remedy: isPerson
        ? `It takes ${tasks.credential.least}. Nothing was changed.`
        : 'It takes the permission Application.ReadWrite.All, or Application.ReadWrite.OwnedBy and being its owner. Nothing was changed.',
    },
  );
}

const isMeant = (typed: string, { name, appId }: Target): boolean =>
  typed.trim() === name.trim() || sameId(typed.trim(), appId);

const verbs: Readonly<Record<TeardownMode, string>> = {
  deactivate: 'deactivate',
  delete: 'delete',
  purge: 'purge',
};

/** The one question that `--yes` does not answer. Throws WizardError `invalid-options` for any other name. */
export async function confirmTarget(
  target: Target,
  mode: TeardownMode,
  { settings, io }: SignedInTeardown,
): Promise<void> {
  const { name } = target;
  const typed =
    settings.confirm ??
    (await io.prompt.text({
      message: `Type ${quoted(name, 100)} (or its client ID) to ${verbs[mode]} it`,
      fallback: '',
      validate: () => undefined,
    }));
  if (isMeant(typed, target)) return;
  throw new WizardError(
    'invalid-options',
    `${quoted(typed)} is neither the name nor the client ID of this application (${quoted(name)}, ${target.appId}). Nothing was changed.`,
    { remedy: `If that is the one: \`reporting-setup … --confirm ${target.appId}\`` },
  );
}
