import type { Reading } from '../core/errors.ts';

/** One meaning of some AADSTS numbers and of the OAuth errors and suberrors that say the same. */
interface Meaning extends Omit<Reading, 'code'> {
  readonly says: readonly (number | string)[];
}

const rightAccount =
  'Sign in with an account of that tenant, have this one invited as a guest, or correct --tenant.';
const managedDevice = 'Sign in on a managed device with --auth browser, or ask whoever owns the policy.';
const anotherWay = 'Try --auth browser (or --auth device-code), or ask whoever owns the policy.';
const askSecurity = 'Ask whoever manages security policies, or sign in with another account.';
const checkCloud = 'Check --cloud, or --graph-url where it is given.';
const compareFederated =
  'Compare issuer, subject and audience of the presented token with the federated credential of the application; a new one takes some minutes to count.';
const correctCase =
  'Correct upper and lower case: delete the federated credential and create it anew as the token has it.';

const under = (code: Reading['code'], meanings: readonly Meaning[]) =>
  meanings.flatMap(({ says, ...reading }) => says.map((name) => [name, { code, ...reading }] as const));

/**
 * What Entra says, by the code it has here. Facts: AADSTS numbers of entra-docs reference-error-codes.md, OAuth errors of
 * RFC 6749, RFC 8628 and MSAL's own.
 */
const readings = [
  ...under('sign-in-failed', [
    {
      says: [16000],
      cause: 'Several accounts are signed in and none was chosen',
      remedy: 'Sign in with --auth browser and pick the account.',
    },
    { says: [50053], cause: 'The account is locked', remedy: 'Wait, or have an administrator unlock it.' },
    {
      says: [50055, 'user_password_expired'],
      cause: 'The password has expired',
      remedy: 'Change it, then run the command again.',
    },
    {
      says: [50057],
      cause: 'The account is disabled',
      remedy: 'Sign in with another account, or have an administrator enable this one.',
    },
    {
      says: [50076, 50079, 'additional_action', 'basic_action'],
      cause: 'The tenant asks for multi-factor authentication',
      remedy: 'Sign in with --auth browser, where the second factor can be given or set up.',
    },
    { says: [50126], cause: 'The user name or the password is wrong' },
    {
      says: [50133, 50173, 54005, 70043, 700082, 'bad_token', 'login_required'],
      cause: 'The session is no longer valid',
      remedy: 'Sign in again by running the same command.',
    },
    { says: [65004], cause: 'Consent was declined at sign-in' },
    { says: [70016, 'authorization_pending'], cause: 'The sign-in was not finished' },
    {
      says: [70018, 'bad_verification_code'],
      cause: 'The device code is wrong, or was used already',
      remedy: 'Run the command again and enter the new code.',
    },
    {
      says: [70019, 70020, 'device_code_expired', 'expired_token'],
      cause: 'The device code expired before it was used',
      remedy: 'Run the command again and enter the new code within 15 minutes.',
    },
    { says: ['access_denied'], cause: 'The sign-in was cancelled' },
    { says: ['authorization_declined'], cause: 'The sign-in was declined' },
    {
      says: ['interaction_required', 'ui_not_allowed'],
      cause: 'Entra wants to ask something that only a person can answer',
      remedy: 'Sign in with --auth browser.',
    },
    { says: ['interrupted_user'], cause: 'The sign-in was interrupted' },
  ]),
  ...under('sign-in-wrong-tenant', [
    {
      says: [50020],
      cause: 'This account belongs to another organisation and is not a guest of the tenant',
      remedy: rightAccount,
    },
    {
      says: [50034],
      cause: 'This account does not exist in the tenant',
      remedy: 'Check the user name, or correct --tenant.',
    },
    { says: [90072], cause: 'This account is not a member of the tenant', remedy: rightAccount },
  ]),
  ...under('tenant-not-found', [
    {
      says: [50049, 'invalid_instance'],
      cause: 'Entra does not know this authority host',
      remedy: 'Check --authority-host (AZURE_AUTHORITY_HOST).',
    },
    { says: [90002, 'invalid_tenant'], cause: 'Entra knows no such tenant in this cloud' },
  ]),
  ...under('sign-in-client', [
    {
      says: [50105],
      cause: 'The account is not assigned to the program used for sign-in',
      remedy: 'Have it assigned under Enterprise applications, or use another --login-client-id.',
    },
    {
      says: [50194],
      cause: 'The program used for sign-in serves one tenant only',
      remedy: 'Name that tenant with --tenant.',
    },
    {
      says: [650051],
      cause: 'The tenant holds another application in the place of the one used for sign-in',
    },
    {
      says: [650052],
      cause: 'The tenant does not subscribe to an API that the program used for sign-in needs',
    },
    {
      says: [650057],
      cause: 'The program used for sign-in is not registered for Microsoft Graph',
      remedy: 'Add Microsoft Graph to its API permissions, or use another --login-client-id.',
    },
  ]),
  ...under('sign-in-blocked', [
    {
      says: [50005],
      cause: 'A policy of this tenant does not allow this way of signing in from this platform',
      remedy: anotherWay,
    },
    {
      says: [50097, 50129, 50155, 50187],
      cause: 'A policy of this tenant allows this sign-in only from a device that is known to it',
      remedy: managedDevice,
    },
    {
      says: [50131],
      cause: 'A Conditional Access policy of this tenant refuses this sign-in',
      remedy: anotherWay,
    },
    {
      says: [53002],
      cause: 'A policy of this tenant allows this sign-in only through an approved app',
      remedy: anotherWay,
    },
    {
      says: [53000],
      cause: 'A policy of this tenant allows this sign-in only from a compliant device',
      remedy: managedDevice,
    },
    {
      says: [53001],
      cause: 'A policy of this tenant allows this sign-in only from a device that is joined to it',
      remedy: managedDevice,
    },
    {
      says: [53003],
      cause: 'A Conditional Access policy of this tenant refuses this way of signing in',
      remedy: anotherWay,
    },
    {
      says: [530003],
      cause: 'A policy of this tenant allows the device code flow only from a managed device',
      remedy: managedDevice,
    },
    { says: [530032], cause: 'A security policy of the tenant refuses this sign-in', remedy: askSecurity },
    { says: [530035], cause: "The tenant's security defaults refuse this sign-in", remedy: askSecurity },
    { says: ['message_only'], cause: 'A policy of this tenant refuses this sign-in' },
  ]),
  ...under('sign-in-consent', [
    {
      says: [65001, 'consent_required'],
      cause: 'The program used for sign-in has no consent in this tenant for what it asks',
    },
    {
      says: [65002],
      cause: 'The program used for sign-in may not ask for this permission: Microsoft has not allowed it to',
      remedy: 'Sign in through another client with --login-client-id.',
    },
    { says: [90093], cause: 'This account cannot give the consent that the program used for sign-in needs' },
    { says: [90094], cause: 'Only an administrator may consent to what the program used for sign-in asks' },
    {
      says: [90095],
      cause: 'An administrator has been asked to approve the program used for sign-in, and has not yet',
      remedy: 'Run the command again when it is approved, or use another --login-client-id.',
    },
  ]),
  ...under('wrong-cloud', [
    { says: [70011], cause: 'Entra does not know the API that the sign-in asks for', remedy: checkCloud },
    { says: [90038, 900382, 900432], cause: 'The tenant lives in another cloud' },
    {
      says: [500011],
      cause: 'The tenant does not have the API that the sign-in asks for',
      remedy: checkCloud,
    },
  ]),
  ...under('credential-rejected', [
    {
      says: [70021],
      cause: 'No federated credential of the application matches the presented token',
      remedy: compareFederated,
    },
    {
      says: [700016],
      cause: 'Entra does not know this application in this tenant: it was deleted, or the tenant is another',
    },
    { says: [700027], cause: 'Entra does not know this certificate for the application, or it has expired' },
    {
      says: [700211],
      cause: 'No federated credential of the application has the issuer of the presented token',
      remedy: compareFederated,
    },
    {
      says: [700212],
      cause: 'No federated credential of the application has the audience of the presented token',
      remedy: compareFederated,
    },
    {
      says: [700213],
      cause: 'No federated credential of the application has the subject of the presented token',
      remedy: compareFederated,
    },
    { says: [7000215], cause: 'Entra does not accept this client secret' },
    { says: [7000216], cause: 'Entra expects a signed assertion, and none was sent' },
    { says: [7000218], cause: 'Entra expects a secret or a signed assertion, and none was sent' },
    {
      says: [7002137],
      cause: 'A federated credential matches the presented token but for upper and lower case',
      remedy: correctCase,
    },
    {
      says: [7002138],
      cause: 'The subject of a federated credential matches the presented token but for upper and lower case',
      remedy: correctCase,
    },
  ]),
  ...under('clock-skewed', [
    {
      says: [700024],
      cause: "What was signed here is not valid at the time that Entra's clock shows",
    },
  ]),
  ...under('service-principal-disabled', [
    { says: [7000112], cause: 'The application is disabled in this tenant' },
  ]),
  ...under('credential-expired', [{ says: [7000222], cause: 'The client secret has expired' }]),
  ...under('unexpected', [{ says: [9002313], cause: 'Entra calls the request malformed' }]),
  ...under('service-unavailable', [
    { says: ['server_error', 'temporarily_unavailable'], cause: 'Entra is temporarily unavailable' },
  ]),
  ...under('throttled', [{ says: ['slow_down'], cause: 'Entra asks to slow down' }]),
];

/** What a refused consent means where its description speaks of a quota. */
export const noRoomForConsent = {
  code: 'quota-exceeded',
  cause: 'The tenant has no room for the object that consent makes (deleted ones count for 30 days)',
} as const satisfies Reading;

/** What 700024 means where somebody else signed the token: it is that one's time that is wrong, or over. */
export const untimelyToken = {
  code: 'credential-rejected',
  cause: "The presented token is not valid at the time that Entra's clock shows",
  remedy:
    'Have its issuer give a new one: this one has ended or has not begun. If it is new, the clock of its issuer is wrong.',
} as const satisfies Reading;

/** What each AADSTS number means. */
export const aadstsReadings: Readonly<Record<number, Reading>> = Object.fromEntries(
  readings.filter(([name]) => typeof name === 'number'),
);

/** What an OAuth error, or a suberror, means where no AADSTS number tells more. */
export const oauthReadings: Readonly<Record<string, Reading>> = Object.fromEntries(
  readings.filter(([name]) => typeof name === 'string'),
);
