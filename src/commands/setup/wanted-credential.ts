import type { Settings } from '../../cli/settings.ts';
import { type CredentialKind, credentialKinds, credentialNouns } from '../../core/choices.ts';
import { type Duration, formatDuration, parseDuration } from '../../core/duration.ts';
import { WizardError } from '../../core/errors.ts';
import type { Cloud } from '../../entra/clouds.ts';
import { failedWith } from '../../graph/directory-error.ts';
import type { Have, Wanted, WantedCredential } from '../../tenant/model.ts';
import { isUsable } from '../../tenant/saved-config.ts';
import type { Choice, Prompt } from '../../terminal/prompt.ts';
import type { Io } from '../shared/io.ts';
import { chooseTrust } from './federated-trust.ts';

/** What is settled about the credential. */
export type CredentialChoices = Pick<Wanted, 'credential' | 'secretLifetime' | 'freshSecret'>;

/** Who answers questions. */
export interface Answers {
  /** What nothing stands in for, such as whose tokens to trust. */
  readonly needed: Prompt;
  /** What has a default. */
  readonly offered: Prompt;
  /** What was wanted before somebody changed something: the answers to begin with. */
  readonly before?: Wanted | undefined;
  readonly now: Date;
}

/** Microsoft advises a year at most for certificates; two for secrets are the original document's. */
const defaultLifetimes = { secret: '2y', certificate: '1y', federated: '1y' } as const;
const offered = ['90d', '6mo', '1y', '2y'] as const;

const longerThan = (a: Duration, b: Duration): boolean =>
  a.months * 30.44 + a.days > b.months * 30.44 + b.days + 1;

/** Lifetimes to choose from, none over `cap`; a cap that is none of them comes last. Pure. */
export function lifetimeChoices(kind: CredentialKind, cap: Duration | undefined): Choice<Duration>[] {
  const most = parseDuration(defaultLifetimes[kind]);
  const usual = offered.map((text) => parseDuration(text)).filter((value) => !longerThan(value, most));
  const allowed = usual.filter((value) => !cap || !longerThan(value, cap));
  const all = cap && allowed.length < usual.length ? [...allowed, cap] : allowed;
  return all.map((value) => ({
    value,
    label: value === cap ? `${formatDuration(value)} (the most this tenant allows)` : formatDuration(value),
  }));
}

async function chooseLifetime(settings: Settings, kind: CredentialKind, have: Have, answers: Answers) {
  if (settings.secretLifetime !== undefined) return settings.secretLifetime;
  const { policy } = have;
  const cap = kind === 'certificate' ? policy?.certificateLifetimeCap : policy?.secretLifetimeCap;
  const choices = lifetimeChoices(kind, cap);
  const { before } = answers;
  const held = before?.credential.kind === kind ? formatDuration(before.secretLifetime) : undefined;
  const again = choices.find(({ value }) => formatDuration(value) === held) ?? choices.at(-1);
  const fallback = again?.value ?? parseDuration(defaultLifetimes[kind]);
  return answers.offered.select({
    message: `How long the ${credentialNouns[kind]} is valid`,
    choices,
    fallback,
  });
}

/** Milliseconds within which the end of a credential is a reason to ask. */
const soon = 30 * 86_400_000;

/**
 * Whether another one is made although the saved one still works: only a person may say so, who is asked without having
 * asked for it where the end is near.
 */
async function chooseFresh(kind: 'secret' | 'certificate', have: Have, answers: Answers): Promise<boolean> {
  if (have.saved?.accepted !== 'yes') return false;
  const until = have.saved.expires.slice(0, 10);
  const endsSoon = Date.parse(have.saved.expires) - answers.now.getTime() < soon;
  return (endsSoon ? answers.needed : answers.offered).select({
    message: `The ${credentialNouns[kind]} in the file still works`,
    choices: [
      { value: false, label: until === '' ? 'Keep it' : `Keep it (valid until ${until})` },
      { value: true, label: 'Make a new one; this one stays valid until rotate retires it' },
    ],
    fallback: answers.before?.freshSecret ?? false,
  });
}

/** A person may go on with a certificate where secrets are blocked; without one the plan tells what is in the way. */
async function insteadOfSecret(have: Have, prompt: Prompt): Promise<'secret' | 'certificate'> {
  if (!have.policy?.secretsBlocked || isUsable(have)) return 'secret';
  const answer = await offerCertificate(prompt);
  if (answer !== 'stop') return answer;
  throw new WizardError('policy-blocks-secrets', 'Stopped: a policy of this tenant blocks client secrets.', {
    remedy:
      'Make a certificate: `reporting-setup --credential certificate`, or have this application exempted from the policy.',
  });
}

/** Asks for a certificate in place of a secret that a policy blocks; `secret` where nobody is asked. */
export function offerCertificate(prompt: Prompt): Promise<'secret' | 'certificate' | 'stop'> {
  return prompt.select<'secret' | 'certificate' | 'stop'>({
    message: 'A policy of this tenant blocks client secrets',
    choices: [
      { value: 'certificate', label: 'Make a certificate instead, its private key on this machine only' },
      { value: 'stop', label: 'Stop here' },
    ],
    fallback: 'secret',
  });
}

const kindLabels: Readonly<Record<CredentialKind, string>> = {
  secret: 'Client secret (a password: what most collectors take)',
  certificate: 'Certificate (its private key stays on this machine)',
  federated: 'Federated (no secret: tokens of GitHub Actions, Kubernetes …)',
};

async function chooseKind(settings: Settings, have: Have, answers: Answers): Promise<CredentialKind> {
  if (settings.credential !== undefined) return settings.credential;
  const saved = have.config.status === 'ok' ? have.config.config.credential.kind : undefined;
  return answers.offered.select<CredentialKind>({
    message: 'Credential',
    choices: credentialKinds.map((value) => ({ value, label: kindLabels[value] })),
    fallback: answers.before?.credential.kind ?? saved ?? 'secret',
  });
}

async function settleKind(
  settings: Settings,
  have: Have,
  cloud: Cloud,
  answers: Answers,
): Promise<WantedCredential> {
  const { needed } = answers;
  const kind = await chooseKind(settings, have, answers);
  if (kind === 'federated') return { kind, ...(await chooseTrust(settings, have, cloud, needed)) };
  const settled = kind === 'secret' ? await insteadOfSecret(have, needed) : kind;
  if (settled === 'secret') return { kind: settled };
  const path = have.certificates.given?.path;
  return { kind: settled, ...(path === undefined ? {} : { path }) };
}

/** Settles kind, lifetime and freshness of the credential. Throws WizardError where a person stops. */
export async function chooseCredential(
  settings: Settings,
  have: Have,
  cloud: Cloud,
  answers: Answers,
): Promise<CredentialChoices> {
  const credential = await settleKind(settings, have, cloud, answers);
  const { kind } = credential;
  const unasked = { credential, secretLifetime: parseDuration(defaultLifetimes[kind]), freshSecret: false };
  if (kind === 'federated' || (credential.kind === 'certificate' && credential.path !== undefined))
    return unasked;
  const isSame = have.config.status === 'ok' && have.config.config.credential.kind === kind;
  const freshSecret = isSame && (await chooseFresh(kind, have, answers));
  if (isSame && isUsable(have) && !freshSecret) return unasked;
  return { credential, secretLifetime: await chooseLifetime(settings, kind, have, answers), freshSecret };
}

/** Graph's codes for what an app management policy forbids (entra-docs configure-app-management-policies). */
const isRefusedKind = (error: unknown): boolean =>
  failedWith(error, ({ code }) => code === 'CredentialTypeNotAllowedAsPerAppPolicy');
const isRefusedLifetime = (error: unknown): boolean =>
  failedWith(error, ({ code }) => code === 'CredentialInvalidLifetimeAsPerAppPolicy');

async function certificateInstead(want: Wanted, prompt: Prompt): Promise<Wanted | undefined> {
  if ((await offerCertificate(prompt)) !== 'certificate') return undefined;
  return { ...want, credential: { kind: 'certificate' }, secretLifetime: parseDuration('1y') };
}

const inDays = ({ months, days }: Wanted['secretLifetime']): number => months * 30.44 + days;

/** The refusal does not say what is allowed: where nobody is asked, one length after the other is tried. */
async function shorterInstead(
  want: Wanted,
  { prompt, report, asks }: Pick<Io, 'prompt' | 'report' | 'asks'>,
): Promise<Wanted | undefined> {
  const { kind } = want.credential;
  const shorter = lifetimeChoices(kind, undefined).filter(
    ({ value }) => inDays(value) < inDays(want.secretLifetime),
  );
  const longest = shorter.at(-1);
  if (!longest) return undefined;
  const message = `A policy of this tenant allows no credential that is valid for ${formatDuration(want.secretLifetime)}`;
  if (!asks) report.warn(`${message}: trying ${longest.label}.`);
  const secretLifetime = await prompt.select<Wanted['secretLifetime'] | undefined>({
    message,
    choices: [...shorter.toReversed(), { value: undefined, label: 'Stop here' }],
    fallback: longest.value,
  });
  return secretLifetime && { ...want, secretLifetime };
}

/**
 * What to make in place of a credential that the tenant's policy refused: a shorter one, or, where a person says so, a
 * certificate; undefined where it was refused for another reason, where nothing is left to try, or a person stops.
 */
export async function wantedInstead(
  error: unknown,
  want: Wanted,
  io: Pick<Io, 'prompt' | 'report' | 'asks'>,
): Promise<Wanted | undefined> {
  const { credential } = want;
  const isOwnFile = credential.kind === 'certificate' && credential.path !== undefined;
  const asksForKind = isRefusedKind(error) && credential.kind === 'secret';
  const asksForTime = isRefusedLifetime(error) && !isOwnFile;
  if (!asksForKind && !asksForTime) return undefined;
  io.report.stop('fail');
  return asksForKind ? certificateInstead(want, io.prompt) : shorterInstead(want, io);
}
