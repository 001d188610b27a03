import { type CatalogueEntry, exitCodes } from './exit-codes.ts';

const { done, unexpected, usage, prerequisite } = exitCodes;

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
    remedy: 'Put the file back, or run reporting-setup again: it makes another certificate.',
  },
  'config-newer': {
    exitCode: usage,
    when: 'a newer version of this program wrote the config file',
    remedy: 'Update the tool: npx reporting-setup@latest',
  },
  'config-missing': {
    exitCode: prerequisite,
    when: 'there is no config file to verify',
    remedy: 'Run reporting-setup first, or name the file with --config.',
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
    remedy: 'A file made in the sandbox is verified with: reporting-setup verify --sandbox',
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
    when: 'a credential was made but could not be saved',
    remedy: 'Free space or choose another file with --output, then run the same command again.',
  },
  'config-mode': {
    exitCode: prerequisite,
    when: 'other accounts of this machine may read the config file',
    remedy: 'Make it readable by you alone: chmod 600 on the file.',
  },
  'config-tracked': {
    exitCode: prerequisite,
    when: 'git tracks the config file',
    remedy:
      'Take it out with git rm --cached, add it to .gitignore, and replace the secret: it is in the history.',
  },
  'config-not-ignored': {
    exitCode: done,
    when: 'the config file lies in a git work tree and is not ignored',
    remedy: 'Add the file to .gitignore.',
  },
} as const satisfies Record<string, CatalogueEntry>;
