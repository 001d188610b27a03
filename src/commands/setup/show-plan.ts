import { basename } from 'node:path';
import { type CredentialKind, credentialNouns } from '../../core/choices.ts';
import { formatDuration, typedDuration } from '../../core/duration.ts';
import { isPending } from '../../core/engine.ts';
import { joinWords, safeText } from '../../core/text.ts';
import { isKept } from '../../tenant/credential/credential.ts';
import { neverIssued } from '../../tenant/credential/github-subject.ts';
import type { Wanted } from '../../tenant/model.ts';
import { savedConfig } from '../../tenant/saved-config.ts';
import type { Report } from '../../terminal/report.ts';
import { describeOthers, findOtherSecrets } from './other-secrets.ts';
import type { SetupPlan } from './plan-setup.ts';
import type { SetupRun } from './setup-run.ts';

/** What a federated credential is going to trust: to be compared before it is made. */
function showTrust({ credential }: Wanted, { github }: SetupRun['settings'], report: Report): void {
  if (credential.kind !== 'federated') return;
  report.fact('Issuer', credential.issuer);
  report.fact('Subject', credential.subject);
  report.fact('Audience', credential.audience);
  report.line('  Entra compares all three byte for byte, upper and lower case too.');
  const never = neverIssued(credential.issuer, credential.subject);
  if (never !== undefined) {
    report.warn(
      `GitHub never issues a token with that subject: ${never}. The credential could not be used. --github puts it together: --github owner/repo:environment:production`,
    );
  }
  if (!github || github.isImmutable) return;
  report.warn(
    'GitHub gives newer repositories immutable subjects, with the ids of owner and repository: repo:<owner>@<owner id>/<repo>@<repo id>:… Compare with the sub claim of a real run; write such a one as --github owner@1234/repo@5678:… or with --subject.',
  );
}

const kinds: Readonly<Record<CredentialKind, string>> = {
  secret: 'client secret',
  certificate: 'certificate, its private key on this machine alone',
  federated: 'federated: no secret at all',
};

/** What a new credential is going to be; one that stays is among the changes. */
function showCredential({ want, have }: SetupPlan, report: Report): void {
  if (isKept(want, have)) return;
  const { kind } = want.credential;
  const lasts =
    kind === 'federated' || have.certificates.given ? '' : `, for ${formatDuration(want.secretLifetime)}`;
  report.fact('Credential', `${kinds[kind]}${lasts}`);
}

/** Options that were given, and change nothing: their credential is not made now. Pure. */
export function optionsWithoutEffect({ want, have }: SetupPlan, settings: SetupRun['settings']): string[] {
  const { kind } = want.credential;
  const isNamedSo = savedConfig(have)?.credential.displayName === settings.secretName;
  const given = [
    ...(settings.secretName === undefined || isNamedSo ? [] : ['--secret-name']),
    ...(settings.secretLifetime === undefined ? [] : ['--secret-lifetime']),
  ];
  return kind === 'federated' || isKept(want, have) ? given : [];
}

/** Says which options change nothing, and what does what they ask for. */
function showWithoutEffect(plan: SetupPlan, { settings, output, io }: SetupRun): void {
  const given = optionsWithoutEffect(plan, settings);
  if (given.length === 0) return;
  const { kind } = plan.want.credential;
  const change = given.length === 1 ? 'changes' : 'change';
  if (kind === 'federated') {
    io.report.item(`${joinWords(given)} ${change} nothing: a federated credential has no secret.`);
    return;
  }
  io.report.item(
    `${joinWords(given)} ${change} nothing, since the ${credentialNouns[kind]} in the file still works and stays. This makes a new one:`,
  );
  const { secretName, secretLifetime } = settings;
  const words = [
    ...(secretName === undefined ? [] : ['--secret-name', secretName]),
    ...(secretLifetime === undefined ? [] : ['--secret-lifetime', typedDuration(secretLifetime)]),
  ];
  io.report.code(io.spellerFor({ file: output.name })(['rotate', ...words]));
}

/** Why a new credential is made although the file holds one; undefined where that stays, or nothing is wrong with it. Pure. */
export function whyNew({ want, have }: SetupPlan): string | undefined {
  const { saved, config } = have;
  if (config.status !== 'ok' || saved?.reason === undefined || isKept(want, have)) return undefined;
  const { kind } = config.config.credential;
  // A federated one works only where its workload runs: that it cannot be tried here says nothing.
  const isMissing = saved.accepted === 'unknown' && kind === want.credential.kind && kind !== 'federated';
  if (saved.accepted !== 'no' && !isMissing) return undefined;
  const how = isMissing ? 'cannot be used here' : 'does not work';
  const told = `The ${credentialNouns[kind]} in the file ${how}: ${saved.reason}`;
  return /[.)]$/.test(told) ? told : `${told}.`;
}

/** What is going to be done, what is there already, and what somebody else has to do. */
export async function showPlan(plan: SetupPlan, run: SetupRun): Promise<void> {
  const { output, settings, io } = run;
  const { changes, want, have, ignores } = plan;
  const { report } = io;
  const others = describeOthers(await findOtherSecrets(changes, have, run));
  report.title('Plan');
  for (const change of changes) report.change(change);
  for (const path of ignores) {
    report.change({
      action: 'update',
      title: `Add ${safeText(basename(path), 100)} to .gitignore: git would take it in`,
    });
  }
  const why = whyNew(plan);
  if (why !== undefined) report.warn(why);
  if (others !== undefined) report.warn(`${others}.`);
  showWithoutEffect(plan, run);
  report.fact('File', output.name);
  report.fact('Domain', want.domain);
  showCredential(plan, report);
  showTrust(want, settings, report);
}

/** Whether a plan would write anything. Pure. */
export const writesAnything = ({ changes }: SetupPlan): boolean => changes.some(isPending);
