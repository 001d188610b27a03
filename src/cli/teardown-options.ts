import { choice, file, type OptionDefinition } from './option-definition.ts';
import { parseGuid, parseName } from './option-parsers.ts';

const whatToRemove = { teardown: 'What to take back' } as const;

/** How far teardown goes: each takes back more than the one before it. */
export const teardownModes = ['deactivate', 'delete', 'purge'] as const;
export type TeardownMode = (typeof teardownModes)[number];

/** The options that teardown alone has, in the order of its help, and the receipt. */
export const teardownOptions = {
  mode: {
    flag: '--mode <how>',
    describe:
      'deactivate: no more tokens, everything kept; delete: into the recycle bin for 30 days; purge: for good',
    commands: whatToRemove,
    fallback: 'asked in a terminal',
    ...choice(teardownModes),
  },
  confirm: {
    flag: '--confirm <name or guid>',
    describe: "the application's name or client ID, to show that it is the one",
    commands: whatToRemove,
    fallback: 'typed in a terminal',
    parse: parseName,
  },
  ownedClientId: {
    flag: '--client-id <guid>',
    describe: 'this application; also needed to remove one that setup did not register',
    commands: whatToRemove,
    fallback: "the file's, else the one that setup registers",
    parse: parseGuid,
  },
  ownedName: {
    flag: '--app-name <name>',
    describe: 'only if the application is called so',
    commands: whatToRemove,
    parse: parseName,
  },
  keepFiles: {
    flag: '--keep-files',
    describe: 'leave the config file and the private key where they are',
    commands: { teardown: 'Output' },
  },
  receipt: {
    flag: '--receipt <file>',
    describe: 'add to this file what was done, with the ids that the audit log knows it by',
    commands: { setup: 'Output', rotate: 'Output', teardown: 'Output' },
    ...file,
  },
} as const satisfies Record<string, OptionDefinition>;
