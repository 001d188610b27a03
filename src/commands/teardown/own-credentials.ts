import { sameId } from '../../core/fields.ts';
import { quoted } from '../../core/text.ts';
import { lostSecrets } from '../../tenant/credential/password-credentials.ts';
import { seenIn } from '../../tenant/optional-read.ts';
import type { Target } from './find-target.ts';
import type { TeardownRecords } from './teardown-run.ts';

/** A credential that this machine's files name. */
export interface OwnCredential {
  readonly kind: 'passwordCredential' | 'keyCredential' | 'federatedIdentityCredential';
  readonly keyId: string;
  readonly name: string;
  /** Another one has replaced it in the file; whoever had it before may hold it yet. */
  readonly isReplaced?: true;
}

const kinds: ReadonlyMap<string, OwnCredential['kind']> = new Map([
  ['secret', 'passwordCredential'],
  ['certificate', 'keyCredential'],
  ['federated', 'federatedIdentityCredential'],
]);

const nouns = {
  passwordCredential: 'client secret',
  keyCredential: 'certificate',
  federatedIdentityCredential: 'federated credential',
} as const;

/** What the application lists, by kind. */
const listsOf = ({ application, inventory }: Target) => ({
  passwordCredential: application?.passwordCredentials ?? [],
  keyCredential: application?.keyCredentials ?? [],
  federatedIdentityCredential: (seenIn(inventory.federated) ?? []).map(({ id, name }) => ({
    keyId: id,
    displayName: name,
  })),
});

/** What the tenant calls a credential, where it lists one under that key id and with a name. */
const listedName = (keyId: string, target: Target): string | undefined =>
  Object.values(listsOf(target))
    .flat()
    .find((one) => sameId(one.keyId, keyId))?.displayName || undefined;

/** A credential in a line for people: by its name where it has one. Pure. */
export const called = ({ kind, name, keyId }: OwnCredential): string =>
  sameId(name, keyId)
    ? `${nouns[kind]} with key ID ${keyId}`
    : `${nouns[kind]} ${quoted(name)} (key ID ${keyId})`;

/** The credentials that the config file names, those that it replaced among them, and what the records lead to. Pure. */
export function ownCredentials(target: Target, { held, markers }: TeardownRecords): OwnCredential[] {
  const { application, id } = target;
  const { keyId, kind, displayName } = held?.config.credential ?? {};
  const current =
    keyId === undefined || kind === undefined ? [] : [{ kind, keyId, name: displayName ?? keyId }];
  const previous = (held?.previous ?? []).map(({ kind: listed, keyId: replaced }) => ({
    kind: listed,
    keyId: replaced,
    name: listedName(replaced, target) ?? replaced,
    isReplaced: true as const,
  }));
  const named = [...current, ...previous].flatMap((one) => {
    const listedKind = kinds.get(one.kind);
    return listedKind === undefined ? [] : [{ ...one, kind: listedKind }];
  });
  const lost = markers.flatMap((marker) => {
    const found = sameId(marker.applicationId, id)
      ? lostSecrets(marker, application?.passwordCredentials ?? [])
      : [];
    const [only] = found;
    if (!only || found.length > 1 || named.some((one) => sameId(one.keyId, only.keyId))) return [];
    return [{ kind: 'passwordCredential' as const, keyId: only.keyId, name: only.displayName ?? only.keyId }];
  });
  return [...named, ...lost];
}

/** Whether the application lists it. Pure. */
export const isListed = ({ kind, keyId }: OwnCredential, target: Target): boolean =>
  listsOf(target)[kind].some((one) => sameId(one.keyId, keyId));
