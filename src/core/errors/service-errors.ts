import { type CatalogueEntry, exitCodes } from '../exit-codes.ts';

const { unavailable } = exitCodes;

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
  'timed-out': {
    exitCode: unavailable,
    when: 'the whole run took longer than `--timeout` allows',
    remedy:
      'Run the same command again: it continues where this one stopped. A larger --timeout gives it longer.',
  },
  cancelled: {
    exitCode: exitCodes.cancelled,
    when: 'the run was stopped, by Ctrl-C or by an answer',
    remedy: 'Run the same command again when you are ready.',
  },
  unexpected: {
    exitCode: exitCodes.unexpected,
    when: 'something happened that should not: a bug',
    remedy: 'This is a bug in reporting-setup: run again with --debug and report what it prints.',
  },
} as const satisfies Record<string, CatalogueEntry>;
