import { join } from 'node:path';
import { resolvePath } from '../../../config/config-file.ts';
import { readTextFile } from '../../../config/file-system.ts';
import { WizardError } from '../../../core/errors.ts';
import { fieldsOf, sameId, textOf } from '../../../core/fields.ts';
import { quoted, safeText, shellWord } from '../../../core/text.ts';
import type { Io } from '../../shared/io.ts';
import { everyCloud, type Stored, type StoreInput, type Target } from '../target.ts';
import { openStoreHttp, type StoreHttp, type StoreReply } from './store-http.ts';
import {
  addressFrom,
  planned,
  readWith,
  requireName,
  requireSamePlace,
  type StoredValues,
  valuesOf,
} from './stored-values.ts';

/** A path of a KV engine, version 2. */
interface VaultPath {
  /** Without a slash at the end. */
  readonly address: string;
  readonly mount: string;
  readonly path: string;
  /** Of Vault Enterprise and HCP. */
  readonly namespace: string | undefined;
}

const segments = /^[\w][\w.-]*(?:\/[\w][\w.-]*)*$/;

/** Where the options and the variables of Vault's own command line lead. Throws WizardError. */
function placeOf({ settings, config }: StoreInput, { env }: Pick<Io, 'env'>): VaultPath {
  const { storeName, mount = 'secret', address, namespace } = settings;
  if (!segments.test(mount)) throw new WizardError('invalid-options', `--mount: ${quoted(mount)} is no path`);
  return {
    address: addressFrom(address, 'VAULT_ADDR', env['VAULT_ADDR']),
    mount,
    path: requireName(
      storeName ?? `reporting-setup/${config.clientId}`,
      segments,
      'letters, digits, dots, hyphens and underscores, with slashes between',
    ),
    namespace: namespace ?? (env['VAULT_NAMESPACE'] || undefined),
  };
}

const dataUrl = ({ address, mount, path }: VaultPath): string => `${address}/v1/${mount}/data/${path}`;

const whereOf = (place: VaultPath): string =>
  place.namespace === undefined
    ? dataUrl(place)
    : `${dataUrl(place)}?namespace=${encodeURIComponent(place.namespace)}`;

/** The address stays the environment's: a token of the shell does not follow what only a file says. */
function optionsOf(where: string): StoreInput['settings'] | undefined {
  const url = URL.canParse(where) ? new URL(where) : undefined;
  const [, mount, storeName] = /^.*?\/v1\/([\w./-]+?)\/data\/([\w./-]+)$/.exec(url?.pathname ?? '') ?? [];
  if (mount === undefined || storeName === undefined) return undefined;
  const namespace = url?.searchParams.get('namespace');
  return { mount, storeName, ...(namespace ? { namespace } : {}) };
}

/** As Vault's own command line finds it: the variable, or what vault login left. Throws WizardError. */
async function tokenOf({ env, redactor }: Io): Promise<string> {
  const { VAULT_TOKEN: given, HOME: home, USERPROFILE: profile } = env;
  const folder = home || profile;
  const kept = given || !folder ? undefined : await readTextFile(join(folder, '.vault-token'));
  const token = (given || kept || '').trim();
  if (/^[\x21-\x7e]+$/.test(token)) {
    redactor.add(token);
    return token;
  }
  throw new WizardError(
    'store-refused',
    'Nobody is signed in to Vault here: there is no VAULT_TOKEN, and no ~/.vault-token.',
    {
      remedy: 'The config file is as it was. Set VAULT_TOKEN, or sign in: `vault login`',
    },
  );
}

function refusal({ status, body }: StoreReply, { mount, path }: VaultPath): WizardError {
  const errors = Array.isArray(body['errors']) ? body['errors'].map(String) : [];
  const said = safeText(errors.join('; ').trim(), 400);
  const isCas = /check-and-set/.test(said);
  const remedy = isCas
    ? 'Somebody else wrote to that path meanwhile: run the same command again.'
    : status === 404
      ? `There is no KV engine, version 2, at ${mount}: name the right one with --mount: \`vault secrets list -detailed\``
      : `The token needs this in a policy: path "${mount}/data/${path}" { capabilities = ["create", "read", "update"] }`;
  return new WizardError(
    'store-refused',
    `Vault refuses (HTTP ${status})${said === '' ? '' : `: ${said}`}.`,
    {
      remedy: `The config file is as it was. ${remedy}`,
    },
  );
}

/** Throws WizardError for a KV engine of version 1, as far as the token may look. */
async function requireVersion2(
  { address, mount }: VaultPath,
  send: (url: string) => Promise<StoreReply>,
): Promise<void> {
  const { status, body } = await send(`${address}/v1/sys/internal/ui/mounts/${mount}`);
  if (status !== 200) return;
  const { type, options } = fieldsOf(body['data']);
  const version = fieldsOf(options)['version'];
  if (type === undefined || (type === 'kv' && version === '2')) return;
  throw new WizardError(
    'store-refused',
    `${mount} is ${safeText(textOf(type))} version ${safeText(String(version ?? '1'))}, not KV version 2.`,
    {
      remedy: 'The config file is as it was. Name another mount with --mount: `vault secrets list -detailed`',
    },
  );
}

/** The version to be followed, 0 where there is none. Throws WizardError where the path is somebody else's. */
async function versionThere(
  place: VaultPath,
  clientId: string,
  send: (url: string) => Promise<StoreReply>,
): Promise<number> {
  const reply = await send(dataUrl(place));
  const { data, metadata } = fieldsOf(reply.body['data']);
  const version = Number(fieldsOf(metadata)['version'] ?? 0);
  // What was deleted answers 404 too, with its number.
  if (reply.status === 404) return version;
  if (reply.status !== 200) throw refusal(reply, place);
  const owner = textOf(fieldsOf(data)['AZURE_CLIENT_ID']);
  if (sameId(owner, clientId)) return version;
  throw new WizardError('store-refused', `${place.mount}/${place.path} holds something else already.`, {
    remedy:
      'A write replaces all keys of a path: choose another one with --name. The config file is as it was.',
  });
}

async function write(
  place: VaultPath,
  values: StoredValues,
  http: StoreHttp,
  token: string,
): Promise<string | undefined> {
  const headers = {
    'x-vault-token': token,
    'x-vault-request': 'true',
    ...(place.namespace === undefined ? {} : { 'x-vault-namespace': place.namespace }),
  };
  const read = (url: string): Promise<StoreReply> => http.send(url, { headers });
  await requireVersion2(place, read);
  const cas = await versionThere(place, values.AZURE_CLIENT_ID, read);
  const written = await http.send(dataUrl(place), {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify({ data: values, options: { cas } }),
  });
  if (written.status !== 200) throw refusal(written, place);
  const back = await read(dataUrl(place));
  const { data, metadata } = fieldsOf(back.body['data']);
  if (back.status !== 200) return undefined;
  if (Object.entries(values).every(([key, value]) => fieldsOf(data)[key] === value)) {
    return `version ${Number(fieldsOf(metadata)['version'])}`;
  }
  throw new WizardError('store-refused', 'Vault gives another value back than it was given.');
}

async function put(input: StoreInput, io: Io): Promise<Stored> {
  const place = placeOf(input, io);
  const where = whereOf(place);
  requireSamePlace(where, input.place);
  const values = valuesOf(input.config, io);
  if (input.dryRun) return planned(Object.keys(values).join(', '), where, io);
  const token = await tokenOf(io);
  const { VAULT_CACERT: file } = io.env;
  const ca = file ? await readTextFile(resolvePath(file, io.cwd)) : undefined;
  const http = openStoreHttp(place.address, ca, io);
  try {
    const confirmed = await write(place, values, http, token);
    const at = `-mount=${shellWord(place.mount)} ${shellWord(place.path)}`;
    return {
      where,
      ...(confirmed === undefined ? {} : { confirmed }),
      steps: [
        readWith(
          input,
          'An agent or the operator for Kubernetes hands it out by these names too; it is read with',
          `vault kv get -field=AZURE_CLIENT_SECRET ${at}`,
        ),
        { does: "Vault's own azure engine makes secrets of its own: give it another application." },
      ],
      takeOut: { does: 'Take it out again, all versions of it:', run: `vault kv metadata delete ${at}` },
    };
  } finally {
    await http.close();
  }
}

export const target: Target = {
  name: 'vault',
  group: 'store',
  title: 'HashiCorp Vault or OpenBao, KV version 2',
  credentials: ['secret'],
  clouds: everyCloud,
  permissions: [],
  secret: 'literal',
  needs: ['VAULT_ADDR or --address <url>', 'VAULT_TOKEN, or vault login'],
  ages: true,
  proven:
    'run: a stand-in of its API takes it, and hvac, its client for Python, reads the very values out of that; Vault itself is not there',
  store: { unattended: true, put, optionsOf },
};
