import type { ReportingConfig } from '../../config/config.ts';
import { check } from '../../core/engine.ts';
import { WizardError } from '../../core/errors.ts';
import type { Finding } from '../../core/findings.ts';
import { inRemedy } from '../../core/remedy.ts';
import { shellWord } from '../../core/text.ts';
import type { Cloud } from '../../entra/clouds.ts';
import { describeAccount } from '../../tenant/account/account.ts';
import { requireActive } from '../../tenant/application/activation.ts';
import type { Have, Wanted } from '../../tenant/model.ts';
import { steps } from '../../tenant/steps.ts';
import { showFindings } from '../../terminal/report.ts';
import { reached } from '../setup/setup-outcome.ts';
import { checkClock } from '../shared/clock-check.ts';
import { withRotateRemedy } from './rotate-remedies.ts';
import type { SignedInRotateRun } from './rotate-run.ts';

/** What has to be so before a credential is made or removed; permissions and logs are for the proof. */
const concerns = /^(auth\.guest|app\.(application|servicePrincipal)|licence\.premium)$/;

/** An automation that may change what it owns alone is made an owner by one request (graph-docs application-post-owners). */
function ownerRequest({ application, account }: Have, { name, graphUrl }: Cloud): string {
  const url = `${graphUrl}/v1.0/applications/${application?.id ?? ''}/owners/$ref`;
  const body = JSON.stringify({ '@odata.id': `${graphUrl}/v1.0/directoryObjects/${account?.id ?? ''}` });
  const resource = name === 'global' ? '' : ` --resource ${shellWord(graphUrl)}`;
  return `az rest --method POST --url ${shellWord(url)}${resource} --headers "Content-Type=application/json" --body ${shellWord(body)}`;
}

/** What an automation lacks is given by a request that can be copied. */
function withOwnerRequest(finding: Finding, have: Have, cloud: Cloud): Finding {
  const isOfAutomation = finding.id === 'role.credential' && have.account?.kind === 'application';
  if (finding.status !== 'fail' || !isOfAutomation || have.account?.id === '') return finding;
  const remedy = `${finding.remedy ?? ''} An administrator makes it an owner with: \`${inRemedy(ownerRequest(have, cloud))}\``;
  return { ...finding, remedy };
}

/**
 * Judges what the tenant and the account allow, and shows it. Throws WizardError `application-missing` where the file's
 * application is gone, and `application-deactivated` where it gets no tokens.
 */
export function judgeRotation(want: Wanted, have: Have, run: SignedInRotateRun): readonly Finding[] {
  const { io, cloud, due, request, outcome, held, connection } = run;
  if (!have.application) throw applicationGone(held);
  requireActive(have);
  const isConcern = ({ id }: Finding): boolean =>
    concerns.test(id) ||
    (id === 'role.credential' && !request.self) ||
    (id === 'policy.credential' && due.makes && !request.self);
  const judged = check(steps, want, have, io.now())
    .filter(isConcern)
    .map((finding) => withOwnerRequest(withRotateRemedy(finding), have, connection.cloud));
  const findings = [...checkClock(io.clock.ahead()), ...judged];
  showFindings('Prerequisites', findings, io.report);
  const account = have.account ? describeAccount(have.account) : '';
  const all = [...reached(cloud, account, undefined), ...findings];
  outcome.checks = all;
  return all;
}

/** Nothing can be rotated in it. */
export const applicationGone = ({ clientId }: Pick<ReportingConfig, 'clientId'>): WizardError =>
  new WizardError('application-missing', `The tenant has no application with client ID ${clientId}.`, {
    remedy: 'This restores the application, or registers it anew: `reporting-setup`',
  });

/** Whether nothing can be made or removed: the account may not, or the application gets no tokens. Pure. */
export const cannotRotate = (findings: readonly Finding[]): boolean =>
  findings.some(
    ({ id, status }) =>
      status === 'fail' && /^(role\.credential|policy\.credential|app\.servicePrincipal)$/.test(id),
  );
