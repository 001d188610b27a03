import type { OAuth2PermissionScope } from '../model.ts';
import { meetReplica } from '../replicas.ts';
import type { SandboxReply } from '../world.ts';
import { consentDeclined, isConsentAdmin } from './consent.ts';
import type { Call, DeviceRequest, Entra } from './context.ts';
import { approve, checkWaiting, consentToAsk, type DeviceSignIn, settle } from './device-approval.ts';
import { requireClient } from './directory.ts';
import { type Html, html } from './html.ts';
import { ask, consentFields, messagePage, pickAccount, type Step } from './pages.ts';

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
    const client = requireClient(entra.world, device.clientId, meetReplica(entra.world));
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
