import { isReadableByMeAlone } from '../shared/file-checks.ts';
import type { ConnectRun, Handed } from './connect-run.ts';

/** Says where it is now, what to do with it, and what is not known. */
export async function tell({ files, steps }: Handed, { target, io, config }: ConnectRun): Promise<void> {
  const { report } = io;
  report.title(target.title);
  for (const file of files) {
    const isPrivate = await isReadableByMeAlone(file, io);
    report.fact('Written', isPrivate ? `${file}, readable by you alone` : file);
  }
  const missing = target.permissions.filter((name) => !config.permissions.includes(name));
  if (missing.length > 0) {
    report.item(`What else it can read needs more application permissions: ${missing.join(', ')}.`);
  }
  if (target.unconfirmed !== undefined) report.warn(target.unconfirmed);
  if (steps.length > 0) report.title('Next');
  for (const { does, run } of steps) {
    report.item(does);
    if (run !== undefined) report.code(run);
  }
}
