import type { OAuth2PermissionScope, ServicePrincipal, User } from '../model.ts';
import {
  adminConsentRequired,
  type ConsentQuestion,
  mayConsent,
  missingConsent,
  recordConsent,
} from './consent.ts';
import type { DeviceRequest, Entra } from './context.ts';
import { badRequest, invalidGrant, OAuthRefusal } from './errors.ts';
import { parseScope, requireResource } from './resources.ts';

/** A person at the page of a device that waits. */
export interface DeviceSignIn {
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
export function consentToAsk(entra: Entra, signIn: DeviceSignIn): OAuth2PermissionScope[] {
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
export function checkWaiting({ world }: Entra, device: DeviceRequest): void {
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
