import { type CatalogueEntry, exitCodes } from './exit-codes.ts';

const { usage, prerequisite, attention, unavailable } = exitCodes;

/** Why what takes a credential does not get it, or why a credential that lies there is not to be had. */
export const connectErrors = {
  'output-not-ours': {
    exitCode: usage,
    when: 'the file that `connect` or `explore` would write is there, and nothing says that it is one of theirs',
    remedy: 'Choose another file with --output, or move that one away.',
  },
  'target-credential': {
    exitCode: prerequisite,
    when: 'what is to be connected cannot use the kind of credential that the config file holds',
    remedy: 'Make a credential that it can use, in a file of its own.',
  },
  'target-format': {
    exitCode: prerequisite,
    when: 'what is made reads the config file itself when it runs, and cannot read the format of this one',
    remedy: 'Set one up in the json format, in a file of its own: `reporting-setup --output <file>.json`',
  },
  'target-value': {
    exitCode: prerequisite,
    when: 'a value, such as a secret with a space in it, cannot be written so that what is to be connected reads it back',
    remedy:
      'Secrets that Entra makes have no such characters. Make another credential: `reporting-setup --output <file>`',
  },
  'target-cloud': {
    exitCode: prerequisite,
    when: 'what is to be connected does not know the cloud in which the tenant lives',
    remedy: 'Your own code reaches every cloud. What else there is: `reporting-setup connect --list`',
  },
  'connected-outdated': {
    exitCode: attention,
    when: 'something that `connect` handed the credential to still has an older one',
    remedy: 'Hand it over again: `reporting-setup connect <target>`',
  },
  'store-program-missing': {
    exitCode: prerequisite,
    when: 'the program through which a secret store is reached is not installed, or not in PATH',
    remedy: 'Install the program named above, then run the same command again. The config file is as it was.',
  },
  'store-refused': {
    exitCode: prerequisite,
    when: 'a secret store did not take the secret: no sign-in, no right, a name that is taken or not allowed',
    remedy: 'Do what the store says above, then run the same command again. The config file is as it was.',
  },
  'store-mismatch': {
    exitCode: prerequisite,
    when: 'a vault asks for the token of a service, or of a sign-in endpoint, that its own host does not belong to; nothing was sent there',
    remedy:
      'Check --vault and --vault-url: somebody may be answering in place of the vault. The config file is as it was.',
  },
  'store-unreachable': {
    exitCode: unavailable,
    when: 'no usable reply came from a secret store',
    remedy:
      'Check its address and the way there, then run the same command again. The config file is as it was.',
  },
  'store-unconfirmed': {
    exitCode: attention,
    when: '`--remove-file` was given, and the store took the secret but does not let it be read back: the config file keeps it',
    remedy:
      'Give whoever is signed in the right to read it back, or look there yourself and run the same command again.',
  },
  'secret-elsewhere': {
    exitCode: prerequisite,
    when: 'the config file says that its secret lies in a store, and the variables that the store sets for a job are not here, or belong to another application',
    remedy:
      'Run it where AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET come out of that store. Where it is lost, make another one, in a file of its own: `reporting-setup --output reporting-setup-new.json`',
  },
} as const satisfies Record<string, CatalogueEntry>;
