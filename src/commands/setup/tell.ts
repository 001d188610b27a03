import type { CredentialKind } from '../../core/choices.ts';
import { type ExitCode, exitCodes } from '../../core/errors.ts';
import { countFindings, exitCodeFor, type Finding, isUntold } from '../../core/findings.ts';
import { portalPage } from '../../entra/clouds.ts';
import { expiryOf, kindOf } from '../../tenant/credential/held-credential.ts';
import type { Change, Have } from '../../tenant/model.ts';
import type { Report } from '../../terminal/report.ts';
import { isUnproven } from '../shared/proof.ts';
import { awaitsConsent, withRefusals } from './consent.ts';
import { handOver, removeHandOff, showHandOff } from './hand-off.ts';
import type { ProvenPlan } from './plan-setup.ts';
import type { SignedInRun } from './setup-run.ts';

/** What comes next: a sentence, or a command with what it does. */
type NextLine =
  | string
  | { readonly does: string; readonly run: string }
  | { readonly offers: string; readonly run: string };

const collectorNeeds: Readonly<Record<CredentialKind, string>> = {
  secret: 'Your log collector needs the domain, client ID and client secret in',
  certificate: 'Your log collector needs the domain, client ID and certificate path in',
  federated: 'Your workload needs the tenant ID and client ID (no secret) in',
};

const stillValid: Partial<Record<Change['kind'], string>> = {
  passwordCredential: 'client secret',
  keyCredential: 'certificate',
  federatedIdentityCredential: 'federated credential',
};

const renewal = 'Renew it';

/** What comes after setup, in the order in which it is needed. */
const afterSetup = [
  { name: 'connect', offers: 'Put it to work' },
  { name: 'explore', offers: 'See the logs' },
  { name: 'verify', offers: 'Check it again' },
  { name: 'rotate', offers: renewal },
  { name: 'teardown', offers: 'Take it back' },
] as const;

/** What stays valid although another credential has taken its place, since that one is not proven. */
function leftBehind(changes: readonly Change[]): string[] {
  return changes
    .filter(({ action }) => action === 'remove')
    .map(
      ({ kind, name, id }) =>
        `The replaced ${stillValid[kind] ?? 'credential'} "${name}" (key ID ${id ?? 'unknown'}) is still valid: when the workload reads the logs, remove it under Certificates & secrets.`,
    );
}

/** What goes on working beside the new credential, and what retires it. */
function stillBeside({ created }: Have, changes: readonly Change[], retire: string): NextLine[] {
  return changes
    .filter(
      ({ action, kind, id }) => action === 'keep' && stillValid[kind] && created && id !== created.keyId,
    )
    .map(({ kind, name, id }) => ({
      does: `The replaced ${stillValid[kind]} "${name}" (key ID ${id}) is still valid. Once nobody uses it any more, this removes it:`,
      run: retire,
    }));
}

function keyLines(have: Have): string[] {
  const { created, certificates } = have;
  const certificate = created?.kind === 'certificate' ? created.certificate : certificates.saved;
  if (typeof certificate !== 'object') return [];
  const lines = [`Keep ${certificate.path} secret: whoever has its private key can read the logs.`];
  if (!certificate.isEncrypted) return lines;
  return [
    ...lines,
    'Its pass phrase is saved nowhere: Azure SDKs take it from AZURE_CLIENT_CERTIFICATE_PASSWORD.',
  ];
}

/** What comes after a run that did all it could. */
function nextSteps(
  run: {
    readonly kind: CredentialKind;
    readonly file: string;
    readonly verify: string;
    readonly commands: readonly NextLine[];
    /** Retires what was replaced. */
    readonly retire: string;
  },
  have: Have,
  changes: readonly Change[],
  findings: readonly Finding[],
): NextLine[] {
  const { kind, file, verify, commands } = run;
  const beside = stillBeside(have, changes, run.retire);
  const needs = `${collectorNeeds[kind]} ${file}.`;
  if (isUnproven(findings)) {
    return [
      'Everything is set up, but the credential is not proven: it only works inside the workload that it trusts.',
      {
        does: 'Run this there, with this file: it proves the credential, or tells what does not match.',
        run: verify,
      },
      needs,
      ...leftBehind(changes),
      ...beside,
    ];
  }
  const always = [...commands, needs, ...beside];
  if (kind === 'secret') return [...always, 'Keep that file secret: whoever has it can read the logs.'];
  return kind === 'certificate' ? [...always, ...keyLines(have)] : always;
}

function nextLines(
  { output, outcome, invocation, io }: SignedInRun,
  { have, proof }: ProvenPlan,
  changes: readonly Change[],
  code: ExitCode,
): NextLine[] {
  const { again, verify } = invocation;
  if (code === exitCodes.waiting) return [{ does: 'When consent has been given:', run: again }];
  if (code !== exitCodes.done && code !== exitCodes.attention)
    return [{ does: outcome.handOff ? 'When both are resolved:' : 'When that is resolved:', run: again }];
  const spell = io.spellerFor({ file: output.name });
  const retire = spell(['rotate', '--if-expires-within', '30d', '--yes']);
  const commands = afterSetup.map(({ name, offers }) => ({ offers, run: spell([name]) }));
  return nextSteps({ kind: kindOf(have), file: output.name, verify, commands, retire }, have, changes, proof);
}

function showNext(line: NextLine, report: Report): void {
  if (typeof line === 'string') report.item(line);
  else if ('offers' in line) report.command(line.offers, line.run);
  else {
    report.item(line.does);
    report.code(line.run);
  }
}

/** Only what needs somebody's attention, or could not be told, is told in full; the rest is counted. */
function showChecks(all: readonly Finding[], isHandedOver: boolean, report: Report): void {
  // What waits for somebody else is told once, as what is left to do.
  const findings = all.filter(({ code }) => !(isHandedOver && code === 'consent-pending'));
  const waiting = all.length - findings.length;
  const waits = waiting === 0 ? '' : `, ${waiting} ${waiting === 1 ? 'waits' : 'wait'} for consent`;
  const notPassing = findings.filter(({ status }) => status === 'warn' || status === 'fail');
  report.title('Checks');
  report.item(`${countFindings(findings)}${waits}${notPassing.length === 0 ? '' : '; these do not pass:'}`);
  for (const finding of [...notPassing, ...findings.filter(isUntold)]) report.finding(finding);
}

const isRenewal = (line: NextLine): boolean =>
  typeof line === 'object' && 'offers' in line && line.offers === renewal;

/** What was made, and what it was shown to do; `next` is what is told below it. */
function showResult(
  { have, proof }: ProvenPlan,
  { cloud, output, io }: SignedInRun,
  next: readonly NextLine[],
): void {
  const { report } = io;
  const file = output.name;
  const expires = expiryOf(have);
  report.title('Result');
  report.fact('Tenant', have.tenant.displayName);
  report.fact('Tenant ID', have.tenant.id);
  if (have.application) {
    report.fact('Application', have.application.displayName);
    report.fact('Client ID', have.application.appId);
    // The sandbox has no portal.
    if (cloud.name !== 'sandbox') report.fact('Portal', portalPage(cloud, have.application.appId));
  }
  const isPrivate = proof.some(({ id, status }) => id === 'config.mode' && status === 'pass');
  if (have.created || have.config.status === 'ok')
    report.fact('File', isPrivate ? `${file}, readable by you alone` : file);
  if (expires !== undefined) {
    const how = next.some(isRenewal) ? ' (below)' : '';
    report.fact('Valid until', `${expires.slice(0, 10)}; renew it before that day${how}`);
  }
  for (const finding of proof.filter(({ id, status }) => id.startsWith('api.') && status === 'pass')) {
    report.finding(finding);
  }
}

/**
 * Tells how it ended: the hand-off where consent is left to somebody else, the checks, what there is now and what to do
 * next. That comes last, so that it is what stays on the screen. Gives the exit code.
 */
export async function tell(proven: ProvenPlan, run: SignedInRun): Promise<ExitCode> {
  const { output, outcome, io } = run;
  const code = exitCodeFor(proven.proof);
  const left = withRefusals(proven.changes, proven.have);
  delete outcome.handOff;
  const { application } = proven.have;
  if (application) {
    const command = `${run.invocation.teardown} --confirm ${application.appId}`;
    outcome.undo = { does: 'This takes it back, into the recycle bin for 30 days:', run: command };
  }
  if (awaitsConsent(left)) {
    const handOff = await handOver(proven, run);
    if (handOff) outcome.handOff = handOff;
  } else await removeHandOff(output.path);
  showChecks(proven.proof, outcome.handOff !== undefined, io.report);
  const next = nextLines(run, proven, left, code);
  showResult(proven, run, next);
  if (outcome.handOff) showHandOff(outcome.handOff, run);
  else io.report.title('Next');
  for (const line of next) showNext(line, io.report);
  return code;
}
