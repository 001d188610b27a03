import { configsNearby } from '../../config/configs-nearby.ts';
import { sameId } from '../../core/fields.ts';
import { joinWords, safeText } from '../../core/text.ts';
import { namedKeyIds } from '../../tenant/credential/previous-credentials.ts';
import type { Change, Have } from '../../tenant/model.ts';
import { savedConfig } from '../../tenant/saved-config.ts';
import type { SetupRun } from './setup-run.ts';

/** Client secrets that are valid, go on being so, and are not in the file of the run. */
export interface OtherSecrets {
  /** Key ids. */
  readonly unheld: readonly string[];
  /** Those of which a file on this machine was found, by its name. */
  readonly held: readonly { readonly keyId: string; readonly file: string }[];
  /** The day on which the last of them ends; empty where none is there. */
  readonly until: string;
}

/** The application's other secrets, with the files near by that hold them. */
export async function findOtherSecrets(
  changes: readonly Change[],
  have: Have,
  { output, io }: Pick<SetupRun, 'output' | 'io'>,
): Promise<OtherSecrets> {
  const { application } = have;
  const now = io.now().getTime();
  const named = namedKeyIds(savedConfig(have));
  const leaving = changes.filter(({ action }) => action === 'remove').map(({ id }) => id);
  const others = (application?.passwordCredentials ?? []).filter(
    ({ keyId, endDateTime }) =>
      !(Date.parse(endDateTime) <= now) &&
      !named.some((held) => sameId(held, keyId)) &&
      !leaving.some((id) => sameId(id, keyId)),
  );
  const until = others.map(({ endDateTime }) => endDateTime.slice(0, 10)).sort();
  const nearby =
    application && others.length > 0 ? await configsNearby(output.path, application.appId, io) : [];
  const holders = others.map(({ keyId }) => ({
    keyId,
    file: nearby.find(({ config }) => namedKeyIds(config).some((held) => sameId(held, keyId)))?.name,
  }));
  return {
    unheld: holders.flatMap(({ keyId, file }) => (file === undefined ? [keyId] : [])),
    held: holders.flatMap(({ keyId, file }) => (file === undefined ? [] : [{ keyId, file }])),
    until: until.at(-1) ?? '',
  };
}

/** The most key ids that are all told, and how many of more: a plan below a page of them is not read. */
const fewKeys = 5;
const firstKeys = 3;

function keys(keyIds: readonly string[]): string {
  const more = keyIds.length - firstKeys;
  const told = keyIds.length <= fewKeys ? keyIds : [...keyIds.slice(0, firstKeys), `${more} more`];
  return `${keyIds.length === 1 ? 'key ID' : 'key IDs'} ${joinWords(told)}`;
}

/** `1 other secret stays valid until 2028-11-28: first.json holds it (key ID …)`; undefined where there is none. Pure. */
export function describeOthers({ unheld, held, until }: OtherSecrets): string | undefined {
  const count = unheld.length + held.length;
  if (count === 0) return undefined;
  const which = count === 1 ? '1 other secret stays' : `${count} other secrets stay`;
  const files = [...new Set(held.map(({ file }) => file))];
  const whole = count === 1 ? 'it' : 'them';
  const by = (who: string, keyIds: readonly string[]): string =>
    `${who} ${keyIds.length === count ? `${whole} (${keys(keyIds)})` : keys(keyIds)}`;
  const told = [
    ...files.map((file) =>
      by(
        `${safeText(file, 300)} holds`,
        held.filter((one) => one.file === file).map(({ keyId }) => keyId),
      ),
    ),
    ...(unheld.length === 0 ? [] : [by('nobody on this machine is known to hold', unheld)]),
  ];
  return `${which} valid until ${until}: ${told.join('; ')}`;
}
