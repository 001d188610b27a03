import { sameId } from '../../core/fields.ts';
import { joinWords, quoted } from '../../core/text.ts';
import type { ListedCredential } from '../../tenant/directory-objects.ts';
import { seenIn } from '../../tenant/optional-read.ts';
import type { Report } from '../../terminal/report.ts';
import type { Target, TeardownView } from './find-target.ts';
import { isListed, ownCredentials } from './own-credentials.ts';
import { grantName } from './plan-teardown.ts';
import type { SignedInTeardown } from './teardown-run.ts';

/** A secret, certificate or trust beside the one that the config file is for. */
interface OtherCredential {
  readonly kind: 'client secret' | 'certificate' | 'federated credential';
  readonly name: string;
  readonly keyId: string;
  readonly expires: string | null;
  readonly lastUsed: { readonly at: string; readonly ipAddress: string | null } | null;
}

/** What people, and `--json`, are told of the application before anything is removed. */
export interface Beforehand {
  /** Null where no use was seen; why it cannot be told stands beside it. */
  readonly lastUsed: { readonly at: string; readonly ipAddress: string | null } | null;
  readonly lastUsedUntold?: string;
  readonly owners: readonly string[] | null;
  readonly otherCredentials: readonly OtherCredential[];
  /** Valid ones that the file names beside its own, since that replaced them. */
  readonly replacedCredentials: readonly OtherCredential[];
  readonly grants: readonly string[] | null;
  readonly connected: readonly { readonly target: string; readonly where: string }[];
}

function lastUseOf({ use }: Target, keyId: string): OtherCredential['lastUsed'] {
  const found = seenIn(use)?.uses.find((one) => sameId(one.keyId ?? undefined, keyId));
  return found ? { at: found.at, ipAddress: found.ipAddress } : null;
}

/** Whatever the application lists. */
function listedCredentials(target: Target): OtherCredential[] {
  const { application, inventory } = target;
  if (!application) return [];
  const listed =
    (kind: OtherCredential['kind']) =>
    ({ keyId, displayName, endDateTime }: ListedCredential) => ({
      kind,
      name: displayName ?? '',
      keyId,
      expires: endDateTime || null,
      lastUsed: lastUseOf(target, keyId),
    });
  const trusts = (seenIn(inventory.federated) ?? []).map(({ id, name }) => ({
    kind: 'federated credential' as const,
    name,
    keyId: id,
    expires: null,
    lastUsed: lastUseOf(target, id),
  }));
  const principal = seenIn(inventory.servicePrincipal);
  return [
    ...application.passwordCredentials.map(listed('client secret')),
    ...application.keyCredentials.map(listed('certificate')),
    ...(principal?.passwordCredentials ?? []).map(listed('client secret')),
    ...(principal?.keyCredentials ?? []).map(listed('certificate')),
    ...trusts,
  ];
}

/** What the application lists beside the file's own: what the file names as replaced, and what it does not name. */
function besideOwn(
  target: Target,
  run: SignedInTeardown,
): Pick<Beforehand, 'otherCredentials' | 'replacedCredentials'> {
  const own = ownCredentials(target, run);
  const replaced = own.filter((one) => one.isReplaced && isListed(one, target));
  const listed = listedCredentials(target);
  const among = (named: readonly { readonly keyId: string }[], { keyId }: OtherCredential): boolean =>
    named.some((one) => sameId(one.keyId, keyId));
  return {
    otherCredentials: listed.filter((one) => !among(own, one)),
    replacedCredentials: listed.filter((one) => among(replaced, one)),
  };
}

/** What there is, as far as it could be read. Pure. */
export function beforehand(target: Target, run: SignedInTeardown): Beforehand {
  const { inventory, use } = target;
  const [newest] = seenIn(use)?.uses ?? [];
  return {
    lastUsed: newest ? { at: newest.at, ipAddress: newest.ipAddress } : null,
    ...('hidden' in use ? { lastUsedUntold: use.hidden } : {}),
    owners: seenIn(inventory.owners)?.map(({ name }) => name) ?? null,
    ...besideOwn(target, run),
    grants: seenIn(inventory.assignments)?.map((grant) => grantName(grant, target)) ?? null,
    connected: (run.held?.connected ?? []).map(({ target: name, where }) => ({ target: name, where })),
  };
}

const day = (date: string): string => `${date.slice(0, 16).replace('T', ' ')} UTC`;

const usedAt = (use: { readonly at: string; readonly ipAddress: string | null }): string =>
  `${day(use.at)}${use.ipAddress === null ? '' : ` from ${use.ipAddress}`}`;

/** With which credential it was used last, where Graph says so. */
function whichCredential(target: Target, run: SignedInTeardown): string {
  const keyId = seenIn(target.use)?.uses[0]?.keyId;
  if (!keyId) return '';
  const isOwn = ownCredentials(target, run).some((own) => sameId(own.keyId, keyId));
  return isOwn ? ", with this file's credential" : `, with key ID ${keyId}`;
}

function lastUseText({ use }: Target, { lastUsed }: Beforehand, withWhich: string): string {
  if ('hidden' in use) return `cannot tell: ${use.hidden}`;
  if (lastUsed) return `${usedAt(lastUsed)}${withWhich}, as the sign-in logs tell`;
  return `no sign-in since ${use.value.since.slice(0, 10)} in the logs, which come late: that proves nothing`;
}

/** One credential in a line, with its end and its last use. */
function showCredential({ kind, name, keyId, expires, lastUsed }: OtherCredential, report: Report): void {
  const end = expires === null ? '' : `, ends ${expires.slice(0, 10)}`;
  const used = lastUsed === null ? 'no use seen' : `last used ${usedAt(lastUsed)}`;
  report.item(`${kind} ${quoted(name)}, key ID ${keyId}${end}: ${used}`);
}

function showReplaced(replaced: readonly OtherCredential[], { io }: SignedInTeardown): void {
  if (replaced.length === 0) return;
  const [count, it] =
    replaced.length === 1
      ? ['1 replaced credential that is still valid', 'it']
      : [`${replaced.length} replaced credentials that are still valid`, 'them'];
  io.report.warn(`${count}: collectors may still hold ${it}. Whatever signs in with ${it} stops, too.`);
  for (const one of replaced) showCredential(one, io.report);
}

function showOthers(
  { otherCredentials: others, replacedCredentials: replaced }: Beforehand,
  target: Target,
  run: SignedInTeardown,
): void {
  const { report } = run.io;
  showReplaced(replaced, run);
  const { federated, servicePrincipal } = target.inventory;
  const hidden = [federated, servicePrincipal].flatMap((seen) => ('hidden' in seen ? [seen.hidden] : []));
  if (hidden.length > 0) report.item(`Whether something else signs in with it cannot be told: ${hidden[0]}.`);
  if (others.length === 0) {
    if (hidden.length > 0) return;
    report.item(
      replaced.length === 0
        ? 'No other credentials: nothing else signs in as this application.'
        : 'No credentials but those that the file names.',
    );
    return;
  }
  const [count, it] =
    others.length === 1 ? ['1 other credential', 'it'] : [`${others.length} other credentials`, 'them'];
  const fate = target.isWhole ? 'Whatever signs in with' : 'Nothing is done to';
  report.warn(
    `${count} that no file here names: another machine or a collector may hold ${it}. ${fate} ${it}${target.isWhole ? ' stops, too.' : '.'}`,
  );
  for (const one of others) showCredential(one, report);
}

const listedOrNot = (items: readonly string[] | null, none: string): string =>
  items === null ? 'cannot tell: not readable for this account' : joinWords([...items]) || none;

/** Shows what is going to be taken back, who uses it and who could bring it back. Writes nothing. */
export function showTarget({ target }: TeardownView, run: SignedInTeardown): void {
  if (!target) return;
  const { io, outcome, held } = run;
  const { report } = io;
  const before = beforehand(target, run);
  outcome.details = { ...outcome.details, before };
  report.title('What there is');
  report.fact('Application', target.name);
  report.fact('Client ID', target.appId);
  const { deleted, deactivated } = target;
  if (deleted) report.fact('State', `in the recycle bin since ${day(deleted.deletedDateTime)}`);
  else report.fact('State', deactivated === 'yes' ? 'deactivated: it gets no tokens' : 'in use');
  if (!target.isWhole) {
    report.warn(
      'This program did not register it: only what came from here is removed. --client-id removes it all the same.',
    );
  }
  report.fact('Last used', lastUseText(target, before, whichCredential(target, run)));
  if (deleted) return;
  report.fact('Owners', listedOrNot(before.owners, 'nobody'));
  if ((before.owners ?? []).length > 0) report.item('Each of them may activate it again.');
  report.fact('Permissions', listedOrNot(before.grants, 'none'));
  showOthers(before, target, run);
  for (const { target: name, where } of held?.connected ?? []) {
    report.item(`Connected: ${name} (${where}). What it holds opens nothing any more afterwards.`);
  }
}
