import { file, type OptionDefinition } from './option-definition.ts';
import { parseCategory, parseName, parseResourceId } from './option-parsers.ts';

const diagnostics = { connect: 'diagnostic-settings' } as const;

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
} as const satisfies Record<string, OptionDefinition>;
