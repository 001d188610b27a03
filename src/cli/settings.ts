import { WizardError } from '../core/errors.ts';
import { parseScenarios } from './option-parsers.ts';
import { type CommandName, flagOf, type OptionDefinition, type OptionName, options } from './options.ts';

import { teardownModes } from './teardown-options.ts';

type Definitions = typeof options;

/** The options that take a value. */
type ValueName = {
  [K in OptionName]: Definitions[K] extends { readonly parse: unknown } ? K : never;
}[OptionName];

type ValueOf<K extends ValueName> = ReturnType<Definitions[K]['parse']>;

/** Parsed values; what nobody gave is absent. */
export type Settings = {
  readonly [K in ValueName]?: Definitions[K] extends { readonly repeatable: true }
    ? readonly ValueOf<K>[]
    : ValueOf<K>;
};

/** The options without a value that are on or off, and nothing else. */
type SwitchName = Exclude<OptionName, ValueName | 'sandbox' | 'input'>;

/** What the options without a value say, the terminal taken into account. */
export type Flags = Readonly<Record<SwitchName, boolean>> & {
  /** Scenario names, comma-separated; undefined outside the sandbox. */
  readonly sandbox: string | undefined;
  /** Questions may be asked. */
  readonly interactive: boolean;
};

/** What the command line parser hands over: texts, lists of texts, true and false. */
export type RawOptions = Readonly<Record<string, unknown>>;

type Environment = Readonly<Record<string, string | undefined>>;

/** What was given for an option, and by which flag or variable. */
interface Given {
  readonly source: string;
  readonly texts: readonly string[];
}

/** How the parser calls a flag: several options may share one, each for commands of its own. */
const attributeOf = (flag: string): string =>
  flag.replace(/^--/, '').replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());

function givenFor(name: OptionName, raw: RawOptions, env: Environment): Given {
  const source = flagOf(name);
  const given = raw[attributeOf(source)];
  if (Array.isArray(given)) return { source, texts: given.map(String) };
  if (typeof given === 'string') return { source, texts: [given] };
  const { env: variable }: OptionDefinition = options[name];
  const text = variable && env[variable];
  return variable && text ? { source: variable, texts: [text] } : { source, texts: [] };
}

/** One option's values parsed; what is wrong with them goes to `problems`. */
function parseTexts(
  parse: (text: string) => unknown,
  { source, texts }: Given,
  problems: string[],
): unknown[] {
  const values: unknown[] = [];
  for (const text of texts) {
    try {
      values.push(parse(text));
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      problems.push(`${source}: ${error.message}`);
    }
  }
  return values;
}

/**
 * Parses what flags and environment give for a command; flags win. Throws one WizardError that names every
 * invalid value at once. Pure.
 */
export function resolveSettings(command: CommandName, raw: RawOptions, env: Environment): Settings {
  const problems: string[] = [];
  const settings: Record<string, unknown> = {};
  for (const name of Object.keys(options) as OptionName[]) {
    const { commands, parse, repeatable }: OptionDefinition = options[name];
    if (parse === undefined || commands[command] === undefined) continue;
    const values = parseTexts(parse, givenFor(name, raw, env), problems);
    if (values.length > 0) settings[name] = repeatable ? [...new Set(values)] : values[0];
  }
  if (problems.length > 0) throw new WizardError('invalid-options', problems.join('\n'));
  return settings;
}

const isTruthy = (value: string | undefined): boolean =>
  value !== undefined && !['', '0', 'false', 'no', 'off'].includes(value.toLowerCase());

/** What decides whether anybody can be asked. */
interface TerminalState {
  readonly env: Environment;
  readonly stdin: { readonly isTTY?: boolean };
  readonly stderr: { readonly isTTY?: boolean };
}

/** Reads the options without a value. Nobody is asked without a terminal, in CI, or when that is switched off. Pure. */
export function resolveFlags(raw: RawOptions, { env, stdin, stderr }: TerminalState): Flags {
  const names = (Object.keys(options) as OptionName[]).filter((name) => !('parse' in options[name]));
  const switches = Object.fromEntries(names.map((name) => [name, raw[name] === true]));
  const on = switches as Record<SwitchName, boolean>;
  const silenced =
    raw['input'] === false || on.json || isTruthy(env['REPORTING_SETUP_NO_INPUT']) || isTruthy(env['CI']);
  const { sandbox } = raw;
  return {
    ...on,
    sandbox: typeof sandbox === 'string' ? sandbox : sandbox === true ? 'default' : undefined,
    interactive: !silenced && stdin.isTTY === true && stderr.isTTY === true,
  };
}

const givenAmong = <K extends OptionName>(raw: RawOptions, names: readonly K[]): K[] =>
  names.filter((name) => raw[name] !== undefined);

/** Options about credentials that do not go together, one sentence each. */
function credentialContradictions(raw: RawOptions): string[] {
  const { credential: kind } = raw;
  const hasEndOfItsOwn = kind === 'federated' || raw['certificateFile'] !== undefined;
  const needs = (name: OptionName, needed: string): string => `${flagOf(name)} needs --credential ${needed}`;
  const problems: string[] = [];
  if (kind !== 'certificate') {
    problems.push(...givenAmong(raw, ['certificateFile']).map((name) => needs(name, 'certificate')));
  }
  if (raw['certificatePasswordStdin'] === true && kind !== undefined && kind !== 'certificate') {
    problems.push(needs('certificatePasswordStdin', 'certificate'));
  }
  if (kind !== 'federated') {
    const federated = givenAmong(raw, ['issuer', 'subject', 'github', 'audience']);
    problems.push(...federated.map((name) => needs(name, 'federated')));
  }
  if (hasEndOfItsOwn && raw['secretLifetime'] !== undefined) {
    const which =
      kind === 'federated'
        ? '--credential federated, which has no end'
        : '--certificate-file, whose end stands in it';
    problems.push(`--secret-lifetime does not go with ${which}`);
  }
  if (kind === 'federated' && raw['secretName'] !== undefined)
    problems.push('--secret-name does not go with --credential federated, which is named after its subject');
  if (raw['github'] !== undefined) {
    const doubled = givenAmong(raw, ['issuer', 'subject']);
    problems.push(...doubled.map((name) => `--github and ${flagOf(name)} exclude each other`));
  }
  return problems;
}

/** The sandbox is a cloud of its own. */
function sandboxContradictions({ sandbox }: Flags, raw: RawOptions): string[] {
  if (sandbox === undefined) return [];
  const unknown: string[] = [];
  parseTexts(parseScenarios, { source: '--sandbox', texts: [sandbox] }, unknown);
  const clouds = givenAmong(raw, ['cloud', 'authorityHost', 'graphUrl']);
  return [...unknown, ...clouds.map((name) => `${flagOf(name)} and --sandbox exclude each other`)];
}

/** Without --admin nobody signs in but the application, with the credential in the file. */
function needlessSignIn({ admin }: Flags, raw: RawOptions): string[] {
  if (admin) return [];
  return givenAmong(raw, ['auth', 'loginClientId']).map((name) => `${flagOf(name)} goes with --admin`);
}

/** Options without which nobody can tell what a credential is to be, where nobody can be asked. */
function missingCredentialOptions(flags: Flags, raw: RawOptions): string[] {
  const asks = flags.interactive && !flags.yes;
  if (raw['credential'] !== 'federated' || raw['github'] !== undefined || asks) return [];
  const missing = (['issuer', 'subject'] as const).filter((name) => raw[name] === undefined);
  if (missing.length === 2)
    return ['--issuer', '--subject (or, for GitHub Actions, --github instead of both)'];
  return missing.map(flagOf);
}

/** `--yes` answers no question here: what is taken back is named. */
function missingTeardownOptions(flags: Flags, raw: RawOptions): string[] {
  if (flags.interactive && !flags.yes) return [];
  const missing = [
    ...(raw['mode'] === undefined ? [`--mode (${teardownModes.join(', ')})`] : []),
    ...(raw['confirm'] === undefined && !flags.dryRun
      ? ["--confirm (the application's name or client ID) or --dry-run (to write nothing)"]
      : []),
  ];
  return missing;
}

/** Options without which nobody can tell what is wanted, where nobody can be asked. */
function missingOptions(command: CommandName, flags: Flags, raw: RawOptions): string[] {
  if (command === 'teardown') return missingTeardownOptions(flags, raw);
  if (command !== 'setup') return [];
  const missing = missingCredentialOptions(flags, raw);
  if (flags.interactive || flags.yes || flags.dryRun) return missing;
  return ['--yes (to write without a confirmation) or --dry-run (to write nothing)', ...missing];
}

/** What does not go together when a credential is rotated; one sentence each. */
function rotateContradictions({ self }: Flags, raw: RawOptions): string[] {
  const { credential, config } = raw;
  const files = Array.isArray(config) ? config.map(String) : [];
  const pattern = files.find((name) => /[*?[\]]/.test(name));
  const problems: string[] = [];
  if (files.length > 1) problems.push('rotate takes one file: one --config');
  if (pattern !== undefined)
    problems.push(`rotate takes one file, and --config ${JSON.stringify(pattern)} is a pattern`);
  if (credential === 'federated') {
    problems.push(
      '--credential federated: there is nothing to rotate in it; setup --credential federated makes the application trust another workload',
    );
  }
  if (self && credential === 'secret') problems.push('--self makes a certificate: it goes with no secret');
  if (self)
    problems.push(
      ...givenAmong(raw, ['auth', 'loginClientId']).map(
        (name) => `${flagOf(name)} and --self exclude each other: nobody signs in`,
      ),
    );
  return problems;
}

/** Throws WizardError naming everything that is missing, or that does not go together, at once. */
export function requireComplete(command: CommandName, flags: Flags, raw: RawOptions): void {
  const wrong = [
    ...sandboxContradictions(flags, raw),
    ...(command === 'setup' || command === 'rotate' ? credentialContradictions(raw) : []),
    ...(command === 'rotate' ? rotateContradictions(flags, raw) : []),
    ...(command === 'verify' ? needlessSignIn(flags, raw) : []),
  ];
  if (wrong.length > 0) throw new WizardError('invalid-options', wrong.join('\n'));
  const missing = missingOptions(command, flags, raw);
  if (missing.length === 0) return;
  throw new WizardError('missing-options', `Nobody can be asked here. Missing: ${missing.join(', ')}`);
}

/** The words of a command line that give these settings. */
export const optionWords = (settings: Settings): string[] =>
  (Object.keys(settings) as (keyof Settings)[]).flatMap((name) => {
    const value = settings[name];
    const values: readonly unknown[] = Array.isArray(value) ? value : [value];
    return values.filter((one) => one !== undefined).flatMap((one) => [flagOf(name), String(one)]);
  });
