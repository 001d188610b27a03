import type { Finding } from '../../core/findings.ts';
import { describeAccount } from '../../tenant/account/account.ts';
import type { Account, Tenant } from '../../tenant/directory-objects.ts';
import type { Report } from '../../terminal/report.ts';

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
