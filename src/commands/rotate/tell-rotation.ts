import { type ExitCode, exitCodes } from '../../core/errors.ts';
import { exitCodeFor, type Finding, worstOf } from '../../core/findings.ts';
import { joinWords, safeText } from '../../core/text.ts';
import { expiryOf } from '../../tenant/credential/held-credential.ts';
import type { Report } from '../../terminal/report.ts';
import type { SeenUse } from './key-use.ts';
import type { Proven } from './make-successor.ts';
import type { Retired } from './retire-replaced.ts';
import { describeUse, namedAs } from './tell-keys.ts';
import type { Handed } from './update-stores.ts';

/** What a run of rotate came to. */
export interface Rotated {
  readonly proven: Proven;
  readonly handed: Handed;
  readonly seen: SeenUse;
  readonly rows: readonly Retired[];
}

const stays: Readonly<Partial<Record<Retired['reason'], string>>> = {
  'in-use': 'it stays, since it is still used',
  unproven: 'it stays, since the credential in the file is not proven',
  'store-failed': 'it stays, since not every store has the new one',
  'logs-unavailable': 'it stays, since nobody can read now whether it is used',
  'needs-administrator': 'it stays: a client secret is removed by an administrator, without --self',
  'not-removed': 'it could not be removed',
};

/** Tokens are good until they end, whatever becomes of the credential (entra-docs configurable-token-lifetimes). */
const tokensLiveOn =
  'Tokens that the removed credential got before work for up to an hour more: nothing takes those back.';

function rowLine({ entry, lastUsed, retired, reason }: Retired, { proven, seen }: Rotated): string {
  const name = `The replaced ${namedAs(entry, proven.have)} (key ID ${entry.keyId})`;
  if (retired) return `${name} is gone${reason === 'gone' ? ': somebody else had removed it' : ''}.`;
  const use = describeUse(entry.keyId, lastUsed, seen.evidence);
  const until = `${entry.retireAfter.slice(0, 16).replace('T', ' ')} UTC`;
  return reason === 'overlap'
    ? `${name} stays until ${until} at least; ${use}.`
    : `${name}: ${stays[reason]}; ${use}.`;
}

function showLeft({ failed, left }: Handed, report: Report): void {
  for (const failure of failed)
    report.warn(`A store did not take the new credential: ${safeText(failure, 600)}`);
  if (left.length === 0) return;
  report.title('These still need the new one');
  for (const line of left) report.code(line);
}

const codes: Readonly<Partial<Record<Retired['reason'], ExitCode>>> = {
  'in-use': exitCodes.attention,
  'store-failed': exitCodes.attention,
  unproven: exitCodes.attention,
  'needs-administrator': exitCodes.attention,
  'logs-unavailable': exitCodes.unavailable,
  'not-removed': exitCodes.unavailable,
};

/** What of the replaced ones, and of what the credential was handed to, is left to do. Pure. */
export function leftToDo(rotated: Rotated): Finding[] {
  const kept = rotated.rows.filter(({ retired, reason }) => !retired && codes[reason] !== undefined);
  const rows = kept.map((row): Finding => {
    const isLater = codes[row.reason] === exitCodes.unavailable;
    return {
      id: 'credential.previous',
      title: 'Replaced credentials',
      evidence: rowLine(row, rotated),
      ...(isLater
        ? {
            status: 'fail',
            code: 'service-unavailable',
            remedy: 'Wait a few minutes, then: `reporting-setup …`',
          }
        : {
            status: 'warn',
            code: 'credential-replaced',
            remedy: 'When that is over: `reporting-setup rotate --if-expires-within 30d --yes`',
          }),
    };
  });
  const { failed } = rotated.handed;
  if (failed.length === 0) return rows;
  const stores: Finding = {
    id: 'config.connected',
    title: 'What is connected',
    status: 'warn',
    evidence: `has an older credential: ${joinWords(failed.map((failure) => safeText(failure, 600)))}`,
    remedy: 'Put that right, then: `reporting-setup rotate --if-expires-within 30d --yes`',
    code: 'connected-outdated',
  };
  return [...rows, stores];
}

/** The exit code of a run that went to its end. Pure. */
export function exitCodeOf({ proven, handed, rows }: Rotated): ExitCode {
  return worstOf([
    exitCodeFor(proven.proof),
    ...rows.map(({ retired, reason }) => (retired ? exitCodes.done : (codes[reason] ?? exitCodes.done))),
    ...(handed.failed.length > 0 ? [exitCodes.attention] : []),
  ]);
}

/** What there is now, what became of the old ones, and what comes next. */
export function tellRotation(rotated: Rotated): void {
  const { proven, handed, rows } = rotated;
  const { run, have } = proven;
  const { report } = run.io;
  run.outcome.checks = [...(run.outcome.checks ?? []), ...leftToDo(rotated)];
  report.title('Result');
  const expires = expiryOf(have);
  if (have.created) report.fact('In the file', `a new ${namedAs(have.created, have)}, proven`);
  report.fact('File', run.output.name);
  if (expires !== undefined) report.fact('Valid until', expires.slice(0, 10));
  for (const row of rows) report.item(rowLine(row, rotated));
  if (rows.some(({ retired, reason }) => retired && reason !== 'gone' && reason !== 'expired'))
    report.line(tokensLiveOn);
  showLeft(handed, report);
  const waits = rows.some(({ retired }) => !retired);
  if (!waits && handed.failed.length === 0) return;
  report.title('Next');
  report.item('When its time is over, or each night, this retires what nobody uses any more:');
  const self = run.request.self ? ['--self'] : [];
  const spell = run.io.spellerFor({ file: run.output.name });
  report.code(spell(['rotate', ...self, '--if-expires-within', '30d', '--yes']));
}
