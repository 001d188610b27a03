import type { Reading } from '../core/errors.ts';
import { requestNumbers } from './aadsts.ts';
import { codeExpired, multiFactor, notConsented, signInAgain, signInNumbers } from './aadsts-sign-in.ts';

/** What an OAuth error, or a suberror, means where no AADSTS number tells more (RFC 6749, RFC 8628; MSAL's own). */
export const oauthReadings: Readonly<Record<string, Reading>> = {
  access_denied: { code: 'sign-in-failed', cause: 'The sign-in was cancelled' },
  additional_action: multiFactor,
  authorization_declined: { code: 'sign-in-failed', cause: 'The sign-in was declined' },
  authorization_pending: { code: 'sign-in-failed', cause: 'The sign-in was not finished' },
  bad_token: signInAgain,
  bad_verification_code: signInNumbers[70018],
  basic_action: multiFactor,
  consent_required: notConsented,
  device_code_expired: codeExpired,
  expired_token: codeExpired,
  interaction_required: {
    code: 'sign-in-failed',
    cause: 'Entra wants to ask something that only a person can answer',
    remedy: 'Sign in with --auth browser.',
  },
  interrupted_user: { code: 'sign-in-failed', cause: 'The sign-in was interrupted' },
  invalid_instance: requestNumbers[50049],
  invalid_tenant: requestNumbers[90002],
  login_required: signInAgain,
  message_only: {
    code: 'sign-in-blocked',
    cause: 'A policy of this tenant refuses this sign-in',
  },
  server_error: { code: 'service-unavailable', cause: 'Entra is temporarily unavailable' },
  slow_down: { code: 'throttled', cause: 'Entra asks to slow down' },
  temporarily_unavailable: { code: 'service-unavailable', cause: 'Entra is temporarily unavailable' },
  ui_not_allowed: {
    code: 'sign-in-failed',
    cause: 'Entra wants to ask something that only a person can answer',
    remedy: 'Sign in with --auth browser.',
  },
  user_password_expired: signInNumbers[50055],
};
