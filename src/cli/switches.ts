import { sandboxScenarios } from '../core/choices.ts';
import type { CommandName, Field } from './options.ts';

/** One option that stands for itself: without a value, or with one that may be left out. */
export interface Switch {
  /** As commander writes it: `-y, --yes`. */
  readonly flag: string;
  readonly describe: string;
  readonly group: Field<unknown>['group'];
  readonly commands: readonly CommandName[];
  readonly env?: string;
  readonly fallback?: string;
  /** Every valid value, where it takes one. */
  readonly choices?: readonly string[];
}

const setup: readonly CommandName[] = ['setup'];
const both: readonly CommandName[] = ['setup', 'verify'];
const all: readonly CommandName[] = ['setup', 'verify', 'sandbox'];

/** Every option that `fields` does not hold, in the order in which help shows them. */
export const switches: readonly Switch[] = [
  {
    flag: '--admin',
    describe: 'sign an administrator in too: roles, policies and drift',
    group: 'Signing in',
    commands: ['verify'],
  },
  {
    flag: '--certificate-password-stdin',
    describe: 'read the pass phrase of an encrypted private key from standard input',
    group: 'What to set up',
    commands: setup,
  },
  {
    flag: '--certificate-password-stdin',
    describe: 'read the pass phrase of an encrypted private key from standard input',
    group: 'Running',
    commands: ['verify'],
  },
  {
    flag: '--sandbox [scenario]',
    describe: `use the built-in sandbox tenant; several scenarios with commas between: ${sandboxScenarios.join(', ')}`,
    group: 'Sandbox',
    commands: both,
    fallback: 'no sandbox; the scenario default where none is named',
    choices: sandboxScenarios,
  },
  {
    flag: '--dry-run',
    describe: 'show what would change, write nothing',
    group: 'Running',
    commands: setup,
  },
  {
    flag: '-y, --yes',
    describe: 'take the defaults and do not ask for confirmation',
    group: 'Running',
    commands: setup,
  },
  {
    flag: '--no-input',
    describe: 'never ask',
    group: 'Running',
    commands: all,
    env: 'REPORTING_SETUP_NO_INPUT',
    fallback: 'asks in a terminal, unless CI is set',
  },
  {
    flag: '--json',
    describe: 'one JSON document on stdout; implies --no-input',
    group: 'Running',
    commands: all,
  },
  {
    flag: '--debug',
    describe: 'log every request on stderr, without secrets',
    group: 'Running',
    commands: all,
  },
];
