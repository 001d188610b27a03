import { type ExitCode, exitCodes } from '../../core/errors.ts';
import type { Removal } from './plan-teardown.ts';
import type { OwnFile } from './remove-files.ts';
import type { SignedInTeardown } from './teardown-run.ts';

/** What is going to be removed, in order, and what goes last. */
export function showPlan(
  removals: readonly Removal[],
  files: readonly OwnFile[],
  { io, keepFiles }: SignedInTeardown,
): void {
  const { report } = io;
  report.title('Plan');
  for (const removal of removals) report.change(removal);
  for (const { path, what } of files) {
    report.change({ action: 'remove', title: `Remove the ${what} ${path}, last of all` });
  }
  if (keepFiles) report.item('The files of this machine stay.');
}

/** A dry run tells the same to programs, and ends. */
export function endDryRun(
  removals: readonly Removal[],
  files: readonly OwnFile[],
  { outcome, io }: SignedInTeardown,
): ExitCode {
  outcome.changes = [
    ...removals.map(({ action, kind, name, id }) => ({
      action,
      kind,
      name,
      ...(id === undefined ? {} : { id }),
    })),
    ...files.map(({ path, kind }) => ({ action: 'remove' as const, kind, name: path })),
  ];
  io.report.line('Dry run: nothing was written.');
  return exitCodes.done;
}
