import type { Reading } from '../core/errors/reading.ts';

const deviceRemedy = 'Sign in on a managed device with --auth browser, or ask whoever owns the policy.';
const securityDefaults = 'Ask whoever manages security policies, or sign in with another account.';
const guestRemedy =
  'Sign in with an account of that tenant, have this one invited as a guest, or correct --tenant.';
const federatedRemedy =
  'Compare issuer, subject and audience of the presented token with the federated credential of the application; a new one takes some minutes to count.';
const caseRemedy =
  'Correct upper and lower case: delete the federated credential and create it anew as the token has it.';

const otherCloud: Reading = { code: 'wrong-cloud', cause: 'The tenant lives in another cloud' };
const signInAgain: Reading = {
  code: 'sign-in-failed',
  cause: 'The session is no longer valid',
  remedy: 'Sign in again by running the same command.',
};
const notConsented: Reading = {
  code: 'sign-in-consent',
  cause: 'The program used for sign-in has no consent in this tenant for what it asks',
};
const multiFactor: Reading = {
  code: 'sign-in-failed',
  cause: 'The tenant asks for multi-factor authentication',
  remedy: 'Sign in with --auth browser, where the second factor can be given or set up.',
};
const codeExpired: Reading = {
  code: 'sign-in-failed',
  cause: 'The device code expired before it was used',
  remedy: 'Run the command again and enter the new code within 15 minutes.',
};

const personNeeded: Reading = {
  code: 'sign-in-failed',
  cause: 'Entra wants to ask something that only a person can answer',
  remedy: 'Sign in with --auth browser.',
};
const unavailable: Reading = { code: 'service-unavailable', cause: 'Entra is temporarily unavailable' };

/** AADSTS numbers that concern the person, or the way, of a sign-in (entra-docs reference-error-codes.md). */
const signInNumbers = {
  16000: {
    code: 'sign-in-failed',
    cause: 'Several accounts are signed in and none was chosen',
    remedy: 'Sign in with --auth browser and pick the account.',
  },
  50020: {
    code: 'sign-in-wrong-tenant',
    cause: 'This account belongs to another organisation and is not a guest of the tenant',
    remedy: guestRemedy,
  },
  50034: {
    code: 'sign-in-wrong-tenant',
    cause: 'This account does not exist in the tenant',
    remedy: 'Check the user name, or correct --tenant.',
  },
  50053: {
    code: 'sign-in-failed',
    cause: 'The account is locked',
    remedy: 'Wait, or have an administrator unlock it.',
  },
  50055: {
    code: 'sign-in-failed',
    cause: 'The password has expired',
    remedy: 'Change it, then run the command again.',
  },
  50057: {
    code: 'sign-in-failed',
    cause: 'The account is disabled',
    remedy: 'Sign in with another account, or have an administrator enable this one.',
  },
  50076: multiFactor,
  50079: multiFactor,
  50105: {
    code: 'sign-in-client',
    cause: 'The account is not assigned to the program used for sign-in',
    remedy: 'Have it assigned under Enterprise applications, or use another --login-client-id.',
  },
  50126: { code: 'sign-in-failed', cause: 'The user name or the password is wrong' },
  50133: signInAgain,
  50173: signInAgain,
  53000: {
    code: 'sign-in-blocked',
    cause: 'A policy of this tenant allows this sign-in only from a compliant device',
    remedy: deviceRemedy,
  },
  53001: {
    code: 'sign-in-blocked',
    cause: 'A policy of this tenant allows this sign-in only from a device that is joined to it',
    remedy: deviceRemedy,
  },
  53003: {
    code: 'sign-in-blocked',
    cause: 'A Conditional Access policy of this tenant refuses this way of signing in',
    remedy: 'Try --auth browser (or --auth device-code), or ask whoever owns the policy.',
  },
  54005: signInAgain,
  65001: notConsented,
  65002: {
    code: 'sign-in-consent',
    cause: 'The program used for sign-in may not ask for this permission: Microsoft has not allowed it to',
    remedy: 'Sign in through another client with --login-client-id.',
  },
  65004: { code: 'sign-in-failed', cause: 'Consent was declined at sign-in' },
  70016: { code: 'sign-in-failed', cause: 'The sign-in was not finished' },
  70018: {
    code: 'sign-in-failed',
    cause: 'The device code is wrong, or was used already',
    remedy: 'Run the command again and enter the new code.',
  },
  70019: codeExpired,
  70020: codeExpired,
  70043: signInAgain,
  90072: {
    code: 'sign-in-wrong-tenant',
    cause: 'This account is not a member of the tenant',
    remedy: guestRemedy,
  },
  90093: {
    code: 'sign-in-consent',
    cause: 'This account cannot give the consent that the program used for sign-in needs',
  },
  90094: {
    code: 'sign-in-consent',
    cause: 'Only an administrator may consent to what the program used for sign-in asks',
  },
  90095: {
    code: 'sign-in-consent',
    cause: 'An administrator has been asked to approve the program used for sign-in, and has not yet',
    remedy: 'Run the command again when it is approved, or use another --login-client-id.',
  },
  530003: {
    code: 'sign-in-blocked',
    cause: 'A policy of this tenant allows the device code flow only from a managed device',
    remedy: deviceRemedy,
  },
  530032: {
    code: 'sign-in-blocked',
    cause: 'A security policy of the tenant refuses this sign-in',
    remedy: securityDefaults,
  },
  530035: {
    code: 'sign-in-blocked',
    cause: "The tenant's security defaults refuse this sign-in",
    remedy: securityDefaults,
  },
  700082: signInAgain,
} as const satisfies Readonly<Record<number, Reading>>;

/** AADSTS numbers that concern the address of a request: its tenant, cloud, API or form. */
const requestNumbers = {
  50049: {
    code: 'tenant-not-found',
    cause: 'Entra does not know this authority host',
    remedy: 'Check --authority-host (AZURE_AUTHORITY_HOST).',
  },
  50194: {
    code: 'sign-in-client',
    cause: 'The program used for sign-in serves one tenant only',
    remedy: 'Name that tenant with --tenant.',
  },
  70011: {
    code: 'wrong-cloud',
    cause: 'Entra does not know the API that the sign-in asks for',
    remedy: 'Check --cloud, or --graph-url where it is given.',
  },
  90002: { code: 'tenant-not-found', cause: 'Entra knows no such tenant in this cloud' },
  90038: otherCloud,
  500011: {
    code: 'wrong-cloud',
    cause: 'The tenant does not have the API that the sign-in asks for',
    remedy: 'Check --cloud, or --graph-url where it is given.',
  },
  650051: {
    code: 'sign-in-client',
    cause: 'The tenant holds another application in the place of the one used for sign-in',
  },
  650052: {
    code: 'sign-in-client',
    cause: 'The tenant does not subscribe to an API that the program used for sign-in needs',
  },
  650057: {
    code: 'sign-in-client',
    cause: 'The program used for sign-in is not registered for Microsoft Graph',
    remedy: 'Add Microsoft Graph to its API permissions, or use another --login-client-id.',
  },
  900382: otherCloud,
  900432: otherCloud,
  9002313: { code: 'unexpected', cause: 'Entra calls the request malformed' },
} as const satisfies Readonly<Record<number, Reading>>;

/** AADSTS numbers that concern the credential of an application. */
const credentialNumbers = {
  70021: {
    code: 'credential-rejected',
    cause: 'No federated credential of the application matches the presented token',
    remedy: federatedRemedy,
  },
  700016: {
    code: 'credential-rejected',
    cause: 'Entra does not know this application in this tenant: it was deleted, or the tenant is another',
  },
  700024: {
    code: 'credential-rejected',
    cause: 'The signed assertion is not valid at this time',
    remedy: "Correct this machine's clock, then run the command again.",
  },
  700027: {
    code: 'credential-rejected',
    cause: 'Entra does not know this certificate for the application, or it has expired',
  },
  700211: {
    code: 'credential-rejected',
    cause: 'No federated credential of the application has the issuer of the presented token',
    remedy: federatedRemedy,
  },
  700212: {
    code: 'credential-rejected',
    cause: 'No federated credential of the application has the audience of the presented token',
    remedy: federatedRemedy,
  },
  700213: {
    code: 'credential-rejected',
    cause: 'No federated credential of the application has the subject of the presented token',
    remedy: federatedRemedy,
  },
  7000112: {
    code: 'service-principal-disabled',
    cause: 'The application is disabled in this tenant',
  },
  7000215: { code: 'credential-rejected', cause: 'Entra does not accept this client secret' },
  7000216: { code: 'credential-rejected', cause: 'Entra expects a signed assertion, and none was sent' },
  7000218: {
    code: 'credential-rejected',
    cause: 'Entra expects a secret or a signed assertion, and none was sent',
  },
  7000222: { code: 'credential-expired', cause: 'The client secret has expired' },
  7002137: {
    code: 'credential-rejected',
    cause: 'A federated credential matches the presented token but for upper and lower case',
    remedy: caseRemedy,
  },
  7002138: {
    code: 'credential-rejected',
    cause: 'The subject of a federated credential matches the presented token but for upper and lower case',
    remedy: caseRemedy,
  },
} as const satisfies Readonly<Record<number, Reading>>;

/** What each AADSTS number means. */
export const aadstsReadings: Readonly<Record<number, Reading>> = {
  ...signInNumbers,
  ...requestNumbers,
  ...credentialNumbers,
};

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
  interaction_required: personNeeded,
  interrupted_user: { code: 'sign-in-failed', cause: 'The sign-in was interrupted' },
  invalid_instance: requestNumbers[50049],
  invalid_tenant: requestNumbers[90002],
  login_required: signInAgain,
  message_only: {
    code: 'sign-in-blocked',
    cause: 'A policy of this tenant refuses this sign-in',
  },
  server_error: unavailable,
  slow_down: { code: 'throttled', cause: 'Entra asks to slow down' },
  temporarily_unavailable: unavailable,
  ui_not_allowed: personNeeded,
  user_password_expired: signInNumbers[50055],
};
