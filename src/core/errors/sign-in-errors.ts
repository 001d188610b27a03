import { type CatalogueEntry, exitCodes } from '../exit-codes.ts';

const { signIn, prerequisite, attention } = exitCodes;

/** Why somebody, or the reporting application, does not get a token. */
export const signInErrors = {
  'sign-in-failed': {
    exitCode: signIn,
    when: 'a sign-in was not finished, was declined, or was refused for a reason of the account',
    remedy: 'Run the command again, or choose another way in with --auth.',
  },
  'sign-in-blocked': {
    exitCode: signIn,
    when: 'a policy of the tenant refuses this way of signing in; its id is named where Entra tells it',
    remedy:
      'Try another way in with --auth (browser, device-code or azure-cli), or ask whoever owns the policy.',
  },
  'sign-in-consent': {
    exitCode: signIn,
    when: 'the program used for sign-in has no consent in the tenant for what it asks',
    remedy: 'Ask an administrator to consent, or sign in through another client with --login-client-id.',
  },
  'sign-in-client': {
    exitCode: signIn,
    when: 'the program used for sign-in is unknown to the tenant, disabled in it, or not open to this account',
    remedy: 'Check --login-client-id, or leave it out to sign in through the Azure CLI client.',
  },
  'sign-in-credential': {
    exitCode: signIn,
    when: 'Entra does not accept the secret, certificate or token with which a job signs in',
    remedy: 'Check AZURE_TENANT_ID, AZURE_CLIENT_ID and the secret, certificate or token that go with them.',
  },
  'sign-in-not-set-up': {
    exitCode: signIn,
    when: 'this machine does not offer what the way of signing in needs',
    remedy: 'Provide what is named above, or choose another way in with --auth.',
  },
  'sign-in-wrong-tenant': {
    exitCode: signIn,
    when: 'the account does not belong to the tenant, or the sign-in landed in another one',
    remedy: 'Sign in with an account of the tenant given by --tenant, or correct --tenant.',
  },
  'wrong-cloud': {
    exitCode: signIn,
    when: 'the tenant lives in another cloud than the one this run goes to',
    remedy: 'Choose it with --cloud (global, usgov, usgov-dod or china).',
  },
  'authority-mismatch': {
    exitCode: signIn,
    when: 'the sign-in would have gone to a host that does not belong to the cloud; nothing was sent there',
    remedy: 'Check --authority-host and any proxy in between: somebody may be answering in place of Entra.',
  },
  'browser-missing': {
    exitCode: signIn,
    when: 'no browser can open where this runs',
    remedy: 'Sign in with --auth device-code, in a browser on any device.',
  },
  'token-refused': {
    exitCode: signIn,
    when: 'Microsoft Graph does not accept the token: expired, revoked, or of another cloud',
    remedy:
      "Run the same command again: it signs in afresh. If it stays, check --cloud and this machine's clock.",
  },
  'credential-rejected': {
    exitCode: prerequisite,
    when: "Entra does not accept the reporting application's credential",
    remedy: 'Run reporting-setup again: it makes a new credential when the saved one no longer works.',
  },
  'credential-expired': {
    exitCode: prerequisite,
    when: "the reporting application's credential has expired",
    remedy: 'Run reporting-setup again: it makes a new one.',
  },
  'credential-expires-soon': {
    exitCode: attention,
    when: 'the credential ends within the time that `--expires-within` names',
    remedy: 'Run reporting-setup again before that day and let it make a new one.',
  },
} as const satisfies Record<string, CatalogueEntry>;
