import type { Settings } from '../../cli/settings.ts';
import type { CredentialKind } from '../../core/choices.ts';
import { type Duration, formatDuration, parseDuration } from '../../core/duration.ts';
import { WizardError } from '../../core/errors.ts';
import type { Cloud } from '../../entra/clouds.ts';
import { failedWith } from '../../graph/directory-error.ts';
import { gitHubIssuer, parseIssuer, parseSubject } from '../../tenant/credential/github-subject.ts';
import type { Have, Trust, Wanted, WantedCredential } from '../../tenant/model.ts';
import { isUsable } from '../../tenant/saved-config.ts';
import type { Choice, Prompt } from '../../terminal/prompt.ts';
import type { Io } from '../shared/io.ts';
import { defaultAudience } from '../shared/open-credential.ts';

/** What is settled about the credential. */
export type CredentialChoices = Pick<Wanted, 'credential' | 'secretLifetime' | 'freshSecret'>;

/** Microsoft advises a year at most for certificates; two for secrets are the original document's. */
const defaultLifetimes = { secret: '2y', certificate: '1y', federated: '1y' } as const;
const offered = ['90d', '6mo', '1y', '2y'] as const;
const called = {
  secret: 'client secret',
  certificate: 'certificate',
  federated: 'federated credential',
} as const;

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

async function chooseLifetime(settings: Settings, kind: CredentialKind, have: Have, prompt: Prompt) {
  if (settings.secretLifetime !== undefined) return settings.secretLifetime;
  const { policy } = have;
  const cap = kind === 'certificate' ? policy?.certificateLifetimeCap : policy?.secretLifetimeCap;
  const choices = lifetimeChoices(kind, cap);
  const fallback = choices.at(-1)?.value ?? parseDuration(defaultLifetimes[kind]);
  return prompt.select({ message: `How long the ${called[kind]} is valid`, choices, fallback });
}

/** Whether another one is made although the saved one still works: only a person may say so. */
async function chooseFresh(kind: 'secret' | 'certificate', have: Have, prompt: Prompt): Promise<boolean> {
  if (have.saved?.accepted !== 'yes') return false;
  const until = have.saved.expires.slice(0, 10);
  return prompt.select({
    message: `The ${called[kind]} in the file still works`,
    choices: [
      { value: false, label: until === '' ? 'Keep it' : `Keep it (valid until ${until})` },
      { value: true, label: 'Make a new one; this one stays valid until rotate retires it' },
    ],
    fallback: false,
  });
}

/** Asks for what a federated credential needs; where nobody answers, the plan tells what is missing. */
async function askText(message: string, fallback: string, parse: (text: string) => string, prompt: Prompt) {
  const validate = (text: string): string | undefined => {
    try {
      parse(text);
      return undefined;
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      return error.message;
    }
  };
  return prompt.text({ message, fallback, validate });
}

async function chooseTrust(settings: Settings, have: Have, cloud: Cloud, prompt: Prompt): Promise<Trust> {
  const held = have.config.status === 'ok' ? have.config.config.credential : undefined;
  const { github } = settings;
  const saved = held?.kind === 'federated' && settings.credential === undefined ? held : undefined;
  const issuer =
    settings.issuer ??
    github?.issuer ??
    saved?.issuer ??
    (await askText('Issuer of the tokens (iss)', gitHubIssuer, parseIssuer, prompt));
  const subject =
    settings.subject ??
    github?.subject ??
    saved?.subject ??
    (await askText('Subject of the tokens (sub)', '', parseSubject, prompt));
  const audience = settings.audience ?? saved?.audience ?? defaultAudience(cloud);
  return { issuer, subject, audience };
}

/** A person may go on with a certificate where secrets are blocked; without one the plan tells what is in the way. */
async function insteadOfSecret(have: Have, prompt: Prompt): Promise<'secret' | 'certificate'> {
  if (!have.policy?.secretsBlocked || isUsable(have)) return 'secret';
  const answer = await offerCertificate(prompt);
  if (answer !== 'stop') return answer;
  throw new WizardError('policy-blocks-secrets', 'Stopped: a policy of this tenant blocks client secrets.', {
    remedy: 'Run it again with --credential certificate, or have this application exempted from the policy.',
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

function wantedKind(settings: Settings, have: Have): CredentialKind {
  const saved = have.config.status === 'ok' ? have.config.config.credential.kind : undefined;
  return settings.credential ?? saved ?? 'secret';
}

async function settleKind(
  settings: Settings,
  have: Have,
  cloud: Cloud,
  prompt: Prompt,
): Promise<WantedCredential> {
  const kind = wantedKind(settings, have);
  if (kind === 'federated') return { kind, ...(await chooseTrust(settings, have, cloud, prompt)) };
  const settled = kind === 'secret' ? await insteadOfSecret(have, prompt) : kind;
  if (settled === 'secret') return { kind: settled };
  const path = have.certificates.given?.path;
  return { kind: settled, ...(path === undefined ? {} : { path }) };
}

/** Settles kind, lifetime and freshness of the credential. Throws WizardError where a person stops. */
export async function chooseCredential(
  settings: Settings,
  have: Have,
  cloud: Cloud,
  prompt: Prompt,
): Promise<CredentialChoices> {
  const credential = await settleKind(settings, have, cloud, prompt);
  const { kind } = credential;
  const unasked = { credential, secretLifetime: parseDuration(defaultLifetimes[kind]), freshSecret: false };
  if (kind === 'federated' || (credential.kind === 'certificate' && credential.path !== undefined))
    return unasked;
  const isSame = have.config.status === 'ok' && have.config.config.credential.kind === kind;
  const freshSecret = isSame && (await chooseFresh(kind, have, prompt));
  if (isSame && isUsable(have) && !freshSecret) return unasked;
  return { credential, secretLifetime: await chooseLifetime(settings, kind, have, prompt), freshSecret };
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
