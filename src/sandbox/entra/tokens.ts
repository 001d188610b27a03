import { createHash } from 'node:crypto';
import { SignJWT } from 'jose';
import type { ServicePrincipal, User } from '../model.ts';
import { isKnown } from '../replication.ts';
import { applicationMarkerId } from '../seed/well-known.ts';
import type { SandboxReply, World } from '../world.ts';
import { type Authorization, type Call, declaresCapability, json } from './call.ts';
import { consentedScopes } from './consent.ts';
import { activeRoles, requireUser, widsOf } from './directory.ts';
import { parseScope, type Resource, requireResource, type ScopeRequest } from './resources.ts';

/** Seconds that a token lives. */
export const lifetime = 3599;

/** `appidacr`: how the client proved itself. */
export type ClientProof = 'none' | 'secret' | 'assertion';

const appidacr = { none: '0', secret: '1', assertion: '2' } as const;

type Claims = Record<string, unknown>;

async function sign(world: World, claims: Claims): Promise<string> {
  const { kid, privateKey } = world.key;
  const jwt = await new SignJWT(claims)
    .setProtectedHeader({ typ: 'JWT', alg: 'RS256', x5t: kid, kid })
    .sign(privateKey);
  return world.issue(jwt);
}

function opaque(world: World, size: number): string {
  return world.randomBytes(size).toString('base64url');
}

function common(
  world: World,
  client: ServicePrincipal,
  audience: string,
  proof: ClientProof,
  cae: boolean,
): Claims {
  const issuedAt = Math.floor(world.now() / 1000);
  const tid = world.tenant.id;
  return {
    aud: audience,
    iss: `https://sts.windows.net/${tid}/`,
    iat: issuedAt,
    nbf: issuedAt,
    exp: issuedAt + lifetime + 1,
    aio: opaque(world, 24),
    app_displayname: client.displayName,
    appid: client.appId,
    appidacr: appidacr[proof],
    idp: `https://sts.windows.net/${tid}/`,
    rh: `1.${opaque(world, 12)}.`,
    tenant_region_scope: 'EU',
    tid,
    uti: opaque(world, 16),
    ver: '1.0',
    xms_tcdt: Math.floor(Date.parse(world.tenant.createdDateTime) / 1000),
    ...(cae ? { xms_cc: ['CP1'] } : {}),
  };
}

/** Values of the application permissions that `client` holds on `resource`, as this request's replica knows them. */
function grantedRoles(world: World, client: ServicePrincipal, resource: Resource, replica: number): string[] {
  const held = world.tenant.appRoleAssignments.filter(
    (grant) =>
      grant.principalId === client.id &&
      grant.resourceId === resource.principal.id &&
      isKnown(world, grant.id, grant.createdDateTime, replica),
  );
  const ids = new Set(held.map(({ appRoleId }) => appRoleId.toLowerCase()));
  return resource.principal.appRoles.filter(({ id }) => ids.has(id.toLowerCase())).map(({ value }) => value);
}

/** An access token of an application for itself; without any permission, `roles` is absent. */
export function mintApplicationToken(
  world: World,
  client: ServicePrincipal,
  resource: Resource,
  options: { readonly proof: ClientProof; readonly cae: boolean; readonly replica: number },
): Promise<string> {
  const roles = grantedRoles(world, client, resource, options.replica);
  return sign(world, {
    ...common(world, client, resource.audience, options.proof, options.cae),
    idtyp: 'app',
    oid: client.id,
    sub: client.id,
    ...(roles.length === 0 ? {} : { roles }),
    wids: [...activeRoles(world, client.id), applicationMarkerId],
  });
}

/** The user id that only this client sees. */
function pairwise(client: ServicePrincipal, user: User): string {
  return createHash('sha256').update(`${client.appId}/${user.id}`).digest('base64url');
}

/** An access token of a client on behalf of a person, with the delegated permissions `scopes`. */
export function mintUserToken(
  world: World,
  client: ServicePrincipal,
  resource: Resource,
  user: User,
  options: { readonly scopes: readonly string[]; readonly proof: ClientProof; readonly cae: boolean },
): Promise<string> {
  return sign(world, {
    ...common(world, client, resource.audience, options.proof, options.cae),
    acct: user.userType === 'Guest' ? 1 : 0,
    acr: '1',
    amr: ['pwd', 'mfa'],
    family_name: user.surname ?? undefined,
    given_name: user.givenName ?? undefined,
    idtyp: 'user',
    ipaddr: '127.0.0.1',
    name: user.displayName,
    oid: user.id,
    platf: '8',
    puid: createHash('sha256').update(user.id).digest('hex').slice(0, 16).toUpperCase(),
    scp: options.scopes.join(' '),
    signin_state: ['kmsi'],
    sub: pairwise(client, user),
    unique_name: user.userType === 'Guest' ? (user.mail ?? user.userPrincipalName) : user.userPrincipalName,
    upn: user.userPrincipalName,
    wids: widsOf(world, user),
    xms_st: { sub: pairwise(client, user) },
  });
}

/** An OpenID Connect id token (v2.0 format). */
function mintIdToken(
  world: World,
  client: ServicePrincipal,
  user: User,
  nonce: string | undefined,
): Promise<string> {
  const issuedAt = Math.floor(world.now() / 1000);
  return sign(world, {
    aud: client.appId,
    iss: `${world.origin}/${world.tenant.id}/v2.0`,
    iat: issuedAt,
    nbf: issuedAt,
    exp: issuedAt + lifetime + 1,
    name: user.displayName,
    ...(nonce === undefined ? {} : { nonce }),
    oid: user.id,
    preferred_username: user.userPrincipalName,
    sub: pairwise(client, user),
    tid: world.tenant.id,
    uti: opaque(world, 16),
    ver: '2.0',
  });
}

function grantedScope(scope: ScopeRequest, values: readonly string[]): string {
  const identity = scope.openid.filter((name) => name !== 'offline_access');
  const asked = scope.permissions.includes('.default') ? ['.default'] : [];
  return [...identity, ...[...values, ...asked].map((value) => `${scope.prefix}${value}`)].join(' ');
}

function newRefreshToken(call: Call, { clientId, userId, scope, publicClient }: Authorization): string {
  const { world, sessions } = call.entra;
  const token = world.issue(`1.${world.randomBytes(192).toString('base64url')}`);
  sessions.refreshTokens.set(token, { clientId, userId, scope, publicClient, issuedAt: world.now() });
  return token;
}

function clientInfo(call: Call, userId: string): string {
  const info = { uid: userId, utid: call.entra.world.tenant.id };
  return Buffer.from(JSON.stringify(info)).toString('base64url');
}

/**
 * The reply with a person's tokens: a refresh token only for offline_access, an id token only for openid. Throws
 * 50034 or 50057 for a person who is gone or disabled, and what consent and scopes may throw.
 */
export async function issueUserTokens(
  call: Call,
  client: ServicePrincipal,
  authorization: Authorization,
  proof: ClientProof,
): Promise<SandboxReply> {
  const { world } = call.entra;
  const user = requireUser(world, authorization.userId);
  const scope = parseScope(authorization.scope);
  const resource = requireResource(world, scope.resource);
  const values = consentedScopes(world, { client, resource, scope, userId: user.id });
  const scopes = [...values, ...scope.openid.filter((name) => name !== 'offline_access')];
  const options = { scopes, proof, cae: declaresCapability(call.form) };
  const wants = (name: string): boolean => scope.openid.includes(name);
  return json({
    token_type: 'Bearer',
    scope: grantedScope(scope, values),
    expires_in: lifetime,
    ext_expires_in: lifetime,
    access_token: await mintUserToken(world, client, resource, user, options),
    ...(wants('offline_access') ? { refresh_token: newRefreshToken(call, authorization) } : {}),
    ...(wants('openid') ? { id_token: await mintIdToken(world, client, user, authorization.nonce) } : {}),
    ...(call.form.get('client_info') === '1' ? { client_info: clientInfo(call, user.id) } : {}),
  });
}
