import type { ServicePrincipal } from '../model.ts';
import type { SandboxReply } from '../world.ts';
import { grantApplication } from './application-grant.ts';
import { requireUsableClient } from './clients.ts';
import type { Call } from './context.ts';
import { readClientId } from './credentials.ts';
import { badRequest, invalidGrant, json } from './errors.ts';
import { requireParameter } from './parameters.ts';
import { requireTenant } from './tenants.ts';
import { redeemCode, redeemDeviceCode, redeemRefreshToken } from './user-grants.ts';

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
