import { type CatalogueEntry, exitCodes } from './exit-codes.ts';

const { done, prerequisite, waiting, attention } = exitCodes;

/** What the tenant lacks or forbids, and who can change it. */
export const tenantErrors = {
  'role-missing': {
    exitCode: prerequisite,
    when: 'the account, or the program it signed in through, may not do what was asked of Microsoft Graph',
    remedy: 'Sign in with an account that holds one of the roles named above, or have one assigned.',
  },
  'role-inactive': {
    exitCode: prerequisite,
    when: 'the account is eligible for a role that the job needs, and has not activated it',
    remedy: 'Activate it in Privileged Identity Management, then run the same command again.',
  },
  'guest-account': {
    exitCode: done,
    when: 'the signed-in account is a guest of the tenant',
    remedy: 'If another tenant is meant, name it with --tenant.',
  },
  'graph-unreadable': {
    exitCode: prerequisite,
    when: 'Microsoft Graph shows nothing of the tenant',
    remedy: 'Check that the tenant is active and that the account may read its directory.',
  },
  'licence-missing': {
    exitCode: attention,
    when: 'the tenant has no Microsoft Entra ID P1 or P2, so that sign-in logs are not to be had',
    remedy:
      'Assign a Microsoft Entra ID P1 or P2 licence to the tenant; a new one may take up to 24 hours to count.',
  },
  'licence-check-failed': {
    exitCode: attention,
    when: 'the tenant shows a premium plan, and yet the licence check of the sign-in logs says that it has none',
    remedy:
      'The check fails at times, and a new licence takes up to 24 hours to count. Wait, then: `reporting-setup verify`',
  },
  'sign-ins-not-offered': {
    exitCode: attention,
    when: 'this cloud does not offer sign-in logs through Microsoft Graph v1.0',
    remedy: 'Nothing to do here: audit logs work; export sign-in logs from the portal of that cloud.',
  },
  'audit-logs-not-offered': {
    exitCode: prerequisite,
    when: 'this cloud does not offer directory audit logs through Microsoft Graph v1.0',
    remedy: 'Export the logs from the portal of that cloud.',
  },
  'policy-blocks-secrets': {
    exitCode: prerequisite,
    when: "the tenant's app management policy forbids this kind of credential",
    remedy:
      'Make a certificate: `reporting-setup --credential certificate`, or ask whoever manages app management policies for an exemption for this application.',
  },
  'policy-caps-lifetime': {
    exitCode: prerequisite,
    when: "the tenant's app management policy allows only a shorter lifetime",
    remedy: 'Choose a shorter --secret-lifetime.',
  },
  'policy-refuses': {
    exitCode: prerequisite,
    when: 'a policy of the tenant does not allow such an application',
    remedy:
      'Ask whoever manages app management policies, or register the application by hand and pass --client-id.',
  },
  'quota-exceeded': {
    exitCode: prerequisite,
    when: 'the account, the tenant or the application has no room left',
    remedy: 'Delete objects for good that are no longer needed, or have the quota raised; then run it again.',
  },
  'federated-refused': {
    exitCode: prerequisite,
    when: 'Microsoft Graph does not take the federated credential: its issuer, subject or audience',
    remedy: 'Correct --issuer and --subject; each pair may occur once in an application.',
  },
  'permission-missing': {
    exitCode: prerequisite,
    when: 'the application does not hold a permission that it needs',
    remedy:
      'Have it granted, by an account that may: `reporting-setup`, or by admin consent in the Entra admin center.',
  },
  'permission-excess': {
    exitCode: attention,
    when: 'the application holds permissions that it does not need',
    remedy: 'Remove what this application does not need, under Enterprise applications > Permissions.',
  },
  'consent-pending': {
    exitCode: waiting,
    when: 'everything is done but the consent that somebody else has to give',
    remedy: 'When consent has been given, the same command resumes from there: `reporting-setup …`',
  },
  'application-missing': {
    exitCode: prerequisite,
    when: 'the application of the config file, or its service principal, is not there any more',
    remedy: 'Register what is missing: `reporting-setup`',
  },
  'not-in-directory': {
    exitCode: prerequisite,
    when: 'something that a request refers to is not in the directory: deleted, or not known to every server yet',
    remedy:
      'If it was made minutes ago, wait and run the same command again; if it was deleted, that registers it anew.',
  },
  'already-exists': {
    exitCode: prerequisite,
    when: 'an object with the same name or key is there already, and is not one that can be used instead',
    remedy:
      'Remove the other object, from the deleted ones too, or pass the existing application as --client-id.',
  },
  'service-principal-disabled': {
    exitCode: prerequisite,
    when: 'the application is disabled in the tenant',
    remedy: 'Enable sign-in for it under Enterprise applications > Properties.',
  },
  'api-refused': {
    exitCode: prerequisite,
    when: 'the reporting API refused to show a log for a reason that is not known',
    remedy:
      'Wait a few minutes, then: `reporting-setup verify`. If it persists, set it up anew: `reporting-setup`',
  },
  'legacy-api-retired': {
    exitCode: done,
    when: '`--api azure-ad-graph` was asked for, an API that Microsoft has retired',
    remedy: 'Move whatever still needs it to Microsoft Graph; leave --api azure-ad-graph out.',
  },
  'legacy-api-absent': {
    exitCode: done,
    when: '`--api azure-ad-graph` was asked for, and the tenant does not have it any more',
    remedy: 'Nothing to do: leave --api azure-ad-graph out.',
  },
  'graph-refused': {
    exitCode: prerequisite,
    when: 'Microsoft Graph refused a request for a reason that is not known here; its own words are shown',
    remedy:
      'Correct what Microsoft Graph names and run the command again. If that does not help, report the code and the request-id together with what --debug prints.',
  },
  // From here on: how an application came to differ from what setup made of it, as `verify --admin` tells.
  'application-deleted': {
    exitCode: prerequisite,
    when: 'the application of the config file lies in the recycle bin',
    remedy:
      'Restore it within 30 days of its deletion, under App registrations > Deleted applications; or: `reporting-setup`',
  },
  'application-deactivated': {
    exitCode: prerequisite,
    when: 'somebody has deactivated the application, and the config file does not say that `teardown` did',
    remedy:
      'Find out who deactivated it, and why: its audit log tells. Then activate it under App registrations, or run this in a terminal, without --yes: it asks whether to: `reporting-setup ?`',
  },
  'application-not-ours': {
    exitCode: prerequisite,
    when: '`teardown` would touch an application that this program did not register',
    remedy:
      'Remove it in the Entra admin center under App registrations, if it is the right one. Nothing was changed.',
  },
  'purge-protected': {
    exitCode: done,
    when: 'the application is deleted, and Microsoft Graph does not let it be removed from the recycle bin yet: a protected action, or hard deletion protection',
    remedy: 'Nothing has to be done: Entra removes it by itself 30 days after its deletion.',
  },
  'file-left': {
    exitCode: attention,
    when: 'everything in the tenant is taken back, and a file of this machine could not be removed',
    remedy: 'Remove the file by hand: what is in it opens nothing any more.',
  },
  'application-renamed': {
    exitCode: done,
    when: 'the application goes by another name than the one that setup gives where none is asked for',
    remedy: 'Nothing, where --app-name was given: it is recognised by its client ID, not by its name.',
  },
  'application-unrecognised': {
    exitCode: attention,
    when: 'the application has lost a mark by which this program recognises its own',
    remedy: 'From now on name it: `reporting-setup --client-id <guid>`',
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
    remedy: 'Make a new one: `reporting-setup`',
  },
  'credential-excess': {
    exitCode: attention,
    when: 'the application takes credentials beyond those that the config file names',
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
      'Declare and grant what it needs: `reporting-setup`. Remove what it does not, under App registrations > API permissions.',
  },
  'permission-delegated': {
    exitCode: attention,
    when: 'the application may act for people who sign in to it, which it does not need',
    remedy: 'Remove them under Enterprise applications > Permissions.',
  },
} as const satisfies Record<string, CatalogueEntry>;
