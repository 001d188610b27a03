import type { OAuth2PermissionScope, ServicePrincipal, User } from '../model.ts';
import { pickReplica } from '../replication.ts';
import type { SandboxReply } from '../world.ts';
import {
  badRequest,
  type Call,
  type DeviceRequest,
  type Entra,
  invalidGrant,
  json,
  OAuthRefusal,
  requireParameter,
} from './call.ts';
import {
  adminConsentRequired,
  type ConsentQuestion,
  consentDeclined,
  isConsentAdmin,
  mayConsent,
  missingConsent,
  recordConsent,
} from './consent.ts';
import { requireClient, requireUsableClient, requireUser } from './directory.ts';
import { ask, consentFields, type Html, html, messagePage, pickAccount, type Step } from './pages.ts';
import { parseScope, requireResource } from './resources.ts';

const pagePath = '/common/oauth2/deviceauth';

function plainFields({ client, user }: DeviceSignIn): Html {
  return html`<p>${user.userPrincipalName}</p>
<p>Are you trying to sign in to <strong>${client.displayName}</strong>? Continue only if you started this yourself.</p>
<button type="submit" name="answer" value="accept" class="main">Continue</button>
<button type="submit" name="answer" value="decline">Cancel</button>`;
}

function conclude({ entra }: Step, signIn: DeviceSignIn, form: URLSearchParams): SandboxReply {
  const { device, client, user } = signIn;
  checkWaiting(entra, device);
  const everybody = isConsentAdmin(entra.world, user.id) && form.get('organisation') === 'yes';
  const refused = settle(device, () => {
    if (form.get('answer') !== 'accept') throw consentDeclined('authorization_declined');
    return approve(entra, signIn, everybody);
  });
  if (refused !== undefined) return messagePage('You did not sign in', refused);
  const done = `You have signed in to the ${client.displayName} application on your device. You may now close this window.`;
  return messagePage(client.displayName, done);
}

function confirm(step: Step, signIn: DeviceSignIn): SandboxReply {
  const { device, client, user } = signIn;
  checkWaiting(step.entra, device);
  let scopes: OAuth2PermissionScope[] = [];
  const refused = settle(device, () => {
    scopes = consentToAsk(step.entra, signIn);
    return undefined;
  });
  if (refused !== undefined) return messagePage('You cannot access this right now', refused, 403);
  const admin = isConsentAdmin(step.entra.world, user.id);
  const fields = scopes.length > 0 ? consentFields({ client, user, scopes, admin }) : plainFields(signIn);
  return ask(step, { title: `Sign in to ${client.displayName}`, fields }, (form) =>
    conclude(step, signIn, form),
  );
}

function findDevice({ world, sessions }: Entra, text: string): DeviceRequest | undefined {
  const code = text.replace(/[\s-]/g, '').toUpperCase();
  return [...sessions.devices.values()].find(
    ({ userCode, expiresAt, outcome }) =>
      userCode === code && expiresAt > world.now() && outcome === undefined,
  );
}

function askCode(step: Step, notice: string): SandboxReply {
  const { entra } = step;
  const fields = html`${notice === '' ? html`` : html`<p class="notice" role="alert">${notice}</p>`}
<p><label for="code">Enter the code displayed on your app or device.</label></p>
<p><input type="text" id="code" name="code" required autofocus autocomplete="off" autocapitalize="characters" maxlength="20"></p>
<button type="submit" class="main">Next</button>`;
  return ask(step, { title: 'Enter code to allow access', fields }, (form) => {
    const device = findDevice(entra, form.get('code') ?? '');
    if (device === undefined) {
      return askCode(step, "That code didn't work. Check the code and try again.");
    }
    const client = requireClient(entra.world, device.clientId, pickReplica(entra.world));
    const purpose = { application: client.displayName, hint: undefined };
    return pickAccount(step, purpose, (user) => confirm(step, { device, client, user }));
  });
}

/** The page where a person enters the code that a device shows. */
export function deviceAuth({ entra }: Call): SandboxReply {
  return askCode({ entra, path: pagePath, formTargets: [] }, '');
}

/** The short address of that page. */
export function deviceLogin(): SandboxReply {
  return { status: 302, headers: { location: pagePath, 'cache-control': 'no-store, no-cache' }, body: '' };
}

/** A person at the page of a device that waits. */
interface DeviceSignIn {
  readonly device: DeviceRequest;
  readonly client: ServicePrincipal;
  readonly user: User;
}

/** Throws 53003 where a Conditional Access policy refuses the device code flow; `claims` names the policies. */
function checkConditionalAccess({ world }: Entra): void {
  const values = world.tenant.deviceCodeBlockedBy;
  if (values.length === 0) return;
  const { refusal } = invalidGrant(
    53003,
    'Access has been blocked by Conditional Access policies. The access policy does not allow token issuance.',
    'message_only',
  );
  const claims = JSON.stringify({ access_token: { capolids: { essential: true, values } } });
  throw new OAuthRefusal({ ...refusal, claims });
}

function questionOf({ world }: Entra, { device, client, user }: DeviceSignIn): ConsentQuestion {
  const scope = parseScope(device.scope);
  return { client, scope, userId: user.id, resource: requireResource(world, scope.resource) };
}

/**
 * What the person still has to consent to. Throws what the token endpoint shall answer instead of tokens: 53003 for
 * Conditional Access, 90094 where only an administrator may consent.
 */
function consentToAsk(entra: Entra, signIn: DeviceSignIn): OAuth2PermissionScope[] {
  checkConditionalAccess(entra);
  const missing = missingConsent(entra.world, questionOf(entra, signIn));
  if (!mayConsent(entra.world, signIn.user.id, missing)) throw adminConsentRequired();
  return missing;
}

/** Records the consent, for everybody or the person alone, and returns the outcome. */
export function approve(entra: Entra, signIn: DeviceSignIn, everybody: boolean): { userId: string } {
  const missing = consentToAsk(entra, signIn);
  const kind = everybody ? 'AllPrincipals' : 'Principal';
  if (missing.length > 0) recordConsent(entra.world, questionOf(entra, signIn), missing, kind);
  return { userId: signIn.user.id };
}

/** Throws 90120 for a device about which somebody has decided, 70019 for one whose code is too old. */
function checkWaiting({ world }: Entra, device: DeviceRequest): void {
  if (device.outcome !== undefined) {
    throw badRequest('invalid_request', 90120, 'The request was already authorized or declined.');
  }
  if (device.expiresAt <= world.now()) {
    throw badRequest('expired_token', 70019, 'Verification code expired. Have the user retry the sign-in.');
  }
}

/**
 * Writes down what the person decided (nothing yet: undefined), or why it was refused, and returns the refusal's text.
 */
export function settle(device: DeviceRequest, decide: () => DeviceRequest['outcome']): string | undefined {
  try {
    device.outcome = decide();
    return undefined;
  } catch (error) {
    if (!(error instanceof OAuthRefusal)) throw error;
    device.outcome = { refusal: error.refusal };
    return error.message;
  }
}

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
