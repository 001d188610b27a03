import type { Settings } from '../../cli/options.ts';
import type { CredentialKind } from '../../core/choices.ts';
import type { Finding } from '../../core/findings.ts';
import type { Change, Have, Wanted } from '../../tenant/model.ts';
import type { Report } from '../../terminal/io.ts';
import type { NextLine } from '../shared/show.ts';

/** Whether the credential was left unproven because that takes the workload it is for. Pure. */
export const isUnproven = (findings: readonly Finding[]): boolean =>
  findings.some(({ id, status }) => id === 'credential.token' && status === 'skip');

/** What a federated credential is going to trust: to be compared before it is made. */
export function showTrust({ credential }: Wanted, { github }: Settings, report: Report): void {
  if (credential.kind !== 'federated') return;
  report.fact('Issuer', credential.issuer);
  report.fact('Subject', credential.subject);
  report.fact('Audience', credential.audience);
  report.line('  Entra compares all three byte for byte, upper and lower case too.');
  if (!github || github.isImmutable) return;
  report.warn(
    'GitHub gives newer repositories immutable subjects, with the ids of owner and repository: repo:<owner>@<owner id>/<repo>@<repo id>:… Compare with the sub claim of a real run; write such a one as --github owner@1234/repo@5678:… or with --subject.',
  );
}

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
export function nextSteps(
  run: { readonly kind: CredentialKind; readonly file: string; readonly verify: string },
  have: Have,
  changes: readonly Change[],
  findings: readonly Finding[],
): NextLine[] {
  const { kind, file, verify } = run;
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
    ];
  }
  const always = [{ does: 'To check all of this again, at any time:', run: verify }, needs];
  if (kind === 'secret') return [...always, 'Keep that file secret: whoever has it can read the logs.'];
  return kind === 'certificate' ? [...always, ...keyLines(have)] : always;
}
