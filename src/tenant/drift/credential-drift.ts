import type { ReportingConfig } from '../../config/config.ts';
import { sameId } from '../../core/fields.ts';
import type { Finding } from '../../core/findings.ts';
import { quoted } from '../../core/text.ts';
import type { FederatedCredential } from '../directory-objects.ts';
import { type Check, fine, judge, listed, notChecked, odd, type Verdict } from './drift.ts';
import type {
  ApplicationDetail,
  ListedCredential,
  ListedCredentials,
  Seen,
  Surroundings,
} from './surroundings.ts';

type Held = ReportingConfig['credential'];

const endOf = ({ endDateTime }: ListedCredential): string => endDateTime.slice(0, 10) || 'no day known';

const show = (credential: ListedCredential): string =>
  `${quoted(credential.displayName ?? 'without a name')} (key ID ${credential.keyId}, ends ${endOf(credential)})`;

/** One whose end is not known may still open something. */
const hasEnded = ({ endDateTime }: ListedCredential, now: Date): boolean =>
  Date.parse(endDateTime) <= now.getTime();

/** The entry that the config file names. Pure. */
export function heldEntry(
  held: Held,
  { secrets, certificates }: ListedCredentials,
): ListedCredential | undefined {
  const entries = held.kind === 'secret' ? secrets : held.kind === 'certificate' ? certificates : [];
  return entries.find(({ keyId }) => sameId(keyId, held.keyId));
}

const isHeldTrust = (held: Held, { id, issuer, subject }: FederatedCredential): boolean =>
  sameId(id, held.keyId) || (issuer === held.issuer && subject === held.subject);

const unregistered = (evidence: string): Verdict => ({
  status: 'fail',
  evidence,
  remedy: 'Run reporting-setup again: it makes a new one. Somebody, or another machine, removed this one.',
  code: 'credential-unregistered',
});

function judgeTrust(held: Held, trusts: readonly FederatedCredential[]): Verdict {
  const found = trusts.find((trust) => isHeldTrust(held, trust));
  if (found) return fine(`${quoted(found.name)}, for ${quoted(found.subject)}`);
  return unregistered(
    `the application does not trust ${quoted(held.subject ?? '')} of ${quoted(held.issuer ?? '')}`,
  );
}

function judgeHeld(held: Held, { credentials }: ApplicationDetail): Verdict {
  if (held.keyId === undefined) return notChecked('the file names no key ID');
  const entry = heldEntry(held, credentials);
  if (entry) return fine(show(entry));
  return unregistered(`the application lists no ${held.kind} with key ID ${held.keyId}`);
}

const removal =
  "It may be another machine's: find out whose it is before anybody removes it, under App registrations > Certificates & secrets.";

/** Where the file names no key, the only one that there is may well be its own. */
function extra(
  held: Held,
  kind: Held['kind'],
  entries: readonly ListedCredential[],
  now: Date,
): ListedCredential[] {
  const valid = entries.filter((entry) => !hasEnded(entry, now));
  if (held.kind === kind && held.keyId === undefined && valid.length === 1) return [];
  return valid.filter(({ keyId }) => held.kind !== kind || !sameId(keyId, held.keyId));
}

function judgeExtra(count: number, shown: string, isOwnKind: boolean): Verdict {
  if (count === 0) return fine(isOwnKind ? 'none but the one in the file' : 'none');
  const evidence = `${count} beyond the one in the file, which may be another machine's: ${shown}`;
  return odd('credential-excess', evidence, removal);
}

function judgeTrusts(held: Held, trusts: readonly FederatedCredential[]): Verdict {
  const extras = trusts.filter((trust) => held.kind !== 'federated' || !isHeldTrust(held, trust));
  const shown = extras.map(
    ({ name, issuer, subject }) => `${quoted(name)} (${quoted(subject)} of ${issuer})`,
  );
  return judgeExtra(extras.length, listed(shown), held.kind === 'federated');
}

function judgeEnded(held: Held, { credentials }: ApplicationDetail, now: Date): Verdict {
  const ended = [...credentials.secrets, ...credentials.certificates].filter(
    (entry) => hasEnded(entry, now) && !sameId(entry.keyId, held.keyId),
  );
  if (ended.length === 0) return fine('none');
  return odd(
    'credential-leftover',
    listed(ended.map(show)),
    'They open nothing any more, and can be removed under App registrations > Certificates & secrets.',
  );
}

function judgeHidden({ secrets, certificates }: ListedCredentials): Verdict {
  const all = [...secrets, ...certificates];
  if (all.length === 0) return fine('none');
  return odd(
    'credential-hidden',
    `on the service principal, where the portal does not show them: ${listed(all.map(show))}`,
    'setup never puts any there: find out who did. A secret goes by POST /servicePrincipals/{id}/removePassword with its keyId.',
  );
}

/** The credential of the config file among those that the application takes, and what is there beyond it. Pure. */
export function checkCredentialDrift(
  held: Held,
  { application, servicePrincipal, federated }: Surroundings,
  now: Date,
): Finding[] {
  const of = (check: Check, verdict: (detail: ApplicationDetail) => Verdict): Finding =>
    judge(check, application, (detail) => (detail ? verdict(detail) : notChecked('there is no application')));
  const extras =
    (kind: 'secret' | 'certificate', pick: (all: ListedCredentials) => readonly ListedCredential[]) =>
    (detail: ApplicationDetail): Verdict => {
      const entries = extra(held, kind, pick(detail.credentials), now);
      return judgeExtra(entries.length, listed(entries.map(show)), held.kind === kind);
    };
  const registered: Check = { id: 'credential.registered', title: 'The application lists the credential' };
  const isAbsent = 'value' in application && application.value === undefined;
  const trusts: Seen<readonly FederatedCredential[]> = isAbsent
    ? { hidden: 'there is no application' }
    : federated;
  return [
    held.kind === 'federated'
      ? judge(registered, trusts, (value) => judgeTrust(held, value))
      : of(registered, (detail) => judgeHeld(held, detail)),
    of(
      { id: 'app.secrets', title: 'Other client secrets' },
      extras('secret', ({ secrets }) => secrets),
    ),
    of(
      { id: 'app.certificates', title: 'Other certificates' },
      extras('certificate', ({ certificates }) => certificates),
    ),
    judge({ id: 'app.federatedCredentials', title: 'Other federated credentials' }, trusts, (value) =>
      judgeTrusts(held, value),
    ),
    of({ id: 'app.expiredCredentials', title: 'Credentials that have ended' }, (detail) =>
      judgeEnded(held, detail, now),
    ),
    judge({ id: 'app.hiddenCredentials', title: 'Hidden credentials' }, servicePrincipal, (principal) =>
      principal ? judgeHidden(principal.credentials) : notChecked('there is no service principal'),
    ),
  ];
}
