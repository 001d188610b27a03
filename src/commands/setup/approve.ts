import { isPending } from '../../core/engine.ts';
import { WizardError } from '../../core/errors.ts';
import type { Change } from '../../tenant/model.ts';
import type { Io } from '../shared/io.ts';

/** The one confirmation, asked only where something would be written. Throws WizardError `cancelled` on no. */
export async function approve(changes: readonly Change[], io: Io): Promise<void> {
  if (!changes.some(isPending)) return;
  const agreed = await io.prompt.confirm({ message: 'Go ahead?', fallback: true });
  if (!agreed) throw new WizardError('cancelled', 'Stopped before the first change. Nothing was changed.');
}
