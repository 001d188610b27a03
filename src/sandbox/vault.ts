import { errors, jwtVerify } from 'jose';
import { activeRoles } from './entra/directory.ts';
import { isObject, type Json, textOf } from './json.ts';
import { automationAppId } from './seed/applications.ts';
import { appIds, roleIds } from './seed/well-known.ts';
import type { SandboxReply, SandboxRequest, World } from './world.ts';

/** The API of Azure Key Vault, as tokens name it. */
const resource = 'https://vault.azure.net';

/** A version of a secret, in the order in which they were set. */
interface Version {
  readonly id: string;
  readonly bundle: Json;
}

/** What one vault holds; it goes when the sandbox stops. */
interface Vault {
  readonly secrets: Map<string, Version[]>;
  readonly deleted: Map<string, Version[]>;
}

/** The vaults of a sandbox by name, each made when it is first spoken to. */
export type Vaults = Map<string, Vault>;

class Refusal extends Error {
  readonly status: number;
  readonly code: string;
  readonly inner: string | undefined;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    code: string,
    message: string,
    { inner, headers = {} }: { readonly inner?: string; readonly headers?: Record<string, string> } = {},
  ) {
    super(message);
    this.status = status;
    this.code = code;
    this.inner = inner;
    this.headers = headers;
  }
}

const reply = (
  status: number,
  body: Json | undefined,
  headers: Record<string, string> = {},
): SandboxReply => ({
  status,
  headers: {
    'cache-control': 'no-cache',
    ...(body === undefined ? {} : { 'content-type': 'application/json; charset=utf-8' }),
    ...headers,
  },
  body: body === undefined ? '' : JSON.stringify(body),
});

/** The first answer to anybody: where to get a token, and for what. */
function challenge({ origin, tenant }: World, message: string): Refusal {
  const header = `Bearer authorization="${origin}/${tenant.id}", resource="${resource}"`;
  return new Refusal(401, 'Unauthorized', message, { headers: { 'www-authenticate': header } });
}

/** Who is calling: the object id, and the client. Throws 401. */
async function authenticate(world: World, request: SandboxRequest): Promise<{ oid: string; appId: string }> {
  const token = /^Bearer +(\S+)$/i.exec(request.headers['authorization']?.trim() ?? '')?.[1];
  if (token === undefined) throw challenge(world, 'AKV10000: Request is missing a Bearer or PoP token.');
  try {
    const { payload } = await jwtVerify(token, world.key.publicKey, {
      algorithms: ['RS256'],
      audience: [resource, `${resource}/`, appIds.keyVault],
      issuer: `https://sts.windows.net/${world.tenant.id}/`,
      currentDate: new Date(world.now()),
    });
    return { oid: String(payload['oid']), appId: String(payload['appid']) };
  } catch (error) {
    if (error instanceof errors.JOSEError) throw challenge(world, 'AKV10022: Invalid audience or token.');
    throw error;
  }
}

/**
 * Key Vault Secrets Officer here: the automation application, and whoever administers applications in the cloud. A
 * Global Administrator has no right to a vault by that role.
 */
function requireOfficer(world: World, { oid, appId }: { oid: string; appId: string }): void {
  const isOfficer =
    appId === automationAppId || activeRoles(world, oid).includes(roleIds.applicationAdministrator);
  if (isOfficer) return;
  throw new Refusal(403, 'Forbidden', 'Caller is not authorized to perform action on resource.', {
    inner: 'ForbiddenByRbac',
  });
}

function readBody({ body }: SandboxRequest): Json {
  try {
    const value: unknown = JSON.parse(body);
    if (isObject(value) && typeof value['value'] === 'string') return value;
  } catch {
    // Told below.
  }
  throw new Refusal(400, 'BadParameter', 'Property has invalid value');
}

/** Bytes of the longest value. */
const longestValue = 25_600;

function setSecret(world: World, vault: Vault, base: string, name: string, wanted: Json): SandboxReply {
  const value = textOf(wanted, 'value') ?? '';
  if (Buffer.byteLength(value) > longestValue) {
    throw new Refusal(400, 'BadParameter', 'The value of the secret is too long.');
  }
  if (vault.deleted.has(name)) {
    throw new Refusal(
      409,
      'Conflict',
      `Secret ${name} is currently in a deleted but recoverable state, and its name cannot be reused; in this state, the secret can only be recovered or purged.`,
      { inner: 'ObjectIsDeletedButRecoverable' },
    );
  }
  const now = Math.floor(world.now() / 1_000);
  const { enabled = true, nbf, exp } = isObject(wanted['attributes']) ? wanted['attributes'] : {};
  const bundle = {
    value: world.issue(value),
    id: `${base}/secrets/${name}/${world.randomBytes(16).toString('hex')}`,
    ...(wanted['contentType'] === undefined ? {} : { contentType: wanted['contentType'] }),
    attributes: {
      enabled,
      ...(nbf === undefined ? {} : { nbf }),
      ...(exp === undefined ? {} : { exp }),
      created: now,
      updated: now,
      recoveryLevel: 'Recoverable+Purgeable',
      recoverableDays: 90,
    },
    ...(isObject(wanted['tags']) ? { tags: wanted['tags'] } : {}),
  };
  vault.secrets.set(name, [...(vault.secrets.get(name) ?? []), { id: bundle.id, bundle }]);
  return reply(200, bundle);
}

function requireVersions(held: Map<string, Version[]>, name: string): Version[] {
  const versions = held.get(name);
  if (versions !== undefined) return versions;
  throw new Refusal(
    404,
    'SecretNotFound',
    `A secret with (name/id) ${name} was not found in this key vault.`,
  );
}

function getSecret(vault: Vault, name: string, version: string | undefined): SandboxReply {
  const versions = requireVersions(vault.secrets, name);
  const found =
    version === undefined ? versions.at(-1) : versions.find(({ id }) => id.endsWith(`/${version}`));
  if (found !== undefined) return reply(200, found.bundle);
  throw new Refusal(
    404,
    'SecretNotFound',
    `A secret with (name/id) ${name}/${version} was not found in this key vault.`,
  );
}

/** Moves a secret from one state to the other, and shows it without its value. */
function move(from: Map<string, Version[]>, to: Map<string, Version[]>, name: string): SandboxReply {
  const versions = requireVersions(from, name);
  from.delete(name);
  to.set(name, versions);
  const { value: _value, ...shown } = versions.at(-1)?.bundle ?? {};
  return reply(200, shown);
}

function purge({ deleted }: Vault, name: string): SandboxReply {
  requireVersions(deleted, name);
  deleted.delete(name);
  return reply(204, undefined);
}

function serve(
  world: World,
  vault: Vault,
  base: string,
  request: SandboxRequest,
  path: string,
): SandboxReply {
  const [, set = '', name = '', behind] = /^(\w+)\/([^/]+)(?:\/([^/]+))?\/?$/.exec(path) ?? [];
  if (!/^[0-9a-zA-Z-]{1,127}$/.test(name)) {
    throw new Refusal(400, 'BadParameter', 'The request URI contains an invalid name');
  }
  if (!request.url.searchParams.has('api-version')) {
    throw new Refusal(400, 'BadParameter', 'api-version must be specified');
  }
  const { secrets, deleted } = vault;
  const routes: Readonly<Record<string, () => SandboxReply>> = {
    'PUT secrets': () => setSecret(world, vault, base, name, readBody(request)),
    'GET secrets': () => getSecret(vault, name, undefined),
    'GET secrets version': () => getSecret(vault, name, behind),
    'DELETE secrets': () => move(secrets, deleted, name),
    'POST deletedsecrets recover': () => move(deleted, secrets, name),
    'DELETE deletedsecrets': () => purge(vault, name),
  };
  const suffix = behind === undefined ? '' : set === 'secrets' ? ' version' : ` ${behind}`;
  const route = routes[`${request.method} ${set}${suffix}`];
  if (route === undefined) throw new Refusal(405, 'MethodNotAllowed', 'Method not allowed.');
  return route();
}

/**
 * Answers a request to `/vaults/<vault>/…`, which stands for `https://<vault>.vault.azure.net/…`: secrets set, read,
 * deleted and recovered (learn rest/api/keyvault). Undefined for any other path.
 */
export async function handleVault(
  world: World,
  vaults: Vaults,
  request: SandboxRequest,
): Promise<SandboxReply | undefined> {
  const [, name, rest = ''] =
    /^\/vaults\/([a-z][0-9a-z-]{1,22}[0-9a-z])(?:\/(.*))?$/i.exec(request.url.pathname) ?? [];
  if (name === undefined) return undefined;
  const vault = vaults.get(name) ?? { secrets: new Map(), deleted: new Map() };
  vaults.set(name, vault);
  try {
    requireOfficer(world, await authenticate(world, request));
    return serve(world, vault, `${world.origin}/vaults/${name}`, request, rest);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const { code, message, inner, status, headers } = error;
    const body = {
      error: { code, message, ...(inner === undefined ? {} : { innererror: { code: inner } }) },
    };
    return reply(status, body, headers);
  }
}
