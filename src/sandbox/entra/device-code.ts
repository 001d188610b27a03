import type { SandboxReply } from '../world.ts';
import { requireUsableClient } from './clients.ts';
import type { Call, DeviceRequest, Entra } from './context.ts';
import { approve, settle } from './device-approval.ts';
import { requireUser } from './directory.ts';
import { json } from './errors.ts';
import { requireParameter } from './parameters.ts';
import { parseScope } from './resources.ts';

const codeLifetime = 900;
const letters = 'ABCDEFGHJKLMNPQRSTUVWXYZ23456789';
const codeLength = 9;

function newUserCode({ world }: Entra): string {
  return [...world.randomBytes(codeLength)].map((byte) => letters.charAt(byte % letters.length)).join('');
}

/** The device code endpoint. Throws OAuthRefusal. */
export function deviceCode(call: Call): SandboxReply {
  const { entra } = call;
  const { world, sessions, autoApprove } = entra;
  const client = requireUsableClient(call, requireParameter(call.form, 'client_id'));
  const scope = requireParameter(call.form, 'scope');
  parseScope(scope);
  const code = world.issue(`1.${world.randomBytes(96).toString('base64url')}`);
  const userCode = newUserCode(entra);
  const expiresAt = world.now() + codeLifetime * 1000;
  const device: DeviceRequest = { clientId: client.appId, scope, userCode, expiresAt, outcome: undefined };
  sessions.devices.set(code, device);
  if (autoApprove !== undefined) {
    settle(device, () => {
      const user = requireUser(world, autoApprove);
      return approve(entra, { device, client, user }, false);
    });
  }
  const verificationUri = `${world.origin}/devicelogin`;
  return json({
    user_code: userCode,
    device_code: code,
    verification_uri: verificationUri,
    expires_in: codeLifetime,
    interval: 5,
    message: `To sign in, use a web browser to open the page ${verificationUri} and enter the code ${userCode} to authenticate.`,
  });
}
