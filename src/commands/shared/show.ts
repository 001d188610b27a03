import type { Finding } from '../../core/findings.ts';
import { joinWords } from '../../core/text.ts';
import type { Account, Tenant } from '../../tenant/directory-objects.ts';
import type { Change, Have, Wanted } from '../../tenant/model.ts';
import type { Report } from '../../terminal/report.ts';

/** `ada@contoso.com (Global Administrator)`. */
export function describeAccount(account: Account): string {
  if (account.kind === 'application') return `${account.name} (application)`;
  const names = account.roles?.map((role) => role.displayName).filter((name) => name !== '');
  const roles = names ? joinWords(names) || 'no active role' : 'roles not readable';
  return `${account.name} (${account.isGuest ? 'guest, ' : ''}${roles})`;
}

/** Who is signed in where: shown before anything is written. */
export function showTenant(
  tenant: Tenant,
  account: Account | undefined,
  domain: string,
  report: Report,
): void {
  report.title('Tenant and account');
  report.fact('Tenant', `${tenant.displayName} (${domain})`);
  report.fact('Tenant ID', tenant.id);
  if (account) report.fact('Account', describeAccount(account));
}

/** Findings under a heading; a heading without findings is left out. */
export function showFindings(title: string, findings: readonly Finding[], report: Report): void {
  if (findings.length === 0) return;
  report.title(title);
  for (const finding of findings) report.finding(finding);
}

/** What is going to be done, what is there already, and what somebody else has to do. */
export function showPlan(changes: readonly Change[], want: Wanted, path: string, report: Report): void {
  report.title('Plan');
  for (const change of changes) report.change(change);
  report.fact('Domain', want.domain);
  report.fact('File', path);
}

/** Only what needs somebody's attention is told in full; the rest is counted. */
export function showChecks(findings: readonly Finding[], report: Report): void {
  const loud = findings.filter(({ status }) => status === 'warn' || status === 'fail');
  const count = (wanted: Finding['status']): number =>
    findings.filter(({ status }) => status === wanted).length;
  const left = count('skip');
  const leftOut = left === 0 ? '' : `, ${left} ${left === 1 ? 'was' : 'were'} left out`;
  report.title('Checks');
  report.item(
    `${count('pass')} of ${findings.length} checks pass${leftOut}${loud.length === 0 ? '' : '; these do not:'}`,
  );
  for (const finding of loud) report.finding(finding);
}

/** What comes next: a sentence, or a command with what it does. */
export type NextLine = string | { readonly does: string; readonly run: string };

function showNext(line: NextLine, report: Report): void {
  report.item(typeof line === 'string' ? line : line.does);
  if (typeof line !== 'string') report.code(line.run);
}

/** What was made, what it was shown to do, and what comes next. */
export function showResult(
  facts: {
    readonly have: Have;
    readonly expires: string | undefined;
    readonly path: string;
    readonly findings: readonly Finding[];
    readonly next: readonly NextLine[];
  },
  report: Report,
): void {
  const { have, expires, path, findings, next } = facts;
  report.title('Result');
  report.fact('Tenant', have.tenant.displayName);
  if (have.application) {
    report.fact('Application', have.application.displayName);
    report.fact('Client ID', have.application.appId);
  }
  if (have.created || have.config.status === 'ok') report.fact('File', `${path}, readable by you alone`);
  if (expires !== undefined) report.fact('Valid until', expires.slice(0, 10));
  for (const finding of findings.filter(({ id, status }) => id.startsWith('api.') && status === 'pass')) {
    report.finding(finding);
  }
  report.title('Next');
  for (const line of next) showNext(line, report);
}
