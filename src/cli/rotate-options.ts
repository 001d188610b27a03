import { parseDuration } from '../core/duration.ts';
import { file, type OptionDefinition } from './option-definition.ts';
import { parseOverlap } from './option-parsers.ts';

/** The options that rotate alone has, in the order of its help. */
export const rotateOptions = {
  oneConfig: {
    flag: '--config <file>',
    describe: 'the file that setup wrote: it names the old credential, and then the new one',
    commands: { rotate: 'What to rotate' },
    fallback: 'reporting-setup.json',
    // So that a second one is noticed, and refused.
    repeatable: true,
    ...file,
  },
  ifExpiresWithin: {
    flag: '--if-expires-within <time>',
    describe:
      'make no new credential unless the present one ends within it; what is due is retired all the same',
    commands: { rotate: 'What to rotate' },
    fallback: 'always makes one',
    parse: parseDuration,
  },
  overlap: {
    flag: '--overlap <time>',
    describe:
      'how long the old credential stays at least: 7d, 12h …; 0 removes it after the proof and asks no log',
    commands: { rotate: 'What to rotate' },
    fallback: '7d',
    parse: parseOverlap,
  },
  self: {
    flag: '--self',
    describe:
      'certificates only: the credential rolls itself over with a proof of possession; nobody signs in',
    commands: { rotate: 'Signing in' },
  },
} as const satisfies Record<string, OptionDefinition>;
