import { createHash } from 'node:crypto';
import type { ServicePrincipal } from '../model.ts';
import type { SandboxReply } from '../world.ts';
import type { AuthorizationCode, Call, Challenge } from './context.ts';
import { authenticateClient, checkPublicClient } from './credentials.ts';
import { findApplication } from './directory.ts';
import { badRequest, invalidClient, invalidGrant, OAuthRefusal, timestamp } from './errors.ts';
import { readParameter, requireParameter } from './parameters.ts';
import { isFirstPartyPublic } from './redirects.ts';
import type { ClientProof } from './tokens.ts';
import { issueUserTokens } from './user-tokens.ts';

const refreshLifetime = 90 * 86_400_000;

async function prove(call: Call, client: ServicePrincipal, publicClient: boolean): Promise<ClientProof> {
  return publicClient ? checkPublicClient(call) : await authenticateClient(call, client);
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
export async function redeemCode(call: Call, client: ServicePrincipal): Promise<SandboxReply> {
  const code = requireCode(call, client);
  const proof = await prove(call, client, code.publicClient);
  checkVerifier(code, readParameter(call.form, 'code_verifier'));
  code.redeemed = true;
  const scope = readParameter(call.form, 'scope') ?? code.scope;
  return issueUserTokens(call, client, { ...code, scope }, proof);
}

/** grant_type=refresh_token. A refresh token serves its client for any API it has consent for. */
export async function redeemRefreshToken(call: Call, client: ServicePrincipal): Promise<SandboxReply> {
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
export async function redeemDeviceCode(call: Call, client: ServicePrincipal): Promise<SandboxReply> {
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
