import { sandboxScenarios } from '../core/choices.ts';
import { file, type OptionDefinition } from './option-definition.ts';
import { parsePort, parseScenarios } from './option-parsers.ts';

/** The options that sandbox alone has, in the order of its help. */
export const sandboxOptions = {
  port: {
    flag: '--port <n>',
    describe: 'port on 127.0.0.1',
    commands: { sandbox: 'Running' },
    fallback: 'any free one',
    parse: parsePort,
  },
  scenario: {
    flag: '--scenario <name>',
    describe: `what is special about the tenant, repeatable: ${sandboxScenarios.join(', ')}`,
    commands: { sandbox: 'Sandbox' },
    fallback: 'default',
    repeatable: true,
    choices: sandboxScenarios,
    parse: parseScenarios,
  },
  state: {
    flag: '--state <file>',
    describe: 'keep the tenant in this file',
    commands: { sandbox: 'Sandbox' },
    fallback: 'in memory',
    ...file,
  },
} as const satisfies Record<string, OptionDefinition>;
