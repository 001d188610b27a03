import { formatDuration, parseDuration } from '../../core/duration.ts';
import { failedWith } from '../../graph/directory-error.ts';
import type { Wanted } from '../../tenant/model.ts';
import type { Prompt } from '../../terminal/prompt.ts';
import type { Io } from '../shared/io.ts';
import { lifetimeChoices, offerCertificate } from './wanted-credential.ts';

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
