import type { ReportingConfig } from '../../config/config.ts';
import type { Finding } from '../../core/findings.ts';

/** What the file knows of why Entra refuses every credential of the application: teardown deactivated it. Pure. */
export function explainDeactivation(findings: readonly Finding[], config: ReportingConfig): Finding[] {
  const { deactivatedAt } = config.application;
  if (deactivatedAt === undefined) return [...findings];
  return findings.map((finding) =>
    finding.code === 'service-principal-disabled'
      ? {
          ...finding,
          code: 'application-deactivated',
          evidence: `teardown deactivated the application on ${deactivatedAt.slice(0, 10)}: it gets no tokens`,
          remedy: 'This activates it again: `reporting-setup`',
        }
      : finding,
  );
}
