import { handOffPath } from '../../config/output-files.ts';
import type { CredentialKind } from '../../core/choices.ts';
import { type ExitCode, exitCodes } from '../../core/errors.ts';
import { countFindings, exitCodeFor, type Finding, isUntold } from '../../core/findings.ts';
import { expiryOf, kindOf } from '../../tenant/credential/held-credential.ts';
import type { Change, Have } from '../../tenant/model.ts';
import type { Report } from '../../terminal/report.ts';
import { isUnproven } from '../shared/proof.ts';
import { awaitsConsent, withRefusals } from './consent.ts';
import { handOver, removeHandOff } from './hand-off.ts';
import type { ProvenPlan } from './plan-setup.ts';
import type { SignedInRun } from './setup-run.ts';

/** What comes next: a sentence, or a command with what it does. */
type NextLine = string | { readonly does: string; readonly run: string };

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
function stillBeside({ created }: Have, changes: readonly Change[], rotate: string): NextLine[] {
  return changes
    .filter(
      ({ action, kind, id }) => action === 'keep' && stillValid[kind] && created && id !== created.keyId,
    )
    .map(({ kind, name, id }) => ({
      does: `The replaced ${stillValid[kind]} "${name}" (key ID ${id}) is still valid. Once nobody uses it any more, this removes it:`,
      run: `${rotate} --if-expires-within 30d`,
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
    readonly connect: string;
    readonly rotate: string;
  },
  have: Have,
  changes: readonly Change[],
  findings: readonly Finding[],
): NextLine[] {
  const { kind, file, verify, connect, rotate } = run;
  const beside = stillBeside(have, changes, rotate);
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
  const always = [
    { does: 'To put it to work in a collector, a secret store, your own code or a calendar:', run: connect },
    { does: 'To check all of this again, at any time:', run: verify },
    needs,
    ...beside,
  ];
  if (kind === 'secret') return [...always, 'Keep that file secret: whoever has it can read the logs.'];
  return kind === 'certificate' ? [...always, ...keyLines(have)] : always;
}

function nextLines(
  { output, outcome, invocation }: SignedInRun,
  { have, proof }: ProvenPlan,
  changes: readonly Change[],
  code: ExitCode,
): NextLine[] {
  const { again, verify, connect, rotate } = invocation;
  const { handOff } = outcome;
  const sent = handOff?.path === undefined ? 'the lines above' : `the file ${handOffPath(output.name)}`;
  const send = handOff === undefined ? [] : [`Send ${sent} to somebody who may grant.`];
  if (code === exitCodes.waiting) return [...send, { does: 'When consent has been given:', run: again }];
  if (code !== exitCodes.done && code !== exitCodes.attention)
    return [...send, { does: 'When that is resolved:', run: again }];
  return nextSteps({ kind: kindOf(have), file: output.name, verify, connect, rotate }, have, changes, proof);
}

function showNext(line: NextLine, report: Report): void {
  report.item(typeof line === 'string' ? line : line.does);
  if (typeof line !== 'string') report.code(line.run);
}

/** Only what needs somebody's attention, or could not be told, is told in full; the rest is counted. */
function showChecks(findings: readonly Finding[], report: Report): void {
  const notPassing = findings.filter(({ status }) => status === 'warn' || status === 'fail');
  report.title('Checks');
  report.item(`${countFindings(findings)}${notPassing.length === 0 ? '' : '; these do not pass:'}`);
  for (const finding of [...notPassing, ...findings.filter(isUntold)]) report.finding(finding);
}

/** What was made, and what it was shown to do. */
function showResult({ have, proof }: ProvenPlan, file: string, report: Report): void {
  const expires = expiryOf(have);
  report.title('Result');
  report.fact('Tenant', have.tenant.displayName);
  if (have.application) {
    report.fact('Application', have.application.displayName);
    report.fact('Client ID', have.application.appId);
  }
  const isPrivate = proof.some(({ id, status }) => id === 'config.mode' && status === 'pass');
  if (have.created || have.config.status === 'ok')
    report.fact('File', isPrivate ? `${file}, readable by you alone` : file);
  if (expires !== undefined) report.fact('Valid until', expires.slice(0, 10));
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
  if (awaitsConsent(left)) {
    const handOff = await handOver(proven, run);
    if (handOff) outcome.handOff = handOff;
  } else await removeHandOff(output.path);
  showChecks(proven.proof, io.report);
  showResult(proven, output.name, io.report);
  io.report.title('Next');
  for (const line of nextLines(run, proven, left, code)) showNext(line, io.report);
  return code;
}
