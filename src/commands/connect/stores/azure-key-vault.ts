import { parseVaultName } from '../../../cli/option-parsers.ts';
import { WizardError } from '../../../core/errors.ts';
import { fieldsOf, sameId, textOf } from '../../../core/fields.ts';
import { quoted, safeText, shellWord } from '../../../core/text.ts';
import { authorityHosts, type Cloud, requireAskedFor } from '../../../entra/clouds.ts';
import { type Connection, connect } from '../../shared/connection.ts';
import type { Io } from '../../shared/io.ts';
import { requireTenant, signInAdministrator } from '../../shared/sign-in-administrator.ts';
import { everyCloud, type Stored, type StoreInput, type Target } from '../target.ts';
import { openStoreHttp, type StoreHttp, type StoreReply } from './store-http.ts';
import {
  askFor,
  endsOn,
  planned,
  readWith,
  requireName,
  requireSamePlace,
  secretOf,
} from './stored-values.ts';

/** Hosts of vaults by cloud (learn, key-vault general/about-keys-secrets-certificates, DNS suffixes). */
const suffixes: Partial<Record<Cloud['name'], string>> = {
  global: 'vault.azure.net',
  usgov: 'vault.usgovcloudapi.net',
  'usgov-dod': 'vault.usgovcloudapi.net',
  china: 'vault.azure.cn',
};

const version = 'api-version=7.4';

/** A secret in a vault. */
interface VaultPlace {
  /** Without a slash at the end. */
  readonly vault: string;
  readonly name: string;
}

/** Names are letters, digits and hyphens (learn, rest/api/keyvault set-secret). */
const nameOf = ({ storeName = 'AZURE-CLIENT-SECRET' }: StoreInput['settings']): string =>
  requireName(storeName, /^[0-9a-zA-Z-]{1,127}$/, '1 to 127 letters, digits and hyphens');

/** Where the options lead. Throws WizardError. */
function placeOf({ settings, cloud, config }: StoreInput): VaultPlace {
  const { vault, vaultUrl } = settings;
  const name = nameOf(settings);
  if (config.cloud === 'sandbox' && cloud.name !== 'sandbox') {
    const message = 'The file belongs to the sandbox, and so does what goes into a vault.';
    throw new WizardError('config-other-cloud', message, {
      remedy: 'Add --sandbox: it has vaults of its own.',
    });
  }
  if (vault !== undefined && vaultUrl !== undefined) {
    throw new WizardError('invalid-options', '--vault and --vault-url: give one of them');
  }
  if (vaultUrl !== undefined) {
    if (!vaultUrl.startsWith('https:'))
      throw new WizardError('invalid-options', '--vault-url: it has to be https');
    return { vault: vaultUrl, name };
  }
  if (vault === undefined) throw new WizardError('missing-options', 'Missing: --vault or --vault-url');
  if (cloud.name === 'sandbox') return { vault: `${cloud.authorityHost}/vaults/${vault}`, name };
  const suffix = suffixes[cloud.name];
  if (suffix !== undefined) return { vault: `https://${vault}.${suffix}`, name };
  throw new WizardError(
    'missing-options',
    `Missing: --vault-url, since nobody here knows the vaults of ${cloud.authorityHost}`,
  );
}

const whereOf = ({ vault, name }: VaultPlace, cloud: Cloud): string =>
  // Its port is another one each time.
  `${cloud.name === 'sandbox' ? vault.replace(cloud.authorityHost, 'sandbox:') : vault}/secrets/${name}`;

function optionsOf(where: string): StoreInput['settings'] | undefined {
  const [, before, storeName] = /^(.+)\/secrets\/([0-9a-zA-Z-]{1,127})$/.exec(where) ?? [];
  if (before === undefined || storeName === undefined) return undefined;
  const sandboxed = /^sandbox:\/vaults\/([0-9a-z-]+)$/.exec(before)?.[1];
  if (sandboxed !== undefined) return { vault: sandboxed, storeName };
  const known = Object.values(suffixes).find((suffix) => before.endsWith(`.${suffix}`));
  const name = /^https:\/\/([0-9a-z-]+)\./.exec(before)?.[1];
  if (known !== undefined && name !== undefined && before === `https://${name}.${known}`)
    return { vault: name, storeName };
  return URL.canParse(before) ? { vaultUrl: before, storeName } : undefined;
}

/** What Azure CLI calls the vault. */
const vaultName = ({ vault }: VaultPlace): string => {
  const { hostname, pathname } = new URL(vault);
  return shellWord(/^\/vaults\/([^/]+)$/.exec(pathname)?.[1] ?? hostname.split('.')[0] ?? '');
};

/** What the first answer asks for: which token, and of whom. */
interface Challenge {
  readonly resource: string;
  readonly tenant: string;
}

const mismatch = (message: string): WizardError => new WizardError('store-mismatch', message);

/**
 * Reads `WWW-Authenticate`. A token goes to the service that it is for and to nobody else: the vault's host has to belong to
 * the resource that it names (learn, key-vault "challenge resource verification"), or be the very host that makes tokens
 * here; and who signs in does so with the cloud's own endpoint. Throws WizardError `store-mismatch`.
 */
export function readChallenge(
  header: string | null,
  vault: string,
  cloud: Pick<Cloud, 'authorityHost'>,
): Challenge {
  const field = (name: string): string =>
    new RegExp(`\\b${name}="([^"]*)"`, 'i').exec(header ?? '')?.[1] ?? '';
  const parsed = (text: string): URL | undefined => (URL.canParse(text) ? new URL(text) : undefined);
  const { host, origin } = new URL(vault);
  const resource = parsed(field('resource') || field('scope').replace(/\/\.default$/, ''));
  const authority = parsed(field('authorization') || field('authorization_uri'));
  if (resource?.protocol !== 'https:' || authority?.protocol !== 'https:') {
    throw mismatch(`${safeText(host)} does not say which token it takes, as a vault does.`);
  }
  const belongs = host === resource.host || host.endsWith(`.${resource.host}`);
  if (!belongs && origin !== new URL(cloud.authorityHost).origin) {
    throw mismatch(
      `${safeText(host)} asks for a token of ${safeText(resource.host)}, which its host does not belong to.`,
    );
  }
  if (!authorityHosts(cloud).includes(authority.host)) {
    throw mismatch(
      `${safeText(host)} sends whoever signs in to ${safeText(authority.host)}, which is not the cloud's.`,
    );
  }
  const tenant = /^\/([0-9a-z.-]+)\/?$/i.exec(authority.pathname)?.[1];
  if (tenant === undefined) throw mismatch(`${safeText(host)} does not say in which tenant it is.`);
  return { resource: resource.origin, tenant };
}

/** What to do about a refusal, by its inner code (learn, key-vault rest-error-codes). */
function remedyFor(inner: string, place: VaultPlace): string {
  const vault = vaultName(place);
  const remedies: Readonly<Record<string, string>> = {
    ForbiddenByRbac: `Give whoever signed in the role Key Vault Secrets Officer on the vault (a Global Administrator does not have it); it takes up to 10 minutes: \`az role assignment create --role "Key Vault Secrets Officer" --assignee <name> --scope "$(az keyvault show --name ${vault} --query id -o tsv)"\``,
    ForbiddenByPolicy: `Give whoever signed in the right to it: \`az keyvault set-policy --name ${vault} --upn <name> --secret-permissions get set\``,
    ForbiddenByFirewall: `The vault's firewall keeps this machine out: run this from a network that it lets in, or add this one: \`az keyvault network-rule add --name ${vault} --ip-address <address>\``,
    ForbiddenByConnection: 'The vault is open to its private network alone: run this from there.',
    ObjectIsDeletedButRecoverable: `A deleted secret holds the name: choose another one with --name, or recover it and run this again: \`az keyvault secret recover --vault-name ${vault} --name ${place.name}\``,
  };
  return (
    remedies[inner] ??
    'Whoever signed in needs the role Key Vault Secrets Officer on the vault (policy: secrets get and set).'
  );
}

function refusal({ status, body }: StoreReply, place: VaultPlace): WizardError {
  const { code, message, innererror } = fieldsOf(body['error']);
  const inner = textOf(fieldsOf(innererror)['code']) || textOf(code);
  const said = safeText([inner, textOf(message)].filter((text) => text !== '').join(': '), 400);
  return new WizardError('store-refused', `The vault did not take the secret (HTTP ${status}): ${said}`, {
    remedy: `The config file is as it was. ${remedyFor(inner, place)}`,
  });
}

/** Gets a token for the vault from whoever administers it. Throws WizardError. */
async function tokenFor(
  { resource, tenant }: Challenge,
  input: StoreInput,
  connection: Connection,
  io: Io,
): Promise<string> {
  const { methods, settings, config } = input;
  requireAskedFor(connection.cloud, "an administrator's sign-in");
  if (settings.tenant !== undefined) await requireTenant(settings.tenant, config, connection);
  const scopes = [`${resource}/.default`];
  const session = await signInAdministrator(methods, { ...settings, tenant }, connection, io, scopes);
  return session.token();
}

/** The secret of that name, where one is there and may be read. Throws WizardError where it is somebody else's. */
async function requireFree(
  place: VaultPlace,
  clientId: string,
  read: (path: string) => Promise<StoreReply>,
): Promise<void> {
  const { status, body } = await read('');
  if (status !== 200) return;
  const owner = textOf(fieldsOf(body['tags'])['clientId']);
  if (sameId(owner, clientId)) return;
  const whose = owner === '' ? 'reporting-setup did not write' : `is of the application ${safeText(owner)}`;
  throw new WizardError('store-refused', `The vault has a secret ${place.name} already, which ${whose}.`, {
    remedy: 'Choose another name with --name. The config file is as it was.',
  });
}

interface OpenVault {
  readonly read: (path: string) => Promise<StoreReply>;
  readonly write: (body: object) => Promise<StoreReply>;
}

async function openVault(
  place: VaultPlace,
  input: StoreInput,
  http: StoreHttp,
  connection: Connection,
  io: Io,
): Promise<OpenVault> {
  const at = `${place.vault}/secrets/${place.name}`;
  const first = await http.send(`${at}?${version}`);
  if (first.status !== 401)
    throw mismatch(`${quoted(place.vault, 200)} does not answer as a vault does (HTTP ${first.status}).`);
  const challenge = readChallenge(first.header('www-authenticate'), place.vault, connection.cloud);
  const token = await tokenFor(challenge, input, connection, io);
  const headers = { authorization: `Bearer ${token}`, accept: 'application/json' };
  return {
    read: (path) => http.send(`${at}${path}?${version}`, { headers }),
    write: (body) =>
      http.send(`${at}?${version}`, {
        method: 'PUT',
        headers: { ...headers, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
  };
}

/** What goes into the vault: with the credential's end, so that the vault's own reminders know it. */
function bundleOf({ config }: StoreInput, value: string): object {
  const { tenantId, clientId, credential } = config;
  const exp =
    credential.expires === undefined ? undefined : Math.floor(Date.parse(credential.expires) / 1_000);
  return {
    value,
    contentType: 'Client secret of a Microsoft Entra application',
    attributes: { enabled: true, ...(exp === undefined ? {} : { exp }) },
    tags: {
      tenantId,
      clientId,
      ...(credential.keyId === undefined ? {} : { keyId: credential.keyId }),
      writtenBy: 'reporting-setup',
    },
  };
}

async function write(
  place: VaultPlace,
  input: StoreInput,
  vault: OpenVault,
  io: Io,
): Promise<string | undefined> {
  const value = secretOf(input.config, io);
  await requireFree(place, input.config.clientId, vault.read);
  const written = await vault.write(bundleOf(input, value));
  if (written.status !== 200) throw refusal(written, place);
  const id = textOf(written.body['id']).split('/').at(-1) ?? '';
  if (!/^[0-9a-f]+$/i.test(id)) return undefined;
  const back = await vault.read(`/${id}`);
  if (back.status !== 200) return undefined;
  if (back.body['value'] === value) return `version ${id}${endsOn(input)}`;
  throw new WizardError('store-refused', 'The vault gives another value back than it was given.');
}

async function put(input: StoreInput, io: Io): Promise<Stored> {
  const { cloud } = input;
  const place = placeOf(input);
  const where = whereOf(place, cloud);
  requireSamePlace(where, input.place);
  if (input.dryRun) return planned(place.name, where, io);
  const connection = connect(cloud, io);
  const http = openStoreHttp(place.vault, cloud.ca, io);
  try {
    const vault = await openVault(place, input, http, connection, io);
    const confirmed = await write(place, input, vault, io);
    const at = `--vault-name ${vaultName(place)} --name ${place.name}`;
    return {
      where,
      ...(confirmed === undefined ? {} : { confirmed }),
      steps: [
        readWith(
          input,
          'Whoever reads it needs the role Key Vault Secrets User',
          `az keyvault secret show ${at} --query value -o tsv`,
        ),
        { does: 'Azure DevOps takes it by a variable group that is linked to the vault.' },
      ],
      takeOut: {
        does: 'Take it out again; what a vault deletes can be recovered until it is purged:',
        run: `az keyvault secret delete ${at} && az keyvault secret purge ${at}`,
      },
    };
  } finally {
    await Promise.all([http.close(), connection.close()]);
  }
}

export const target: Target = {
  name: 'azure-key-vault',
  group: 'store',
  title: 'Azure Key Vault',
  credentials: ['secret'],
  clouds: everyCloud,
  permissions: [],
  secret: 'literal',
  needs: ['--vault <name> or --vault-url <url>', 'somebody who signs in with Key Vault Secrets Officer'],
  ages: true,
  proven:
    "run: the sandbox's vault takes it, refuses it with 403 and 409, and gives it back; Azure itself is not there",
  complete: async (settings, prompt) =>
    settings.vault || settings.vaultUrl
      ? settings
      : {
          ...settings,
          vault: await askFor(prompt, '--vault or --vault-url', 'Name of the vault', parseVaultName),
        },
  store: { unattended: true, put, optionsOf },
};
