import type { CredentialKind } from '../../core/choices.ts';
import { addDuration, type Duration, formatDuration } from '../../core/duration.ts';
import type { Finding } from '../../core/findings.ts';
import type { CredentialPolicy } from '../directory-objects.ts';
import { fine, notChecked, odd, type Verdict } from './drift.ts';
import type { ListedCredential } from './surroundings.ts';

const day = 86_400_000;

const inDays = (milliseconds: number): string => {
  const days = Math.round(milliseconds / day);
  return `${days} ${days === 1 ? 'day' : 'days'}`;
};

/** What is in use stays in use: a policy holds for what is added from now on. */
function judgeCap(cap: Duration, kind: CredentialKind, entry: ListedCredential | undefined): Verdict {
  const start = Date.parse(entry?.startDateTime ?? '');
  const end = Date.parse(entry?.endDateTime ?? '');
  const allowed = formatDuration(cap);
  if (Number.isNaN(start) || Number.isNaN(end))
    return fine(`the next one may be valid for ${allowed} at most`);
  if (end <= addDuration(new Date(start), cap).getTime()) return fine(`within the cap of ${allowed}`);
  return odd(
    'policy-caps-lifetime',
    `the ${kind} in use is valid for ${inDays(end - start)}, and the tenant now allows ${allowed}`,
    `It goes on working; the next one is valid for ${allowed} at most: plan to renew it that often.`,
  );
}

/** A secret in use outlives the policy that blocks the next one. */
export const secretsNowBlocked: Verdict = odd(
  'policy-blocks-secrets',
  "the tenant's app management policy now blocks client secrets: the one in use works until it ends, and no new one can be made",
  'Before it ends, run reporting-setup --credential certificate (or federated), or ask for an exemption for this application.',
);

function judgePolicy(
  policy: CredentialPolicy,
  kind: CredentialKind,
  entry: ListedCredential | undefined,
): Verdict {
  if (kind === 'secret' && policy.secretsBlocked) return secretsNowBlocked;
  const cap = kind === 'secret' ? policy.secretLifetimeCap : policy.certificateLifetimeCap;
  return cap ? judgeCap(cap, kind, entry) : fine('no restriction applies');
}

/** What the tenant's policies will say when the credential in use is renewed. Pure. */
export function checkRenewal(
  policy: CredentialPolicy | undefined,
  kind: CredentialKind,
  entry: ListedCredential | undefined,
): Finding {
  const check = { id: 'policy.credential', title: 'Policy allows the next credential' };
  if (kind === 'federated') return { ...check, ...fine('there is nothing that has to be renewed') };
  if (!policy?.isReadable) return { ...check, ...notChecked('this account may not read the policy') };
  return { ...check, ...judgePolicy(policy, kind, entry) };
}
