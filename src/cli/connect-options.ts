import { choice, file, type OptionDefinition } from './option-definition.ts';
import {
  parseAddress,
  parseCategory,
  parseName,
  parseRepository,
  parseResourceId,
  parseVaultName,
} from './option-parsers.ts';

const diagnostics = { connect: 'diagnostic-settings' } as const;
const stores = { connect: 'Secret stores' } as const;

/** The options that connect alone has, in the order of its help. */
export const connectOptions = {
  configFile: {
    flag: '--config <file>',
    describe: 'the file that setup wrote',
    commands: { connect: 'Output', teardown: 'Output' },
    fallback: 'reporting-setup.json',
    ...file,
  },
  outputFile: {
    flag: '--output <file>',
    describe: 'where it is written; a folder for what has several files',
    commands: { connect: 'Output' },
    fallback: 'standard output, for what holds no secret',
    ...file,
  },
  list: {
    flag: '--list',
    describe: 'name every target, and what each takes',
    commands: { connect: 'What to connect' },
  },
  workspace: {
    flag: '--workspace <id>',
    describe: 'resource ID of the Log Analytics workspace that the logs go to',
    commands: diagnostics,
    parse: parseResourceId,
  },
  eventHubRule: {
    flag: '--event-hub-rule <id>',
    describe: 'resource ID of the authorization rule of an event hub namespace',
    commands: diagnostics,
    parse: parseResourceId,
  },
  eventHub: {
    flag: '--event-hub <name>',
    describe: 'the event hub in it',
    commands: diagnostics,
    fallback: 'one for each category',
    parse: parseName,
  },
  storageAccount: {
    flag: '--storage-account <id>',
    describe: 'resource ID of a storage account',
    commands: diagnostics,
    parse: parseResourceId,
  },
  category: {
    flag: '--category <name>',
    describe: 'which logs, repeatable',
    commands: diagnostics,
    fallback: 'AuditLogs and SignInLogs',
    repeatable: true,
    parse: parseCategory,
  },
  removeFile: {
    flag: '--remove-file',
    describe: 'take the secret out of the config file once the store has it, read back',
    commands: stores,
  },
  storeName: {
    flag: '--name <name>',
    describe:
      'what the secret is called there (azure-key-vault, kubernetes, systemd-creds, aws-secrets-manager, vault)',
    commands: stores,
    fallback: 'a name of our own: see docs/connect.md',
    parse: parseName,
  },
  repo: {
    flag: '--repo <owner/name>',
    describe: 'github: the repository; with --org, repeatable, those that may read the secret',
    commands: stores,
    repeatable: true,
    parse: parseRepository,
  },
  environment: {
    flag: '--environment <name>',
    describe: 'github: an environment of the repository; gitlab: the environment scope',
    commands: stores,
    fallback: 'the whole repository; * for gitlab',
    parse: parseName,
  },
  org: {
    flag: '--org <name>',
    describe: 'github: the organisation, in place of a repository',
    commands: stores,
    parse: parseName,
  },
  visibility: {
    flag: '--visibility <who>',
    describe: 'github, with --org: which repositories may read it: all, private, selected',
    commands: stores,
    fallback: 'private; selected with --repo',
    ...choice(['all', 'private', 'selected']),
  },
  vault: {
    flag: '--vault <name>',
    describe: 'azure-key-vault: the vault',
    commands: stores,
    parse: parseVaultName,
  },
  vaultUrl: {
    flag: '--vault-url <url>',
    describe: 'azure-key-vault: its address, where it is none of the cloud',
    commands: stores,
    parse: parseAddress,
  },
  context: {
    flag: '--context <name>',
    describe: 'kubernetes: the cluster',
    commands: stores,
    fallback: "kubectl's present one",
    parse: parseName,
  },
  namespace: {
    flag: '--namespace <name>',
    describe: 'kubernetes: the namespace; vault: that of Vault Enterprise',
    commands: stores,
    fallback: "the context's; VAULT_NAMESPACE",
    parse: parseName,
  },
  region: {
    flag: '--region <name>',
    describe: 'aws-secrets-manager: the region',
    commands: stores,
    fallback: "AWS CLI's",
    parse: parseName,
  },
  address: {
    flag: '--address <url>',
    describe: 'vault, gitlab: where it is',
    commands: stores,
    fallback: 'VAULT_ADDR; GITLAB_HOST or https://gitlab.com',
    parse: parseAddress,
  },
  mount: {
    flag: '--mount <path>',
    describe: 'vault: the mount of a KV engine, version 2',
    commands: stores,
    fallback: 'secret',
    parse: parseName,
  },
  project: {
    flag: '--project <path>',
    describe: 'gitlab: the project, such as group/name',
    commands: stores,
    parse: parseName,
  },
  group: {
    flag: '--group <path>',
    describe: 'gitlab: a group, in place of a project',
    commands: stores,
    parse: parseName,
  },
} as const satisfies Record<string, OptionDefinition>;
