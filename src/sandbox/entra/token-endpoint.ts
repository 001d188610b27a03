import { createHash } from 'node:crypto';
import { noteClientSignIn } from '../activity.ts';
import type { ServicePrincipal } from '../model.ts';
import { pickReplica } from '../replication.ts';
import type { SandboxReply } from '../world.ts';
import {
  type AuthorizationCode,
  badRequest,
  type Call,
  type Challenge,
  declaresCapability,
  invalidClient,
  invalidGrant,
  json,
  OAuthRefusal,
  readParameter,
  requireParameter,
  timestamp,
} from './call.ts';
import { authenticateClient, checkPublicClient, readClientId } from './client-authentication.ts';
import { findApplication, matchTenant, requireTenant, requireUsableClient } from './directory.ts';
import { isFirstPartyPublic } from './redirects.ts';
import { invalidScope, requireResource } from './resources.ts';
import { type ClientProof, issueUserTokens, lifetime, mintApplicationToken } from './tokens.ts';

const refreshLifetime = 90 * 86_400_000;

async function prove(call: Call, client: ServicePrincipal, publicClient: boolean): Promise<ClientProof> {
  return publicClient ? checkPublicClient(call) : (await authenticateClient(call, client)).proof;
}

function answersChallenge(challenge: Challenge, verifier: string): boolean {
  if (challenge.method === 'plain') return challenge.value === verifier;
  return createHash('sha256').update(verifier).digest('base64url') === challenge.value;
}

function checkVerifier({ challenge }: AuthorizationCode, verifier: string | undefined): void {
  if (challenge === undefined && verifier === undefined) return;
  if (challenge !== undefined && verifier !== undefined && answersChallenge(challenge, verifier)) return;
  const text = 'The Code_Verifier does not match the code_challenge supplied in the authorization request.';
  throw invalidGrant(501481, text);
}

function requireCode(call: Call, client: ServicePrincipal): AuthorizationCode {
  const { world, sessions } = call.entra;
  const code = sessions.codes.get(requireParameter(call.form, 'code'));
  const redirectUri = requireParameter(call.form, 'redirect_uri');
  if (code === undefined || code.clientId !== client.appId) {
    throw invalidGrant(70000, "The provided value for the 'code' parameter is not valid.");
  }
  if (code.redeemed) {
    const text =
      'OAuth2 Authorization code was already redeemed, please retry with a new valid code or use an existing refresh token.';
    throw invalidGrant(54005, text);
  }
  if (code.expiresAt <= world.now()) {
    throw invalidGrant(
      70008,
      'The provided authorization code or refresh token has expired due to inactivity.',
    );
  }
  if (code.redirectUri !== redirectUri) {
    throw invalidClient(
      500112,
      `The reply address '${redirectUri}' does not match the reply address '${code.redirectUri}' provided when ` +
        'requesting Authorization code.',
    );
  }
  return code;
}

/** grant_type=authorization_code. A code works once, for its client, its address and its PKCE verifier. */
async function redeemCode(call: Call, client: ServicePrincipal): Promise<SandboxReply> {
  const code = requireCode(call, client);
  const proof = await prove(call, client, code.publicClient);
  checkVerifier(code, readParameter(call.form, 'code_verifier'));
  code.redeemed = true;
  const scope = readParameter(call.form, 'scope') ?? code.scope;
  return issueUserTokens(call, client, { ...code, scope }, proof);
}

/** grant_type=refresh_token. A refresh token serves its client for any API it has consent for. */
async function redeemRefreshToken(call: Call, client: ServicePrincipal): Promise<SandboxReply> {
  const { world, sessions } = call.entra;
  const found = sessions.refreshTokens.get(requireParameter(call.form, 'refresh_token'));
  if (found === undefined || found.clientId !== client.appId) {
    throw invalidGrant(70000, "Authentication failed. The refresh token isn't valid.");
  }
  if (found.issuedAt + refreshLifetime <= world.now()) {
    throw invalidGrant(
      700082,
      'The refresh token has expired due to inactivity. The token was issued on ' +
        `${timestamp(found.issuedAt)} and was inactive for 90.00:00:00.`,
    );
  }
  const proof = await prove(call, client, found.publicClient);
  const scope = readParameter(call.form, 'scope') ?? found.scope;
  return issueUserTokens(call, client, { ...found, scope }, proof);
}

function pending(): OAuthRefusal {
  const text = 'OAuth 2.0 device flow error. Authorization is pending. Continue polling.';
  return badRequest('authorization_pending', 70016, text);
}

/** Whether the client may sign people in by device code without a credential. */
function isDeviceClient(call: Call, client: ServicePrincipal): boolean {
  const { properties } = findApplication(call.entra.world, client.appId) ?? {};
  return isFirstPartyPublic(client) || properties?.['isFallbackPublicClient'] === true;
}

/** grant_type=device_code: pending until a person has decided; then tokens, once. */
async function redeemDeviceCode(call: Call, client: ServicePrincipal): Promise<SandboxReply> {
  const { world, sessions } = call.entra;
  const publicClient = isDeviceClient(call, client);
  const proof = await prove(call, client, publicClient);
  const device = sessions.devices.get(requireParameter(call.form, 'device_code'));
  if (device === undefined || device.clientId !== client.appId) {
    const text = 'Invalid verification code due to User typing in wrong user code for device code flow.';
    throw badRequest('bad_verification_code', 70018, text);
  }
  const { outcome } = device;
  if (outcome === 'redeemed') {
    throw invalidGrant(70018, 'Invalid verification code. The device code was already redeemed.');
  }
  if (device.expiresAt <= world.now()) {
    const text =
      "The provided value for the input parameter 'device_code' is not valid. This device code has expired.";
    throw badRequest('expired_token', 70020, text);
  }
  if (outcome === undefined) throw pending();
  if ('refusal' in outcome) throw new OAuthRefusal(outcome.refusal);
  device.outcome = 'redeemed';
  const { clientId, scope } = device;
  return issueUserTokens(call, client, { clientId, scope, publicClient, userId: outcome.userId }, proof);
}

function checkTenant(call: Call): void {
  if (matchTenant(call.entra.world.tenant, call.tenant) === 'named') return;
  throw badRequest(
    'invalid_request',
    50059,
    'No tenant-identifying information found in either the request or implied by any provided credentials.',
  );
}

function readResource(scope: string): string {
  const parts = scope.split(/\s+/).filter((part) => part !== '');
  const named = /^(.+)\/\.default$/.exec(parts[0] ?? '')?.[1];
  if (parts.length !== 1 || named === undefined) throw invalidScope(scope);
  return named;
}

/**
 * grant_type=client_credentials: a token of the application for itself, with whatever roles it holds. Needs a tenant
 * by name (50059 otherwise) and a scope that ends with /.default (70011 otherwise).
 */
async function grantApplication(call: Call, client: ServicePrincipal): Promise<SandboxReply> {
  const { world } = call.entra;
  checkTenant(call);
  const { proof, credential } = await authenticateClient(call, client);
  const resource = requireResource(world, readResource(requireParameter(call.form, 'scope')));
  const cae = declaresCapability(call.form);
  const token = await mintApplicationToken(world, client, resource, {
    proof,
    cae,
    replica: pickReplica(world),
  });
  noteClientSignIn(world, { client, credential, resource: resource.principal, token });
  return json({
    token_type: 'Bearer',
    expires_in: lifetime,
    ext_expires_in: lifetime,
    access_token: token,
  });
}

type Grant = (call: Call, client: ServicePrincipal) => SandboxReply | Promise<SandboxReply>;

/** Nobody here has a password. Throws 50034 for an unknown user name and 50126 for any password. */
function refusePassword(call: Call): never {
  const { world } = call.entra;
  if (call.tenant.toLowerCase() === 'common') {
    throw badRequest(
      'invalid_request',
      9001023,
      "The grant type isn't supported over the /common or /consumers endpoints. Please use the /organizations or " +
        'tenant-specific endpoint.',
    );
  }
  const name = requireParameter(call.form, 'username').toLowerCase();
  requireParameter(call.form, 'password');
  const known = world.tenant.users.some(({ userPrincipalName }) => userPrincipalName.toLowerCase() === name);
  if (known) {
    throw invalidGrant(50126, 'Error validating credentials due to invalid username or password.');
  }
  throw invalidGrant(
    50034,
    `The user account does not exist in the ${world.tenant.displayName} directory. To sign into this application, ` +
      'the account must be added to the directory.',
  );
}

const grants = new Map<string, Grant>([
  ['authorization_code', redeemCode],
  ['refresh_token', redeemRefreshToken],
  ['client_credentials', grantApplication],
  ['urn:ietf:params:oauth:grant-type:device_code', redeemDeviceCode],
  // The name from before RFC 8628, which msal-node sends.
  ['device_code', redeemDeviceCode],
  ['password', refusePassword],
]);

/** The v2.0 token endpoint. Throws OAuthRefusal. */
export async function token(call: Call): Promise<SandboxReply> {
  if (call.tenant.toLowerCase() !== 'consumers') requireTenant(call.entra.world.tenant, call.tenant);
  const name = requireParameter(call.form, 'grant_type');
  const grant = grants.get(name);
  if (grant === undefined) {
    const text = `The app requested an unsupported grant type '${name}'.`;
    throw badRequest('unsupported_grant_type', 70003, text);
  }
  if (call.form.has('resource')) {
    throw badRequest('invalid_request', 901002, "The 'resource' request parameter isn't supported.");
  }
  return grant(call, requireUsableClient(call, readClientId(call)));
}

/** The v1.0 token endpoint: the API comes as `resource`, and times in the reply are strings. Throws OAuthRefusal. */
export async function tokenV1(call: Call): Promise<SandboxReply> {
  const resource = requireParameter(call.form, 'resource');
  const form = new URLSearchParams(call.form);
  const application = form.get('grant_type') === 'client_credentials';
  form.delete('resource');
  form.set('scope', `${resource}/.default${application ? '' : ' openid offline_access'}`);
  const reply = await token({ ...call, form });
  const body: Record<string, unknown> = JSON.parse(reply.body);
  const now = Math.floor(call.entra.world.now() / 1000);
  const lifetime = Number(body['expires_in']);
  return json({
    ...body,
    expires_in: String(lifetime),
    ext_expires_in: String(body['ext_expires_in']),
    expires_on: String(now + lifetime),
    not_before: String(now),
    resource,
  });
}
