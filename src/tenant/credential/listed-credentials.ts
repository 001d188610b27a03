import type { ReportingConfig } from '../../config/config.ts';
import type { CredentialKind } from '../../core/choices.ts';
import { addDuration, type Duration } from '../../core/duration.ts';
import { sameId } from '../../core/fields.ts';
import type { Finding } from '../../core/findings.ts';
import { quoted } from '../../core/text.ts';
import type {
  Application,
  FederatedCredential,
  ListedCredential,
  ListedCredentials,
} from '../directory-objects.ts';
import type { Inventory } from '../inventory.ts';
import {
  type Check,
  cannotTell,
  fail,
  judge,
  judgeIfThere,
  listed,
  notChecked,
  pass,
  type Verdict,
  warn,
} from '../verdict.ts';

const day = 86_400_000;

function daysLeft(whole: number): string {
  if (whole === 0) return 'less than a day';
  return whole === 1 ? '1 day' : `${whole} days`;
}

function judgeExpiry(
  expires: string | undefined,
  now: Date,
  within: Duration,
  kind: CredentialKind,
): Verdict {
  if (kind === 'federated') return pass('there is nothing that expires');
  const end = Date.parse(expires ?? '');
  if (Number.isNaN(end)) return cannotTell('its end is not known');
  const date = new Date(end).toISOString().slice(0, 10);
  if (end <= now.getTime()) {
    return fail(
      'credential-expired',
      `none: it ended on ${date}`,
      'Make a new one: `reporting-setup rotate --yes`',
    );
  }
  const evidence = `ends on ${date}, in ${daysLeft(Math.floor((end - now.getTime()) / day))}`;
  if (addDuration(now, within).getTime() < end) return pass(evidence);
  return warn(
    'credential-expires-soon',
    evidence,
    'Make a new one before that day, with time for whoever uses the old one: `reporting-setup rotate --yes`',
  );
}

/**
 * When the credential in use ends, and whether that is soon. `within` is how soon is too soon, `rotate` the command that
 * makes a new one. Pure.
 */
export const checkExpiry = (
  expires: string | undefined,
  now: Date,
  within: Duration,
  kind: CredentialKind,
): Finding => ({
  id: 'credential.expiry',
  title: 'Time left',
  ...judgeExpiry(expires, now, within, kind),
});

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
  { passwordCredentials, keyCredentials }: ListedCredentials,
): ListedCredential | undefined {
  if (held.kind === 'federated') return undefined;
  const entries = held.kind === 'secret' ? passwordCredentials : keyCredentials;
  return entries.find(({ keyId }) => sameId(keyId, held.keyId));
}

/** Whether the file names it: as the one in use, or as one that was replaced and stays beside that for a time. */
const isNamed = (held: Held, kind: CredentialKind, id: string): boolean =>
  [held, ...(held.previous ?? [])].some((entry) => entry.kind === kind && sameId(entry.keyId, id));

/** Where the file does not say by which id, the one in use is known by what it trusts. */
const isHeldTrust = (held: Held, { id, issuer, subject }: FederatedCredential): boolean =>
  held.kind === 'federated' &&
  (sameId(id, held.keyId) || (issuer === held.issuer && subject === held.subject));

const unregistered = (evidence: string): Verdict =>
  fail(
    'credential-unregistered',
    evidence,
    'Somebody, or another machine, removed this one. Make a new one: `reporting-setup`',
  );

function judgeTrust(held: Held, trusts: readonly FederatedCredential[]): Verdict {
  const found = trusts.find((trust) => isHeldTrust(held, trust));
  if (found) return pass(`${quoted(found.name)}, for ${quoted(found.subject)}`);
  return unregistered(
    `the application does not trust ${quoted(held.subject ?? '')} of ${quoted(held.issuer ?? '')}`,
  );
}

function judgeHeld(held: Held, application: Application): Verdict {
  if (held.keyId === undefined) return notChecked('the file names no key ID');
  const entry = heldEntry(held, application);
  if (entry) return pass(show(entry));
  return unregistered(`the application lists no ${held.kind} with key ID ${held.keyId}`);
}

const removal =
  "It may be another machine's: find out whose it is before anybody removes it, under App registrations > Certificates & secrets.";

function judgeExtra(shown: readonly string[], isOwnKind: boolean): Verdict {
  if (shown.length === 0) return pass(isOwnKind ? 'none but what the file names' : 'none');
  const evidence = `${shown.length} beyond what the file names, which may be another machine's: ${listed(shown)}`;
  return warn('credential-excess', evidence, removal);
}

/** Where the file names no key, the only one that there is may well be its own. */
function judgeOthers(
  held: Held,
  kind: CredentialKind,
  entries: readonly ListedCredential[],
  now: Date,
): Verdict {
  const isOwnKind = held.kind === kind;
  const others = entries.filter((entry) => !hasEnded(entry, now) && !isNamed(held, kind, entry.keyId));
  const isOwn = isOwnKind && held.keyId === undefined && others.length === 1;
  return judgeExtra(isOwn ? [] : others.map(show), isOwnKind);
}

function judgeTrusts(held: Held, trusts: readonly FederatedCredential[]): Verdict {
  const extras = trusts.filter((trust) => !isHeldTrust(held, trust) && !isNamed(held, 'federated', trust.id));
  const shown = extras.map(
    ({ name, issuer, subject }) => `${quoted(name)} (${quoted(subject)} of ${issuer})`,
  );
  return judgeExtra(shown, held.kind === 'federated');
}

function judgeEnded(held: Held, { passwordCredentials, keyCredentials }: Application, now: Date): Verdict {
  const ended = [
    ...passwordCredentials.filter(({ keyId }) => !isNamed(held, 'secret', keyId)),
    ...keyCredentials.filter(({ keyId }) => !isNamed(held, 'certificate', keyId)),
  ].filter((entry) => hasEnded(entry, now));
  if (ended.length === 0) return pass('none');
  return warn(
    'credential-leftover',
    listed(ended.map(show)),
    'They open nothing any more, and can be removed under App registrations > Certificates & secrets.',
  );
}

function judgeHidden({ passwordCredentials, keyCredentials }: ListedCredentials): Verdict {
  const all = [...passwordCredentials, ...keyCredentials];
  if (all.length === 0) return pass('none');
  return warn(
    'credential-hidden',
    `on the service principal, where the portal does not show them: ${listed(all.map(show))}`,
    'setup never puts any there: find out who did. A secret goes by POST /servicePrincipals/{id}/removePassword with its keyId.',
  );
}

/** The credential of the config file among those that the application takes, and what is there beyond it. Pure. */
export function checkListedCredentials(
  held: Held,
  { application, servicePrincipal, federated }: Inventory,
  now: Date,
): Finding[] {
  const reason = 'there is no application';
  const of = (id: string, title: string, verdict: (application: Application) => Verdict): Finding =>
    judgeIfThere({ id, title }, application, reason, (detail) => verdict(detail.application));
  const isAbsent = 'value' in application && application.value === undefined;
  const ofTrusts = (check: Check, verdict: (trusts: readonly FederatedCredential[]) => Verdict): Finding =>
    isAbsent ? { ...check, ...notChecked(reason) } : judge(check, federated, verdict);
  const [id, title] = ['credential.registered', 'Registered credential'];
  return [
    held.kind === 'federated'
      ? ofTrusts({ id, title }, (value) => judgeTrust(held, value))
      : of(id, title, (one) => judgeHeld(held, one)),
    of('app.secrets', 'Other client secrets', (one) =>
      judgeOthers(held, 'secret', one.passwordCredentials, now),
    ),
    of('app.certificates', 'Other certificates', (one) =>
      judgeOthers(held, 'certificate', one.keyCredentials, now),
    ),
    ofTrusts({ id: 'app.federatedCredentials', title: 'Other federated credentials' }, (value) =>
      judgeTrusts(held, value),
    ),
    of('app.expiredCredentials', 'Credentials that have ended', (one) => judgeEnded(held, one, now)),
    judgeIfThere(
      { id: 'app.hiddenCredentials', title: 'Hidden credentials' },
      servicePrincipal,
      'there is no service principal',
      judgeHidden,
    ),
  ];
}
