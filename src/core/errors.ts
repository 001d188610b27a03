/** Exit codes of the command line: part of its contract. */
export const exitCodes = {
  done: 0,
  unexpected: 1,
  usage: 2,
  prerequisite: 3,
  signIn: 4,
  waiting: 5,
  attention: 6,
  unavailable: 7,
  cancelled: 130,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

interface CatalogueEntry {
  readonly exitCode: ExitCode;
  /** What to do next; an error may carry a more exact one. */
  readonly remedy: string;
}

const usage = exitCodes.usage;
const prerequisite = exitCodes.prerequisite;
const signIn = exitCodes.signIn;
const unavailable = exitCodes.unavailable;

/** Every code this program can end with. Codes are stable: scripts may branch on them. */
export const catalogue = {
  'invalid-options': {
    exitCode: usage,
    remedy: 'Correct the options named above and run the command again.',
  },
  'missing-options': { exitCode: usage, remedy: 'Add the options named above and run the command again.' },
  'tenant-not-found': {
    exitCode: usage,
    remedy: 'Check the spelling of --tenant, and choose --cloud if the tenant lives in a national cloud.',
  },
  'domain-not-verified': {
    exitCode: usage,
    remedy: "Pass one of the tenant's verified domains as --domain.",
  },
  'application-not-found': {
    exitCode: usage,
    remedy: 'Check --client-id, or leave it out to let the wizard register an application.',
  },
  'config-invalid': {
    exitCode: usage,
    remedy:
      'Repair the file, move it away, or choose another one with --output (setup) or --config (verify).',
  },
  'config-newer': { exitCode: usage, remedy: 'Update the tool: npx reporting-setup@latest' },
  'config-missing': {
    exitCode: prerequisite,
    remedy: 'Run reporting-setup first, or name the file with --config.',
  },
  'config-other-tenant': {
    exitCode: usage,
    remedy: 'Choose another file with --output, so that the credential in this one is not lost.',
  },
  'config-other-application': {
    exitCode: usage,
    remedy: 'Choose another file with --output, so that the credential in this one is not lost.',
  },
  'config-other-cloud': {
    exitCode: usage,
    remedy: 'A file made in the sandbox is verified with: reporting-setup verify --sandbox',
  },
  'output-unusable': { exitCode: usage, remedy: 'Choose another file with --output.' },
  'output-locked': {
    exitCode: prerequisite,
    remedy: 'Wait until the other run has ended, or choose another file with --output.',
  },
  'output-not-saved': {
    exitCode: exitCodes.unexpected,
    remedy: 'Free space or choose another file with --output, then run the same command again.',
  },
  'sign-in-failed': {
    exitCode: signIn,
    remedy: 'Run the command again, or choose another way in with --auth.',
  },
  'sign-in-blocked': {
    exitCode: signIn,
    remedy:
      'Try another way in with --auth (browser, device-code or azure-cli), or ask whoever owns the policy.',
  },
  'browser-missing': {
    exitCode: signIn,
    remedy: 'Sign in with --auth device-code, in a browser on any device.',
  },
  'sign-in-consent': {
    exitCode: signIn,
    remedy: 'Ask an administrator to consent, or sign in through another client with --login-client-id.',
  },
  'sign-in-wrong-tenant': {
    exitCode: signIn,
    remedy: 'Sign in with an account of the tenant given by --tenant, or correct --tenant.',
  },
  'credential-rejected': {
    exitCode: prerequisite,
    remedy: 'Run reporting-setup again: it makes a new client secret when the saved one no longer works.',
  },
  'credential-expired': {
    exitCode: prerequisite,
    remedy: 'Run reporting-setup again: it makes a new client secret.',
  },
  'credential-expires-soon': {
    exitCode: exitCodes.attention,
    remedy: 'Run reporting-setup again before that day and choose a new secret.',
  },
  'role-missing': {
    exitCode: prerequisite,
    remedy: 'Sign in with an account that holds one of the roles named above, or have one assigned.',
  },
  'graph-unreadable': {
    exitCode: prerequisite,
    remedy: 'Check that the tenant is active and that the account may read its directory.',
  },
  'licence-missing': {
    exitCode: exitCodes.attention,
    remedy:
      'Assign a Microsoft Entra ID P1 or P2 licence to the tenant; a new one may take up to 24 hours to count.',
  },
  'sign-ins-not-offered': {
    exitCode: exitCodes.attention,
    remedy: 'Nothing to do here: audit logs work; export sign-in logs from the portal of that cloud.',
  },
  'policy-blocks-secrets': {
    exitCode: prerequisite,
    remedy:
      'Ask whoever manages app management policies for an exemption for this application, or use a certificate.',
  },
  'policy-caps-lifetime': {
    exitCode: prerequisite,
    remedy: 'Choose a shorter --secret-lifetime.',
  },
  'policy-refuses': {
    exitCode: prerequisite,
    remedy:
      'Ask whoever manages app management policies, or register the application by hand and pass --client-id.',
  },
  'quota-exceeded': {
    exitCode: prerequisite,
    remedy: 'Delete objects for good that are no longer needed, or have the quota raised; then run it again.',
  },
  'permission-missing': {
    exitCode: prerequisite,
    remedy:
      'Run reporting-setup again with an account that may grant it, or grant admin consent in the Entra admin center.',
  },
  'permission-excess': {
    exitCode: exitCodes.attention,
    remedy: 'Remove what this application does not need, under Enterprise applications > Permissions.',
  },
  'consent-pending': {
    exitCode: exitCodes.waiting,
    remedy: 'When consent has been given, run the same command again: it resumes from there.',
  },
  'application-missing': {
    exitCode: prerequisite,
    remedy: 'Run reporting-setup again: it registers what is missing.',
  },
  'service-principal-disabled': {
    exitCode: prerequisite,
    remedy: 'Enable sign-in for it under Enterprise applications > Properties.',
  },
  'api-refused': {
    exitCode: prerequisite,
    remedy: 'Wait a few minutes and run reporting-setup verify; if it persists, run reporting-setup again.',
  },
  'config-mode': { exitCode: prerequisite, remedy: 'Make it readable by you alone: chmod 600 on the file.' },
  'config-tracked': {
    exitCode: prerequisite,
    remedy:
      'Take it out with git rm --cached, add it to .gitignore, and replace the secret: it is in the history.',
  },
  'config-not-ignored': { exitCode: exitCodes.done, remedy: 'Add the file to .gitignore.' },
  'legacy-api-retired': {
    exitCode: exitCodes.done,
    remedy: 'Move whatever still needs it to Microsoft Graph; leave --api azure-ad-graph out.',
  },
  'legacy-api-absent': { exitCode: exitCodes.done, remedy: 'Nothing to do: leave --api azure-ad-graph out.' },
  'graph-refused': {
    exitCode: prerequisite,
    remedy:
      'Microsoft Graph refused the request for the reason it gives; correct that and run the command again.',
  },
  unreachable: {
    exitCode: unavailable,
    remedy: 'Check the network, HTTPS_PROXY and firewall, then run the same command again.',
  },
  'tls-untrusted': {
    exitCode: unavailable,
    remedy: "If a proxy inspects TLS, point NODE_EXTRA_CA_CERTS at its certificate authority's PEM file.",
  },
  'service-unavailable': {
    exitCode: unavailable,
    remedy: 'Wait a few minutes and run the same command again: it continues where this one stopped.',
  },
  throttled: {
    exitCode: unavailable,
    remedy: 'Wait a minute and run the same command again: it continues where this one stopped.',
  },
  cancelled: { exitCode: exitCodes.cancelled, remedy: 'Run the same command again when you are ready.' },
  unexpected: {
    exitCode: exitCodes.unexpected,
    remedy: 'This is a bug in reporting-setup: run again with --debug and report what it prints.',
  },
} as const satisfies Record<string, CatalogueEntry>;

export type ErrorCode = keyof typeof catalogue;

/** What an expected failure adds to its sentence. */
export interface ErrorExtras {
  readonly remedy?: string;
  /** Graph's `request-id` or Entra's trace id, for Microsoft support. */
  readonly requestId?: string | undefined;
  readonly cause?: unknown;
}

/** An expected failure: says what happened, and what to do next. The exit code follows from the code. */
export class WizardError extends Error {
  readonly code: ErrorCode;
  readonly remedy: string;
  readonly requestId: string | undefined;

  constructor(code: ErrorCode, message: string, extras: ErrorExtras = {}) {
    super(message, { cause: extras.cause });
    this.name = 'WizardError';
    this.code = code;
    this.remedy = extras.remedy ?? catalogue[code].remedy;
    this.requestId = extras.requestId;
  }

  get exitCode(): ExitCode {
    return catalogue[this.code].exitCode;
  }
}
