import { type CatalogueEntry, exitCodes } from '../exit-codes.ts';

const { done, prerequisite, attention } = exitCodes;

/** How an application came to differ from what setup made of it: told by `verify --admin`. */
export const driftErrors = {
  'application-deleted': {
    exitCode: prerequisite,
    when: 'the application of the config file lies in the recycle bin',
    remedy:
      'Restore it within 30 days of its deletion, under App registrations > Deleted applications; or run reporting-setup again.',
  },
  'application-renamed': {
    exitCode: done,
    when: 'the application goes by another name than the one that setup gives where none is asked for',
    remedy: 'Nothing, where --app-name was given: it is recognised by its client ID, not by its name.',
  },
  'application-unrecognised': {
    exitCode: attention,
    when: 'the application has lost a mark by which this program recognises its own',
    remedy: 'Name it with --client-id whenever reporting-setup is run.',
  },
  'application-duplicate': {
    exitCode: attention,
    when: 'other applications of the tenant carry the tag of this program',
    remedy: 'Delete those that no machine uses.',
  },
  'application-multi-tenant': {
    exitCode: attention,
    when: 'accounts of other tenants can sign in to the application',
    remedy:
      'Choose "Accounts in this organizational directory only" under App registrations > Authentication.',
  },
  'redirect-uri-excess': {
    exitCode: attention,
    when: 'sign-ins to the application may be sent to other addresses than its sign-on URL, or to an unsafe one',
    remedy: 'Remove them under App registrations > Authentication.',
  },
  'implicit-grant-enabled': {
    exitCode: attention,
    when: 'the application hands out tokens by the implicit grant',
    remedy: 'Switch it off under App registrations > Authentication.',
  },
  'public-client-enabled': {
    exitCode: attention,
    when: 'the application can be used without its credential, as a public client',
    remedy: 'Set "Allow public client flows" to No under App registrations > Authentication.',
  },
  'owner-excess': {
    exitCode: attention,
    when: 'somebody else than the signed-in account owns the application, and so may add credentials to it',
    remedy: 'Remove owners who need not renew its credential, under App registrations > Owners.',
  },
  'credential-unregistered': {
    exitCode: prerequisite,
    when: 'the application does not list the credential that the config file names',
    remedy: 'Run reporting-setup again: it makes a new one.',
  },
  'credential-excess': {
    exitCode: attention,
    when: 'the application takes credentials beyond the one in the config file',
    remedy:
      "Each may be another machine's: find out whose it is, then remove what nobody uses under App registrations > Certificates & secrets.",
  },
  'credential-leftover': {
    exitCode: done,
    when: 'the application still lists credentials that have ended',
    remedy: 'They open nothing any more: remove them under App registrations > Certificates & secrets.',
  },
  'credential-hidden': {
    exitCode: attention,
    when: 'credentials lie on the service principal, where the portal does not show them',
    remedy:
      'Find out who added them; then remove them with Microsoft Graph, from the passwordCredentials and keyCredentials of the service principal.',
  },
  'assignment-required': {
    exitCode: done,
    when: 'only those who are assigned to the application may sign in to it',
    remedy: 'Nothing: that concerns people who sign in to it, not what it reads by itself.',
  },
  'permission-mismatch': {
    exitCode: attention,
    when: 'what the application declares and what is granted to it are not the same',
    remedy:
      'Remove what it does not need under App registrations > API permissions; running reporting-setup again declares and grants what it does.',
  },
  'permission-delegated': {
    exitCode: attention,
    when: 'the application may act for people who sign in to it, which it does not need',
    remedy: 'Remove them under Enterprise applications > Permissions.',
  },
} as const satisfies Record<string, CatalogueEntry>;
