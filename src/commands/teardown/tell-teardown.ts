import type { TeardownMode } from '../../cli/teardown-options.ts';
import { defaultOutput } from '../../config/config-file.ts';
import type { ExitCode } from '../../core/errors.ts';
import { exitCodeFor, type Finding } from '../../core/findings.ts';
import { commandLine, quoted } from '../../core/text.ts';
import { heldRoles } from '../../tenant/account/rights.ts';
import { tasks } from '../../tenant/account/role-table.ts';
import { ownUniqueName } from '../../tenant/application/read-application.ts';
import { endOfBin } from '../../tenant/application/recycle-bin.ts';
import type { Have } from '../../tenant/model.ts';
import type { Target } from './find-target.ts';
import { isKeptInBin, type TakenBack } from './take-back.ts';
import type { SignedInTeardown } from './teardown-run.ts';

const day = (date: string): string => date.slice(0, 10);

/** Days after which hard deletion protection ends (graph-docs beta, directory-deleteditems-delete). */
const protectedDays = 7;

/** Whether the account may empty the recycle bin, as far as its roles or permissions tell (graph-docs, same page). */
function mayPurge({ account }: Have): boolean {
  if (account?.kind === 'application')
    return account.permissions?.includes('Application.ReadWrite.All') === true;
  return account !== undefined && heldRoles(account).some((id) => tasks.credential.roles.includes(id));
}

const isMarked = ({ application, deleted }: Target): boolean =>
  (application ?? deleted)?.uniqueName === ownUniqueName;

/** Words that lead to the same tenant without the config file. */
function placeWords(
  { held, keepFiles, cloud, outcome, settings, sandboxWords }: SignedInTeardown,
  mode: TeardownMode,
) {
  if (sandboxWords.length > 0) return sandboxWords;
  const isFileThere = held !== undefined && (keepFiles || mode === 'deactivate');
  const tenant = isFileThere || !outcome.tenant ? [] : ['--tenant', outcome.tenant.id];
  const named =
    cloud.name === 'custom'
      ? ['--authority-host', cloud.authorityHost, '--graph-url', cloud.graphUrl]
      : cloud.name === 'global' || settings.cloud === undefined
        ? []
        : ['--cloud', cloud.name];
  return [...tenant, ...named];
}

/** The command with which setup brings the application back. */
function setupCommand(target: Target, mode: TeardownMode, run: SignedInTeardown): string {
  const { configName, io } = run;
  const words = [
    ...placeWords(run, mode),
    ...(isMarked(target) ? [] : ['--client-id', target.appId]),
    ...(configName === defaultOutput ? [] : ['--output', configName]),
  ];
  return commandLine(['setup', ...words], io);
}

/** How to undo it, where that is possible. */
export function undoOf(done: TakenBack, deletedAt: string | undefined, run: SignedInTeardown) {
  const { target, mode } = done;
  if (mode === 'deactivate') {
    return { does: 'Undo with setup, which activates it again:', run: setupCommand(target, mode, run) };
  }
  const inBin = target.isWhole && (mode === 'delete' || isKeptInBin(done));
  if (!inBin) {
    return target.isWhole
      ? {
          does: 'It cannot be undone: setup registers the application anew.',
          run: setupCommand(target, mode, run),
        }
      : { does: 'Undo with setup, which makes another credential:', run: setupCommand(target, mode, run) };
  }
  const until = endOfBin(deletedAt ?? target.deleted?.deletedDateTime ?? run.io.now().toISOString());
  return {
    does: `Undo until ${day(until)} with setup, which restores it from the recycle bin:`,
    run: setupCommand(target, mode, run),
    until,
  };
}

/** What Graph does not let go of: a success with a remark where a protection is why, else a right that is missing. */
export function purgeFindings(
  { target, refused }: TakenBack,
  deletedAt: string | undefined,
  have: Have,
  run: SignedInTeardown,
): Finding[] {
  const [first] = refused;
  if (!first) return [];
  const base = { id: 'teardown.purge', title: 'Out of the recycle bin' };
  const at = deletedAt ?? target.deleted?.deletedDateTime ?? run.io.now().toISOString();
  const until = day(endOfBin(at));
  const asked = first.stepUp || mayPurge(have);
  const words = `Microsoft Graph says ${quoted(first.words, 300)}`;
  if (!asked) {
    return [
      {
        ...base,
        status: 'fail',
        code: 'role-missing',
        evidence: `the purge was refused: it is deleted, and stays in the recycle bin until ${until}: ${words}`,
        remedy: `Emptying it takes Cloud Application Administrator: run the same command again with such an account. The files stay until then.`,
      },
    ];
  }
  const free = day(new Date(Date.parse(at) + protectedDays * 86_400_000).toISOString());
  const why = first.stepUp
    ? 'a protected action of the tenant asks for a stronger sign-in'
    : `${words}; hard deletion protection ends ${protectedDays} days after the deletion, on ${free}`;
  return [
    {
      ...base,
      status: 'warn',
      code: 'purge-protected',
      evidence: `the purge was refused: it is deleted, and Entra removes it for good on ${until}: ${why}`,
      remedy: `Nothing has to be done. To be faster, purge it at ${run.cloud.entraPortal} under App registrations > Deleted applications${first.stepUp ? '' : ` from ${free} on`}.`,
    },
  ];
}

const results: Readonly<Record<TeardownMode, string>> = {
  deactivate: 'deactivated: it gets no more tokens',
  delete: 'deleted: it lies in the recycle bin',
  purge: 'gone for good',
};

/** Tells how it ended: what became of it, what still holds the secret, and how to undo it. Gives the exit code. */
export function tell(done: TakenBack, findings: readonly Finding[], run: SignedInTeardown): ExitCode {
  const { io, outcome, held } = run;
  const { target, mode } = done;
  const { report } = io;
  outcome.checks = findings;
  const code = exitCodeFor(findings);
  report.title('Result');
  for (const finding of findings) report.finding(finding);
  report.fact('Application', `${target.name} (client ID ${target.appId})`);
  const state =
    !target.isWhole && mode !== 'deactivate'
      ? 'stays, with its service principal; what is recorded as made from here is removed'
      : results[mode];
  report.fact('State', isKeptInBin(done) ? results.delete : state);
  report.title('Next');
  report.item('Tokens that it got before work for up to an hour or so longer.');
  for (const { target: name, where } of held?.connected ?? []) {
    const what =
      mode === 'deactivate'
        ? 'still holds the credential'
        : 'still holds the credential, which opens nothing any more';
    report.item(`${name} (${where}) ${what}.`);
  }
  const { undo } = outcome;
  if (undo) {
    report.item(undo.does);
    if (undo.run !== undefined) report.code(undo.run);
  }
  return code;
}
