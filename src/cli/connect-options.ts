import { file, type OptionDefinition } from './option-definition.ts';

/** The options that connect alone has, in the order of its help. */
export const connectOptions = {
  configFile: {
    flag: '--config <file>',
    describe: 'the file that setup wrote',
    commands: { connect: 'Output' },
    fallback: 'reporting-setup.json',
    ...file,
  },
  outputFile: {
    flag: '--output <file>',
    describe: 'where it is written, readable by you alone; a folder for what has several files',
    commands: { connect: 'Output' },
    fallback: 'standard output, for what holds no secret',
    ...file,
  },
  list: {
    flag: '--list',
    describe: 'name every target, and what each takes',
    commands: { connect: 'What to connect' },
  },
} as const satisfies Record<string, OptionDefinition>;
