import { type CatalogueEntry, exitCodes } from './exit-codes.ts';

const { done, unexpected, usage, prerequisite, signIn, attention, unavailable, cancelled } = exitCodes;

/** What is wrong with the command line, or with the file that it writes or reads. */
export const usageErrors = {
  'invalid-options': {
    exitCode: usage,
    when: 'an option is unknown, or its value cannot be used',
    remedy: 'Correct the options named above and run the command again.',
  },
  'missing-options': {
    exitCode: usage,
    when: 'nobody can be asked (no terminal, `--no-input` or `--json`) and something is left to decide',
    remedy: 'Add the options named above and run the command again.',
  },
  'unsafe-environment': {
    exitCode: usage,
    when: 'a switch of Node would leave certificates unchecked, or show or record tokens and secrets; nothing was sent',
    remedy: 'Run the command again without it.',
  },
  'tenant-not-found': {
    exitCode: usage,
    when: 'Entra knows no tenant with the id or domain that `--tenant` names, in this cloud',
    remedy: 'Check the spelling of --tenant, and choose --cloud if the tenant lives in a national cloud.',
  },
  'domain-not-verified': {
    exitCode: usage,
    when: '`--domain` names no verified domain of the tenant',
    remedy: "Pass one of the tenant's verified domains as --domain.",
  },
  'application-not-found': {
    exitCode: usage,
    when: 'the tenant has no application with the client ID that `--client-id` names',
    remedy: 'Check --client-id, or leave it out to let the wizard register an application.',
  },
  'application-unnamed': {
    exitCode: usage,
    when: 'the config file alone names an application that this program did not register, and nobody can be asked: whoever may edit the file could have named any',
    remedy: 'If that application is meant, name it with --client-id; else choose another file with --output.',
  },
  'config-invalid': {
    exitCode: usage,
    when: 'the config file cannot be read, or is not what this program writes',
    remedy:
      'Repair the file, move it away, or choose another one with --output (setup) or --config (verify).',
  },
  'certificate-invalid': {
    exitCode: usage,
    when: 'the file that `--certificate-file` names is no PEM file with a valid certificate and its RSA private key',
    remedy:
      'Name a PEM file that holds a certificate and its RSA private key, or leave --certificate-file out: setup makes one.',
  },
  'certificate-unusable': {
    exitCode: prerequisite,
    when: 'the file with the certificate and private key that the config file names is missing or cannot be used',
    remedy: 'Put the file back, or make another certificate: `reporting-setup`',
  },
  'config-newer': {
    exitCode: usage,
    when: 'a newer version of this program wrote the config file',
    remedy: 'Use the newer version of this program that wrote it.',
  },
  'secret-left': {
    exitCode: attention,
    when: 'a run that was cut short noted a client secret on this machine that may still be valid and that no file holds',
    remedy: 'With the same file, this removes what that run left: `reporting-setup`',
  },
  'config-outdated': {
    exitCode: attention,
    when: 'the config file names another end of its credential than the application lists',
    remedy: 'Bring the file up to date: `reporting-setup`',
  },
  'config-missing': {
    exitCode: prerequisite,
    when: 'there is no config file to verify, to connect or to rotate',
    remedy: 'Set one up first: `reporting-setup`, or name the file with --config.',
  },
  'config-other-tenant': {
    exitCode: usage,
    when: 'the config file holds a credential of another tenant',
    remedy: 'Choose another file with --output, so that the credential in this one is not lost.',
  },
  'config-other-application': {
    exitCode: usage,
    when: 'the config file holds a credential of another application',
    remedy: 'Choose another file with --output, so that the credential in this one is not lost.',
  },
  'config-other-cloud': {
    exitCode: usage,
    when: 'the config file belongs to another cloud than the one this run goes to',
    remedy: 'A file made in the sandbox goes with --sandbox: `reporting-setup verify --sandbox`',
  },
  'endpoints-from-file': {
    exitCode: usage,
    when: 'the config file names endpoints of its own, and a credential that is not in the file would be sent there: of an administrator, of the workload, or a key that lies elsewhere',
    remedy:
      'If the endpoints are yours, name them with --authority-host and --graph-url as well. If not, somebody changed the file: put the right one back.',
  },
  'output-unusable': {
    exitCode: usage,
    when: 'the output file cannot be written: a folder, a symbolic link, or no permission',
    remedy: 'Choose another file with --output.',
  },
  'output-locked': {
    exitCode: prerequisite,
    when: 'another run is writing to the same file',
    remedy: 'Wait until the other run has ended, or choose another file with --output.',
  },
  'application-locked': {
    exitCode: prerequisite,
    when: 'another run on this machine is setting up the same application',
    remedy: 'Wait until the other run has ended, then run the same command again.',
  },
  'output-not-saved': {
    exitCode: unexpected,
    when: 'a credential was made, or rows were read, but could not be written',
    remedy:
      'Free space, close the program that holds the file open, or choose another file with --output; then run the same command again.',
  },
  'config-mode': {
    exitCode: prerequisite,
    when: 'other accounts of this machine may read the config file',
    remedy: 'Make it readable by you alone: `chmod 600 <file>`',
  },
  'git-unknown': {
    exitCode: prerequisite,
    when: 'the output lies below a .git that git will not look into, or that no git is there to ask, and a secret or key is about to be written',
    remedy:
      'Do what `git status` says in that folder, install git where it is missing, or choose an --output outside of it. Nothing was written.',
  },
  'config-tracked': {
    exitCode: prerequisite,
    when: 'git tracks the config file',
    remedy:
      'Take it out of git: `git rm --cached <file>`. Add it to .gitignore, and replace the secret: it is in the history.',
  },
  'config-not-ignored': {
    exitCode: done,
    when: 'the config file lies in a git work tree and is not ignored',
    remedy: 'Add the file to .gitignore.',
  },
} as const satisfies Record<string, CatalogueEntry>;

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
  'sign-in-as-itself': {
    exitCode: signIn,
    when: 'whoever signs in to rotate a credential is the application with that very credential, such as by its own environment',
    remedy:
      'Take AZURE_CLIENT_ID and what goes with it out of the environment, or sign an administrator in another way with --auth.',
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
    remedy: 'Make a new credential: `reporting-setup`',
  },
  'credential-expired': {
    exitCode: prerequisite,
    when: "the reporting application's credential has expired",
    remedy: 'Make a new one: `reporting-setup rotate --yes`',
  },
  'credential-replaced': {
    exitCode: attention,
    when: 'a credential that was replaced is still named in the file, and its time is over',
    remedy: 'Retire what nobody uses any more: `reporting-setup rotate --if-expires-within 30d --yes`',
  },
  'clock-skewed': {
    exitCode: prerequisite,
    when: "this machine's clock differs from Entra's by more than two minutes, or Entra refused what was signed here because of its time",
    remedy:
      "Correct this machine's clock (switch its synchronisation on), then run the same command again: until then Entra may refuse what a certificate signs here.",
  },
  'credential-expires-soon': {
    exitCode: attention,
    when: 'the credential ends within the time that `--expires-within` names',
    remedy: 'Make a new one before that day: `reporting-setup rotate --yes`',
  },
} as const satisfies Record<string, CatalogueEntry>;

/** What passes by itself or lies in between, and what ends a run. */
export const serviceErrors = {
  unreachable: {
    exitCode: unavailable,
    when: 'no reply came from Entra or Microsoft Graph',
    remedy:
      'Check the network, HTTPS_PROXY (with user name and password, if the proxy wants them) and firewall, then run the same command again.',
  },
  'tls-untrusted': {
    exitCode: unavailable,
    when: 'the certificate that Entra or Microsoft Graph showed is not trusted on this machine',
    remedy: "If a proxy inspects TLS, point NODE_EXTRA_CA_CERTS at its certificate authority's PEM file.",
  },
  'proxy-refused': {
    exitCode: unavailable,
    when: 'the proxy that HTTPS_PROXY (or ALL_PROXY) names does not lead to Entra or Microsoft Graph, or wants a user name and password',
    remedy:
      'Correct HTTPS_PROXY, with user name and password if the proxy wants them, or ask whoever runs the proxy to let this machine through; then run the same command again.',
  },
  'reply-intercepted': {
    exitCode: unavailable,
    when: 'something in between answered in place of Entra or Microsoft Graph: a proxy, a filter, or a sign-in page of the network',
    remedy:
      'Ask whoever runs the proxy or filter to let this machine through, check --authority-host and --graph-url if they are given, then run the same command again.',
  },
  'service-unavailable': {
    exitCode: unavailable,
    when: 'Entra or Microsoft Graph is not available, or its reply was garbled on the way',
    remedy: 'Wait a few minutes and run the same command again: it continues where this one stopped.',
  },
  throttled: {
    exitCode: unavailable,
    when: 'Entra or Microsoft Graph keeps asking to slow down',
    remedy: 'Wait a minute and run the same command again: it continues where this one stopped.',
  },
  'directory-lagging': {
    exitCode: unavailable,
    when: 'what was made a moment ago did not reach every server of the directory in time',
    remedy: 'Wait a few minutes and run the same command again: it continues where this one stopped.',
  },
  'removal-unconfirmed': {
    exitCode: unavailable,
    when: 'what was to be removed may still be there: reads of Microsoft Graph do not agree that it is gone',
    remedy:
      'Wait a few minutes and run the same command again: it looks again. Until then take it for being there.',
  },
  'timed-out': {
    exitCode: unavailable,
    when: 'the whole run took longer than `--timeout` allows',
    remedy:
      'Run the same command again: it continues where this one stopped. A larger --timeout gives it longer.',
  },
  cancelled: {
    exitCode: cancelled,
    when: 'the run was stopped, by Ctrl-C or by an answer',
    remedy: 'Run the same command again when you are ready.',
  },
  unexpected: {
    exitCode: unexpected,
    when: 'something happened that should not: a bug',
    remedy: 'This is a bug in reporting-setup: run again with --debug and report what it prints.',
  },
} as const satisfies Record<string, CatalogueEntry>;
