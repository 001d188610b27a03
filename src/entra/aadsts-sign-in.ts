import type { Reading } from '../core/errors.ts';

const deviceRemedy = 'Sign in on a managed device with --auth browser, or ask whoever owns the policy.';
const securityDefaults = 'Ask whoever manages security policies, or sign in with another account.';
export const signInAgain: Reading = {
  code: 'sign-in-failed',
  cause: 'The session is no longer valid',
  remedy: 'Sign in again by running the same command.',
};
export const notConsented: Reading = {
  code: 'sign-in-consent',
  cause: 'The program used for sign-in has no consent in this tenant for what it asks',
};
export const multiFactor: Reading = {
  code: 'sign-in-failed',
  cause: 'The tenant asks for multi-factor authentication',
  remedy: 'Sign in with --auth browser, where the second factor can be given or set up.',
};
export const codeExpired: Reading = {
  code: 'sign-in-failed',
  cause: 'The device code expired before it was used',
  remedy: 'Run the command again and enter the new code within 15 minutes.',
};

/** AADSTS numbers that concern the person, or the way, of a sign-in (entra-docs reference-error-codes.md). */
export const signInNumbers = {
  16000: {
    code: 'sign-in-failed',
    cause: 'Several accounts are signed in and none was chosen',
    remedy: 'Sign in with --auth browser and pick the account.',
  },
  50020: {
    code: 'sign-in-wrong-tenant',
    cause: 'This account belongs to another organisation and is not a guest of the tenant',
    remedy: 'Sign in with an account of that tenant, have this one invited as a guest, or correct --tenant.',
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
    remedy: 'Sign in with an account of that tenant, have this one invited as a guest, or correct --tenant.',
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
