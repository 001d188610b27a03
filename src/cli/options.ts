import { sandboxScenarios } from '../core/choices.ts';
import { parseDuration } from '../core/duration.ts';
import { WizardError } from '../core/errors.ts';
import { apiNames } from '../tenant/directory-objects.ts';
import { credentialFields } from './credential-options.ts';
import {
  oneOf,
  parseConcurrency,
  parseDomain,
  parseGuid,
  parseName,
  parsePath,
  parsePort,
  parseScenarios,
  parseSignOnUrl,
  parseTimeout,
} from './option-parsers.ts';
import { signInFields } from './sign-in-options.ts';

export type CommandName = 'setup' | 'verify' | 'sandbox';

/** One setting: where its value may come from, and what makes it valid. */
export interface Field<T> {
  /** As commander writes it: `--tenant <id or domain>`. */
  readonly flag: string;
  readonly short?: string;
  readonly describe: string;
  readonly group: 'What to set up' | 'Signing in' | 'Output' | 'Sandbox' | 'Running';
  readonly commands: readonly CommandName[];
  readonly env?: string;
  /** Shown in help; the value itself is filled in where it is used. */
  readonly fallback?: string;
  readonly repeatable?: boolean;
  /** Every valid value, where there is a fixed choice. */
  readonly choices?: readonly string[];
  /** The value names a file. */
  readonly isFile?: boolean;
  /** Throws RangeError with a sentence that says what is valid. */
  readonly parse: (text: string) => T;
}

const field = <T>(definition: Field<T>): Field<T> => definition;
const setup: readonly CommandName[] = ['setup'];
const both: readonly CommandName[] = ['setup', 'verify'];

/** Every option that takes a value. Flags, environment, help and validation all come from here. */
export const fields = {
  ...signInFields,
  appName: field({
    flag: '--app-name <name>',
    describe: 'display name of the application',
    group: 'What to set up',
    commands: setup,
    fallback: 'Reporting API application',
    parse: parseName,
  }),
  signOnUrl: field({
    flag: '--sign-on-url <url|none>',
    describe: 'its sign-on address',
    group: 'What to set up',
    commands: setup,
    fallback: 'https://localhost',
    parse: parseSignOnUrl,
  }),
  api: field({
    flag: '--api <name>',
    describe: `which API to read, repeatable: ${apiNames.join(', ')} (retired)`,
    group: 'What to set up',
    commands: setup,
    fallback: 'microsoft-graph',
    repeatable: true,
    choices: apiNames,
    parse: oneOf(apiNames),
  }),
  clientId: field({
    flag: '--client-id <guid>',
    describe: 'use this existing application',
    group: 'What to set up',
    commands: setup,
    fallback: 'the one that setup registers',
    parse: parseGuid,
  }),
  domain: field({
    flag: '--domain <name>',
    describe: "one of the tenant's verified domains",
    group: 'What to set up',
    commands: setup,
    fallback: "the tenant's default domain",
    parse: parseDomain,
  }),
  ...credentialFields,
  output: field({
    flag: '--output <file>',
    describe: 'where the credential is written',
    group: 'Output',
    commands: setup,
    fallback: 'reporting-setup.json',
    isFile: true,
    parse: parsePath,
  }),
  config: field({
    flag: '--config <file...>',
    describe: 'the file that setup wrote; several files, repeated or as a pattern, are checked together',
    group: 'Output',
    commands: ['verify'],
    fallback: 'reporting-setup.json',
    repeatable: true,
    isFile: true,
    parse: parsePath,
  }),
  concurrency: field({
    flag: '--concurrency <n>',
    describe: 'how many files are checked at the same time',
    group: 'Running',
    commands: ['verify'],
    fallback: '16',
    parse: parseConcurrency,
  }),
  format: field({
    flag: '--format <json|env>',
    describe: 'format of that file: json, env',
    group: 'Output',
    commands: setup,
    fallback: 'env for .env files, else json',
    choices: ['json', 'env'],
    parse: oneOf(['json', 'env'] as const),
  }),
  expiresWithin: field({
    flag: '--expires-within <time>',
    describe: 'warn when the credential ends within it',
    group: 'Running',
    commands: ['verify'],
    fallback: '30d',
    parse: parseDuration,
  }),
  onFailure: field({
    flag: '--on-failure <what>',
    describe: 'keep or undo what this run created when it fails or is stopped',
    group: 'Running',
    commands: setup,
    fallback: 'asked in a terminal, else keep',
    choices: ['keep', 'undo'],
    parse: oneOf(['keep', 'undo'] as const),
  }),
  timeout: field({
    flag: '--timeout <time>',
    describe: 'stop the whole run after it: 90s, 5m, 1h',
    group: 'Running',
    commands: both,
    fallback: 'none',
    parse: parseTimeout,
  }),
  port: field({
    flag: '--port <n>',
    describe: 'port on 127.0.0.1',
    group: 'Running',
    commands: ['sandbox'],
    fallback: 'any free one',
    parse: parsePort,
  }),
  scenario: field({
    flag: '--scenario <name>',
    describe: `what is special about the tenant, repeatable: ${sandboxScenarios.join(', ')}`,
    group: 'Sandbox',
    commands: ['sandbox'],
    fallback: 'default',
    repeatable: true,
    choices: sandboxScenarios,
    parse: parseScenarios,
  }),
  state: field({
    flag: '--state <file>',
    describe: 'keep the tenant in this file',
    group: 'Sandbox',
    commands: ['sandbox'],
    fallback: 'in memory',
    isFile: true,
    parse: parsePath,
  }),
} as const satisfies Record<string, unknown>;

export type FieldName = keyof typeof fields;
type ValueOf<K extends FieldName> = (typeof fields)[K] extends Field<infer T> ? T : never;
type Repeatable = {
  [K in FieldName]: (typeof fields)[K] extends { repeatable: true } ? K : never;
}[FieldName];

/** Parsed values; what nobody gave is absent. */
export type Settings = {
  readonly [K in FieldName]?: K extends 'api' | 'scenario' | 'config' | Repeatable
    ? readonly ValueOf<K>[]
    : ValueOf<K>;
};

/** What the command line parser hands over. */
export type RawOptions = Readonly<Record<string, unknown>>;

/** The long name of a field's flag: `--tenant`. */
export function flagOf(name: FieldName): string {
  return fields[name].flag.split(' ')[0] ?? '';
}

/** What was given for a field, and by which flag or variable. */
interface Given {
  readonly source: string;
  readonly texts: readonly string[];
}

function givenFor(
  name: FieldName,
  raw: RawOptions,
  env: Readonly<Record<string, string | undefined>>,
): Given {
  const given = raw[name];
  const source = flagOf(name);
  if (Array.isArray(given)) return { source, texts: given.map(String) };
  if (typeof given === 'string') return { source, texts: [given] };
  const { env: variable }: Field<unknown> = fields[name];
  const text = variable && env[variable];
  return variable && text ? { source: variable, texts: [text] } : { source, texts: [] };
}

/** One field's values parsed; what is wrong with them goes to `problems`. */
function parseField(name: FieldName, { source, texts }: Given, problems: string[]): unknown[] {
  const values: unknown[] = [];
  for (const text of texts) {
    try {
      values.push(fields[name].parse(text));
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      problems.push(`${source}: ${error.message}`);
    }
  }
  return values;
}

/**
 * Parses what flags and environment give for a command; flags win. Throws one WizardError that names every
 * invalid value at once.
 */
export function resolveSettings(
  command: CommandName,
  raw: RawOptions,
  env: Readonly<Record<string, string | undefined>>,
): Settings {
  const problems: string[] = [];
  const settings: Record<string, unknown> = {};
  for (const name of Object.keys(fields) as FieldName[]) {
    const definition: Field<unknown> = fields[name];
    if (!definition.commands.includes(command)) continue;
    const values = parseField(name, givenFor(name, raw, env), problems);
    if (values.length > 0) settings[name] = definition.repeatable ? [...new Set(values)] : values[0];
  }
  if (problems.length > 0) throw new WizardError('invalid-options', problems.join('\n'));
  return settings;
}
