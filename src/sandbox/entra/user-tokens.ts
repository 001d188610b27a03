import type { ServicePrincipal } from '../model.ts';
import type { SandboxReply } from '../world.ts';
import { consentedScopes } from './consent.ts';
import type { Authorization, Call } from './context.ts';
import { requireUser } from './directory.ts';
import { json } from './errors.ts';
import { declaresCapability } from './parameters.ts';
import { parseScope, requireResource, type ScopeRequest } from './resources.ts';
import { type ClientProof, lifetime, mintIdToken, mintUserToken } from './tokens.ts';

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
